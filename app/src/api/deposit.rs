//! Money: the chain, the deposit's transactions, test tokens and gas.

use domain::deployment::Acceptance;
use domain::escrow::TopUp;
use domain::ids::{Address, EscrowId, OrderId, TextHash, TxHash};
use domain::journey::{ChainView, DepositPlan, OrderView, PreparedCall, TopUpPlan};
use domain::money::TokenAmount;
use domain::time::UnixSeconds;
use leptos::prelude::*;

use super::ApiError;
use super::json::Json;

/// Returns the chain and the contracts that hold the money.
///
/// # Errors
/// When the chain does not answer.
#[server(name = ReadChainView, endpoint = "chain_view", input = Json, output = Json)]
pub async fn chain_view() -> Result<ChainView, ApiError> {
    use super::ssr::{backend, refuse};
    backend::usecases::chain_view(&backend()?)
        .await
        .map_err(refuse)
}

/// Fixes the terms and prepares the two transactions of a deposit. The hash must be that of the text that the
/// page shows. Requires a signed-in account.
///
/// # Errors
/// When nobody is signed in, the quote has expired, another text was priced, or the order is past its draft.
#[server(endpoint = "prepare_deposit", input = Json, output = Json)]
pub async fn prepare_deposit(
    order: OrderId,
    text: TextHash,
    acceptance: Acceptance,
) -> Result<DepositPlan, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move {
        backend::usecases::prepare_deposit(&backend, &visitor, order, text, acceptance).await
    })
    .await
}

/// Voids the prepared terms of `escrow`: a later signature of them pays nothing.
///
/// # Errors
/// When the deposit may already be on its way.
#[server(endpoint = "cancel_deposit", input = Json, output = Json)]
pub async fn cancel_deposit(order: OrderId, escrow: EscrowId) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(
        async move { backend::usecases::cancel_deposit(&backend, &visitor, order, escrow).await },
    )
    .await
}

/// Relays the deposit that the wallet signed, at Necto's expense.
///
/// # Errors
/// When the signature is not the buyer's over the order's terms, the contract would revert, or the gas budget
/// is spent.
#[server(endpoint = "relay_deposit", input = Json, output = Json)]
pub async fn relay_deposit(
    order: OrderId,
    escrow: EscrowId,
    signature: String,
) -> Result<(), ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move {
        backend::usecases::relay_deposit(&backend, &visitor, order, escrow, signature).await
    })
    .await
}

/// Reports a transaction that the wallet sent; `kind` is "approve", "fund", "top_up", "cancel" or "close".
///
/// # Errors
/// When the order does not exist or belongs to someone else.
#[server(endpoint = "report_transaction", input = Json, output = Json)]
pub async fn report_transaction(
    order: OrderId,
    kind: String,
    hash: TxHash,
) -> Result<(), ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move {
        backend::usecases::report_transaction(&backend, &visitor, order, kind, hash).await
    })
    .await
}

/// Relays the top-up that the wallet signed, at Necto's expense.
///
/// # Errors
/// When the signature is not the buyer's over exactly this top-up, the contract would revert, or the gas
/// budget is spent.
#[server(endpoint = "relay_top_up", input = Json, output = Json)]
pub async fn relay_top_up(
    order: OrderId,
    top_up: TopUp,
    valid_before: UnixSeconds,
    signature: String,
) -> Result<(), ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    let relayed = async move {
        backend::usecases::relay_top_up(&backend, &visitor, order, top_up, valid_before, signature)
            .await
    };
    carry_out(relayed).await
}

/// Prepares a top-up of an order's escrow by `amount`: the signature and the transactions.
///
/// # Errors
/// When the escrow is not running.
#[server(endpoint = "prepare_top_up", input = Json, output = Json)]
pub async fn prepare_top_up(order: OrderId, amount: TokenAmount) -> Result<TopUpPlan, ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::usecases::prepare_top_up(&backend()?, &visitor()?, order, amount)
        .await
        .map_err(refuse)
}

/// Prepares the transaction that mints test USDC to `address`.
///
/// # Errors
/// When the server cannot answer.
#[server(endpoint = "faucet_call", input = Json, output = Json)]
pub async fn faucet_call(address: Address) -> Result<PreparedCall, ApiError> {
    use super::ssr::{backend, refuse};
    backend::usecases::faucet_call(&backend()?, address)
        .await
        .map_err(refuse)
}

/// Sends a little gas to the signed-in account, on a simulated chain only.
///
/// # Errors
/// When nobody is signed in or the chain is real.
#[server(endpoint = "drip_gas", input = Json, output = Json)]
pub async fn drip_gas() -> Result<(), ApiError> {
    use super::ssr::{backend, refuse, visitor};
    backend::usecases::drip_gas(&backend()?, &visitor()?)
        .await
        .map_err(refuse)
}
