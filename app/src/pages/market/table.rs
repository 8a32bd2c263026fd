//! The table. Only the rows in view are rendered; the rest is blank space of the same height.

mod columns;
mod hold;

use columns::empty_columns;
use domain::market::{Direction, MarketQuery, Sort};
use domain::offers::counted;
use domain::route::Entry;
use hold::Hold;
use leptos::html;
use leptos::prelude::*;

use super::live::LiveMarket;
use super::row::Row;
use crate::browser;

/// Row heights in the stylesheet, in pixels.
const ROW: usize = 40;
const CARD: usize = 92;

/// Number of rows rendered beyond the view, and the step in which the view moves.
const STEP: usize = 8;

/// Number of rows rendered before the size of the view is known.
const FIRST: usize = 40;

/// Column headers: CSS class, text, and the sort order that the column offers.
#[rustfmt::skip]
const COLUMNS: [(&str, &str, Option<Sort>); 17] = [
    ("c-gpu", "GPU", Some(Sort::Gpu)), ("c-venue", "Venue", Some(Sort::Venue)),
    ("c-cost num", "$/GPU-h", Some(Sort::Cost)), ("c-hour num", "$/h", Some(Sort::Hour)),
    ("c-day", "Last day", None), ("c-count num", "Count", None), ("c-vram num", "GiB", Some(Sort::Vram)),
    ("c-cpu num", "vCPU", None), ("c-memory num", "RAM GiB", None), ("c-region", "Region", Some(Sort::Region)),
    ("c-model", "Price", None), ("c-free", "Free", None), ("c-latency num", "Latency", Some(Sort::Latency)),
    ("c-uptime num", "Uptime", Some(Sort::Uptime)), ("c-risk num", "Risk", Some(Sort::Risk)),
    ("c-age num", "Age", Some(Sort::Age)), ("c-why", "Rank", Some(Sort::Score)),
];

/// Range of rows in view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct View {
    first: usize,
    count: usize,
    height: usize,
}

/// The table of offers, of which only the rows in view are rendered.
#[component]
pub(super) fn Table(
    /// Market that is shown, with its query.
    live: LiveMarket,
    /// Id of the offer whose grounds are shown.
    opened: RwSignal<Option<String>>,
) -> impl IntoView {
    let body = NodeRef::<html::Tbody>::new();
    let seen = RwSignal::new(View {
        first: 0,
        count: FIRST,
        height: ROW,
    });
    let hold = Hold::new(live, body);
    let look = move || {
        hold.note();
        let Some(view) = body
            .try_get_untracked()
            .flatten()
            .and_then(|body| view_of(&body))
        else {
            return;
        };
        if seen.try_get_untracked().is_some_and(|shown| shown != view) {
            seen.set(view);
        }
    };
    Effect::new(move |_| {
        look();
        for name in ["scroll", "resize"] {
            let handle = window_event_listener_untyped(name, move |_| look());
            on_cleanup(move || handle.remove());
        }
    });
    let total = move || live.rows.with(Vec::len);
    let in_view = move || {
        let View { first, count, .. } = seen.get();
        let total = total();
        let first = first.min(total.saturating_sub(1));
        (first, (first + count).min(total))
    };
    let drawn = Memo::new(move |_| {
        let (from, to) = in_view();
        live.decision.with(|decision| {
            live.rows.with(|rows| {
                (from..to)
                    .filter_map(|number| {
                        Some((number, decision.entries.get(*rows.get(number)?)?.clone()))
                    })
                    .collect::<Vec<(usize, Entry)>>()
            })
        })
    });
    // A column that is empty in every row is hidden.
    let empty = Memo::new(move |_| {
        live.decision.with(|decision| {
            live.board.with(|board| {
                live.rows.with(|rows| {
                    let entries = rows.iter().filter_map(|at| decision.entries.get(*at));
                    empty_columns(entries.map(|entry| &entry.offer), &board.days)
                })
            })
        })
    });
    let above = move || (in_view().0 * seen.get().height).to_string();
    let below = move || ((total() - in_view().1) * seen.get().height).to_string();
    view! {
        <div class="market-table" role="region" aria-label="Offers" tabindex="0">
            <table class="table offers" data-empty=move || empty.get() aria-rowcount=move || (total() + 1).to_string()>
                <caption class="visually-hidden">{move || counted(total() as u64)}</caption>
                <thead><tr>{COLUMNS.map(|(class, words, sort)| head(live, class, words, sort))}</tr></thead>
                <tbody node_ref=body>
                    <tr class="gap" aria-hidden="true"><td colspan="17"><svg width="1" height=above></svg></td></tr>
                    // A row stays the same element while its price or its position changes.
                    <For each=move || drawn.get() key=|(_, entry)| entry.offer.id.clone() let(first)>
                        <Row live first drawn opened/>
                    </For>
                    <tr class="gap" aria-hidden="true"><td colspan="17"><svg width="1" height=below></svg></td></tr>
                </tbody>
            </table>
            {move || (total() == 0).then(|| view! { <p class="market-none">{nothing(live)}</p> })}
        </div>
    }
}

/// Explains why the table is empty.
fn nothing(live: LiveMarket) -> String {
    match live.query.with(MarketQuery::unknown_card) {
        Some(card) => format!(
            "No offer is shown, because no GPU is called {}.",
            card.said
        ),
        None => "No offer fits. Widen the filters, or show those that do not fit with the reason for each.".to_owned(),
    }
}

/// The rows of `body` in view, in whole steps so that a small movement renders nothing anew.
fn view_of(body: &web_sys::HtmlTableSectionElement) -> Option<View> {
    let (top, width, height) = browser::place_in_view(body)?;
    let row = row_height(width);
    let hidden = usize::try_from(-top).unwrap_or(0) / row;
    let first = hidden / STEP * STEP;
    let tall = usize::try_from(height).unwrap_or(0) / row;
    Some(View {
        first: first.saturating_sub(STEP),
        count: (tall / STEP + 4) * STEP,
        height: row,
    })
}

/// Height of a row in a view of this width, in pixels.
const fn row_height(width: i32) -> usize {
    if width <= 720 { CARD } else { ROW }
}

fn head(live: LiveMarket, class: &'static str, words: &'static str, sort: Option<Sort>) -> AnyView {
    let Some(sort) = sort else {
        return view! { <th scope="col" class=class>{words}</th> }.into_any();
    };
    let order = move || {
        let way = live.query.with(|query| query.direction(sort));
        way.map_or("none", Direction::id)
    };
    let turn = move |_| {
        live.ask(|query| {
            query.reversed = query.sort == sort && !query.reversed;
            query.sort = sort;
        });
    };
    view! {
        <th scope="col" class=class aria-sort=order>
            <button type="button" class="sort" on:click=turn>{words}</button>
        </th>
    }
    .into_any()
}
