//! Chooses limits and signs a policy with them.

use domain::auto_sign::{Pace, PolicyLimits};
use domain::journey::{PolicyPlan, PreparedCall};
use domain::money::{TokenAmount, Usd};
use domain::time::Seconds;
use leptos::prelude::*;

use super::account::Account;
use crate::api;
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::chain::Chain;
use crate::components::notice::Failure;
use crate::components::transaction::DecodedCall;
use crate::components::wallet_call::WithWallet;
use crate::components::wallet_request::WalletRequest;
use crate::components::wallet_trouble::{Trouble, WalletTrouble};
use crate::request::Request;
use crate::wallet::{Asking, Connected, Wallet, sign_typed_data, verify_chain};

/// Available validity periods of a policy, in days.
const DAYS: [u64; 4] = [1, 7, 30, 90];

/// The limits, the decoded policy, and the signature.
#[component]
pub(super) fn SignPolicy() -> impl IntoView {
    let ceiling = Account::here().part(|known| known.ceiling);
    let (most_order, most_day) = (
        ceiling.get_untracked().per_order,
        ceiling.get_untracked().per_day,
    );
    let per_order = RwSignal::new(most_order.to_string());
    let per_day = RwSignal::new(most_day.to_string());
    let days = RwSignal::new(7_u64);
    let request = Request::new();
    let plan = RwSignal::new(None::<PolicyPlan>);
    let prepare = move || {
        let read = |text: RwSignal<String>| {
            let parsed = text.get_untracked().trim().parse::<Usd>();
            parsed.map(TokenAmount::from_usd)
        };
        let (per_order, per_day) = match (read(per_order), read(per_day)) {
            (Ok(per_order), Ok(per_day)) => (per_order, per_day),
            (Err(error), _) | (_, Err(error)) => return request.error.set(Some(error.to_string())),
        };
        let limits = PolicyLimits {
            per_order,
            per_day,
            lasts: Seconds::days(days.get_untracked()),
        };
        request.send(api::prepare_policy(limits), move |made| {
            plan.set(Some(made));
        });
    };
    let limit = move |label: String, testid: &'static str, value: RwSignal<String>| {
        view! {
            <label class="field">
                <span>{label}</span>
                <input type="text" inputmode="decimal" data-testid=testid prop:value=move || value.get() on:input:target=move |event| {
                    plan.set(None);
                    value.set(event.target().value());
                }/>
            </label>
        }
    };
    let choice = move |day: u64| {
        let said = if day == 1 {
            "1 day".to_owned()
        } else {
            format!("{day} days")
        };
        view! { <option value=day.to_string() selected=move || days.get() == day>{said}</option> }
    };
    view! {
        <WithWallet>
            <div class="field-row">
                {limit(format!("One order at most, tUSDC (up to {most_order})"), "per-order", per_order)}
                {limit(format!("One day at most, tUSDC (up to {most_day})"), "per-day", per_day)}
                <label class="field">
                    <span>"Valid for"</span>
                    <select data-testid="policy-days" on:change:target=move |event| {
                        plan.set(None);
                        if let Ok(chosen) = event.target().value().parse() {
                            days.set(chosen);
                        }
                    }>{DAYS.into_iter().map(choice).collect_view()}</select>
                </label>
                <BusyButton label="Review" testid="prepare-policy" busy=request.pending on_press=prepare/>
            </div>
            <Failure what=request.error/>
            {move || plan.get().map(|plan| view! { <Planned plan/> })}
        </WithWallet>
    }
}

#[component]
fn Planned(
    /// Policy as the server prepared it for the signature.
    plan: PolicyPlan,
) -> impl IntoView {
    let account = Account::here();
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    let request = WalletRequest::new();
    let shown = PreparedCall {
        title: "Let Necto pay orders within these limits".to_owned(),
        to: plan.chain.escrow,
        data: plan.typed_data.clone(),
        decoded: plan.decoded.clone(),
    };
    let plan = StoredValue::new(plan);
    let sign = move || {
        let Some(connected) = wallet.connected_now() else {
            return;
        };
        let plan = plan.get_value();
        request.run(async move {
            armed(request.asking, &connected, plan).await?;
            account.refresh();
            Ok(())
        });
    };
    view! {
        <DecodedCall call=shown/>
        <p class="dim">"One signature: no network fee, and no money moves now. The contract refuses everything outside these limits."</p>
        <BusyButton label="Sign the policy and switch auto-sign on" weight=Weight::Primary testid="sign-policy" busy=request.pending on_press=sign/>
        <WalletTrouble asking=request.asking trouble=request.trouble chain=Signal::derive(move || chain.view()) on_remedy=move |_| sign()/>
    }
}

/// Has the wallet sign and the server activate the policy.
async fn armed(asking: Asking, connected: &Connected, plan: PolicyPlan) -> Result<(), Trouble> {
    verify_chain(asking, connected, &plan.chain).await?;
    let signature = sign_typed_data(asking, connected, &plan.typed_data).await?;
    Ok(api::arm_policy(plan.policy, signature, Pace::AfterCountdown).await?)
}
