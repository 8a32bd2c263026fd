//! Putting the contracts on a chain: the operator's affair, once per chain.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use domain::ids::Address;

/// Where the contracts are on one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contracts {
    /// The escrow.
    pub escrow: Address,
    /// The token.
    pub usdc: Address,
}

/// Contracts by chain id, as kept in a file.
pub type AddressBook = BTreeMap<u64, Contracts>;

/// Deploys escrow and token unless they are there already; says where they are and whether
/// anything was deployed now.
///
/// # Errors
/// One sentence for the operator: a wrong chain, other code at a known address, no gas money.
pub async fn deploy(
    rpc_url: String,
    chain_id: u64,
    key: SecretString,
    known: Option<Contracts>,
) -> Result<(Contracts, bool), String> {
    let known = known.map(|known| chain_client::ContractAddresses {
        token: (*known.usdc.bytes()).into(),
        escrow: (*known.escrow.bytes()).into(),
    });
    let request = chain_client::DeployRequest {
        rpc_url,
        chain_id,
        key,
        known,
    };
    let deployed = chain_client::deploy(request)
        .await
        .map_err(|error| error.to_string())?;
    let contracts = Contracts {
        escrow: Address::from_bytes(deployed.addresses.escrow.into_array()),
        usdc: Address::from_bytes(deployed.addresses.token.into_array()),
    };
    Ok((contracts, deployed.fresh))
}
