//! A row for one offer.

use domain::market::{MarketQuery, hourly};
use domain::money::Usd;
use domain::offers::{Offer, Provenance, Volatility, pricing_word, vram_gib};
use domain::route::Entry;
use leptos::prelude::*;

use super::live::LiveMarket;
use crate::components::figures::{age, readable, usd4};

/// A row. Its height must not depend on its content, because only the rows in view are rendered.
#[component]
pub(super) fn Row(
    /// Market that is shown, with its query.
    live: LiveMarket,
    /// Index in the table, and the entry, at the first rendering.
    first: (usize, Entry),
    /// All rendered rows, as they are now.
    drawn: Memo<Vec<(usize, Entry)>>,
    /// Id of the offer whose grounds are shown.
    opened: RwSignal<Option<String>>,
) -> impl IntoView {
    let id = first.1.offer.id.clone();
    let mine = Memo::new({
        let id = id.clone();
        move |before: Option<&(usize, Entry)>| {
            let mut found = drawn.with(|rows| {
                let row = rows.iter().find(|(_, entry)| entry.offer.id == id);
                row.cloned()
            });
            // A row that is about to be removed stays as it was.
            found
                .take()
                .or_else(|| before.cloned())
                .unwrap_or_else(|| first.clone())
        }
    });
    let rank = move || mine.with(|(_, entry)| rank(entry));
    let label = move || {
        mine.with(|(_, Entry { offer, .. })| {
            let (card, venue) = (offer.gpu.title(), offer.venue.title());
            format!("#{}: why {card} at {venue} has this rank", rank())
        })
    };
    let opens = id.clone();
    view! {
        <tr data-offer=id data-testid="offer"
            data-misfit=move || mine.with(|(_, entry)| entry.fit().is_none().to_string())
            aria-rowindex=move || mine.with(|(number, _)| (number + 2).to_string())>
            {move || mine.with(|(_, entry)| cells(live, entry))}
            <td class="c-why">
                <button type="button" class="quiet" aria-label=label aria-haspopup="dialog"
                    on:click=move |_| opened.set(Some(opens.clone()))>"#"{rank}</button>
            </td>
        </tr>
    }
}

fn rank(entry: &Entry) -> String {
    let fit = entry.fit();
    fit.map_or_else(|| "–".to_owned(), |fit| fit.rank.to_string())
}

fn cells(live: LiveMarket, entry: &Entry) -> impl IntoView + use<> {
    let offer = &entry.offer;
    let day = live
        .board
        .with_untracked(|board| board.days.get(&offer.id).cloned());
    let tag = match offer.provenance {
        Provenance::Live => None,
        Provenance::Simulated => Some("sim"),
        Provenance::Recorded => Some("recorded"),
        Provenance::Tariff => Some("tariff"),
    };
    let at = offer.observed_at;
    let known = |number: Option<String>| number.unwrap_or_else(|| "–".to_owned());
    view! {
        <th scope="row" class="c-gpu"><span class="clip" title=offer.shape.clone()>{offer.gpu.title()}</span></th>
        <td class="c-venue"><span class="clip">{offer.venue.title()}</span>{tag.map(|tag| view! { <span class="tag" title=tag>{tag}</span> })}</td>
        <td class="num c-cost"><strong>{usd4(offer.usd_per_gpu_hour)}</strong></td>
        <td class="num c-hour">{usd4(hourly(entry))}</td>
        <td class="c-day">{spark(day)}</td>
        <td class="num c-count">{offer.cards.to_string()}</td>
        <td class="num c-vram">{known(vram_gib(offer).map(|gib| gib.to_string()))}</td>
        <td class="num c-cpu">{known(offer.cpu.map(|cpu| cpu.to_string()))}</td>
        <td class="num c-memory">{known(offer.memory.map(|memory| (memory.0 >> 30).to_string()))}</td>
        <td class="c-region"><span class="clip" title=place(offer)>{known(place(offer))}</span></td>
        <td class="c-model">{pricing_word(offer.pricing_model)}</td>
        <td class="c-free"><span class="clip">{offer.availability.id()}</span></td>
        <td class="num c-latency">{known(offer.record.latency_ms.map(|ms| format!("{ms} ms")))}</td>
        <td class="num c-uptime">{known(offer.record.uptime_bps.map(percent))}</td>
        <td class="num c-risk">{known(offer.record.interruption.as_ref().map(|band| band.label.clone()))}</td>
        <td class="num c-age" title=readable(at)>{move || age(at, live.now.get())}</td>
    }
}

/// The location in the venue's words.
pub(super) fn place(offer: &Offer) -> Option<String> {
    offer.place.as_ref().map(|place| place.label.clone())
}

/// Formats hundredths of a per cent: `9987` becomes `99.87 %`.
pub(super) fn percent(bps: u32) -> String {
    format!("{}.{:02} %", bps / 100, bps % 100)
}

/// Describes a price movement in words.
pub(super) fn moved(volatility: &Volatility) -> String {
    match volatility {
        Volatility::Collecting { samples } => format!("collecting, {samples} of 12 samples"),
        Volatility::Administered => "administered: it never moved".to_owned(),
        Volatility::Measured {
            cv_bps,
            largest_step_bps,
            ..
        } => format!(
            "{} around its mean over a day, largest step {}",
            percent(*cv_bps),
            percent(*largest_step_bps)
        ),
    }
}

/// Link to where an offer is rented.
pub(super) fn venue_link(offer: &Offer, query: &MarketQuery) -> Option<AnyView> {
    if let Some(words) = query.words_for(offer) {
        let address = MarketQuery::address_of(&words);
        let bound = offer
            .akash_provider()
            .map(|_| "Only this provider’s bid will be taken, and the bid is what counts.");
        return Some(
            view! {
                <p><a class="button" href=address>"Deploy with Necto"</a></p>
                {bound.map(|bound| view! { <p class="dim">{bound}</p> })}
            }
            .into_any(),
        );
    }
    let (link, names_shape) = offer.rented_at()?;
    let link = link.to_owned();
    let title = offer.venue.title();
    let how = if names_shape {
        format!("Opens {title} with {} selected.", offer.shape)
    } else {
        format!(
            "{title} cannot be opened with a shape selected: select {} there.",
            offer.shape
        )
    };
    Some(view! {
        <p><a class="button" href=link target="_blank" rel="noopener noreferrer">{format!("Rent at {title}")}</a></p>
        <p class="dim">{how}</p>
    }.into_any())
}

/// Sparkline of the last day's prices, unsmoothed; `None` if the price did not move.
fn spark(day: Option<Vec<Usd>>) -> Option<AnyView> {
    const WIDTH: u64 = 72;
    const HEIGHT: u64 = 18;
    let day = day.filter(|day| day.len() > 1)?;
    let (low, high) = (day.iter().min()?.micros(), day.iter().max()?.micros());
    let last = day.len() as u64 - 1;
    let points = (0_u64..).zip(&day).map(|(at, price)| {
        let x = at * WIDTH / last;
        let y = HEIGHT - (price.micros() - low) * HEIGHT / (high - low).max(1);
        format!("{x},{}", y + 1)
    });
    let points: Vec<String> = points.collect();
    let label = format!(
        "Last day: from {} to {}",
        usd4(Usd::from_micros(low)),
        usd4(Usd::from_micros(high))
    );
    Some(view! {
        <svg class="spark" viewBox="0 0 72 20" width="72" height="20" role="img" aria-label=label>
            <polyline points=points.join(" ")/>
        </svg>
    }.into_any())
}
