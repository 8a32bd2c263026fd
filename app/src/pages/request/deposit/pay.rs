//! Payment of the deposit: one signature if Necto pays the gas, or two transactions of the wallet's own.

mod acceptance;
mod own_gas;
mod plan;
mod sign_once;
mod terms;
mod unpriced;

use domain::deployment::{Acceptance, State};
use domain::ids::{Address, EscrowId, OrderId, TextHash};
use domain::journey::{DepositPlan, OrderView, Relay, RelayedDeposit};
use domain::time::UnixSeconds;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::holdings::Holdings;
use super::sent::DepositSent;
use super::shown_terms::ShownTerms;
use crate::api::{self, ApiError};
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::notice::{Failure, Gravity, Notice};
use crate::components::transaction::{Sending, TransactionState};
use crate::live_order::LiveOrder;
use crate::pages::request::draft::{Standing, Writing};
use crate::request::Request;
use crate::wallet::{TxState, Wallet, forget_sent, recall_sent};
use acceptance::{AcceptanceChoice, Choice};
use own_gas::OwnGas;
use sign_once::SignOnce;
use terms::PaidFor;
use unpriced::Unpriced;

/// The choice of who accepts the bid, the decoded terms to sign, and the progress.
#[component]
pub(super) fn Pay() -> impl IntoView {
    let live = LiveOrder::here();
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let sent = expect_context::<DepositSent>().0;
    let holdings = expect_context::<Holdings>();
    let writing = Writing::here();
    let plan = RwSignal::new(None::<DepositPlan>);
    let request = Request::new();
    let cancelled = RwSignal::new(false);
    let fund = Sending::new();
    follow_earlier(live, wallet, fund, sent);
    // A deposit that has certainly failed makes way for another.
    Effect::new(move |_| {
        if matches!(
            fund.state(),
            Some(TxState::Cancelled | TxState::Reverted | TxState::NotOurs)
        ) {
            forget_sent(live.id(), "fund");
            sent.set(false);
            plan.set(None);
            holdings.ask(wallet, chain);
        }
    });
    let acceptance = Choice::of(live, request.error);
    let standing = Memo::new(move |_| writing.standing());
    let terms = expect_context::<ShownTerms>();
    // Prepared transactions are dropped when their terms become void.
    Effect::new(move |_| {
        if terms.are_void() {
            plan.set(None);
        }
    });
    let prepared_once = StoredValue::new(None::<EscrowId>);
    let prepare = move || {
        cancelled.set(false);
        let text = untrack(move || writing.hash());
        let question = prepared(live.id(), text, acceptance.now());
        request.run(async move {
            // The page shows the current order, and so the reason, before the error.
            let (made, order) = question.await.inspect_err(|_| live.refresh())?;
            terms.show(made.escrow);
            prepared_once.try_set_value(Some(made.escrow));
            live.set(order);
            plan.try_set(Some(made));
            Ok(())
        });
    };
    // Terms prepared for this account before a reload, a lock or a change of accounts are valid until they
    // expire, so they are shown again without a click.
    let awaited = live.part(awaited);
    Effect::new(move |_| {
        // A deposit that arrives closes this panel while the awaited terms change.
        let mine = awaited.try_get().flatten().filter(|(_, buyer, _)| {
            wallet.connected().map(|connected| connected.address) == Some(*buyer)
        });
        let Some((escrow, _, activate_by)) = mine else {
            return;
        };
        let is_good =
            standing.try_get() == Some(Standing::UpToDate) && sent.try_get() == Some(false);
        let is_new = prepared_once.get_value() != Some(escrow);
        let holds = live.clock().get_untracked() < activate_by;
        // A preparation in progress brings its own terms, and terms already shown stay.
        let is_idle = !request.pending.get_untracked() && plan.with_untracked(Option::is_none);
        if is_good && is_new && holds && is_idle {
            prepared_once.set_value(Some(escrow));
            prepare();
        }
    });
    let cancel = move || {
        let Some(escrow) = plan.with_untracked(|plan| plan.as_ref().map(|plan| plan.escrow)) else {
            return;
        };
        plan.set(None);
        terms.give_up();
        cancelled.set(true);
        let order = live.id();
        spawn_local(async move {
            match api::cancel_deposit(order, escrow).await {
                Ok(order) => live.set(order),
                Err(error) => drop(request.error.try_set(Some(error.sentence))),
            }
        });
    };
    // No node has seen the deposit in the stated time. Sending it again pays into the same escrow.
    let unseen = Memo::new(move |_| fund.state() == Some(TxState::Unknown));
    let send_again = move |_| {
        forget_sent(live.id(), "fund");
        fund.forget();
        sent.set(false);
        holdings.ask(wallet, chain);
    };
    let explorer = Signal::derive(move || chain.explorer());
    let relay_failed = live.part(|order| match (&order.relayed, &order.state) {
        // The panel above reports an unpaid order of auto-sign.
        (_, State::AwaitingDeposit { kept: Some(_), .. }) => None,
        (Some(RelayedDeposit::Failed { why }), _) => Some(why.clone()),
        _ => None,
    });
    let way = move |plan: DepositPlan| {
        let paid_for = view! { <PaidFor plan=plan.clone()/> };
        let signing = match plan.relay.clone() {
            Relay::Offered {
                typed_data,
                decoded,
            } => {
                view! { <SignOnce plan typed_data decoded fund sent on_cancel=cancel/> }.into_any()
            }
            Relay::Declined { why } => view! {
                <p>{why}</p>
                <OwnGas plan fund sent/>
            }
            .into_any(),
        };
        (paid_for, signing).into_any()
    };
    let is_priced = Memo::new(move |_| standing.get() == Standing::UpToDate);
    view! {
        <Show when=move || sent.get() && !unseen.get()>
            <p>"Your deposit was sent. Necto waits for its confirmations on chain; this page moves on by itself."</p>
        </Show>
        <Show when=move || cancelled.get() && plan.with(Option::is_none) && !sent.get()>
            <Notice gravity=Gravity::Note>
                <p>"You cancelled it. What was prepared is void: a signature that still comes pays nothing. Decline it in the wallet if it still asks."</p>
            </Notice>
        </Show>
        <Show when=move || !sent.get()>
            <AcceptanceChoice acceptance/>
            <Show when=move || terms.are_void()>
                <Notice gravity=Gravity::Warn>
                    <p data-testid="voided">"The draft was priced anew after you prepared the deposit, here or in another tab. What was prepared is void and nothing was signed by it. Look at the draft, then prepare the deposit again."</p>
                </Notice>
            </Show>
            {move || match plan.get() {
                _ if !is_priced.get() => view! { <Unpriced prepared=Signal::derive(move || plan.with(Option::is_some))/> }.into_any(),
                Some(plan) => way(plan),
                None => view! {
                    <p>"Next you see the terms you sign, decoded. Nothing is signed yet."</p>
                    <BusyButton label="Prepare the deposit" weight=Weight::Primary testid="prepare-deposit" busy=request.pending on_press=prepare/>
                }
                .into_any(),
            }}
        </Show>
        {move || relay_failed.get().map(|why| view! {
            <Notice gravity=Gravity::Bad>
                <p>{format!("The escrow did not take the signed deposit: {why}. No money has moved. Sign again, or pay the gas yourself.")}</p>
            </Notice>
        })}
        <TransactionState sending=fund explorer/>
        <Show when=move || sent.get() && unseen.get()>
            <button type="button" class="button" data-testid="send-again" on:click=send_again>"Send the deposit again"</button>
        </Show>
        <Failure what=request.error/>
    }
}

