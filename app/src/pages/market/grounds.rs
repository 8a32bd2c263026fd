//! A dialog that explains a row's rank.

use domain::market::TokenLine;
use domain::offers::{Offer, Venue};
use domain::requirements::PricingModel;
use domain::route::{Entry, Outcome};
use leptos::html;
use leptos::prelude::*;

use super::live::LiveMarket;
use super::row::{moved, percent, place, venue_link};
use super::sources::day;
use crate::components::figures::usd4;

/// The dialog; shown while `opened` names an offer.
#[component]
pub(super) fn Grounds(
    /// Market that is shown, with its query.
    live: LiveMarket,
    /// Id of the offer whose grounds are shown.
    opened: RwSignal<Option<String>>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let (Some(dialog), Some(_)) = (dialog.get(), opened.get()) else {
            return;
        };
        if !dialog.open() {
            // The element is in the document and not open; nothing else could make this fail.
            dialog.show_modal().unwrap_or_default();
        }
    });
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let shown = move || {
        let id = opened.get()?;
        live.decision.with(|decision| {
            let entry = decision.entries.iter().find(|entry| entry.offer.id == id);
            Some(match entry {
                Some(entry) => {
                    let token = live
                        .board
                        .with(|board| token_of(&entry.offer, &board.tokens));
                    let link = live.query.with(|query| venue_link(&entry.offer, query));
                    grounds(entry, token, link).into_any()
                }
                None => view! { <p>"This offer is gone from the market."</p> }.into_any(),
            })
        })
    };
    view! {
        <dialog node_ref=dialog class="grounds" aria-label="Why this rank" on:close=move |_| opened.set(None)>
            <button type="button" class="button" on:click=close>"Close"</button>
            {shown}
        </dialog>
    }
}

/// Symbol, price and movement of the token that an offer's cost depends on.
fn token_of(offer: &Offer, tokens: &[TokenLine]) -> Option<(&'static str, String)> {
    let symbol = offer.venue.token()?.symbol();
    let in_dollars = offer.venue == Venue::Akash && offer.pricing_model != PricingModel::Token;
    let line = tokens
        .iter()
        .find(|line| line.symbol == symbol && !in_dollars)?;
    let status = line.check.status.words();
    Some((symbol, format!("${}, {status}; {}", line.usd, day(line))))
}

fn grounds(
    entry: &Entry,
    token: Option<(&'static str, String)>,
    link: Option<AnyView>,
) -> impl IntoView + use<> {
    let offer = &entry.offer;
    let facts: Vec<_> = facts(offer)
        .into_iter()
        .chain(token)
        .map(|(what, value)| view! { <dt>{what}</dt><dd>{value}</dd> })
        .collect();
    view! {
        <h2>{offer.gpu.title()}" at "{offer.venue.title()}</h2>
        {outcome(entry)}
        <h3>"Price"</h3>
        <p class="mono market-arithmetic">{offer.arithmetic.clone()}</p>
        <dl class="figures">{facts}</dl>
        <ul class="grounds-notes">{offer.notes.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view()}</ul>
        {link}
    }
}

fn outcome(entry: &Entry) -> AnyView {
    let fit = match &entry.outcome {
        Outcome::Rejected(reasons) => {
            let reasons = reasons
                .iter()
                .map(|reason| view! { <li>{reason.to_string()}</li> });
            return view! { <h3>"It does not fit"</h3><ul>{reasons.collect_view()}</ul> }
                .into_any();
        }
        Outcome::Fits(fit) => fit,
    };
    let parts = fit.score.parts.iter().map(|part| {
        let value = part.value_bps.map_or_else(|| "not known, counts half".to_owned(), percent);
        view! { <tr><th scope="row">{part.factor.id()}</th><td class="num">{percent(part.weight_bps)}</td><td class="num">{value}</td></tr> }
    });
    view! {
        <p>{format!(
            "Rank {} by cost: {} an hour for what is asked. {} The score decides the recommendation only.",
            fit.rank, usd4(fit.cost_per_hour), fit.score.in_words(),
        )}</p>
        <table class="table">
            <thead><tr><th scope="col">"Factor"</th><th scope="col" class="num">"Weight"</th><th scope="col" class="num">"Value"</th></tr></thead>
            <tbody>{parts.collect_view()}</tbody>
        </table>
    }
    .into_any()
}

fn facts(offer: &Offer) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Shape", offer.shape.clone()),
        ("Least an hour", usd4(offer.usd_per_hour)),
        ("Price moved", moved(&offer.volatility)),
        ("Free", offer.availability.id()),
        ("Source", offer.provenance.id().to_owned()),
    ];
    let mut add = |what, value: Option<String>| facts.extend(value.map(|value| (what, value)));
    add("Provider", offer.provider.clone());
    add("Place", place(offer));
    add(
        "Latency",
        offer.record.latency_ms.map(|ms| {
            let host = match offer.venue {
                Venue::AwsSpot | Venue::AwsOnDemand => "its region’s door",
                _ => "its host",
            };
            format!("{ms} ms for a connection from this Necto to {host}")
        }),
    );
    let band = offer.record.interruption.as_ref();
    add(
        "Taken back",
        band.map(|band| format!("{} ({})", band.label, band.basis)),
    );
    facts
}
