//! What the text as it stands costs, by the market as far as it is known here.

use domain::journey::MarketWords;
use domain::money::Usd;
use domain::pricing::BlockTime;
use leptos::prelude::*;
use sdl::cost::{self, Cost};
use sdl::{GroupSpec, Report};

use crate::components::figures::usd4;

/// A cap so many times a typical bid deserves a word: what is deposited is worked out from it.
const GENEROUS: u64 = 10;

/// The typical price, its range, the cap, and the same shape elsewhere.
#[component]
pub(super) fn DraftCost(
    /// What the checker found, with what goes on chain where Akash accepts the text.
    checked: Memo<(Report, Option<Vec<GroupSpec>>)>,
    /// What the market offers.
    words: RwSignal<MarketWords>,
) -> impl IntoView {
    let cost = Memo::new(move |_| {
        checked.with(|(_, groups)| {
            let prices = words.read();
            let market = |unit: &_| cost::gpu_market(unit, &prices.gpu_prices);
            let groups = groups.as_ref()?;
            let has_gpu = groups.iter().flat_map(|it| &it.resources);
            let has_gpu = has_gpu.into_iter().any(|unit| unit.gpu.units > 0);
            Some((cost::of(groups, BlockTime::CONSOLE, market), has_gpu))
        })
    });
    move || {
        cost.get()
            .map(|(cost, has_gpu)| view! { <Figures cost has_gpu/> })
    }
}

#[component]
fn Figures(
    /// The cost.
    cost: Cost,
    /// Whether there is a GPU, which the lists elsewhere do not price.
    has_gpu: bool,
) -> impl IntoView {
    let range = cost.range.map(|(least, most)| {
        view! { <div><dt>"Range"</dt><dd class="num">{usd4(least)} " – " {usd4(most)}</dd><dd class="dim">"/ h"</dd></div> }
    });
    let elsewhere = cost.elsewhere;
    let places = [
        ("Akash", elsewhere.akash),
        ("AWS", elsewhere.aws),
        ("Google", elsewhere.gcp),
        ("Azure", elsewhere.azure),
    ];
    let about = if has_gpu {
        "The same shape by list prices, a month, without GPUs"
    } else {
        "The same shape by list prices, a month"
    };
    view! {
        <section class="draft-cost" data-testid="draft-cost" aria-label="Cost of this text">
            <dl class="draft-prices">
                <div><dt>"Typical"</dt><dd class="num">{usd4(cost.typical.per_hour)}</dd><dd class="dim">"/ h, " {month(cost.typical.per_month)} " / month"</dd></div>
                {range}
                <div><dt>"Cap"</dt><dd class="num">{usd4(cost.cap.per_hour)}</dd><dd class="dim">"/ h, " {month(cost.cap.per_month)} " / month"</dd></div>
            </dl>
            {remark(cost.cap_times_typical).map(|(tone, sentence)| view! { <p class="draft-remark" data-tone=tone>{sentence}</p> })}
            <p class="dim">{about}</p>
            <dl class="draft-elsewhere">
                {places.map(|(place, price)| view! { <div><dt>{place}</dt><dd class="num">{month(price)}</dd></div> }).collect_view()}
            </dl>
        </section>
    }
}

fn month(price: Usd) -> String {
    format!("${}", price.with_decimals(2))
}

/// What is remarkable about a cap.
fn remark(cap_times_typical: u64) -> Option<(&'static str, String)> {
    match cap_times_typical {
        0 => Some((
            "warn",
            "Your cap is below a typical bid: it may be that nobody bids.".to_owned(),
        )),
        times if times >= GENEROUS => Some((
            "neutral",
            format!("Your cap is {times} times a typical bid, and the deposit covers the cap."),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::remark;

    #[test]
    fn a_cap_far_from_typical_bids_gets_a_word() {
        assert_eq!(remark(0).unwrap().0, "warn");
        assert_eq!(remark(9), None);
        assert_eq!(
            remark(60).unwrap().1,
            "Your cap is 60 times a typical bid, and the deposit covers the cap."
        );
    }
}