/// The terms that await their deposit: escrow, buyer and expiry.
fn awaited(order: &OrderView) -> Option<(EscrowId, Address, UnixSeconds)> {
    match &order.state {
        State::AwaitingDeposit {
            escrow,
            terms,
            kept: None,
            ..
        } => Some((*escrow, terms.buyer, terms.activate_by)),
        _ => None,
    }
}

/// Fixes the terms. Returns the prepared transactions and the updated order.
async fn prepared(
    order: OrderId,
    text: TextHash,
    acceptance: Acceptance,
) -> Result<(DepositPlan, OrderView), ApiError> {
    let plan = api::prepare_deposit(order, text, acceptance).await?;
    Ok((plan, api::open_order(order).await?))
}

/// Resumes following a deposit that was sent before a reload.
fn follow_earlier(live: LiveOrder, wallet: Wallet, fund: Sending, sent: RwSignal<bool>) {
    let order = live.id();
    Effect::new(move |followed: Option<bool>| {
        if followed == Some(true) {
            return true;
        }
        let Some(connected) = wallet.connected() else {
            return false;
        };
        let earlier = recall_sent(order)
            .into_iter()
            .find(|earlier| earlier.kind == "fund");
        if let Some(earlier) = earlier {
            sent.set(true);
            spawn_local(async move {
                fund.resume(&connected.uuid, &earlier).await;
            });
        }
        true
    });
}
