//! The basis of the table: token prices, and the rows that were held back.

use domain::market::{CheckStatus, TokenLine};
use domain::offers::render_work::{PUBLISHED_AT, TIERS};
use domain::offers::tokens::Standing;
use leptos::prelude::*;

use super::live::LiveMarket;
use super::row::moved;
use crate::components::figures::relative;

/// Both lists, folded.
#[component]
pub(super) fn Sources(
    /// Market that is shown, with its query.
    live: LiveMarket,
) -> impl IntoView {
    let held = move || live.board.with(|board| board.quarantined.len());
    view! {
        <details class="fold">
            <summary>"Token prices"</summary>
            <ul class="market-tokens">{move || live.board.with(|board| {
                board.tokens.iter().map(|line| token(line, live)).collect_view()
            })}</ul>
            {move || live.board.with(|board| board.silent_feeds.iter().map(|(feed, reason)| {
                view! { <p class="dim">{format!("{feed} does not answer: {reason}.")}</p> }
            }).collect_view())}
        </details>
        <details class="fold" data-testid="render-work">
            <summary>"Render work, in OctaneBench hours"</summary>
            <p class="dim">"Render’s rendering network sells finished work, not hours of a GPU: it is another class, and its prices are in no ranking here. Published rates, not offers."</p>
            <table class="table">
                <thead><tr><th scope="col">"Tier"</th><th scope="col" class="num">"For 100 OBh"</th><th scope="col" class="num">"An RTX 2070’s hour, estimated"</th></tr></thead>
                <tbody>{TIERS.map(|tier| view! {
                    <tr><th scope="row">{tier.name}</th><td class="num">{euro(tier.euro_milli_per_100_obh())}</td><td class="num">{euro(tier.euro_milli_per_rtx_2070_hour())}</td></tr>
                })}</tbody>
            </table>
            <p><a href=PUBLISHED_AT target="_blank" rel="noopener noreferrer">"Render’s knowledge base"</a></p>
        </details>
        <details class="fold" data-testid="quarantine">
            <summary>{move || match held() { 1 => "1 offer hidden".to_owned(), held => format!("{held} offers hidden") }}</summary>
            <ul class="market-held">{move || live.board.with(|board| board.quarantined.iter().map(|row| {
                view! { <li><span>{row.venue.title()}" "{row.shape.clone()}</span><span class="dim">{row.reason.to_string()}</span></li> }
            }).collect_view())}</ul>
        </details>
    }
}

/// Formats thousandths of a euro.
fn euro(milli: u64) -> String {
    format!("€{}.{:03}", milli / 1000, milli % 1000)
}

/// Describes a token's price movement over the last day.
pub(super) fn day(line: &TokenLine) -> String {
    let range = line.range.as_ref();
    let range = range.map_or_else(String::new, |(low, high)| {
        format!("${low} to ${high} in the last day, ")
    });
    format!("{range}{}", moved(&line.volatility))
}

fn token(line: &TokenLine, live: LiveMarket) -> impl IntoView + use<> {
    let tone = match line.check.status {
        CheckStatus::Verified | CheckStatus::QuoteLegVerified => "good",
        CheckStatus::Unverified => "neutral",
        CheckStatus::Mismatch => "bad",
    };
    let at = line.at;
    let last_known = (line.standing == Standing::LastKnown)
        .then(|| view! { <span class="state" data-tone="warn">"last known"</span> });
    let settled = match &line.unfit {
        None => "Used for settling.".to_owned(),
        Some(reason) => format!("Not used for settling: {reason}."),
    };
    view! {
        <li data-token=line.symbol.clone()>
            <strong>{line.symbol.clone()}</strong>
            <span class="mono">"$"{line.usd.clone()}</span>
            <span class="state" data-tone=tone>{line.check.status.words()}</span>
            {last_known}
            <span class="dim">{move || relative(at, live.now.get())}", "{day(line)}". "{settled}</span>
            <details><summary>"Sources"</summary>
                <p>{line.check.text.clone()}</p>
                <ul>{line.votes.iter().map(|vote| view! { <li>{vote.clone()}</li> }).collect_view()}</ul>
            </details>
        </li>
    }
}
