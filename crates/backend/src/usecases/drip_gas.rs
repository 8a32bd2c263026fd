//! Gives a signed-in wallet some gas, on a simulated chain only.

use domain::ids::TxHash;

use crate::Backend;
use crate::error::UsecaseError;
use crate::visitor::Visitor;

/// Sends gas to the visitor's wallet.
///
/// # Errors
/// [`UsecaseError::Forbidden`] unless the operator allows it, [`UsecaseError::NotSignedIn`]
/// without a wallet, [`UsecaseError::Unavailable`] while the chain does not answer.
pub async fn drip_gas(backend: &Backend, visitor: &Visitor) -> Result<TxHash, UsecaseError> {
    if !backend.settings().gas_drip {
        return Err(UsecaseError::Forbidden {
            reason: "Gas is given away on the simulated chain only. Use the chain's faucet."
                .to_owned(),
        });
    }
    let address = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    Ok(backend.ports().chain.drip_gas(address).await?)
}
