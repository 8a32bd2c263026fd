//! A row for one bid.

use domain::akash::{BidId, ProviderFacts};
use domain::routing::RankedBid;
use leptos::prelude::*;

use crate::components::figures::usd4;
use crate::live_order::Part;

/// A bid with what is known about its provider; unknown facts are labelled as unknown.
#[component]
pub(super) fn BidRow(
    /// Bid with its price per hour, its provider's facts and, if it was rejected, the reason.
    ranked: RankedBid,
    /// `true` while bids can be accepted.
    open: Signal<bool>,
    /// Number of groups, each of which needs a bid.
    groups: Part<u32>,
    /// The accepted bids.
    taken: Part<Vec<BidId>>,
    /// The bids picked so far.
    picked: RwSignal<Vec<BidId>>,
    /// `true` while a choice is being sent to the server.
    busy: RwSignal<bool>,
    /// Called with the bid's id when it is picked.
    pick: Callback<BidId>,
) -> impl IntoView {
    let id = ranked.bid.id.clone();
    let facts = ranked.bid.provider.clone();
    let address = id.provider.as_str().to_owned();
    let name = facts
        .name
        .clone()
        .unwrap_or_else(|| id.provider.shortened());
    let audited = match facts.audited {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    let rejected = ranked.rejected.clone();
    let answer = {
        let (id, rejected) = (id.clone(), rejected.clone());
        move || answer(&id, rejected.as_deref(), open.get(), &taken.get())
    };
    let button = {
        let (id, provider) = (id.clone(), name.clone());
        move || {
            (answer() == Answer::Acceptable).then(|| {
                let (id, chosen) = (id.clone(), id.clone());
                view! {
                    <button
                        type="button"
                        class="button small"
                        data-testid="accept-bid"
                        aria-label=format!("Accept the bid of {provider}")
                        aria-pressed=move || (groups.get() > 1).then(|| picked.with(|picked| picked.contains(&chosen)).to_string())
                        aria-busy=move || busy.get().then_some("true")
                        on:click=move |_| pick.run(id.clone())
                    >"Accept"</button>
                }
            })
        }
    };
    let words = {
        let id = id.clone();
        move || match answer_words(&id, rejected.as_deref(), open.get(), &taken.get()) {
            "" => None,
            words => Some(view! { <span class="dim">{words.to_owned()}</span> }),
        }
    };
    let group = (groups.get_untracked() > 1).then(|| format!("group {}", id.gseq));
    let is_taken = {
        let id = id.clone();
        move || taken.with(|taken| taken.contains(&id))
    };
    view! {
        <tr data-rejected=ranked.rejected.is_some().then_some("") data-taken=move || is_taken().then_some("")>
            <td data-label="Per hour" class="num">{usd4(ranked.usd_per_hour)}</td>
            <th data-label="Provider" scope="row" title=address>{name} " " {group.map(|group| view! { <span class="dim">{group}</span> })}</th>
            <td data-label="Region">{facts.region.clone().unwrap_or_else(|| "unknown".to_owned())}</td>
            <td data-label="Up, 7 days" class="num">{uptime(&facts)}</td>
            <td data-label="Audited">{audited}</td>
            <td data-label="Answer">{button}{words}</td>
        </tr>
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Acceptable,
    Taken,
    Rejected,
    Over,
}

fn answer(id: &BidId, rejected: Option<&str>, open: bool, taken: &[BidId]) -> Answer {
    if taken.contains(id) {
        Answer::Taken
    } else if rejected.is_some() {
        Answer::Rejected
    } else if open {
        Answer::Acceptable
    } else {
        Answer::Over
    }
}

fn answer_words<'a>(id: &BidId, rejected: Option<&'a str>, open: bool, taken: &[BidId]) -> &'a str {
    match answer(id, rejected, open, taken) {
        Answer::Acceptable => "",
        Answer::Taken => "taken",
        Answer::Rejected => rejected.unwrap_or_default(),
        Answer::Over => "not taken",
    }
}

/// Formats the uptime, like `99.98 %`, truncated and never rounded up.
fn uptime(facts: &ProviderFacts) -> String {
    facts.uptime_7d_bps.map_or_else(
        || "unknown".to_owned(),
        |bps| format!("{}.{:02} %", bps / 100, bps % 100),
    )
}

#[cfg(test)]
mod tests {
    use super::uptime;
    use domain::akash::ProviderFacts;

    #[test]
    fn uptime_is_never_rounded_up_and_may_be_unknown() {
        let facts = ProviderFacts {
            uptime_7d_bps: Some(9_999),
            ..ProviderFacts::default()
        };
        assert_eq!(uptime(&facts), "99.99 %");
        assert_eq!(uptime(&ProviderFacts::default()), "unknown");
    }
}
