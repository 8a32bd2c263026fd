//! The two wire formats of the service: how a request is parsed, which requests are refused, and
//! how an answer is streamed.

pub(super) mod generate_content;
pub(super) mod interactions;

use serde_json::Value;

use super::answers::{Question, Said};
use super::fault::ModelFault;

/// Signature that must be sent back unchanged with every thought.
const SIGNATURE: &str = "c2lnbmVk";

/// A wire format of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wire {
    /// Requests to `models/…:streamGenerateContent`.
    GenerateContent,
    /// Requests to `interactions`.
    Interactions,
}

impl Wire {
    /// Parses the request; the error says why the real service would refuse it.
    pub(super) fn read(self, body: &Value) -> Result<Question, &'static str> {
        match self {
            Self::GenerateContent => generate_content::read(body),
            Self::Interactions => interactions::read(body),
        }
    }

    /// Returns the events of an answer.
    pub(super) fn events(self, said: &[Said], fault: Option<ModelFault>) -> Vec<String> {
        if fault == Some(ModelFault::Garbage) {
            return vec!["<html>not a stream</html>\n\n".repeat(3)];
        }
        match self {
            Self::GenerateContent => generate_content::events(said, fault),
            Self::Interactions => interactions::events(said, fault),
        }
    }

    /// Returns the number of events before the first token, which announce the answer and its first
    /// step.
    pub(super) const fn silent_events(self) -> usize {
        match self {
            Self::GenerateContent => 0,
            Self::Interactions => 2,
        }
    }

    /// Returns the beginning of endless thinking, and the event that is repeated from then on.
    pub(super) fn endless(self) -> (Vec<String>, String) {
        let remark = "Still thinking about it.";
        match self {
            Self::GenerateContent => (Vec::new(), generate_content::thought(remark)),
            Self::Interactions => interactions::endless(remark),
        }
    }

    /// Returns the body of a refusal; `status` is the service's word for it.
    pub(super) fn refusal(self, code: u16, status: &str, message: &str, details: Value) -> Value {
        match self {
            Self::GenerateContent => generate_content::refusal(code, status, message, details),
            Self::Interactions => interactions::refusal(status, message, details),
        }
    }
}

/// Returns much more text than was asked for, in pieces.
fn flood() -> impl Iterator<Item = String> {
    std::iter::repeat_n("more and more ".repeat(4096), 64)
}
