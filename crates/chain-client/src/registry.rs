//! The register of providers: its entries at a block, and the calls for listing and approving.

use std::collections::BTreeSet;

use alloy::eips::{BlockId, BlockNumberOrTag};
use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::{Filter, TransactionRequest};
use evm_types::ProviderRegistry::{self, Capacity, Offer, Provider as Entry};
use evm_types::alloy_sol_types::{SolCall, SolEvent};
use secrecy::SecretString;

use crate::client::{Block, block_by, connect, connect_reading, receipt_of, signer, submit};
use crate::error::ChainError;
use crate::escrow::BLOCKS_PER_QUERY;

/// Reads the register. Needs no key.
#[derive(Debug, Clone)]
pub struct RegistryReader {
    provider: DynProvider,
    registry: Address,
    chain_id: u64,
}

impl RegistryReader {
    /// Maximum number of blocks in one call of [`RegistryReader::changed`].
    pub const WINDOW: u64 = BLOCKS_PER_QUERY;

    /// Connects without sending the node any request.
    ///
    /// # Errors
    /// When the address cannot be read.
    pub fn new(rpc_url: &str, chain_id: u64, registry: Address) -> Result<Self, ChainError> {
        Ok(Self {
            provider: connect_reading(rpc_url)?,
            registry,
            chain_id,
        })
    }

    /// The newest block, once the node is known to be on the right chain.
    ///
    /// # Errors
    /// [`ChainError::WrongChain`], or the node does not answer.
    pub async fn head(&self) -> Result<Block, ChainError> {
        let found = self.provider.get_chain_id().await?;
        if found != self.chain_id {
            return Err(ChainError::WrongChain {
                expected: self.chain_id,
                found,
            });
        }
        block_by(&self.provider, BlockNumberOrTag::Latest)
            .await?
            .ok_or_else(|| ChainError::Unreachable("the node has no newest block".to_owned()))
    }

    /// The block at a height, if it exists.
    ///
    /// # Errors
    /// When the node does not answer.
    pub async fn block(&self, number: u64) -> Result<Option<Block>, ChainError> {
        block_by(&self.provider, BlockNumberOrTag::Number(number)).await
    }

