//! A deposit for which the wallet pays the gas.

use domain::journey::DepositPlan;
use leptos::prelude::*;

use super::plan::Plan;
use crate::components::transaction::Sending;
use crate::pages::request::deposit::gas::Gas;
use crate::pages::request::deposit::holdings::Holdings;

/// Provides gas if the account has none, then shows the two transactions.
#[component]
pub(super) fn OwnGas(
    /// Deposit as the server prepared it: its terms, its calls and its chain.
    plan: DepositPlan,
    /// State of the deposit's transaction.
    fund: Sending,
    /// `true` once the deposit was sent.
    sent: RwSignal<bool>,
) -> impl IntoView {
    let holdings = expect_context::<Holdings>();
    let lacks_gas = Memo::new(move |_| holdings.known().is_some_and(|known| !known.has_gas));
    view! {
        <Show when=move || lacks_gas.get()><Gas/></Show>
        <Plan plan fund sent/>
    }
}
