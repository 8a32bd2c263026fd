//! Auto-sign's verdict on the price, with its reasons, next to the money.

use domain::auto_sign::{Doubt, Verdict};
use domain::journey::RelayedDeposit;
use domain::money::TokenAmount;
use domain::time::UnixSeconds;
use leptos::prelude::*;

use crate::api;
use crate::components::auto_sign_chip;
use crate::components::busy_button::BusyButton;
use crate::components::figures::exact;
use crate::components::notice::{Failure, Gravity, Notice};
use crate::components::session::Session;
use crate::live_order::LiveOrder;
use crate::request::Request;

/// Whether the prepaid balance is paying the order, or is about to.
pub(super) fn is_paying(live: LiveOrder) -> Memo<bool> {
    let paying = live.part(|order| match order.auto_sign {
        Some(Verdict::Pays(_)) => order.relayed == Some(RelayedDeposit::OnItsWay),
        Some(Verdict::WillPay { .. }) => true,
        Some(Verdict::Cancelled | Verdict::Asks { .. }) | None => false,
    });
    Memo::new(move |_| paying.get())
}

/// Auto-sign's verdict on the price; hidden without a price and while auto-sign is off.
#[component]
pub(crate) fn AutoSign() -> impl IntoView {
    let live = LiveOrder::here();
    let auto_sign = auto_sign_chip::AutoSign::here();
    let shown = live.part(|order| {
        let quoted = order.state.quote().is_some() && order.state.paid().is_none();
        quoted.then(|| (order.auto_sign.clone(), order.relayed.clone()))
    });
    move || {
        match shown.get() {
        Some((None, _)) if auto_sign.is_on() => view! {
            <p class="dim auto-sign-line" data-testid="auto-sign-waits">"Auto-sign pays only a price that stands for the draft you see."</p>
        }
        .into_any(),
        None | Some((None, _)) => ().into_any(),
        Some((Some(Verdict::Asks { doubts }), _)) => view! { <Asks doubts/> }.into_any(),
        Some((Some(Verdict::WillPay { at, .. }), _)) => view! { <Announced at/> }.into_any(),
        Some((Some(Verdict::Cancelled), _)) => view! {
            <div class="notice" data-tone="neutral" role="status">
                <p data-testid="auto-sign-cancelled">"You cancelled the payment. Nothing was charged. To deploy this, pay below."</p>
            </div>
        }
        .into_any(),
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
                    "Paying from your prepaid balance under the policy {} you signed; {} tUSDC is left of today. This page moves on by itself.",
                    under.policy.shortened(),
                    under.left_today,
                )}</p>
            </div>
        }
        .into_any(),
    }
    }
}

/// A hint that auto-sign exists, shown while it is off. It appears only once it is known who is signed in, so
/// it is placed where it pushes nothing down.
#[component]
pub(crate) fn AutoSignOff() -> impl IntoView {
    let session = expect_context::<Session>();
    let auto_sign = auto_sign_chip::AutoSign::here();
    let is_undecided = LiveOrder::here().part(|order| {
        let quoted = order.state.quote().is_some() && order.state.paid().is_none();
        quoted && order.auto_sign.is_none()
    });
    let is_off = move || !auto_sign.is_on() && session.address().is_some();
    view! {
        <Show when=move || is_undecided.get() && is_off()>
            <p class="dim auto-sign-line">"Small orders can be paid without your wallet asking: " <a href="/auto-sign">"auto-sign"</a> " is off."</p>
        </Show>
    }
}

/// The announced payment, its time, and a button to cancel it.
#[component]
fn Announced(
    /// Time at which the payment is made unless it is cancelled.
    at: UnixSeconds,
) -> impl IntoView {
    let live = LiveOrder::here();
    let deposit = live.part(|order| order.state.quote().map(|quote| quote.deposit));
    let request = Request::new();
    let cancel = move || live.change(request, api::cancel_payment(live.id()));
    let said = move || {
        let amount = exact(deposit.get().unwrap_or(TokenAmount::ZERO));
        match at.since(live.now()).0 {
            0 => format!("Paying {amount} from your prepaid balance now."),
            left => format!("Paying {amount} from your prepaid balance in {left} s."),
        }
    };
    view! {
        <div class="notice auto-sign-countdown" data-tone="warn" data-testid="auto-sign-countdown">
            <p class="visually-hidden" role="status">"Auto-sign is about to pay this order. You can cancel it."</p>
            <p class="auto-sign-said">{said}</p>
            <BusyButton label="Cancel" testid="cancel-payment" busy=request.pending on_press=cancel/>
            <p class="dim">"It is paid even if you close this page. Any change of the draft cancels it. " <a href="/auto-sign">"Auto-sign settings"</a></p>
            <Failure what=request.error/>
        </div>
    }
}

#[component]
fn Asks(
    /// Doubts because of which the order is not paid automatically; at least one.
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
            <p class="dim"><a href="/auto-sign">"Prepaid balance and auto-sign"</a></p>
        </div>
    }
}
