//! The page around the table.

use domain::market::MarketBoard;
use domain::offers::{Venue, counted};
use domain::route::VenueState;
use leptos::prelude::*;

use super::export::Export;
use super::filters::Filters;
use super::grounds::Grounds;
use super::lead::Lead;
use super::live::LiveMarket;
use super::sources::Sources;
use super::table::Table;
use crate::components::notice::{Gravity, Notice};

/// Everything on the page.
#[component]
pub(super) fn Desk(
    /// Market as it came with the page.
    board: MarketBoard,
    /// Query of the page's address.
    query: String,
) -> impl IntoView {
    let live = LiveMarket::follow(board, &query);
    // Id of the offer whose grounds are shown.
    let opened = RwSignal::new(None::<String>);
    let whole = move || live.board.with(|board| board.whole);
    view! {
        <div class="market">
            <header class="market-head">
                <div>
                    <h1>"Market"</h1>
                    <p class="dim" data-testid="market-summary">
                        {move || format!("{} in dollars per GPU-hour, fees included. ", counted(u64::from(whole())))}
                        <span aria-live="polite">{move || live.news.get()}</span>
                    </p>
                </div>
                <Export live/>
            </header>
            {move || live.lost.get().then(|| view! {
                <Notice gravity=Gravity::Warn><p>"The connection to Necto is lost. Prices may be old; it is being tried again."</p></Notice>
            })}
            <ul class="venue-chips" aria-label="Venues">{move || live.board.with(|board| {
                board.venues.iter().map(|report| chip(report.venue, &report.state)).collect_view()
            })}</ul>
            <Filters live/>
            <Lead live/>
            <Table live opened/>
            <Sources live/>
            <Grounds live opened/>
        </div>
    }
}

fn chip(venue: Venue, state: &VenueState) -> impl IntoView + use<> {
    let (tone, text, why) = match state {
        VenueState::Answered { offers, age } => (
            "good",
            offers.to_string(),
            format!("asked {} ago", age.in_words()),
        ),
        VenueState::Stale {
            offers,
            age,
            reason,
        } => (
            "warn",
            format!("{offers}, {} old", age.in_words()),
            reason.clone(),
        ),
        VenueState::Missing { reason } => ("bad", "missing".to_owned(), reason.clone()),
    };
    view! {
        <li title=why><span class="dot" data-tone=tone></span>{venue.title()}<span class="mono">{text}</span></li>
    }
}
