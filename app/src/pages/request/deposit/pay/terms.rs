//! The subject of the payment, in the words of the draft.

use domain::journey::DepositPlan;
use leptos::prelude::*;

use crate::components::figures::{HashText, exact};
use crate::live_order::LiveOrder;

/// The images and the text that the deposit is for. The text's hash is part of the order's hash, which is
/// part of what the wallet signs.
#[component]
pub(super) fn PaidFor(
    /// Deposit as the server prepared it: its terms, its images and the hash of its text.
    plan: DepositPlan,
) -> impl IntoView {
    let duration = LiveOrder::here().part(|order| {
        let quote = order.state.quote();
        quote.map(|quote| quote.duration.in_words())
    });
    let runs = match plan.images.len() {
        1 => "Image",
        _ => "Images",
    };
    view! {
        <dl class="figures paid-for" data-testid="deposit-terms">
            <dt>{runs}</dt><dd class="mono">{plan.images.join(", ")}</dd>
            <dt>"Text"</dt><dd><HashText hash=plan.text/></dd>
            <dt>"For"</dt><dd class="words">{move || duration.get()}</dd>
            <dt>"Deposit"</dt><dd class="num">{exact(plan.terms.deposit)}</dd>
        </dl>
    }
}
