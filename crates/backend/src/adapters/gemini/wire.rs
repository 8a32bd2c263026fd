//! The part common to both wire formats of Gemini's API: selection, the event stream, and errors.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;
use thiserror::Error;

use super::answer::Unreadable;
use super::{generate_content, interactions};
use crate::ports::{ModelReply, ModelRequest};

/// The wire format of requests to a model and of its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WireForm {
    /// The method `models/…:streamGenerateContent`.
    #[default]
    GenerateContent,
    /// The resource `interactions`.
    Interactions,
}

/// The name belongs to no [`WireForm`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("expected generate-content or interactions")]
pub struct UnknownWireForm;

impl WireForm {
    /// All wire formats.
    pub const ALL: [Self; 2] = [Self::GenerateContent, Self::Interactions];

    /// Name of the wire format in the configuration.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::GenerateContent => "generate-content",
            Self::Interactions => "interactions",
        }
    }

    /// Returns the path of a request, below the version.
    pub(super) fn path(self, model: &str) -> String {
        match self {
            Self::GenerateContent => generate_content::path(model),
            Self::Interactions => interactions::PATH.to_owned(),
        }
    }

    /// Returns the headers specific to the wire format.
    pub(super) fn headers(self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self == Self::Interactions {
            let (name, value) = interactions::REVISION;
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers
    }

    /// Returns the body of a request to `model`.
    pub(super) fn body(self, request: &ModelRequest, model: &str) -> Value {
        match self {
            Self::GenerateContent => generate_content::body(request),
            Self::Interactions => interactions::body(request, model),
        }
    }
}

impl fmt::Display for WireForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for WireForm {
    type Err = UnknownWireForm;

    fn from_str(text: &str) -> Result<Self, UnknownWireForm> {
        Self::ALL
            .into_iter()
            .find(|form| form.id() == text)
            .ok_or(UnknownWireForm)
    }
}

/// Marker that some streams send after their last event.
const END_OF_STREAM: &str = "[DONE]";

/// A streamed answer that is still arriving.
#[derive(Debug)]
pub(super) struct Reading {
    pending: Vec<u8>,
    answer: Answer,
}

#[derive(Debug)]
enum Answer {
    GenerateContent(generate_content::Answer),
    Interactions(interactions::Answer),
}

impl Reading {
    /// Makes an empty answer in `form`.
    pub(super) fn of(form: WireForm) -> Self {
        Self {
            pending: Vec::new(),
            answer: match form {
                WireForm::GenerateContent => {
                    Answer::GenerateContent(generate_content::Answer::default())
                }
                WireForm::Interactions => Answer::Interactions(interactions::Answer::default()),
            },
        }
    }

    /// Processes the next bytes; returns the thoughts completed by them.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, Unreadable> {
        self.pending.extend_from_slice(bytes);
        let mut thoughts = Vec::new();
        while let Some(end) = self.pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.pending.drain(..=end).collect();
            let line = std::str::from_utf8(&line).map_err(|_| Unreadable)?.trim();
            // Fields other than data, and the empty line between events, have no meaning here.
            let Some(data) = line.strip_prefix("data:").map(str::trim) else {
                continue;
            };
            if data == END_OF_STREAM {
                continue;
            }
            let event: Value = serde_json::from_str(data).map_err(|_| Unreadable)?;
            thoughts.extend(match &mut self.answer {
                Answer::GenerateContent(answer) => answer.take(&event)?,
                Answer::Interactions(answer) => answer.take(&event)?,
            });
        }
        Ok(thoughts)
    }

    /// Returns the complete answer.
    pub(super) fn finish(self, model: &str) -> Result<ModelReply, Unreadable> {
        match self.answer {
            Answer::GenerateContent(answer) => answer.finish(model),
            Answer::Interactions(answer) => answer.finish(model),
        }
    }
}

/// Returns the wait that an error asks for: `{"error": {"details": [{"retryDelay": "46s"}]}}`.
pub(super) fn retry_delay(body: &str) -> Option<Duration> {
    let body: Value = serde_json::from_str(body).ok()?;
    let details = body["error"]["details"].as_array()?;
    let text = details
        .iter()
        .find_map(|detail| detail["retryDelay"].as_str())?;
    let (whole, fraction) = text
        .strip_suffix('s')?
        .split_once('.')
        .unwrap_or((text.strip_suffix('s')?, "0"));
    let millis: u64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(Duration::from_secs(whole.parse().ok()?) + Duration::from_millis(millis))
}

#[cfg(test)]
mod tests;
