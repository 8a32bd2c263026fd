//! The active policy, or the form to sign one.

use domain::auto_sign::{Pace, PolicyStanding};
use domain::journey::ArmedPolicy;
use leptos::prelude::*;

use super::account::Account;
use super::sign::SignPolicy;
use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::figures::{Instant, exact};
use crate::components::notice::{Failure, Gravity, Notice};
use crate::components::wallet_call::{WalletCall, WithWallet};
use crate::request::Request;

/// The active policy, or a form to sign one.
#[component]
pub(super) fn Policy() -> impl IntoView {
    let policy = Account::here().part(|known| known.policy.clone());
    view! {
        <section class="panel" aria-label="Spend policy">
            <h2>"Spend policy"</h2>
            {move || match policy.get() {
                Some(armed) => view! { <Armed armed/> }.into_any(),
                None => view! {
                    <p data-testid="auto-sign-off">"Auto-sign is off: every order asks your wallet."</p>
                    <SignPolicy/>
                }
                .into_any(),
            }}
        </section>
    }
}

#[component]
fn Armed(
    /// Policy that was switched on; it may have expired or been revoked since.
    armed: ArmedPolicy,
) -> impl IntoView {
    let ended = match armed.standing {
        PolicyStanding::Live => None,
        PolicyStanding::Expired => {
            Some("This policy has expired: every order asks your wallet. Sign a new one.")
        }
        PolicyStanding::Revoked => {
            Some("You revoked this policy on chain: every order asks your wallet. Sign a new one.")
        }
    };
    let is_live = ended.is_none();
    view! {
        {ended.map(|sentence| view! { <Notice gravity=Gravity::Warn><p>{sentence}</p></Notice> })}
        {is_live.then(|| view! { <p data-testid="auto-sign-on">"Auto-sign is on. Necto pays orders within these limits from the prepaid balance by itself."</p> })}
        <dl class="figures">
            <dt>"One order at most"</dt><dd class="num">{exact(armed.policy.per_order())}</dd>
            <dt>"One day at most"</dt><dd class="num">{exact(armed.policy.per_day())}</dd>
            {is_live.then(|| view! { <dt>"Left today"</dt><dd class="num" data-testid="left-today">{exact(armed.left_today)}</dd> })}
            <dt>"Valid until"</dt><dd class="num"><Instant at=armed.policy.expiry/></dd>
            <dt>"Policy"</dt><dd class="mono" title=armed.digest.to_string()>{armed.digest.shortened()}</dd>
        </dl>
        {is_live.then(|| view! { <PaceSwitch pace=armed.pace/> <WaysOut/> })}
        {(!is_live).then(|| view! { <SignPolicy/> })}
    }
}

/// Switch for the pace: whether a price is shown for a while before it is paid.
#[component]
fn PaceSwitch(
    /// Current pace.
    pace: Pace,
) -> impl IntoView {
    let account = Account::here();
    let request = Request::new();
    let change = move |at_once: bool| {
        let pace = match at_once {
            true => Pace::AtOnce,
            false => Pace::AfterCountdown,
        };
        account.change(request, api::set_pace(pace));
    };
    view! {
        <label class="tick">
            <input type="checkbox" data-testid="pay-at-once" prop:checked=pace == Pace::AtOnce on:change:target=move |event| change(event.target().checked())/>
            <span>"Pay at once, without the 10 seconds to cancel"</span>
        </label>
        <Failure what=request.error/>
    }
}

/// Buttons to switch auto-sign off here and to revoke the policy on chain.
#[component]
fn WaysOut() -> impl IntoView {
    let account = Account::here();
    let revoke = account.part(|known| known.revoke.clone());
    let request = Request::new();
    let switch_off = move || account.change(request, api::disarm_policy());
    view! {
        <div class="buttons">
            <BusyButton label="Switch auto-sign off" testid="switch-off" busy=request.pending on_press=switch_off/>
        </div>
        <p class="dim">"Switching off is free and takes effect at once with Necto. Revoking ends the policy in the contract itself, whoever holds it: your wallet sends one transaction."</p>
        <Failure what=request.error/>
        <details class="fold" data-testid="revoke-fold">
            <summary>"Revoke on chain"</summary>
            <WithWallet>
                {move || view! { <WalletCall call=revoke.get() label="Revoke in the wallet" kind="revoke" testid="revoke" weight=Weight::Danger on_end=move |_| account.refresh()/> }}
            </WithWallet>
        </details>
    }
}
