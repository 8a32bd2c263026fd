//! The kept balance and auto-sign.

use domain::auto_sign::{Pace, PolicyLimits, SpendPolicy};
use domain::ids::OrderId;
use domain::journey::{AutoSignOn, OrderView, PolicyPlan, PreparedCall};
use domain::money::TokenAmount;
use leptos::prelude::*;

use super::ApiError;
use super::json::Json;

/// Returns the signed-in buyer's kept balance and policy, as JSON of a [`domain::journey::AutoSignView`]: the
/// type's deserialiser is in the chunk that shows it.
///
/// # Errors
/// When nobody is signed in or the chain does not answer.
#[server(endpoint = "open_auto_sign", input = Json, output = Json)]
pub async fn open_auto_sign() -> Result<String, ApiError> {
    use super::ssr::{backend, invalid, refuse, visitor};
    let view = backend::usecases::show_auto_sign(&backend()?, &visitor()?)
        .await
        .map_err(refuse)?;
    serde_json::to_string(&view).map_err(invalid)
}

/// Returns whether auto-sign would pay an order of the visitor's now, and its limits.
///
/// # Errors
/// When the chain does not answer.
#[server(name = ReadAutoSignOn, endpoint = "auto_sign_on", input = Json, output = Json)]
pub async fn auto_sign_on() -> Result<Option<AutoSignOn>, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::usecases::auto_sign_on(&backend()?, &visitor()?)
        .await
        .map_err(refuse)
}

/// Cancels the payment that auto-sign announced for an order.
///
/// # Errors
/// When the order belongs to someone else, or is already being paid.
#[server(endpoint = "cancel_payment", input = Json, output = Json)]
pub async fn cancel_payment(order: OrderId) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::cancel_payment(&backend, &visitor, order).await })
        .await
}

/// Sets how soon the signed-in buyer's policy pays.
///
/// # Errors
/// When nobody is signed in.
#[server(endpoint = "set_pace", input = Json, output = Json)]
pub async fn set_pace(pace: Pace) -> Result<(), ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::set_pace(&backend, &visitor, pace).await }).await
}

/// Prepares a policy with these limits for the wallet to sign.
///
/// # Errors
/// When nobody is signed in or a limit is above the ceiling.
#[server(endpoint = "prepare_policy", input = Json, output = Json)]
pub async fn prepare_policy(limits: PolicyLimits) -> Result<PolicyPlan, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::usecases::prepare_policy(&backend()?, &visitor()?, limits)
        .await
        .map_err(refuse)
}

/// Switches auto-sign on under a policy that the wallet signed.
///
/// # Errors
/// When it is not the buyer's own policy as it was prepared, or is no longer valid.
#[server(endpoint = "arm_policy", input = Json, output = Json)]
pub async fn arm_policy(
    policy: SpendPolicy,
    signature: String,
    pace: Pace,
) -> Result<(), ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move {
        backend::usecases::arm_policy(&backend, &visitor, policy, &signature, pace)
            .await
            .map(|_| ())
    })
    .await
}

/// Switches auto-sign off at once.
///
/// # Errors
/// When nobody is signed in.
#[server(endpoint = "disarm_policy", input = Json, output = Json)]
pub async fn disarm_policy() -> Result<(), ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::disarm_policy(&backend, &visitor).await }).await
}

/// Prepares the transactions that add `amount` to the kept balance.
///
/// # Errors
/// When `amount` is zero.
#[server(endpoint = "prepare_keep", input = Json, output = Json)]
pub async fn prepare_keep(amount: TokenAmount) -> Result<Vec<PreparedCall>, ApiError> {
    use super::ssr::{backend, refuse};
    backend::usecases::prepare_keep(&backend()?, amount).map_err(refuse)
}

/// Prepares the transaction that withdraws `amount` from the kept balance.
///
/// # Errors
/// When `amount` is zero.
#[server(endpoint = "prepare_withdrawal", input = Json, output = Json)]
pub async fn prepare_withdrawal(amount: TokenAmount) -> Result<Vec<PreparedCall>, ApiError> {
    use super::ssr::{backend, refuse};
    backend::usecases::prepare_withdrawal(&backend()?, amount)
        .map(|call| vec![call])
        .map_err(refuse)
}
