//! Today's remaining budget for the gas of buyers' transactions.

use domain::gas::Gwei;
use domain::ids::Address;
use domain::network::AddressPrefix;
use domain::time::{Seconds, UnixSeconds};

use crate::Backend;
use crate::ports::GasPrice;
use crate::storage::outbox::gas_since;
use crate::storage::{Connection, StorageError};

/// Checks that Necto still pays for `buyer`'s cheapest possible transaction today, at this price.
///
/// # Errors
/// If the database fails; the inner error says what is exhausted.
pub(crate) async fn has_any(
    backend: &Backend,
    buyer: Address,
    source: Option<AddressPrefix>,
    price: GasPrice,
) -> Result<Result<(), String>, StorageError> {
    let mut connection = backend.storage().read().await?;
    let least = price.cost_of(LEAST_GAS);
    leaves(backend, &mut connection, buyer, source, least).await
}

/// Minimum cost of any transaction on an EVM chain, in units of gas.
const LEAST_GAS: u64 = 21_000;

/// Checks that today's spending leaves room for this much more.
///
/// # Errors
/// If the database fails; the inner error says what is exhausted.
pub(crate) async fn leaves(
    backend: &Backend,
    connection: &mut Connection,
    buyer: Address,
    source: Option<AddressPrefix>,
    more: Gwei,
) -> Result<Result<(), String>, StorageError> {
    let now = backend.ports().clock.now();
    let midnight = UnixSeconds(now.0 - now.0 % Seconds::days(1).0);
    let spent = gas_since(connection, midnight, buyer, source).await?;
    Ok(backend.settings().relay.allows(spent, more))
}
