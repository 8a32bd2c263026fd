//! Logs and events of a lease, streamed from its provider through the proxy's WebSocket.
//!
//! A stream ends, always with its reason as the last item, and is never reopened here: what to do
//! next (a fresh token, a few seconds' wait, giving up) depends on the reason and on the caller.
//! Frames carry no time: stamp them on receipt. After reopening, the provider sends old lines
//! again.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use futures::{SinkExt, Stream, StreamExt, stream};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::{self, Message, protocol::WebSocketConfig};
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream};

use crate::Timeouts;
use crate::error::excerpt;
use crate::ids::LeaseId;
use crate::provider_access::{ProviderToken, ProxyAuth, gateway_lease_url};
use crate::transport::Client;

/// Providers cut lines at 64 KiB; anything far beyond is not a log line.
const MAX_FRAME_BYTES: usize = 1024 * 1024;

/// Which lease to follow, and from where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRequest {
    /// The lease.
    pub lease: LeaseId,
    /// Root of its provider's gateway ([`crate::Provider::host_uri`]).
    pub host_uri: String,
    /// Services to follow; all of them if empty.
    pub services: Vec<String>,
    /// Old lines to begin with; all of them if `None`.
    pub tail: Option<u32>,
    /// Whether to stay for new lines, or end after the old ones.
    pub mode: StreamMode,
}

/// Whether a stream stays open for what comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamMode {
    /// Stay.
    Follow,
    /// End after what there is.
    Snapshot,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LogFrame {
    /// Pod that wrote it; see [`service_of_pod`]. Empty where the provider sent a bare line.
    #[serde(rename = "name", default)]
    pub pod: String,
    /// The line, unescaped and untrusted.
    #[serde(default)]
    pub message: String,
}

/// An event of the provider's cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventFrame {
    /// `Normal` or `Warning`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// One word, for example `Pulling` or `BackOff`.
    #[serde(default)]
    pub reason: String,
    /// A sentence.
    #[serde(default)]
    pub note: String,
    /// What it is about.
    #[serde(default)]
    pub object: EventObject,
}

/// What an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct EventObject {
    /// For example `Pod`.
    pub kind: String,
    /// Its name.
    pub name: String,
}

/// Why a stream ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamEnd {
    /// All there was has been sent.
    #[error("the stream is complete")]
    Finished,
    /// Nothing runs yet (or any more); ask again in a few seconds.
    #[error("no running pods")]
    NoRunningPods,
    /// The provider does not know the lease.
    #[error("the provider does not know the lease")]
    LeaseNotFound,
    /// The provider cannot serve it at this moment.
    #[error("the provider is unavailable")]
    ProviderUnavailable,
    /// The token ran out; a new one is needed.
    #[error("the provider token is expired")]
    TokenExpired,
    /// The provider's certificate is not the one it published.
    #[error("the provider's certificate is not valid: {0}")]
    InvalidCertificate(String),
    /// The provider refused the connection, without saying why.
    #[error("the provider refused the stream: {0}")]
    Refused(String),
    /// The connection broke. Providers end a log like this too, so it may be complete.
    #[error("the connection was lost: {0}")]
    Disconnected(String),
    /// Nothing came for too long, not even an answer to our pings.
    #[error("the stream fell silent")]
    Stalled,
    /// The proxy closed it with a code of no agreed meaning.
    #[error("closed with code {code}: {reason}")]
    Closed {
        /// WebSocket close code.
        code: u16,
        /// Words beside it.
        reason: String,
    },
    /// The proxy sent what is no frame.
    #[error("not a frame: {0}")]
    Malformed(String),
}

/// The service a pod belongs to: the longest of `services` the pod's name begins with.
///
/// `web-7c9c8b6f5d-x2x7k` and `web-0` belong to `web`; a service named `web-api` wins over `web`.
#[must_use]
pub fn service_of_pod<'a>(pod: &str, services: &'a [String]) -> Option<&'a str> {
    services
        .iter()
        .map(String::as_str)
        .filter(|service| {
            pod.strip_prefix(service)
                .is_some_and(|rest| rest.starts_with('-'))
        })
        .max_by_key(|service| service.len())
}

