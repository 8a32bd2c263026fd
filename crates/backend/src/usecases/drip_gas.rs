//! Gives a signed-in wallet some gas, on a simulated chain only.

use domain::gas::Gwei;

use crate::Backend;
use crate::error::UsecaseError;
use crate::payment::outbox::{self, NewIntent, Purpose};
use crate::visitor::Visitor;

/// Sends gas to the visitor's wallet, at most once an hour.
///
/// # Errors
/// [`UsecaseError::Forbidden`] unless the operator allows it, [`UsecaseError::NotSignedIn`]
/// without a wallet.
pub async fn drip_gas(backend: &Backend, visitor: &Visitor) -> Result<(), UsecaseError> {
    if !backend.settings().gas_drip {
        return Err(UsecaseError::Forbidden {
            reason: "Gas is given away on the simulated chain only. Use the chain's faucet."
                .to_owned(),
        });
    }
    let address = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let hour = backend.ports().clock.now().0 / 3600;
    let intent = NewIntent {
        purpose: Purpose::Gift,
        subject: format!("{address}:{hour}"),
        order: None,
        buyer: Some(address),
        source: None,
        call: backend.ports().chain.gas_gift_call(address),
        expires_at: None,
        reserved: Gwei::ZERO,
    };
    let mut transaction = backend.storage().begin_write().await?;
    outbox::add_again(&mut transaction, backend, &intent).await?;
    transaction.commit().await?;
    backend.wake_worker();
    Ok(())
}
