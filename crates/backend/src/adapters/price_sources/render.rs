//! Render's compute network: the rates published by its governance. This is a price list, not an
//! offer; the rendering network's OctaneBench hours are a different kind of work and are not
//! converted to GPU-hours here.

use domain::offers::{Decimal, ListedPrice, Listing, Provenance, Venue};
use domain::time::read_iso_8601;

use super::payload::{Payload, Unreadable};
use crate::ports::Parsed;

pub(super) const RECORDINGS: &[&str] = &["render_compute_network_rates"];

/// Date on which the rates were published (RNP-019).
const PUBLISHED: &str = "2025-03-31";

/// Card, lowest and highest price in cents per hour (RNP-019).
const RATES: [(&str, u64, u64); 3] = [
    ("RTX 5090", 45, 69),
    ("RTX 4090", 35, 35),
    ("RTX 3090", 31, 31),
];

/// Returns the published rates, or those of a table in the same form.
pub(super) fn parse(payload: &Payload) -> Result<Parsed, Unreadable> {
    let mut parsed = Parsed::default();
    let Some(table) = payload.present().next() else {
        for (card, low, high) in RATES {
            let (low, high) = (Decimal::cents(low), Decimal::cents(high));
            parsed.listings.push(listing(card, low, high));
        }
        return Ok(parsed);
    };
    for line in table.lines().skip(1).filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split(',').collect();
        let [card, low, high, ..] = fields[..] else {
            return Err(Unreadable::new(format!("“{line}” is no row of rates")));
        };
        match (low.parse(), high.parse()) {
            (Ok(low), Ok(high)) => parsed.listings.push(listing(card, low, high)),
            _ => parsed.set_aside(Venue::Render, card, None, format!("{low} to {high}")),
        }
    }
    parsed.not_empty()
}

fn listing(card: &str, low: Decimal, high: Decimal) -> Listing {
    let price = if low == high {
        ListedPrice::PerCardHour(high)
    } else {
        ListedPrice::PerCardHourBand { low, high }
    };
    Listing {
        provenance: Provenance::Tariff,
        observed_at: read_iso_8601(PUBLISHED).expect("the constant is a date"),
        link: Some("https://rendernetwork.com".to_owned()),
        notes: vec![format!("Published rate of {PUBLISHED}, not an offer.")],
        ..Listing::new(Venue::Render, card, card, price)
    }
}
