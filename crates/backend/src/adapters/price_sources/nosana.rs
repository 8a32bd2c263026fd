//! Nosana: markets that are priced in dollars and paid in NOS. A renter pays the host's reward plus
//! the network's fee; the vendor's own price page leaves the fee out.

use std::collections::BTreeSet;

use domain::offers::gpu::VramMib;
use domain::offers::tokens::Token;
use domain::offers::{Availability, CardsMilli, Decimal, Fees, ListedPrice, Listing, Venue};
use domain::requirements::PricingModel;
use serde::Deserialize;
use serde_json::Value;

use super::payload::{Payload, Request, Unreadable, escaped, json, row};
use crate::ports::Parsed;

pub(super) const BASE: &str = "https://api.nosana.com";
pub(super) const REQUESTS: &[Request] = &[Request::get("/api/markets/")];
pub(super) const RECORDINGS: &[&str] = &["nosana_markets", "nosana_prices"];

/// Fee of the network in per cent, needed for the price page, which does not state it.
const FEE_PERCENT: u32 = 10;

#[derive(Debug, Deserialize)]
struct Market {
    slug: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    usd_reward_per_hour: Option<Decimal>,
    nos_job_price_per_second: Option<Decimal>,
    network_fee_percentage: u32,
    #[serde(default)]
    gpu_types: Vec<String>,
    lowest_vram: Option<u32>,
}

/// Parses markets in the form of the API, and in that of a table on the vendor's price page.
pub(super) fn parse(payload: &Payload) -> Result<Parsed, Unreadable> {
    let mut parsed = Parsed::default();
    let mut tables = Vec::new();
    for text in payload.present() {
        if text.starts_with("market,") {
            tables.push(text);
            continue;
        }
        for value in &json::<Vec<Value>>(text)? {
            if let Some(market) = row::<Market>(Venue::Nosana, value, "slug", &mut parsed) {
                parsed.listings.extend(listing(market, payload));
            }
        }
    }
    let known: BTreeSet<String> = parsed
        .listings
        .iter()
        .map(|row| row.shape.clone())
        .collect();
    for line in tables.iter().flat_map(|text| text.lines().skip(1)) {
        read_line(line, payload, &known, &mut parsed)?;
    }
    parsed.not_empty()
}

fn listing(market: Market, payload: &Payload) -> Option<Listing> {
    let fees = Fees {
        share_bps: market.network_fee_percentage.saturating_mul(100),
        ..Fees::default()
    };
    let (price, fees) = match (market.usd_reward_per_hour, market.nos_job_price_per_second) {
        (Some(usd), _) => (ListedPrice::PerShapeHour(usd), fees),
        // The job's price on chain includes the fee.
        (None, Some(amount)) => {
            let token = Token::Nos;
            (
                ListedPrice::TokenPerSecond { token, amount },
                Fees::default(),
            )
        }
        (None, None) => return None,
    };
    let in_dollars = market.usd_reward_per_hour.is_some();
    let mut notes = Vec::new();
    if market.kind == "OTHER" {
        notes.push("A market of its own: the number of GPUs is as its name says.".to_owned());
    }
    if market.gpu_types.len() > 1 {
        notes.push(format!("One of: {}.", market.gpu_types.join(", ")));
    }
    Some(Listing {
        fees,
        // The job's price includes the network's fee, as does what the renter pays.
        also_in_tokens: market
            .nos_job_price_per_second
            .filter(|amount| in_dollars && amount.is_positive())
            .map(|amount| (Token::Nos, amount)),
        notes,
        cards: cards_of(&market.name),
        // This is the minimum over the market's cards; in a market of one card it is that card's.
        vram: market.lowest_vram.filter(|gib| *gib > 0).map(VramMib::gib),
        // The name says which card is sold; the list says which cards may be assigned.
        gpu_hint: market.gpu_types.first().cloned(),
        ..base(&market.slug, card_of(&market.name), price, payload)
    })
}

fn base(slug: &str, label: &str, price: ListedPrice, payload: &Payload) -> Listing {
    Listing {
        pricing_model: PricingModel::Token,
        availability: Availability::Unknown,
        observed_at: payload.at,
        link: Some(format!(
            "https://deploy.nosana.com/markets/{}",
            escaped(slug)
        )),
        ..Listing::new(Venue::Nosana, slug, label, price)
    }
}

/// Returns the cards rented together: eight for `8xH100`, one in every other market.
fn cards_of(name: &str) -> CardsMilli {
    CardsMilli::whole(counted(name).map_or(1, |(count, _)| count))
}

/// Returns the card in a market's name.
fn card_of(name: &str) -> &str {
    counted(name).map_or(name, |(_, card)| card)
}

fn counted(name: &str) -> Option<(u32, &str)> {
    let (count, card) = name.split_once(['x', 'X'])?;
    let count = count
        .trim()
        .parse()
        .ok()
        .filter(|count| (1..=64).contains(count))?;
    Some((count, card))
}

/// Parses a line: `market,tier,usd_per_hour,gpus`.
fn read_line(
    line: &str,
    payload: &Payload,
    known: &BTreeSet<String>,
    parsed: &mut Parsed,
) -> Result<(), Unreadable> {
    if line.trim().is_empty() {
        return Ok(());
    }
    let fields: Vec<&str> = line.split(',').collect();
    let [name, _tier, usd, cards] = fields[..] else {
        return Err(Unreadable::new(format!(
            "“{line}” is no row of the price page"
        )));
    };
    let slug = name.to_lowercase().replace(' ', "-");
    if known.contains(&slug) {
        return Ok(());
    }
    let (Ok(usd), Ok(cards)) = (usd.parse(), cards.trim().parse()) else {
        parsed.set_aside(Venue::Nosana, &slug, None, usd.to_owned());
        return Ok(());
    };
    parsed.listings.push(Listing {
        cards: CardsMilli::whole(cards),
        fees: Fees {
            share_bps: FEE_PERCENT * 100,
            ..Fees::default()
        },
        ..base(
            &slug,
            card_of(name),
            ListedPrice::PerShapeHour(usd),
            payload,
        )
    });
    Ok(())
}
