//! Adding to and withdrawing from the prepaid balance.

use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use leptos::prelude::*;

use super::account::Account;
use crate::api::{self, ApiError};
use crate::components::busy_button::BusyButton;
use crate::components::money_field::{Money, MoneyField};
use crate::components::notice::Failure;
use crate::components::pay_steps::PaySteps;
use crate::components::payment::{Payment, Plan, Step};
use crate::components::purse::Purse;
use crate::components::session::Session;
use crate::components::wallet_call::WithWallet;
use crate::request::Request;

/// Direction of the transfer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// From the wallet to the contract: an approval, then the deposit.
    Keep,
    /// Back to the wallet.
    TakeBack,
}

impl Way {
    const fn title(self) -> &'static str {
        match self {
            Self::Keep => "Add funds",
            Self::TakeBack => "Withdraw",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::TakeBack => "withdraw",
        }
    }

    const fn testids(self) -> (&'static str, &'static str) {
        match self {
            Self::Keep => ("keep-amount", "prepare-keep"),
            Self::TakeBack => ("withdraw-amount", "prepare-withdrawal"),
        }
    }

    async fn prepare(self, amount: TokenAmount) -> Result<Vec<PreparedCall>, ApiError> {
        match self {
            Self::Keep => api::prepare_keep(amount).await,
            Self::TakeBack => api::prepare_withdrawal(amount).await,
        }
    }

    fn steps(self, amount: TokenAmount, calls: Vec<PreparedCall>) -> Vec<Step> {
        let named = match self {
            Self::Keep => vec![
                (format!("Approve {amount}"), "approve-keep"),
                (format!("Add {amount}"), "keep"),
            ],
            Self::TakeBack => vec![(format!("Withdraw {amount}"), "withdraw-kept")],
        };
        let step = |((label, kind), call): ((String, &str), PreparedCall)| {
            Step::new(label, kind, kind, call)
        };
        named.into_iter().zip(calls).map(step).collect()
    }
}

/// An amount, and the steps that transfer it.
#[component]
pub(super) fn Amount(
    /// Direction of the transfer.
    way: Way,
) -> impl IntoView {
    let (field, _) = way.testids();
    view! {
        <details class="fold" data-testid=format!("{field}-fold")>
            <summary>{way.title()}</summary>
            <WithWallet><Moving way/></WithWallet>
        </details>
    }
}

#[component]
fn Moving(
    /// Direction of the transfer.
    way: Way,
) -> impl IntoView {
    let account = Account::here();
    let purse = Purse::follow();
    let kept = account.part(|known| known.balance.kept);
    let most = match way {
        Way::Keep => purse.held(),
        Way::TakeBack => Signal::derive(move || Some(kept.get())),
    };
    let money = Money::of_at_most(most);
    let request = Request::new();
    let address = expect_context::<Session>().address_now();
    let whose = address.map_or_else(String::new, |address| address.to_string());
    let payment = Payment::of(
        &format!("{}.{whose}", way.name()),
        Callback::new(move |_| {
            purse.look();
            account.refresh();
        }),
    );
    money.clear_once(Signal::derive(move || payment.is_done()));
    let is_locked = Signal::derive(move || request.pending.get() || payment.is_under_way());
    let prepare = move || {
        let Some(amount) = money.amount() else {
            return;
        };
        request.send(way.prepare(amount), move |calls| {
            payment.offer(Plan::new(amount, way.steps(amount, calls)));
        });
    };
    let (field, button) = way.testids();
    view! {
        <MoneyField money label="Amount, tUSDC" testid=field locked=is_locked meaning=Signal::stored(None::<String>)
            on_change=move || payment.withdraw()/>
        <BusyButton label="Review" testid=button busy=request.pending disabled=Signal::derive(move || money.amount().is_none() || is_locked.get()) on_press=prepare/>
        <Failure what=request.error/>
        <PaySteps payment/>
    }
}
