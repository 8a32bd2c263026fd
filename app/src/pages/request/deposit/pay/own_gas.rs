//! The deposit for which the wallet pays the gas.

use domain::journey::DepositPlan;
use leptos::prelude::*;

use super::plan::Plan;
use crate::components::transaction::Sending;
use crate::pages::request::deposit::Holdings;
use crate::pages::request::deposit::gas::Gas;

/// Gas, where the account has none, and the two transactions.
#[component]
pub(super) fn OwnGas(
    /// What the server prepared.
    plan: DepositPlan,
    /// The deposit's transaction.
    fund: Sending,
    /// Set once the deposit was sent.
    sent: RwSignal<bool>,
) -> impl IntoView {
    let holdings = expect_context::<Holdings>();
    let lacks_gas = Memo::new(move |_| holdings.known().is_some_and(|known| !known.has_gas));
    view! {
        <Show when=move || lacks_gas.get()><Gas/></Show>
        <Plan plan fund sent/>
    }
}
