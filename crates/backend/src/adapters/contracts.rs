//! Deployment of the contracts on a chain, done by the operator once per chain.

use std::collections::BTreeMap;

use chain_client::evm_types::ProviderRegistry::{Capacity, Offer, Pricing};
use chain_client::{ContractAddresses, DeployRequest, KnownBlock, RegistryAccount};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use domain::ids::{Address, Hash32};
use domain::money::Usd;
use sha2::{Digest, Sha256};

use super::price_sources::checked_listing;
use crate::ports::{ListedCapacity, ListedProvider, ListedRate};

/// The addresses of the contracts on one chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contracts {
    /// Address of the escrow contract.
    pub escrow: Address,
    /// Address of the token contract, in which deposits are made.
    pub usdc: Address,
    /// Address of the registry of jobs and routing decisions.
    pub router: Address,
    /// Address of the registry of providers.
    pub registry: Address,
    /// Height of a block that contains them.
    pub block: u64,
    /// Hash of that block, which tells the chain from another with the same id.
    pub block_hash: Hash32,
}

/// Contracts by chain id, as stored in a file.
pub type AddressBook = BTreeMap<u64, Contracts>;

/// The result of [`deploy`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment {
    /// Addresses of the contracts, with a block that contains them.
    pub contracts: Contracts,
    /// `true` if at least one contract was deployed by this call; `false` if all already existed.
    pub fresh: bool,
    /// `true` if the node is a development node, whose chain is used by no other party.
    pub is_local: bool,
}

/// Deploys the contracts that do not exist yet.
///
/// # Errors
/// One sentence for the operator: a wrong chain, another chain with the same id, different code at
/// a known address, or no gas money.
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
        // Keep the block that was recorded first: it is the deepest.
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

/// The register of providers, and the account that acts on it.
#[derive(Debug)]
pub struct RegisterAccess {
    /// The node's HTTP address.
    pub rpc_url: String,
    /// Id of the chain that the node must be on.
    pub chain_id: u64,
    /// Address of the register of providers.
    pub registry: Address,
    /// Private key of the seller or curator.
    pub key: SecretString,
}

impl RegisterAccess {
    fn account(&self) -> Result<RegistryAccount, String> {
        let registry = (*self.registry.bytes()).into();
        RegistryAccount::new(&self.rpc_url, self.chain_id, registry, &self.key)
            .map_err(|error| error.to_string())
    }
}

/// Lists a provider at a fixed price under the key's account, or changes its listing. Returns its
/// id and the SHA-256 under which the description must be published. The description is checked
/// first, just as the market will check it.
///
/// # Errors
/// One sentence for the seller.
pub async fn list_provider(
    access: &RegisterAccess,
    account: &str,
    description: &str,
    hourly: Usd,
    capacity: ListedCapacity,
) -> Result<(Hash32, Hash32), String> {
    let hash = Hash32::from_bytes(Sha256::digest(description).into());
    let entry = ListedProvider {
        id: Hash32::from_bytes([0; 32]),
        account: account.to_owned(),
        description: hash,
        hourly,
        rate: ListedRate::Fixed,
        capacity,
        is_approved: true,
    };
    checked_listing(&entry, description)?;
    let signing = access.account()?;
    let offer = Offer {
        payout: signing.address(),
        metadataHash: (*hash.bytes()).into(),
        pricing: Pricing::Fixed,
        baseRate: u128::from(hourly.micros()),
        floorRate: 0,
        ceilingRate: 0,
        priceToken: [0; 20].into(),
    };
    let capacity = match capacity {
        ListedCapacity::Offline => Capacity::Offline,
        ListedCapacity::Full => Capacity::Full,
        ListedCapacity::Limited => Capacity::Limited,
        ListedCapacity::Available => Capacity::Available,
    };
    let id = signing
        .list(account, offer, capacity)
        .await
        .map_err(|error| error.to_string())?;
    Ok((Hash32::from_bytes(id.0), hash))
}

/// Approves these providers' offers as they are now.
///
/// # Errors
/// One sentence for the curator.
pub async fn approve_providers(access: &RegisterAccess, ids: &[Hash32]) -> Result<(), String> {
    let ids: Vec<_> = ids.iter().map(|id| (*id.bytes()).into()).collect();
    let approved = access.account()?.approve(&ids).await;
    approved.map_err(|error| error.to_string())
}

/// Withdraws a provider's approval, so that it disappears from the market.
///
/// # Errors
/// One sentence for the curator.
pub async fn withdraw_provider(access: &RegisterAccess, id: Hash32) -> Result<(), String> {
    let withdrawn = access.account()?;
    let withdrawn = withdrawn.withdraw_approval((*id.bytes()).into()).await;
    withdrawn.map_err(|error| error.to_string())
}

/// Asks a node the questions that documentation leaves open; returns pairs of question and answer.
///
/// # Errors
/// One sentence for the operator if the node does not answer at all.
pub async fn probe(rpc_url: &str) -> Result<Vec<(&'static str, String)>, String> {
    let findings = chain_client::probe(rpc_url)
        .await
        .map_err(|error| error.to_string())?;
    Ok(findings
        .into_iter()
        .map(|finding| (finding.question, finding.answer))
        .collect())
}
