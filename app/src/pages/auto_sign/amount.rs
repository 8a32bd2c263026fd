//! Keeping more, and taking it back.

use domain::journey::PreparedCall;
use domain::money::{TokenAmount, Usd};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::account::Account;
use crate::api::{self, ApiError};
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::notice::Failure;
use crate::components::wallet_call::{WalletCall, WithWallet};

/// Which way the money goes.
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
            Self::Keep => "Keep more",
            Self::TakeBack => "Take some back",
        }
    }

    /// Label and test name of each call's button.
    const fn buttons(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Keep => &[
                ("Approve (1 of 2)", "approve-keep"),
                ("Keep it (2 of 2)", "keep"),
            ],
            Self::TakeBack => &[("Take it back", "withdraw-kept")],
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
}

/// An amount, and the calls that move it.
#[component]
pub(super) fn Amount(
    /// Which way.
    way: Way,
) -> impl IntoView {
    let account = Account::here();
    let calls = RwSignal::new(Vec::<PreparedCall>::new());
    let done = RwSignal::new(0_usize);
    let amount = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let prepare = move || {
        let asked = match amount.get_untracked().trim().parse::<Usd>() {
            Ok(asked) => TokenAmount::from_usd(asked),
            Err(error) => return wrong.set(Some(error.to_string())),
        };
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            match way.prepare(asked).await {
                Ok(prepared) => {
                    done.set(0);
                    calls.set(prepared);
                }
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    };
    let (field, button) = way.testids();
    let step = move |(number, call): (usize, PreparedCall)| {
        let (label, testid) = way.buttons().get(number).copied().unwrap_or_default();
        view! {
            <li>
                <WalletCall call label kind=testid testid weight=Weight::Primary
                    disabled=Signal::derive(move || done.get() != number)
                    on_end=move |worked| {
                        if worked {
                            done.update(|done| *done += 1);
                        }
                        account.refresh();
                    }/>
            </li>
        }
    };
    view! {
        <details class="fold" data-testid=format!("{field}-fold")>
            <summary>{way.title()}</summary>
            <WithWallet>
                <div class="field-row">
                    <label class="field">
                        <span>"Amount, tUSDC"</span>
                        <input type="text" inputmode="decimal" data-testid=field prop:value=move || amount.get() on:input:target=move |event| amount.set(event.target().value())/>
                    </label>
                    <BusyButton label="Show what to sign" testid=button busy on_press=prepare/>
                </div>
                <Failure what=wrong/>
                <ol class="transactions">{move || calls.get().into_iter().enumerate().map(step).collect_view()}</ol>
            </WithWallet>
        </details>
    }
}
