//! [`ProviderListings`] over the chain client and HTTP.

use async_trait::async_trait;
use chain_client::evm_types::ProviderRegistry::{Capacity, Pricing, Provider as Entry};
use chain_client::evm_types::alloy_primitives::B256;
use chain_client::{Block, RegistryReader};
use domain::ids::{Address, Hash32};
use domain::money::Usd;
use domain::time::UnixSeconds;
use sha2::{Digest, Sha256};

use super::price_sources::MAX_DESCRIPTION_BYTES;
use crate::ports::{ChainBlock, ListedCapacity, ListedProvider, ListedRate, ProviderListings};

/// The register's address, and where sellers' descriptions are published.
#[derive(Debug, Clone)]
pub struct ListingSettings {
    /// The node's HTTP address.
    pub rpc_url: String,
    /// Id of the chain that the node must be on.
    pub chain_id: u64,
    /// Address of the register of providers.
    pub registry: Address,
    /// Confirmations after which an event counts, including the event's own block.
    pub confirmations: u64,
    /// Base address of the descriptions: a slash, the 64 digits of the SHA-256 and `.json` follow.
    pub descriptions: String,
}

/// The register through an RPC node.
#[derive(Debug)]
pub struct RpcListings {
    reader: RegistryReader,
    confirmations: u64,
    descriptions: String,
    http: reqwest::Client,
}

impl RpcListings {
    /// Connects without sending any request.
    ///
    /// # Errors
    /// One sentence for the operator if the node's address cannot be parsed.
    pub fn connect(settings: &ListingSettings, http: reqwest::Client) -> Result<Self, String> {
        let registry = (*settings.registry.bytes()).into();
        let reader = RegistryReader::new(&settings.rpc_url, settings.chain_id, registry)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            reader,
            confirmations: settings.confirmations.max(1),
            descriptions: settings.descriptions.trim_end_matches('/').to_owned(),
            http,
        })
    }
}

#[async_trait]
impl ProviderListings for RpcListings {
    async fn settled(&self) -> Result<ChainBlock, String> {
        let head = self
            .reader
            .head()
            .await
            .map_err(|error| error.to_string())?;
        let number = head.number.saturating_sub(self.confirmations - 1);
        if number == head.number {
            return Ok(block(head));
        }
        let settled = self.block(number).await?;
        settled.ok_or_else(|| format!("the node has no block {number}"))
    }

    async fn block(&self, number: u64) -> Result<Option<ChainBlock>, String> {
        let found = self.reader.block(number).await;
        found
            .map(|found| found.map(block))
            .map_err(|error| error.to_string())
    }

    async fn changed(&self, from: u64, to: u64) -> Result<Vec<Hash32>, String> {
        let ids = self.reader.changed(from, to).await;
        ids.map(|ids| ids.into_iter().map(hash).collect())
            .map_err(|error| error.to_string())
    }

    fn window(&self) -> u64 {
        RegistryReader::WINDOW
    }

    async fn provider(&self, id: Hash32, block: u64) -> Result<Option<ListedProvider>, String> {
        let entry = self
            .reader
            .provider_at(B256::from(*id.bytes()), block)
            .await;
        let entry = entry.map_err(|error| error.to_string())?;
        Ok(entry.and_then(|entry| listed(id, entry)))
    }

    async fn description(&self, wanted: Hash32) -> Result<String, String> {
        let kind = |error: reqwest::Error| error.without_url().to_string();
        let digits = hex::encode(wanted.bytes());
        let url = format!("{}/{digits}.json", self.descriptions);
        let mut response = self.http.get(url).send().await.map_err(kind)?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!(
                "its description was answered with status {}",
                status.as_u16()
            ));
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(kind)? {
            if bytes.len() + chunk.len() > MAX_DESCRIPTION_BYTES {
                return Err(format!(
                    "its description is larger than {MAX_DESCRIPTION_BYTES} bytes"
                ));
            }
            bytes.extend_from_slice(&chunk);
        }
        // The host need not be trusted: the seller put the hash on chain.
        if <[u8; 32]>::from(Sha256::digest(&bytes)) != *wanted.bytes() {
            return Err("its description is not the one its owner put on the chain".to_owned());
        }
        String::from_utf8(bytes).map_err(|_| "its description is no text".to_owned())
    }
}

fn block(block: Block) -> ChainBlock {
    ChainBlock {
        number: block.number,
        hash: hash(block.hash),
        timestamp: UnixSeconds(block.timestamp),
    }
}

fn hash(hash: B256) -> Hash32 {
    Hash32::from_bytes(hash.0)
}

/// Converts an entry. A rate above 18 billion dollars an hour, or of a kind that this version does
/// not know, is no price.
fn listed(id: Hash32, entry: Entry) -> Option<ListedProvider> {
    let usd = |micros: u128| u64::try_from(micros).ok().map(Usd::from_micros);
    let rate = match entry.offer.pricing {
        Pricing::Fixed => ListedRate::Fixed,
        Pricing::Dynamic => ListedRate::Dynamic {
            floor: usd(entry.offer.floorRate)?,
            ceiling: usd(entry.offer.ceilingRate)?,
        },
        Pricing::InToken => ListedRate::InToken {
            token: Address::from_bytes(entry.offer.priceToken.into_array()),
        },
        _ => return None,
    };
    let capacity = match entry.capacity {
        Capacity::Full => ListedCapacity::Full,
        Capacity::Limited => ListedCapacity::Limited,
        Capacity::Available => ListedCapacity::Available,
        _ => ListedCapacity::Offline,
    };
    Some(ListedProvider {
        id,
        account: entry.account,
        description: hash(entry.offer.metadataHash),
        hourly: usd(entry.offer.baseRate)?,
        rate,
        capacity,
        is_approved: entry.live,
    })
}
