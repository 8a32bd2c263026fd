//! The balance, below it the policy, then the payments.

use domain::journey::AutoSignView;
use leptos::prelude::*;

use super::account::Account;
use super::amount::{Amount, Way};
use super::policy::Policy;
use super::spends::Spends;
use crate::components::figures::exact;
use crate::components::notice::Failure;

/// Everything about the account.
#[component]
pub(super) fn Panel(
    /// Balance, policy and payments of the account, as the server knows them.
    known: AutoSignView,
) -> impl IntoView {
    let account = Account::new(known);
    provide_context(account);
    let kept = account.part(|known| known.balance.kept);
    let spent = account.part(|known| known.balance.spent_today);
    let open = account.part(|known| known.balance.open);
    view! {
        <Failure what=account.wrong()/>
        <section class="panel" aria-label="Prepaid balance">
            <h2>"Prepaid balance"</h2>
            <p class="money-deposit" data-testid="kept">{move || exact(kept.get())}</p>
            <dl class="figures">
                <dt>"Spent today (UTC)"</dt><dd class="num" data-testid="spent-today">{move || exact(spent.get())}</dd>
                <dt>"Orders open now"</dt><dd class="num">{move || open.get()}</dd>
            </dl>
            <Amount way=Way::Keep/>
            <Amount way=Way::TakeBack/>
        </section>
        <Policy/>
        <Spends/>
    }
}
