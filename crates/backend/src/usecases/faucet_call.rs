//! Prepares the call that gives test USDC to a wallet.

use domain::ids::Address;
use domain::journey::PreparedCall;

use crate::Backend;
use crate::error::UsecaseError;

/// Returns the call of the test token's own faucet.
///
/// # Errors
/// None today; a token without a faucet would answer [`UsecaseError::Conflict`].
pub async fn faucet_call(
    backend: &Backend,
    address: Address,
) -> Result<PreparedCall, UsecaseError> {
    Ok(backend.ports().chain.faucet_call(address))
}
