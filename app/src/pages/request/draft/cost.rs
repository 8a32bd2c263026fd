//! Cost of the current text, as far as the market is known on this page.

use domain::journey::MarketWords;
use domain::money::{UactPerBlock, Usd};
use domain::pricing::BlockTime;
use domain::quote::Quote;
use leptos::prelude::*;
use sdl::cost::{self, Cost, Elsewhere};
use sdl::{GroupSpec, Report};

use crate::components::figures::usd4;
use crate::live_order::LiveOrder;

/// The expected price and the maximum, their relation to the SDL's limits and recent bids, and the same shape
/// elsewhere.
///
/// Both figures come from the quote that was made for this text. Only a text that has changed since is
/// estimated here, and labelled as such.
#[component]
pub(super) fn DraftCost(
    /// Findings of the checker, and the groups that go on chain: `None` if Akash would reject the text.
    checked: Memo<(Report, Option<Vec<GroupSpec>>)>,
    /// Words of the market: names and prices.
    words: RwSignal<MarketWords>,
    /// `true` if the text differs from the priced one.
    changed: Memo<bool>,
) -> impl IntoView {
    let live = LiveOrder::here();
    let priced = live.part(|order| {
        let quote = order.state.quote().cloned();
        quote.zip(order.market.as_ref().map(|market| market.sdl_cap))
    });
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
        let priced = priced.get().filter(|_| !changed.get());
        cost.get().map(|(cost, has_gpu)| {
            let prices = match &priced {
                Some((quote, allowed)) => Prices::of(quote, *allowed, cost.range),
                None => Prices::estimated(&cost),
            };
            view! { <Figures prices elsewhere=cost.elsewhere has_gpu/> }
        })
    }
}

/// Price figures for display.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prices {
    /// Expected price per hour as text, with “about” if it is an estimate.
    expected: String,
    /// Expected price per month.
    expected_month: Usd,
    /// Maximum per hour and month; `None` before there is a quote.
    maximum: Option<(Usd, Usd)>,
    /// Sentences on the limits of the SDL and on recent bids.
    remarks: Vec<String>,
}

impl Prices {
    /// Prices from the quote for this text, whose SDL allows `allowed` per block.
    fn of(quote: &Quote, allowed: UactPerBlock, range: Option<(Usd, Usd)>) -> Self {
        let bids = range.map(|(least, most)| quote.range_in_words(to_4(least), to_4(most)));
        let month = |hour: Usd| hour.scaled_up(MILLI_HOURS_PER_MONTH, 1000);
        Self {
            expected: usd4(quote.expected_per_hour()),
            expected_month: month(quote.expected_per_hour()),
            maximum: Some((quote.cap_per_hour, month(quote.cap_per_hour))),
            remarks: [Some(quote.limits_in_words(allowed)), bids]
                .into_iter()
                .flatten()
                .collect(),
        }
    }

    /// Estimated prices of a text without a quote.
    fn estimated(cost: &Cost) -> Self {
        let allowed = cost.cap.per_hour;
        let limit = if allowed < cost.typical.per_hour {
            format!(
                "The SDL allows {} an hour, which is below what is expected, so it may be that nobody bids: raise the amounts under pricing.",
                usd4(allowed)
            )
        } else {
            format!(
                "The SDL allows {} an hour. Necto’s maximum comes with the price.",
                usd4(allowed)
            )
        };
        Self {
            expected: format!("about {}", usd4(cost.typical.per_hour)),
            expected_month: cost.typical.per_month,
            maximum: None,
            remarks: vec![limit],
        }
    }
}

/// Hours per month as Console counts them, in thousandths.
const MILLI_HOURS_PER_MONTH: u64 = 730_488;

/// Truncates to the decimals shown for hourly prices.
const fn to_4(price: Usd) -> Usd {
    Usd::from_micros(price.micros() / 100 * 100)
}

#[component]
fn Figures(
    /// Prices to show: the expected one, and the maximum.
    prices: Prices,
    /// List prices of the same shape per month, on Akash and elsewhere.
    elsewhere: Elsewhere,
    /// `true` if the text requests a GPU, which the price lists elsewhere do not cover.
    has_gpu: bool,
) -> impl IntoView {
    let places = [
        ("Akash", elsewhere.akash),
        ("AWS", elsewhere.aws),
        ("Google", elsewhere.gcp),
        ("Azure", elsewhere.azure),
    ];
    let without = if has_gpu { " without GPUs" } else { "" };
    let about = format!(
        "The same shape{without} by list prices, a month. Akash’s list price is Console’s calculator; providers bid below it as a rule, so what is expected is less."
    );
    let maximum = prices.maximum.map(|(hour, per_month)| {
        view! { <div><dt>"Maximum"</dt><dd class="num">{usd4(hour)}</dd><dd class="dim">"/ h, " {month(per_month)} " / month"</dd></div> }
    });
    view! {
        <section class="draft-cost" data-testid="draft-cost" aria-label="Cost of this text">
            <dl class="draft-prices">
                <div><dt>"Expected"</dt><dd class="num">{prices.expected}</dd><dd class="dim">"/ h, " {month(prices.expected_month)} " / month"</dd></div>
                {maximum}
            </dl>
            {prices.remarks.into_iter().map(|remark| view! { <p class="draft-remark">{remark}</p> }).collect_view()}
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

#[cfg(test)]
mod tests {
    use domain::money::{UactPerBlock, Usd};
    use domain::pricing::BlockTime;
    use domain::quote::{Caps, CostLine, MarketView, quote};
    use domain::time::{Seconds, UnixSeconds};
    use sdl::Dialect;
    use sdl::cost;

    use super::Prices;

    #[test]
    fn a_priced_text_shows_the_quote_s_own_figures_and_one_cap() {
        let market = MarketView {
            lines: vec![CostLine {
                what: "everything".to_owned(),
                usd_per_hour: Usd::from_micros(400),
                source: "test".to_owned(),
            }],
            screened_providers: 3,
            sdl_cap: UactPerBlock::from_whole(1000),
            observed_at: UnixSeconds(0),
        };
        let quote = quote(&market, Seconds::hours(1), Caps::default(), UnixSeconds(0)).unwrap();
        let dear = Some((Usd::from_micros(100), Usd::from_micros(50_000)));
        let shown = Prices::of(&quote, market.sdl_cap, dear);
        assert_eq!(shown.expected, "$0.0004");
        assert_eq!(shown.maximum.unwrap().0, quote.cap_per_hour);
        assert_eq!(
            shown.remarks,
            [
                "The SDL allows $0.60 an hour; Necto accepts bids up to $0.0204.",
                "Recent bids were between $0.0001 and $0.05 an hour. Those above your maximum of $0.0204 are not accepted."
            ]
        );
    }

    #[test]
    fn what_was_not_priced_is_an_estimate_without_a_maximum() {
        let text = sdl::templates::by_id("static-site").unwrap().sdl();
        let (_, groups) = sdl::check_and_groups(&text, Dialect::Console);
        let cost = cost::of(&groups.unwrap(), BlockTime::CONSOLE, |_| None);
        let shown = Prices::estimated(&cost);
        assert!(shown.expected.starts_with("about $"), "{shown:?}");
        assert_eq!(shown.maximum, None);
        assert!(
            shown.remarks[0].starts_with("The SDL allows $"),
            "{shown:?}"
        );
    }
}
