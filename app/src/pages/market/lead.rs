//! The recommendation with its arithmetic, and the runners-up.

use domain::market::{MarketQuery, UnknownCard};
use domain::route::{Choice, Decision, Entry};
use leptos::prelude::*;

use super::live::LiveMarket;
use super::row::{place, venue_link};
use crate::components::figures::usd4;

/// Number of alternatives below the recommendation.
const ALTERNATIVES: usize = 3;

/// The recommendation for the query.
#[component]
pub(super) fn Lead(
    /// Market that is shown, with its query.
    live: LiveMarket,
) -> impl IntoView {
    move || {
        if let Some(card) = live.query.with(MarketQuery::unknown_card) {
            return live.query.with(|query| unknown(&card, query).into_any());
        }
        if !live.query.with(MarketQuery::names_a_card) {
            return view! {
                <p class="market-hint dim">"Name a GPU or a memory size, and the best offer for it is picked and explained here. The table is in the order of cost."</p>
            }
            .into_any();
        }
        live.decision.with(|decision| match decision.choice {
            Choice::Recommended { entry } => live
                .query
                .with(|query| recommended(decision, entry, query).into_any()),
            Choice::OnPaper { .. } | Choice::Nothing => view! {
                <section class="market-lead" aria-label="Recommendation">
                    <h2>"No recommendation"</h2>
                    <p>{decision.choice_reason()}</p>
                    {turned_away(decision)}
                    {akash(decision)}
                </section>
            }
            .into_any(),
        })
    }
}

fn recommended(decision: &Decision, chosen: usize, query: &MarketQuery) -> impl IntoView + use<> {
    let entry = &decision.entries[chosen];
    let offer = &entry.offer;
    let cost = decision.criteria.cost_per_hour(offer);
    let others = decision
        .by_score
        .iter()
        .filter(|at| **at != chosen)
        .take(ALTERNATIVES);
    let others: Vec<_> = others
        .map(|at| alternative(&decision.entries[*at], entry))
        .collect();
    let none = others.is_empty();
    view! {
        <section class="market-lead" aria-label="Recommendation" data-testid="recommendation">
            <div>
                <p class="eyebrow">"Recommended"</p>
                <h2>{offer.gpu.title()}" at "{offer.venue.title()}</h2>
                <p class="market-price"><strong class="mono">{usd4(cost)}</strong>" an hour, "<span class="mono">{usd4(offer.usd_per_gpu_hour)}</span>" per GPU"</p>
                <p class="mono market-arithmetic">{offer.arithmetic.clone()}</p>
                <p class="dim">{decision.choice_reason()}" "{grade(entry)}</p>
                {venue_link(offer, query)}
            </div>
            <div>
                <h3>"Alternatives"</h3>
                {if none { view! { <p class="dim">"Nothing else fits."</p> }.into_any() } else { view! { <ol>{others}</ol> }.into_any() }}
                {turned_away(decision)}
                {akash(decision)}
            </div>
        </section>
    }
}

/// Advantages and disadvantages of an alternative.
fn alternative(entry: &Entry, chosen: &Entry) -> impl IntoView + use<> {
    let (this, that) = (entry.offer.usd_per_gpu_hour, chosen.offer.usd_per_gpu_hour);
    let difference = this.micros().abs_diff(that.micros()) * 100 / that.micros().max(1);
    let price = match this.cmp(&that) {
        std::cmp::Ordering::Less => format!("{difference} % cheaper per GPU"),
        std::cmp::Ordering::Equal => "the same price".to_owned(),
        std::cmp::Ordering::Greater => format!("{difference} % more expensive per GPU"),
    };
    view! {
        <li>
            <span>{entry.offer.gpu.title()}" at "{entry.offer.venue.title()}{place(&entry.offer).map(|place| format!(", {place}"))}</span>
            <span class="mono">{usd4(this)}</span>
            <span class="dim">{price}"; "{grade(entry)}</span>
        </li>
    }
}

/// Whether the workload would be deployed from here, by the operator's rules, and why.
fn akash(decision: &Decision) -> impl IntoView + use<> {
    let judged = &decision.akash;
    let verdict = if judged.suits {
        "You can run this on Akash. "
    } else {
        "Necto does not deploy this on Akash. "
    };
    view! { <p class="dim" data-testid="akash"><strong>{verdict}</strong>{judged.reasons.join(" ")}</p> }
}

fn grade(entry: &Entry) -> Option<String> {
    Some(entry.fit()?.score.in_words())
}

/// Notice that no card has the requested name, with similar names.
fn unknown(card: &UnknownCard, query: &MarketQuery) -> impl IntoView + use<> {
    let one = |name: &String| {
        let other = MarketQuery {
            gpu: name.clone(),
            ..query.clone()
        };
        let address = format!("/market?{}", other.write());
        view! { <li><a class="button" href=address>{name.clone()}</a></li> }
    };
    let alike: Vec<_> = card.alike.iter().map(one).collect();
    let meant = if alike.is_empty() {
        view! { <p>"Names are like H100, A100 80 GiB or RTX 4090."</p> }.into_any()
    } else {
        view! { <p>"Did you mean"</p><ul class="market-alike">{alike}</ul> }.into_any()
    };
    view! {
        <section class="market-unknown" aria-label="Unknown GPU" data-testid="unknown-card">
            <h2>{format!("No GPU is called {}.", card.said)}</h2>
            {meant}
        </section>
    }
}

/// Number of excluded offers by reason: "391 other models, 15 shared GPUs".
fn turned_away(decision: &Decision) -> Option<impl IntoView + use<>> {
    let counts: Vec<String> = decision
        .rejection_counts()
        .into_iter()
        .take(5)
        .map(|(code, count)| format!("{count} {}", words_of(code, count)))
        .collect();
    (!counts.is_empty()).then(|| view! { <p class="dim">"Not shown: "{counts.join(", ")}"."</p> })
}

/// A reason that excludes `count` offers, in words.
fn words_of(code: &str, count: u32) -> String {
    let (one, more) = match code {
        "other-model" => ("other model", "other models"),
        "other-vendor" => ("of another vendor", "of other vendors"),
        "other-interface" => ("with another interface", "with another interface"),
        "unrecognized-gpu" => ("unrecognised GPU", "unrecognised GPUs"),
        "too-little-vram" => ("with too little memory", "with too little memory"),
        "fraction" => ("shared GPU", "shared GPUs"),
        "too-few-gpus" => ("with too few GPUs", "with too few GPUs"),
        "not-free" => ("that is taken", "that are taken"),
        "other-region" => ("in another region", "in other regions"),
        "excluded-pricing" => (
            "with an excluded kind of price",
            "with an excluded kind of price",
        ),
        "venue-not-allowed" => ("at another venue", "at other venues"),
        "above-max-per-gpu-hour" | "above-max-per-hour" | "above-budget" => {
            ("above your limit", "above your limit")
        }
        other => return other.replace('-', " "),
    };
    if count == 1 { one } else { more }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::words_of;

    #[test]
    fn what_is_not_shown_is_counted_in_words() {
        assert_eq!(words_of("other-model", 391), "other models");
        assert_eq!(words_of("other-model", 1), "other model");
        assert_eq!(words_of("something-new", 2), "something new");
    }
}
