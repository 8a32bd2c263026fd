//! The venues' prices: one file per venue, with its request, its pure `parse` and its fixture.
//!
//! A parser takes the venue's answer and returns rows in the venue's own units; making them
//! comparable is up to the domain. To add a venue: a file here, a line in [`SOURCES`].

mod akash;
mod aws;
mod aws_history;
mod aws_instances;
pub mod chain_feeds;
mod exchanges;
mod http;
mod ionet;
mod lambda;
mod lambda_sample;
pub(crate) mod necto;
mod nosana;
mod recorded;
mod render;
mod runpod;
mod sigv4;
#[cfg(test)]
mod tests;
pub mod token_feeds;
mod vast;

use domain::offers::tokens::TokenRates;
use domain::offers::{Listing, QuarantineReason, Quarantined, Venue, normalize};
use domain::time::UnixSeconds;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;

use crate::ports::ListedProvider;
pub(crate) use necto::MAX_DESCRIPTION_BYTES;

pub use aws_history::SpotHistory;
pub use http::{HttpSource, SourceSettings, http_sources};
pub use recorded::{Recording, read_recorded};
pub use sigv4::AwsCredentials;

/// The parsed form of an answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Rows that could be read, in the venue's own units.
    pub listings: Vec<Listing>,
    /// Rows that could not be read, each with the reason.
    pub unreadable: Vec<Quarantined>,
}

/// An answer in a form other than the venue's.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the answer is not readable: {0}")]
pub struct Unreadable(String);

impl Unreadable {
    fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// A venue's answers: one text per request, `None` where an optional one failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload {
    /// The answers, in the order of the requests.
    pub texts: Vec<Option<String>>,
    /// Time at which they were read; a row with a more exact time states it itself.
    pub at: UnixSeconds,
}

impl Payload {
    /// The answer to the first request.
    fn first(&self) -> Result<&str, Unreadable> {
        self.get(0).ok_or_else(|| Unreadable::new("there is none"))
    }

    fn get(&self, index: usize) -> Option<&str> {
        self.texts.get(index)?.as_deref()
    }

    fn present(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().flatten().map(String::as_str)
    }
}

/// One request to a venue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    /// Below the venue's base address, or the full address of another service of the venue.
    path: &'static str,
    /// Sent as JSON with POST; without one it is a GET.
    body: Option<&'static str>,
    /// `true` if the rows are useful without the answer to this request.
    optional: bool,
}

impl Request {
    const fn get(path: &'static str) -> Self {
        Self {
            path,
            body: None,
            optional: false,
        }
    }

    const fn optional(path: &'static str) -> Self {
        Self {
            optional: true,
            ..Self::get(path)
        }
    }

    const fn post(path: &'static str, body: &'static str) -> Self {
        Self {
            body: Some(body),
            ..Self::get(path)
        }
    }
}

type Parse = fn(&Payload) -> Result<Parsed, Unreadable>;

/// The fixed properties of a venue's prices.
#[derive(Debug)]
struct Source {
    venue: Venue,
    /// Base address of the venue's service; empty if nothing is requested.
    base: &'static str,
    /// Longest time that the whole answer may take, in seconds.
    deadline_s: u64,
    /// Requests that make up one query. Empty for a published list without a service.
    requests: &'static [Request],
    parse: Parse,
    /// Beginnings of the names of recorded answers, one group per request.
    recordings: &'static [&'static str],
}

/// Every venue with prices of its own.
#[rustfmt::skip]
const SOURCES: [Source; 9] = [
    Source { venue: Venue::Akash, base: akash::BASE, deadline_s: 25, requests: akash::REQUESTS, parse: akash::parse, recordings: akash::RECORDINGS },
    Source { venue: Venue::IoNet, base: ionet::BASE, deadline_s: 10, requests: ionet::REQUESTS, parse: ionet::parse, recordings: ionet::RECORDINGS },
    Source { venue: Venue::AwsSpot, base: aws::SPOT_BASE, deadline_s: 15, requests: aws::SPOT_REQUESTS, parse: aws::parse_spot, recordings: aws::SPOT_RECORDINGS },
    Source { venue: Venue::AwsOnDemand, base: aws::ON_DEMAND_BASE, deadline_s: 15, requests: aws::ON_DEMAND_REQUESTS, parse: aws::parse_on_demand, recordings: aws::ON_DEMAND_RECORDINGS },
    Source { venue: Venue::Nosana, base: nosana::BASE, deadline_s: 10, requests: nosana::REQUESTS, parse: nosana::parse, recordings: nosana::RECORDINGS },
    Source { venue: Venue::RunPod, base: runpod::BASE, deadline_s: 10, requests: runpod::REQUESTS, parse: runpod::parse, recordings: runpod::RECORDINGS },
    Source { venue: Venue::VastAi, base: vast::BASE, deadline_s: 10, requests: vast::REQUESTS, parse: vast::parse, recordings: vast::RECORDINGS },
    Source { venue: Venue::Lambda, base: lambda::BASE, deadline_s: 10, requests: lambda::REQUESTS, parse: lambda::parse, recordings: lambda::RECORDINGS },
    Source { venue: Venue::Render, base: "", deadline_s: 1, requests: &[], parse: render::parse, recordings: render::RECORDINGS },
];

fn json<T: DeserializeOwned>(text: &str) -> Result<T, Unreadable> {
    serde_json::from_str(text).map_err(|error| Unreadable::new(error.to_string()))
}

/// Reads one row. A row that cannot be read is set aside by its name, and the others are kept.
fn row<T: DeserializeOwned>(
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
    fn set_aside(&mut self, venue: Venue, shape: &str, place: Option<&str>, text: String) {
        self.unreadable.push(Quarantined {
            venue,
            shape: shape.to_owned(),
            place: place.map(str::to_owned),
            reason: QuarantineReason::NotANumber { text },
        });
    }

    /// Records a shape whose cards are unknown, once however often it is sold.
    fn unknown_shape(&mut self, venue: Venue, shape: &str) {
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

    /// An answer without a single row is a failure of its source, however well-formed it is.
    fn not_empty(self) -> Result<Self, Unreadable> {
        if self.listings.is_empty() && self.unreadable.is_empty() {
            return Err(Unreadable::new("it has no rows"));
        }
        Ok(self)
    }
}

/// Reads a listing as the market will, and returns the reason if the market would not show it.
pub(crate) fn checked_listing(entry: &ListedProvider, description: &str) -> Result<(), String> {
    if description.len() > MAX_DESCRIPTION_BYTES {
        return Err(format!(
            "its description is larger than {MAX_DESCRIPTION_BYTES} bytes"
        ));
    }
    let listing = necto::parse(entry, description, UnixSeconds(0))?;
    let offer = normalize(listing, &TokenRates::default());
    offer.map(drop).map_err(|held| held.reason.to_string())
}

/// A part of an address: everything but letters, digits and `-._~` escaped.
fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
