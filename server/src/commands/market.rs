//! The market for commands: queried now, or read from recorded answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::output;
use crate::config::ChainOptions;
use crate::error::CommandError;
use crate::sources::{RegisterChain, SourceOptions};
use backend::adapters::clock;
use backend::adapters::price_sources::read_recorded;
use backend::market::LiveMarket;
use backend::market::tokens::TokenPrices;
use domain::offers::tokens::{AgeLimits, TokenRates};
use domain::offers::{normalize_all, screen};
use domain::route::{Market, VenueReport, VenueState};
use domain::time::{Seconds, UnixSeconds};

/// Options for the source of offers.
#[derive(Debug, clap::Args)]
pub(crate) struct MarketOptions {
    /// Reads the venues' answers from files in this folder instead of asking anyone.
    #[arg(long, value_name = "DIR")]
    recorded: Option<PathBuf>,
    /// Seconds to wait for the venues. Who is slower is reported as missing.
    #[arg(long, value_name = "SECONDS", default_value_t = 12)]
    wait: u64,
    /// Base address of the sandbox that plays the venues.
    #[arg(long, env = "NECTO_SIMULATED")]
    simulated: Option<String>,
    #[command(flatten)]
    chain: ChainOptions,
    #[command(flatten)]
    sources: SourceOptions,
}

/// Returns the market and the time to view it at. For recorded answers that is the time of the latest
/// recording, so that the same files always give the same result.
pub(crate) async fn load(options: &MarketOptions) -> Result<(Market, UnixSeconds), CommandError> {
    match &options.recorded {
        Some(folder) => recorded(folder),
        None => live(options).await,
    }
}

fn recorded(folder: &Path) -> Result<(Market, UnixSeconds), CommandError> {
    let recordings = read_recorded(folder).map_err(|error| format!("{error}."))?;
    let now = recordings
        .iter()
        .map(|recording| recording.at)
        .max()
        .unwrap_or_default();
    let mut market = Market::default();
    for recording in recordings {
        let state = match recording.outcome {
            Ok(parsed) => {
                let (offers, held) = normalize_all(parsed.listings, &TokenRates::default());
                let count = u32::try_from(offers.len()).unwrap_or(u32::MAX);
                market.offers.extend(offers);
                market.quarantined.extend(held);
                market.quarantined.extend(parsed.unreadable);
                VenueState::Answered {
                    offers: count,
                    age: now.since(recording.at),
                }
            }
            Err(reason) => VenueState::Missing { reason },
        };
        let venue = recording.venue;
        market.venues.push(VenueReport { venue, state });
    }
    let (kept, held) = screen(std::mem::take(&mut market.offers));
    market.offers = kept;
    market.quarantined.extend(held);
    Ok((market, now))
}

async fn live(options: &MarketOptions) -> Result<(Market, UnixSeconds), CommandError> {
    let http = crate::wiring::http_client()?;
    let clock = clock::system();
    let sources = options
        .sources
        .clone()
        .check(options.simulated.as_deref())?;
    let chain = RegisterChain {
        rpc_url: options.chain.chain_rpc.clone(),
        id: options.chain.chain_id,
        // The newest block is good enough for displaying prices.
        confirmations: 1,
    };
    let sources = sources.connect(&http, &clock, &chain, None)?;
    let tokens = TokenPrices::new(sources.feeds, clock.clone());
    let market = LiveMarket::new(sources.venues, clock.clone());
    let (board, ()) = tokio::join!(
        tokens.board(),
        market.wait(Duration::from_secs(options.wait))
    );
    let now = clock.now();
    let mut snapshot = market.snapshot(&board.rates(now, AgeLimits::default()));
    snapshot.token_prices = board.prices;
    Ok((snapshot, now))
}

/// Reports on standard error which venues have no rows or stale ones, and how many rows are held back.
pub(crate) fn report_troubles(market: &Market) {
    for report in &market.venues {
        match &report.state {
            VenueState::Missing { reason } => {
                output::remark(format_args!(
                    "{}: no offers: {reason}",
                    report.venue.title()
                ));
            }
            VenueState::Stale { age, reason, .. } => output::remark(format_args!(
                "{}: offers of {} ago: {reason}",
                report.venue.title(),
                age.in_words()
            )),
            VenueState::Answered { .. } => {}
        }
    }
    for row in &market.quarantined {
        output::remark(format_args!(
            "{}: {} held back: {}",
            row.venue.title(),
            row.shape,
            row.reason
        ));
    }
}

/// Formats rows as columns of equal width; the last column is ragged.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        widest.max(header[column].chars().count())
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}", width = *width));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let head = line(header.to_vec());
    let body = rows
        .iter()
        .map(|row| line(row.iter().map(String::as_str).collect()));
    std::iter::once(head)
        .chain(body)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The age of something, formatted for a table.
pub(crate) fn age(now: UnixSeconds, at: UnixSeconds) -> String {
    match now.since(at) {
        Seconds(0) => "now".to_owned(),
        age => age.in_words(),
    }
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![
            vec!["akash".to_owned(), "2.56".to_owned()],
            vec!["x".to_owned(), "10.5".to_owned()],
        ];
        assert_eq!(
            table(&["venue", "usd"], &rows),
            "venue  usd\nakash  2.56\nx      10.5"
        );
    }
}
