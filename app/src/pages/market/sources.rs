//! What the table rests on: token prices, and the rows that were held back.

use domain::market::{CheckStatus, TokenLine};
use leptos::prelude::*;

use super::live::LiveMarket;
use super::row::moved;
use crate::components::figures::relative;

/// Both, folded.
#[component]
pub(super) fn Sources(
    /// The market.
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
        <details class="fold" data-testid="quarantine">
            <summary>{move || format!("{} rows held back", held())}</summary>
            <ul class="market-held">{move || live.board.with(|board| board.quarantined.iter().map(|row| {
                view! { <li><span>{row.venue.title()}" "{row.shape.clone()}</span><span class="dim">{row.reason.to_string()}</span></li> }
            }).collect_view())}</ul>
        </details>
    }
}

fn token(line: &TokenLine, live: LiveMarket) -> impl IntoView + use<> {
    let tone = match line.check.status {
        CheckStatus::Verified | CheckStatus::QuoteLegVerified => "good",
        CheckStatus::Unverified => "neutral",
        CheckStatus::Mismatch => "bad",
    };
    let at = line.at;
    let range = line
        .range
        .as_ref()
        .map(|(low, high)| format!("${low} to ${high} today, "));
    view! {
        <li>
            <strong>{line.symbol.clone()}</strong>
            <span class="mono">"$"{line.usd.clone()}</span>
            <span class="state" data-tone=tone>{line.check.status.words()}</span>
            <span class="dim">{move || relative(at, live.now.get())}", "{range}{moved(&line.volatility)}</span>
            <details><summary>"Grounds"</summary>
                <p>{line.check.text.clone()}</p>
                <ul>{line.votes.iter().map(|vote| view! { <li>{vote.clone()}</li> }).collect_view()}</ul>
            </details>
        </li>
    }
}
