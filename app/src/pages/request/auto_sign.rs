//! What auto-sign made of the price, with its reasons, next to the money.

use domain::auto_sign::{Doubt, Verdict};
use domain::journey::RelayedDeposit;
use leptos::prelude::*;

use crate::components::notice::{Gravity, Notice};
use crate::components::session::Session;
use crate::live_order::LiveOrder;

/// Whether the kept balance is paying the order just now.
pub(super) fn is_paying(live: LiveOrder) -> Memo<bool> {
    let paying = live.part(|order| {
        matches!(order.auto_sign, Some(Verdict::Pays(_)))
            && order.relayed == Some(RelayedDeposit::OnItsWay)
    });
    Memo::new(move |_| paying.get())
}

/// Nothing without a price; a quiet pointer where auto-sign is off.
#[component]
pub(crate) fn AutoSign() -> impl IntoView {
    let live = LiveOrder::here();
    let session = expect_context::<Session>();
    let shown = live.part(|order| {
        let quoted = order.state.quote().is_some() && order.state.paid().is_none();
        quoted.then(|| (order.auto_sign.clone(), order.relayed.clone()))
    });
    move || {
        match shown.get() {
        None => ().into_any(),
        Some((None, _)) => session
            .address()
            .is_some()
            .then(|| view! {
                <p class="dim auto-sign-line">"Small orders can be paid without your wallet asking: " <a href="/auto-sign">"auto-sign"</a> " is off."</p>
            })
            .into_any(),
        Some((Some(Verdict::Asks { doubts }), _)) => view! { <Asks doubts/> }.into_any(),
        Some((Some(Verdict::Pays(under)), Some(RelayedDeposit::Failed { why }))) => view! {
            <Notice gravity=Gravity::Warn>
                <p data-testid="auto-sign-failed">{format!(
                    "Auto-sign under the policy {} did not pay: {why}. No money has moved. Your confirmation is needed below.",
                    under.policy.shortened(),
                )}</p>
            </Notice>
        }
        .into_any(),
        Some((Some(Verdict::Pays(under)), _)) => view! {
            <div class="notice" data-tone="good" role="status">
                <p data-testid="auto-sign-pays">{format!(
                    "Paying from your kept balance under the policy {} you signed; {} tUSDC is left of today. This page moves on by itself.",
                    under.policy.shortened(),
                    under.left_today,
                )}</p>
            </div>
        }
        .into_any(),
    }
    }
}

#[component]
fn Asks(
    /// At least one.
    doubts: Vec<Doubt>,
) -> impl IntoView {
    let why = doubts.iter().map(Doubt::sentence).collect::<Vec<_>>();
    let body = match why.as_slice() {
        [one] => view! { <p>{format!("Your confirmation is needed: {one}.")}</p> }.into_any(),
        _ => view! {
            <p>"Your confirmation is needed:"</p>
            <ul>{why.into_iter().map(|why| view! { <li>{why}</li> }).collect_view()}</ul>
        }
        .into_any(),
    };
    view! {
        <div class="notice auto-sign-asks" data-tone="neutral" role="note" data-testid="auto-sign-asks">
            {body}
            <p class="dim"><a href="/auto-sign">"Kept balance and auto-sign"</a></p>
        </div>
    }
}
