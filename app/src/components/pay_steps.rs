//! The numbered steps of a payment: a button for the next one, and receipt lines for those already done.

use domain::ids::{OrderId, TxHash};
use leptos::html;
use leptos::prelude::*;

use super::busy_button::{BusyButton, Weight};
use super::chain::Chain;
use super::figures::HashText;
use super::icon::{Glyph, Icon};
use super::notice::{Gravity, Notice};
use super::payment::{Payment, Plan, Progress, Step};
use super::transaction::{DecodedCall, TransactionState};
use super::wallet_trouble::WalletTrouble;
use crate::browser;
use crate::wallet::Wallet;

/// Steps of a payment that is prepared, in progress or just done.
#[component]
pub(crate) fn PaySteps(
    /// Payment whose steps are shown.
    payment: Payment,
    /// Order that it pays for; `None` if it belongs to no order.
    #[prop(optional_no_strip)]
    order: Option<OrderId>,
) -> impl IntoView {
    let steps = Memo::new(move |_| {
        payment.plan().with(|plan| {
            let steps = plan.as_ref().map(|plan| plan.steps.as_slice());
            let same = |step: &Step| (step.label.clone(), step.testid.clone(), step.call.clone());
            steps
                .unwrap_or_default()
                .iter()
                .map(same)
                .collect::<Vec<_>>()
        })
    });
    let list = NodeRef::<html::Ol>::new();
    // If the focused button became a receipt line, focus moves to the next button.
    Effect::new(move |before: Option<usize>| {
        let done = payment
            .plan()
            .with(|plan| plan.as_ref().map_or(0, Plan::steps_done));
        if before.is_some_and(|before| before < done) {
            request_animation_frame(move || {
                if let Some(Some(list)) = list.try_get_untracked()
                    && browser::focus_is_lost()
                {
                    browser::focus_within(&list, "data-progress", "next");
                }
            });
        }
        done
    });
    let chain = Chain::here();
    let gas = move || {
        chain
            .view()
            .map_or_else(String::new, |chain| chain.gas_symbol)
    };
    let several = Memo::new(move |_| steps.with(|steps| steps.len() > 1));
    let line = move |(number, (label, testid, call))| {
        let shown = if several.get_untracked() {
            format!("{} {label}", number + 1)
        } else {
            label
        };
        let at = Memo::new(move |_| payment.progress(number));
        let call = StoredValue::new(call);
        let (done_label, testid) = (shown.clone(), StoredValue::new(testid));
        let button = move || view! { <Press payment order label=shown.clone() testid=testid.get_value() at/> };
        view! {
            <li data-progress=move || name(at.get())>
                {move || match at.get() {
                    Progress::Done(hash) => view! { <Done label=done_label.clone() hash/> }.into_any(),
                    _ => button().into_any(),
                }}
                <Show when=move || !matches!(at.get(), Progress::Done(_) | Progress::Ahead)>
                    <DecodedCall call=call.get_value()/>
                </Show>
            </li>
        }
    };
    view! {
        <ol class="pay-steps" node_ref=list>
            {move || steps.get().into_iter().enumerate().map(line).collect_view()}
        </ol>
        <Show when=move || payment.plan().with(|plan| plan.as_ref().is_some_and(|plan| !plan.is_done()))>
            <p class="dim" data-testid="own-gas">"Your wallet sends this and pays a small network fee ("{gas}")."</p>
        </Show>
    }
}

const fn name(at: Progress) -> &'static str {
    match at {
        Progress::Ahead => "ahead",
        Progress::Next => "next",
        Progress::AskedElsewhere => "asked",
        Progress::UnderWay => "sent",
        Progress::Done(_) => "done",
    }
}

/// A completed step, with its transaction.
#[component]
fn Done(
    /// Label of the step, as on its button.
    label: String,
    /// Hash of the transaction that carried it out.
    hash: TxHash,
) -> impl IntoView {
    let chain = Chain::here();
    view! {
        <p class="pay-step-done" data-testid="step-done">
            <Icon glyph=Glyph::Check/>
            <span>{label}</span>
            {move || view! { <HashText hash explorer=chain.explorer()/> }}
        </p>
    }
}

/// An open step: its button and its progress.
#[component]
fn Press(
    payment: Payment,
    order: Option<OrderId>,
    label: String,
    testid: String,
    at: Memo<Progress>,
) -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let press = move || {
        if let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) {
            payment.take(connected, chain, order);
        }
    };
    let is_mine = move || !matches!(at.get(), Progress::Ahead | Progress::AskedElsewhere);
    let sending = payment.sending();
    view! {
        <button
            type="button"
            class="button primary"
            data-testid=testid
            aria-busy=move || (at.get() == Progress::UnderWay).then_some("true")
            disabled=move || at.get() != Progress::Next
            on:click=move |_| press()
        >
            {label}
        </button>
        <Show when=move || at.get() == Progress::AskedElsewhere>
            <Notice gravity=Gravity::Warn>
                <p>"Your wallet was asked for this in another tab, or before this page was loaded. Answer it there. If nothing is open in the wallet any more, ask again."</p>
                <BusyButton label="Ask again" testid="ask-again" weight=Weight::Plain on_press=move || payment.ask_again()/>
            </Notice>
        </Show>
        <Show when=is_mine>
            <TransactionState sending explorer=Signal::derive(move || chain.explorer())/>
            <WalletTrouble asking=sending.asking() trouble=sending.trouble() chain=Signal::derive(move || chain.view()) on_remedy=move |_| press()/>
        </Show>
    }
}