    /// The providers whose entries changed in these blocks, both ends included.
    ///
    /// # Errors
    /// When the node does not answer, or there is no register at the address.
    pub async fn changed(&self, from: u64, to: u64) -> Result<Vec<B256>, ChainError> {
        let filter = Filter::new()
            .address(self.registry)
            .event_signature(vec![
                ProviderRegistry::Registered::SIGNATURE_HASH,
                ProviderRegistry::OfferChanged::SIGNATURE_HASH,
                ProviderRegistry::RateChanged::SIGNATURE_HASH,
                ProviderRegistry::CapacityChanged::SIGNATURE_HASH,
                ProviderRegistry::Approved::SIGNATURE_HASH,
                ProviderRegistry::ApprovalWithdrawn::SIGNATURE_HASH,
            ])
            .from_block(from)
            .to_block(to);
        let logs = self.provider.get_logs(&filter).await?;
        // Every one of these events has the provider's id as its first indexed field.
        let ids = logs.iter().filter_map(|log| log.topics().get(1).copied());
        Ok(ids.collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// A provider's entry as of a block; `None` if it had none.
    ///
    /// # Errors
    /// When the node does not answer, or something other than the register is at the address.
    pub async fn provider_at(&self, id: B256, block: u64) -> Result<Option<Entry>, ChainError> {
        let data = ProviderRegistry::providerCall { id }.abi_encode();
        let entry: Entry = self
            .read::<ProviderRegistry::providerCall>(data, BlockId::number(block))
            .await?;
        Ok(Some(entry).filter(|entry| entry.owner != Address::ZERO))
    }

    async fn read<C: SolCall>(
        &self,
        data: Vec<u8>,
        block: BlockId,
    ) -> Result<C::Return, ChainError> {
        let request = TransactionRequest::default()
            .with_to(self.registry)
            .with_input(data);
        let answer = self.provider.call(request).block(block).await?;
        C::abi_decode_returns(&answer).map_err(|error| {
            ChainError::Unreachable(format!("the register's answer cannot be read: {error}"))
        })
    }
}

/// An account that lists or approves.
#[derive(Debug)]
pub struct RegistryAccount {
    reader: RegistryReader,
    signing: DynProvider,
    from: Address,
}

impl RegistryAccount {
    /// Connects with the key of a seller or a curator.
    ///
    /// # Errors
    /// When the address or the key cannot be read.
    pub fn new(
        rpc_url: &str,
        chain_id: u64,
        registry: Address,
        key: &SecretString,
    ) -> Result<Self, ChainError> {
        let signer = signer(key)?;
        Ok(Self {
            reader: RegistryReader::new(rpc_url, chain_id, registry)?,
            from: signer.address(),
            signing: connect(rpc_url, signer)?,
        })
    }

    /// Address of the account.
    #[must_use]
    pub const fn address(&self) -> Address {
        self.from
    }

    /// Puts an offer on the register, replacing an earlier one of the same provider, and sets its
    /// capacity. Values that are already correct are not sent again. Returns the provider's id.
    ///
    /// # Errors
    /// When the register refuses or the node does not answer.
    pub async fn list(
        &self,
        account: &str,
        offer: Offer,
        capacity: Capacity,
    ) -> Result<B256, ChainError> {
        let head = self.reader.head().await?.number;
        let data = ProviderRegistry::providerIdCall {
            owner: self.from,
            account: account.to_owned(),
        };
        let id = self
            .reader
            .read::<ProviderRegistry::providerIdCall>(data.abi_encode(), BlockId::latest())
            .await?;
        let known = self.reader.provider_at(id, head).await?;
        match &known {
            None => {
                let account = account.to_owned();
                let call = ProviderRegistry::registerCall { account, offer };
                self.send("The offer", call.abi_encode()).await?;
            }
            Some(entry) if entry.offer != offer => {
                let call = ProviderRegistry::updateCall { id, offer };
                self.send("The new offer", call.abi_encode()).await?;
            }
            Some(_) => {}
        }
        let has = known.map_or(Capacity::Offline, |entry| entry.capacity);
        if has != capacity {
            let call = ProviderRegistry::setCapacityCall { id, capacity };
            self.send("The capacity", call.abi_encode()).await?;
        }
        Ok(id)
    }

    /// Approves the offers of these providers as they are now; those already approved stay
    /// approved.
    ///
    /// # Errors
    /// When the account is no curator, there is no such provider, or the node does not answer.
    pub async fn approve(&self, ids: &[B256]) -> Result<(), ChainError> {
        let head = self.reader.head().await?.number;
        for id in ids.iter().copied() {
            let entry = self.reader.provider_at(id, head).await?;
            if entry.is_some_and(|entry| entry.live) {
                continue;
            }
            let call = ProviderRegistry::offerHashOfCall { id }.abi_encode();
            let hash = self
                .reader
                .read::<ProviderRegistry::offerHashOfCall>(call, BlockId::latest())
                .await?;
            let call = ProviderRegistry::approveCall {
                id,
                offerHash: hash,
            };
            self.send("The approval", call.abi_encode()).await?;
        }
        Ok(())
    }

    /// Withdraws the approval of a provider.
    ///
    /// # Errors
    /// When the account is no curator, the provider is not approved, or the node does not answer.
    pub async fn withdraw_approval(&self, id: B256) -> Result<(), ChainError> {
        let call = ProviderRegistry::withdrawApprovalCall { id };
        self.send("The withdrawal", call.abi_encode()).await
    }

    async fn send(&self, what: &'static str, data: Vec<u8>) -> Result<(), ChainError> {
        let request = TransactionRequest::default()
            .with_to(self.reader.registry)
            .with_input(data);
        let hash = submit(&self.signing, self.from, request).await?;
        let receipt = receipt_of(&self.signing, hash, what).await?;
        if receipt.status() {
            Ok(())
        } else {
            Err(ChainError::Refused {
                name: "Reverted",
                sentence: format!("{what} was refused by the register (transaction {hash})."),
            })
        }
    }
}
