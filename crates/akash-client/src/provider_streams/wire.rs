//! The proxy's WebSocket: one envelope opens a stream, envelopes carry it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use domain::akash::LeaseId;
use futures::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

use crate::Timeouts;
use crate::error::excerpt;
use crate::provider_access::{ProviderToken, ProxyAuth};

use super::{Frame, StreamEnd};

/// Providers cut lines at 64 KiB; anything far larger is not a log line.
const MAX_FRAME_BYTES: usize = 1024 * 1024;

/// Data needed to open a stream.
pub(super) struct Opening {
    pub(super) proxy_url: reqwest::Url,
    pub(super) stream_url: String,
    pub(super) lease: LeaseId,
    pub(super) token: ProviderToken,
    pub(super) timeouts: Timeouts,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenStream<'a> {
    r#type: &'static str,
    url: &'a str,
    provider_address: &'a str,
    auth: ProxyAuth<'a>,
    is_base64: bool,
}

impl Opening {
    pub(super) async fn open<T: Frame>(mut self: Box<Self>) -> Result<Box<Open<T>>, StreamEnd> {
        let scheme = match self.proxy_url.scheme() {
            "http" => "ws",
            "https" => "wss",
            _ => "",
        };
        if !scheme.is_empty() {
            self.proxy_url
                .set_scheme(scheme)
                .expect("both are schemes of the same kind");
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(MAX_FRAME_BYTES))
            .max_frame_size(Some(MAX_FRAME_BYTES));
        let connect = tokio_tungstenite::connect_async_tls_with_config(
            self.proxy_url.as_str(),
            Some(config),
            true,
            Some(tls_connector()),
        );
        let (mut socket, _) = timeout(self.timeouts.stream_open, connect)
            .await
            .map_err(|_| StreamEnd::Disconnected("the proxy did not answer".to_owned()))?
            .map_err(|error| disconnected(&error))?;
        let envelope = serde_json::to_string(&OpenStream {
            r#type: "websocket",
            url: &self.stream_url,
            provider_address: self.lease.provider.as_str(),
            auth: ProxyAuth::jwt(&self.token),
            is_base64: true,
        })
        .expect("text and flags are always JSON");
        socket
            .send(Message::text(envelope))
            .await
            .map_err(|error| disconnected(&error))?;
        Ok(Box::new(Open {
            socket,
            timeouts: self.timeouts,
            ready: VecDeque::new(),
        }))
    }
}

/// Names the cryptography provider explicitly: with two in one process, rustls has no default.
fn tls_connector() -> Connector {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(
        rustls::crypto::ring::default_provider(),
    ))
    .with_safe_default_protocol_versions()
    .expect("ring supports the default protocol versions")
    .with_root_certificates(roots)
    .with_no_client_auth();
    Connector::Rustls(Arc::new(config))
}

/// An open stream.
pub(super) struct Open<T> {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    timeouts: Timeouts,
    ready: VecDeque<T>,
}

impl<T: Frame> Open<T> {
    pub(super) async fn next_frame(&mut self) -> Result<T, StreamEnd> {
        let mut silence = Duration::ZERO;
        loop {
            if let Some(frame) = self.ready.pop_front() {
                return Ok(frame);
            }
            let Ok(received) = timeout(self.timeouts.stream_ping, self.socket.next()).await else {
                silence += self.timeouts.stream_ping;
                if silence >= self.timeouts.stream_stall {
                    return Err(StreamEnd::Stalled);
                }
                self.ping().await?;
                continue;
            };
            silence = Duration::ZERO;
            match received {
                None => return Err(StreamEnd::Disconnected("closed by the proxy".to_owned())),
                Some(Err(error)) => return Err(disconnected(&error)),
                Some(Ok(Message::Text(text))) => self.accept(text.as_bytes())?,
                Some(Ok(Message::Binary(bytes))) => self.accept(&bytes)?,
                Some(Ok(Message::Close(frame))) => {
                    return Err(match frame {
                        Some(frame) => closed(frame.code.into(), frame.reason.as_str()),
                        None => StreamEnd::Disconnected("closed by the proxy".to_owned()),
                    });
                }
                Some(Ok(_)) => {}
            }
        }
    }

    /// The proxy drops a client that sends nothing for half a minute.
    async fn ping(&mut self) -> Result<(), StreamEnd> {
        self.socket
            .send(Message::text(r#"{"type":"ping"}"#))
            .await
            .map_err(|error| disconnected(&error))
    }

    fn accept(&mut self, envelope: &[u8]) -> Result<(), StreamEnd> {
        let envelope: Envelope = serde_json::from_slice(envelope)
            .map_err(|_| StreamEnd::Malformed(excerpt(&String::from_utf8_lossy(envelope))))?;
        if envelope.closed {
            return Err(closed(envelope.code.unwrap_or(1006), &envelope.reason));
        }
        match envelope.error.as_deref() {
            Some("tokenExpired") => return Err(StreamEnd::TokenExpired),
            Some(error) => return Err(StreamEnd::Refused(excerpt(error))),
            None => {}
        }
        let Some(payload) = envelope.message.and_then(text_of) else {
            return Ok(());
        };
        for line in payload.lines().filter(|line| !line.is_empty()) {
            let frame = serde_json::from_str(line)
                .ok()
                .or_else(|| T::from_bare_line(line));
            self.ready.extend(frame);
        }
        Ok(())
    }
}

/// The proxy's envelope around every message.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    message: Option<Value>,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    code: Option<u16>,
    #[serde(default)]
    reason: String,
}

/// Text as is, or a Node.js buffer (`{"type":"Buffer","data":[…]}`) as text.
fn text_of(message: Value) -> Option<String> {
    match message {
        Value::String(text) => Some(text),
        Value::Object(buffer) => {
            let bytes: Vec<u8> = serde_json::from_value(buffer.get("data")?.clone()).ok()?;
            Some(String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => None,
    }
}

fn closed(code: u16, reason: &str) -> StreamEnd {
    match code {
        1000 => StreamEnd::Finished,
        1006 => StreamEnd::Disconnected("the provider's connection ended".to_owned()),
        1008 => StreamEnd::InvalidCertificate(reason.to_owned()),
        4000 => StreamEnd::NoRunningPods,
        4001 => StreamEnd::LeaseNotFound,
        4002 => StreamEnd::ProviderUnavailable,
        code => StreamEnd::Closed {
            code,
            reason: reason.to_owned(),
        },
    }
}

fn disconnected(error: &tungstenite::Error) -> StreamEnd {
    match error {
        tungstenite::Error::Capacity(error) => StreamEnd::Malformed(error.to_string()),
        error => StreamEnd::Disconnected(excerpt(&error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_codes_are_told_apart() {
        assert_eq!(closed(1000, ""), StreamEnd::Finished);
        assert_eq!(closed(4000, ""), StreamEnd::NoRunningPods);
        assert_eq!(closed(4001, ""), StreamEnd::LeaseNotFound);
        assert_eq!(closed(4002, ""), StreamEnd::ProviderUnavailable);
        assert_eq!(
            closed(1008, "invalidCertificate.unknownCertificate"),
            StreamEnd::InvalidCertificate("invalidCertificate.unknownCertificate".to_owned())
        );
        assert!(matches!(
            closed(1011, "x"),
            StreamEnd::Closed { code: 1011, .. }
        ));
    }

    #[test]
    fn a_buffer_is_read_as_text() {
        let buffer = serde_json::json!({"type": "Buffer", "data": [104, 105]});
        assert_eq!(text_of(buffer).as_deref(), Some("hi"));
    }
}