impl Client {
    /// Follows a lease's log.
    pub fn follow_logs(
        &self,
        request: StreamRequest,
        token: ProviderToken,
    ) -> impl Stream<Item = Result<LogFrame, StreamEnd>> + Send + 'static + use<> {
        self.follow("logs", request, token)
    }

    /// Follows a lease's events; those of about the last hour come first.
    pub fn follow_events(
        &self,
        request: StreamRequest,
        token: ProviderToken,
    ) -> impl Stream<Item = Result<EventFrame, StreamEnd>> + Send + 'static + use<> {
        self.follow("kubeevents", request, token)
    }

    fn follow<T: Frame>(
        &self,
        route: &str,
        request: StreamRequest,
        token: ProviderToken,
    ) -> impl Stream<Item = Result<T, StreamEnd>> + Send + 'static + use<T> {
        let opening = Opening {
            proxy_url: self.provider_proxy_url().clone(),
            stream_url: stream_url(route, &request),
            lease: request.lease,
            token,
            timeouts: *self.timeouts(),
        };
        stream::unfold(Phase::Opening(Box::new(opening)), |phase| async move {
            let opened = match phase {
                Phase::Opening(opening) => opening.open().await,
                Phase::Open(open) => Ok(open),
                Phase::Ended => return None,
            };
            let mut open = match opened {
                Ok(open) => open,
                Err(end) => return Some((Err(end), Phase::Ended)),
            };
            match open.next_frame().await {
                Ok(frame) => Some((Ok(frame), Phase::Open(open))),
                Err(end) => Some((Err(end), Phase::Ended)),
            }
        })
    }
}

/// A line that can be read from what a provider sends.
trait Frame: DeserializeOwned + Send + 'static {
    /// What becomes of a line that is not JSON: a frame, or nothing.
    fn from_bare_line(line: &str) -> Option<Self>;
}

impl Frame for LogFrame {
    fn from_bare_line(line: &str) -> Option<Self> {
        Some(Self {
            pod: String::new(),
            message: line.to_owned(),
        })
    }
}

impl Frame for EventFrame {
    fn from_bare_line(line: &str) -> Option<Self> {
        tracing::debug!(line, "an event that is not JSON was left out");
        None
    }
}

fn stream_url(route: &str, request: &StreamRequest) -> String {
    let follow = match request.mode {
        StreamMode::Follow => "true",
        StreamMode::Snapshot => "false",
    };
    let mut url = format!(
        "{}/{route}?follow={follow}",
        gateway_lease_url(&request.host_uri, &request.lease)
    );
    if let Some(tail) = request.tail {
        url.push_str(&format!("&tail={tail}"));
    }
    if !request.services.is_empty() {
        url.push_str("&service=");
        url.push_str(&request.services.join(","));
    }
    url
}

enum Phase<T> {
    Opening(Box<Opening>),
    Open(Box<Open<T>>),
    Ended,
}

struct Opening {
    proxy_url: reqwest::Url,
    stream_url: String,
    lease: LeaseId,
    token: ProviderToken,
    timeouts: Timeouts,
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
    async fn open<T: Frame>(mut self: Box<Self>) -> Result<Box<Open<T>>, StreamEnd> {
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

/// The provider of cryptography is named: with two in one process rustls has no default.
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

struct Open<T> {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    timeouts: Timeouts,
    ready: VecDeque<T>,
}

impl<T: Frame> Open<T> {
    async fn next_frame(&mut self) -> Result<T, StreamEnd> {
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

    /// The proxy drops a client that says nothing for half a minute.
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

/// What the proxy wraps around everything.
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

/// Text as it is, or a Node.js buffer (`{"type":"Buffer","data":[…]}`) as text.
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

    fn services(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_pod_belongs_to_the_longest_service_its_name_begins_with() {
        let known = services(&["web", "web-api", "db"]);
        for (pod, expected) in [
            ("web-7c9c8b6f5d-x2x7k", Some("web")),
            ("web-api-7c9c8b6f5d-x2x7k", Some("web-api")),
            ("db-0", Some("db")),
            ("website-1", None),
            ("web", None),
        ] {
            assert_eq!(service_of_pod(pod, &known), expected, "{pod}");
        }
    }

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
