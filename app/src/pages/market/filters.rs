//! The table's filters; without WASM, a form that queries the server.

use std::collections::BTreeSet;

use domain::market::priority_id;
use domain::offers::Venue;
use domain::requirements::{Priority, Region};
use leptos::prelude::*;

use super::live::LiveMarket;

const VRAM: [u32; 6] = [16, 24, 48, 80, 96, 141];

/// The filters of the market's table.
#[component]
pub(super) fn Filters(
    /// Market whose query the filters change.
    live: LiveMarket,
) -> impl IntoView {
    let set = move |name: &'static str| {
        move |event: leptos::ev::Event| {
            let value = event_target_value(&event);
            live.ask(|query| query.set(name, &value));
        }
    };
    let models = Memo::new(move |_| {
        let of_offer = |offer: &domain::offers::Offer| Some(offer.gpu.key()?.model.title());
        live.board.with(|board| {
            board
                .offers
                .iter()
                .filter_map(of_offer)
                .collect::<BTreeSet<_>>()
        })
    });
    let asked = move || live.query.get();
    let hidden = move || {
        let nothing_fits = live.query.with(|query| query.unknown_card().is_some());
        let hidden = live.decision.with(|d| d.entries.len() - d.by_score.len());
        if nothing_fits { 0 } else { hidden }
    };
    let regions = Region::ALL.into_iter().map(|region| {
        view! { <option value=region.id() selected=move || asked().region == Some(region)>{region.to_string()}</option> }
    });
    let venues = Venue::ALL.into_iter().map(|venue| {
        view! { <option value=venue.id() selected=move || asked().venue == Some(venue)>{venue.title()}</option> }
    });
    let priorities = [
        (Priority::Price, "Price"),
        (Priority::Uptime, "Uptime"),
        (Priority::Latency, "Latency"),
        (Priority::Performance, "Performance"),
    ];
    let priorities = priorities.map(|(priority, title)| {
        view! { <option value=priority_id(priority) selected=move || asked().priority == priority>{title}</option> }
    });
    view! {
        <form class="market-filters" action="/market" method="get" role="search" aria-label="Filter offers"
            on:submit=|event| event.prevent_default()>
            <label class="wide">"Search"
                <input type="search" name="q" prop:value=move || asked().search value=live.query.with_untracked(|query| query.search.clone()) on:input=set("q")/>
            </label>
            <label>"GPU"
                <input type="text" name="gpu" list="market-gpus" autocomplete="off" placeholder="any, like H100"
                    prop:value=move || asked().gpu value=live.query.with_untracked(|query| query.gpu.clone()) on:change=set("gpu")/>
                <datalist id="market-gpus">{move || models.get().into_iter().map(|model| view! { <option value=model></option> }).collect_view()}</datalist>
            </label>
            <Written live name="cards" title="GPUs" hint="1" mode="numeric"/>
            <Written live name="hours" title="Hours" hint="1" mode="numeric"/>
            <label>"VRAM from"
                <select name="vram" on:change=set("vram")>
                    <option value="">"any"</option>
                    {VRAM.map(|gib| view! { <option value=gib.to_string() selected=move || asked().min_vram == Some(gib)>{format!("{gib} GiB")}</option> })}
                </select>
            </label>
            <label>"Region"
                <select name="region" on:change=set("region")><option value="">"any"</option>{regions.collect_view()}</select>
            </label>
            <Written live name="most" title="At most, $/GPU-h" hint="any" mode="decimal"/>
            <label>"Venue"
                <select name="venue" on:change=set("venue")><option value="">"all"</option>{venues.collect_view()}</select>
            </label>
            <label>"Exclude"
                <select name="without" on:change=set("without")>
                    {["", "spot", "token", "spot,token", "fixed"].map(|value| {
                        let shown = if value.is_empty() { "none".to_owned() } else { value.replace(',', " and ") };
                        let wanted = move || {
                            let has = asked().without.iter().map(|m| domain::offers::pricing_word(*m)).collect::<Vec<_>>().join(",");
                            has == value
                        };
                        view! { <option value=value selected=wanted>{shown}</option> }
                    })}
                </select>
            </label>
            <label>"Favour"
                <select name="for" on:change=set("for")>{priorities}</select>
            </label>
            <label class="check">
                <input type="checkbox" name="all" prop:checked=move || asked().all
                    on:change=move |event| { let all = event_target_checked(&event); live.ask(|query| query.all = all); }/>
                <span>{move || match hidden() {
                    0 => "Show those that do not fit".to_owned(),
                    1 => "Show the one that does not fit".to_owned(),
                    hidden => format!("Show the {hidden} that do not fit"),
                }}</span>
            </label>
            <noscript><button type="submit" class="button">"Filter"</button></noscript>
        </form>
    }
}

/// A free-text filter. Invalid input stays as typed, with a sentence.
#[component]
fn Written(
    /// Market whose query the filter changes.
    live: LiveMarket,
    /// Name of the filter in the page's address.
    name: &'static str,
    /// Label of the filter.
    title: &'static str,
    /// Placeholder that explains an empty field.
    hint: &'static str,
    /// Input mode, which decides the keyboard that a phone shows.
    mode: &'static str,
) -> impl IntoView {
    let problem = Memo::new(move |_| {
        live.query
            .with(|query| query.problem(name).map(str::to_owned))
    });
    let id = format!("market-{name}-problem");
    let described = id.clone();
    let set = move |event: leptos::ev::Event| {
        let value = event_target_value(&event);
        live.ask(|query| query.set(name, &value));
    };
    view! {
        <div class="market-field">
            <label>{title}
                <input type="text" name=name inputmode=mode placeholder=hint autocomplete="off"
                    aria-invalid=move || problem.with(|problem| problem.is_some().then_some("true"))
                    aria-describedby=move || problem.with(|problem| problem.is_some().then(|| described.clone()))
                    prop:value=move || live.query.with(|query| query.written(name))
                    value=live.query.with_untracked(|query| query.written(name))
                    on:change=set/>
            </label>
            <p class="market-problem" id=id role="status">{move || problem.get()}</p>
        </div>
    }
}
