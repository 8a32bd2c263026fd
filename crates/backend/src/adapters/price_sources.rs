//! The venues' prices: one file per venue, with its requests, its pure `parse` and its fixture.
//!
//! A parser takes a venue's answer and returns rows in the venue's own units; making them
//! comparable is up to the domain. To add a venue, add a file here and a line in [`SOURCES`].

mod akash;
mod aws;
mod aws_history;
mod aws_instances;
pub mod chain_feeds;
mod exchanges;
mod feed;
mod http;
mod ionet;
mod lambda;
mod lambda_sample;
pub(crate) mod necto;
mod nosana;
mod payload;
mod recorded;
mod render;
mod runpod;
mod sigv4;
#[cfg(test)]
mod tests;
pub mod token_feeds;
mod vast;

use domain::offers::tokens::TokenRates;
use domain::offers::{Venue, normalize};
use domain::time::UnixSeconds;

use crate::ports::{ListedProvider, Parsed};
pub(crate) use necto::MAX_DESCRIPTION_BYTES;
use payload::{Payload, Request, Unreadable};

pub use aws_history::SpotHistory;
pub use http::{HttpSource, SourceSettings, http_sources};
pub use recorded::{Recording, read_recorded};
pub use sigv4::AwsCredentials;

type Parse = fn(&Payload) -> Result<Parsed, Unreadable>;

/// Fixed properties of a venue's prices.
#[derive(Debug)]
struct Source {
    venue: Venue,
    /// Base address of the venue's service; empty if nothing is requested.
    base: &'static str,
    /// Time limit for the whole answer, in seconds.
    deadline_s: u64,
    /// Requests that make up one query; empty for a published list without a service.
    requests: &'static [Request],
    parse: Parse,
    /// File name prefixes of recorded answers, one group per request.
    recordings: &'static [&'static str],
}

/// Every venue that has prices of its own.
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

/// Checks a listing just as the market will; returns the reason if the market would not show it.
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
