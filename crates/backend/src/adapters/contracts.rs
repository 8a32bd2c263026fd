//! Putting the contracts on a chain: the operator's affair, once per chain.

use std::collections::BTreeMap;

use chain_client::{ContractAddresses, DeployRequest, KnownBlock};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use domain::ids::{Address, Hash32};

/// Where the contracts are on one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contracts {
    /// The escrow.
    pub escrow: Address,
    /// The token.
    pub usdc: Address,
    /// The registry of jobs and routing decisions.
    pub router: Address,
    /// The registry of providers.
    pub registry: Address,
    /// The height of a block that has them.
    pub block: u64,
    /// Its hash: tells the chain from another one of the same id.
    pub block_hash: Hash32,
}

/// Contracts by chain id, as kept in a file.
pub type AddressBook = BTreeMap<u64, Contracts>;

/// What [`deploy`] found or did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment {
    /// Where the contracts are.
    pub contracts: Contracts,
    /// Whether anything was deployed now.
    pub fresh: bool,
    /// Whether the node is one for development, whose chain is nobody else's.
    pub is_local: bool,
}

/// Deploys the contracts that are not there already.
///
/// # Errors
/// One sentence for the operator: a wrong chain, another chain of the same id, other code at a
/// known address, no gas money.
pub async fn deploy(
    rpc_url: String,
    chain_id: u64,
    key: SecretString,
    known: Option<Contracts>,
) -> Result<Deployment, String> {
    let request = DeployRequest {
        rpc_url,
        chain_id,
        key,
        known: known.map(|known| ContractAddresses {
            token: (*known.usdc.bytes()).into(),
            escrow: (*known.escrow.bytes()).into(),
            router: (*known.router.bytes()).into(),
            registry: (*known.registry.bytes()).into(),
        }),
        block: known.map(|known| KnownBlock {
            number: known.block,
            hash: (*known.block_hash.bytes()).into(),
        }),
    };
    let deployed = chain_client::deploy(request)
        .await
        .map_err(|error| error.to_string())?;
    let block = match known {
        // What was noted first stays: it is the deepest.
        Some(known) if !deployed.fresh => (known.block, known.block_hash),
        _ => (
            deployed.block.number,
            Hash32::from_bytes(deployed.block.hash.0),
        ),
    };
    Ok(Deployment {
        contracts: Contracts {
            escrow: Address::from_bytes(deployed.addresses.escrow.into_array()),
            usdc: Address::from_bytes(deployed.addresses.token.into_array()),
            router: Address::from_bytes(deployed.addresses.router.into_array()),
            registry: Address::from_bytes(deployed.addresses.registry.into_array()),
            block: block.0,
            block_hash: block.1,
        },
        fresh: deployed.fresh,
        is_local: deployed.is_local,
    })
}

/// Asks a node the questions that documentation leaves open: question and answer.
///
/// # Errors
/// One sentence for the operator when the node does not answer at all.
pub async fn probe(rpc_url: &str) -> Result<Vec<(&'static str, String)>, String> {
    let findings = chain_client::probe(rpc_url)
        .await
        .map_err(|error| error.to_string())?;
    Ok(findings
        .into_iter()
        .map(|finding| (finding.question, finding.answer))
        .collect())
}
