//! Helpers for the parsers of venues: the answers given to them, and how a row is parsed.

use domain::offers::{QuarantineReason, Quarantined, Venue};
use domain::time::UnixSeconds;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use crate::ports::Parsed;

/// The answer has a form other than the venue's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the answer is not readable: {0}")]
pub(super) struct Unreadable(String);

impl Unreadable {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A venue's answers: one text per request, `None` if an optional request failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Payload {
    /// Answers in the order of the requests.
    pub(super) texts: Vec<Option<String>>,
    /// Time at which they were read; rows with a more exact time state it themselves.
    pub(super) at: UnixSeconds,
}

impl Payload {
    /// Returns the answer to the first request.
    pub(super) fn first(&self) -> Result<&str, Unreadable> {
        self.get(0).ok_or_else(|| Unreadable::new("there is none"))
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.texts.get(index)?.as_deref()
    }

    pub(super) fn present(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().flatten().map(String::as_str)
    }
}

/// One request to a venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// Path below the venue's base address, or the full address of another of its services.
    pub(super) path: &'static str,
    /// Body sent as JSON with POST; without one the request is a GET.
    pub(super) body: Option<&'static str>,
    /// `true` if the rows are useful without the answer to this request.
    pub(super) optional: bool,
}

impl Request {
    pub(super) const fn get(path: &'static str) -> Self {
        Self {
            path,
            body: None,
            optional: false,
        }
    }

    pub(super) const fn optional(path: &'static str) -> Self {
        Self {
            optional: true,
            ..Self::get(path)
        }
    }

    pub(super) const fn post(path: &'static str, body: &'static str) -> Self {
        Self {
            body: Some(body),
            ..Self::get(path)
        }
    }
}

pub(super) fn json<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|error| Unreadable::new(error.to_string()))
}

/// Parses one row. A row that cannot be parsed is set aside by its name, and the others are kept.
pub(super) fn row<T: DeserializeOwned>(
    venue: Venue,
    value: &Value,
    name: &str,
    parsed: &mut Parsed,
) -> Option<T> {
    match T::deserialize(value) {
        Ok(row) => Some(row),
        Err(error) => {
            let shape = value[name].as_str().unwrap_or("a row without a name");
            parsed.unreadable.push(Quarantined {
                venue,
                shape: shape.to_owned(),
                place: None,
                reason: QuarantineReason::Unreadable {
                    why: error.to_string(),
                },
            });
            None
        }
    }
}

impl Parsed {
    pub(super) fn set_aside(
        &mut self,
        venue: Venue,
        shape: &str,
        place: Option<&str>,
        text: String,
    ) {
        self.unreadable.push(Quarantined {
            venue,
            shape: shape.to_owned(),
            place: place.map(str::to_owned),
            reason: QuarantineReason::NotANumber { text },
        });
    }

    /// Records a shape whose cards are unknown, only once however often it is sold.
    pub(super) fn unknown_shape(&mut self, venue: Venue, shape: &str) {
        let row = Quarantined {
            venue,
            shape: shape.to_owned(),
            place: None,
            reason: QuarantineReason::UnknownShape,
        };
        if !self.unreadable.contains(&row) {
            self.unreadable.push(row);
        }
    }

    /// Treats an answer without any row as a failure of its source, however well-formed it is.
    pub(super) fn not_empty(self) -> Result<Self, Unreadable> {
        if self.listings.is_empty() && self.unreadable.is_empty() {
            return Err(Unreadable::new("it has no rows"));
        }
        Ok(self)
    }
}

/// Escapes a part of an address: everything but letters, digits and `-._~`.
pub(super) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
