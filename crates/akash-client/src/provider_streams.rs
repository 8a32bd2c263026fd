//! Logs and events of a lease, streamed from its provider through the proxy's WebSocket.
//!
//! A stream ends, always with its reason as the last item, and is never reopened here: what to do
//! next (a fresh token, a few seconds' wait, giving up) depends on the reason and on the caller.
//! Frames carry no time: timestamp them on receipt. After reopening, the provider sends old lines
//! again.

mod wire;

use domain::akash::LeaseId;
use futures::{Stream, stream};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::provider_access::{ProviderToken, gateway_lease_url};
use crate::transport::Client;

use wire::{Open, Opening};

/// Lease to follow, with the services and lines to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamRequest {
    /// Id of the lease to follow.
    pub lease: LeaseId,
    /// Root of its provider's gateway ([`crate::Provider::host_uri`]).
    pub host_uri: String,
    /// Services to follow; all of them if empty.
    pub services: Vec<String>,
    /// Old lines to begin with; all of them if `None`.
    pub tail: Option<u32>,
    /// `true` if the stream stays open for new lines; `false` if it ends after the old ones.
    pub mode: StreamMode,
}

/// End of a stream: after the existing lines, or only when it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamMode {
    /// Stays open for new lines.
    Follow,
    /// Ends after the existing lines.
    Snapshot,
}

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct LogFrame {
    /// Pod that wrote it; see [`service_of_pod`]. Empty if the provider sent a bare line.
    #[serde(rename = "name", default)]
    pub pod: String,
    /// The line, unescaped and untrusted.
    #[serde(default)]
    pub message: String,
}

/// An event of the provider's cluster.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EventFrame {
    /// Type of the event: `Normal` or `Warning`.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// Reason in one word, for example `Pulling` or `BackOff`.
    #[serde(default)]
    pub reason: String,
    /// Description in a sentence.
    #[serde(default)]
    pub note: String,
    /// Object of the cluster that the event is about.
    #[serde(default)]
    pub object: EventObject,
}

/// Object that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct EventObject {
    /// Kind of the object, for example `Pod`.
    pub kind: String,
    /// Name of the object in the cluster.
    pub name: String,
}

/// Reason why a stream ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamEnd {
    /// Everything available has been sent.
    #[error("the stream is complete")]
    Finished,
    /// Nothing runs yet (or any more); try again in a few seconds.
    #[error("no running pods")]
    NoRunningPods,
    /// The provider does not know the lease.
    #[error("the provider does not know the lease")]
    LeaseNotFound,
    /// The provider cannot serve it at this moment.
    #[error("the provider is unavailable")]
    ProviderUnavailable,
    /// The token expired; a new one is needed.
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
    /// Nothing arrived for too long, not even an answer to our pings.
    #[error("the stream fell silent")]
    Stalled,
    /// The proxy closed it with a code that has no agreed meaning.
    #[error("closed with code {code}: {reason}")]
    Closed {
        /// WebSocket close code.
        code: u16,
        /// The reason that accompanies it.
        reason: String,
    },
    /// The proxy sent something that is not a frame.
    #[error("not a frame: {0}")]
    Malformed(String),
}

/// Service that a pod belongs to: the longest of `services` that the pod's name begins with.
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
    /// The frame for a line that is not JSON; `None` if there is none.
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
}
