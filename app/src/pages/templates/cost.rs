//! Current cost of a template.

use domain::templates::TemplateCost;
use leptos::prelude::*;

use crate::components::figures::usd4;

/// Hours of the monthly sum: a month as Console counts it, in thousandths.
const MILLI_HOURS_PER_MONTH: u64 = 730_488;

/// Cost per hour and month, with its source.
#[component]
pub(super) fn Cost(
    /// Cost per hour with its parts, or the reason why it is unknown.
    cost: TemplateCost,
) -> impl IntoView {
    match cost {
        TemplateCost::Typical { per_hour, lines } => {
            let month = per_hour.scaled_up(MILLI_HOURS_PER_MONTH, 1000);
            view! {
                <section data-testid="template-cost">
                    <h2 class="eyebrow">"Expected cost now"</h2>
                    <p class="template-price"><strong class="mono">{usd4(per_hour)}</strong> " an hour"</p>
                    <p class="dim">"about " <span class="mono">{format!("${}", month.with_decimals(2))}</span> " a month. The price of your draft says the maximum, too."</p>
                    <details class="fold">
                        <summary>"How it adds up"</summary>
                        <ul class="template-lines">
                            {lines.into_iter().map(|line| view! {
                                <li><span>{line.what}</span><span class="mono">{usd4(line.usd_per_hour)}</span><span class="dim">{line.source}</span></li>
                            }).collect_view()}
                        </ul>
                    </details>
                </section>
            }
            .into_any()
        }
        TemplateCost::Unknown { why } => view! {
            <section data-testid="template-cost">
                <h2 class="eyebrow">"Expected cost now"</h2>
                <p>"Unknown"</p>
                <p class="dim">{why}</p>
            </section>
        }
        .into_any(),
    }
}
