//! Blocks as a follower needs them: each with its parent and every log that concerns the escrow,
//! checked for completeness as far as a single block can be checked.

use alloy::eips::BlockId;
use alloy::primitives::{Address, B256, Bloom, BloomInput, Bytes};
use alloy::providers::Provider;
use alloy::rpc::types::{Filter, Header, Log};
use evm_types::TestnetUSDC;
use evm_types::alloy_sol_types::SolEvent;
use futures::{StreamExt as _, TryStreamExt as _, stream};

use crate::client::ChainClient;
use crate::error::ChainError;

/// A block with everything in it that concerns the escrow contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedBlock {
    /// Height of the block.
    pub number: u64,
    /// Hash of the block.
    pub hash: B256,
    /// Hash of the block before it.
    pub parent: B256,
    /// Unix time of the block, in seconds.
    pub timestamp: u64,
    /// Logs that the escrow contract wrote, and transfers of any token to it; in the block's order, each once.
    pub logs: Vec<FollowedLog>,
}

/// A log of a followed block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedLog {
    /// Index of the log within the block, as the node counts it.
    pub index: u64,
    /// Hash of the transaction that caused the log.
    pub tx: B256,
    /// Address of the contract that wrote the log: the escrow or a token.
    pub address: Address,
    /// Topics of the log; the first is the event's signature hash.
    pub topics: Vec<B256>,
    /// ABI-encoded arguments of the event that are not indexed.
    pub data: Bytes,
}

/// Number of headers requested in parallel.
const HEADERS_AT_ONCE: usize = 8;

impl ChainClient {
    /// The blocks from `from` to `to`, as many of them as exist, linked to each other.
    ///
    /// A node may omit logs: if a block's bloom filter or its logs indicate the escrow, the block
    /// is read by its receipts, which must reproduce exactly that filter.
    ///
    /// # Errors
    /// When the node does not answer, or its answers contradict each other (a reorganisation is
    /// under way, or the node is broken: try again, or ask another one).
    pub async fn blocks(&self, from: u64, to: u64) -> Result<Vec<FollowedBlock>, ChainError> {
        let headers: Vec<Option<Header>> = stream::iter(from..=to)
            .map(|number| async move {
                let block = self.provider.get_block_by_number(number.into()).await?;
                Ok::<_, ChainError>(block.map(|block| block.header))
            })
            .buffered(HEADERS_AT_ONCE)
            .try_collect()
            .await?;
        let headers: Vec<Header> = headers.into_iter().map_while(|header| header).collect();
        let Some(last) = headers.last() else {
            return Ok(Vec::new());
        };
        for (number, header) in (from..).zip(&headers) {
            if header.number != number {
                return Err(lie(format!(
                    "asked for block {number}, it gives {}",
                    header.number
                )));
            }
        }
        for (one, next) in headers.iter().zip(headers.iter().skip(1)) {
            if next.parent_hash != one.hash {
                return Err(lie(format!("its block {} has another parent", next.number)));
            }
        }
        let logs = self.logs_between(from, last.number).await?;
        let mut blocks = Vec::new();
        for header in &headers {
            let told: Vec<&Log> = logs
                .iter()
                .filter(|log| log.block_number == Some(header.number))
                .collect();
            if told.iter().any(|log| log.block_hash != Some(header.hash)) {
                return Err(lie(format!(
                    "its logs are of another block {}",
                    header.number
                )));
            }
            let logs = if told.is_empty() && !self.may_concern_us(&header.logs_bloom) {
                Vec::new()
            } else {
                self.logs_of(header).await?
            };
            blocks.push(FollowedBlock {
                number: header.number,
                hash: header.hash,
                parent: header.parent_hash,
                timestamp: header.timestamp,
                logs,
            });
        }
        Ok(blocks)
    }

    /// Switches to another node, if there is one, because the current node gave an impossible
    /// answer.
    pub fn distrust(&self) {
        self.nodes.distrust();
    }

    async fn logs_between(&self, from: u64, to: u64) -> Result<Vec<Log>, ChainError> {
        let ours = Filter::new()
            .address(self.escrow_contract())
            .from_block(from)
            .to_block(to);
        let coming = Filter::new()
            .event_signature(TestnetUSDC::Transfer::SIGNATURE_HASH)
            .topic2(self.escrow_contract().into_word())
            .from_block(from)
            .to_block(to);
        let mut logs = self.provider.get_logs(&ours).await?;
        logs.extend(self.provider.get_logs(&coming).await?);
        Ok(logs)
    }

    /// Every log of one block that concerns us, from its receipts.
    async fn logs_of(&self, header: &Header) -> Result<Vec<FollowedLog>, ChainError> {
        let id = BlockId::hash(header.hash);
        let receipts = self
            .provider
            .get_block_receipts(id)
            .await?
            .ok_or_else(|| lie(format!("it has no receipts of its block {}", header.number)))?;
        let all: Vec<Log> = receipts
            .iter()
            .flat_map(|receipt| receipt.logs().iter().cloned())
            .collect();
        // Chains without bloom filters have empty ones, so there is nothing to compare with.
        if header.logs_bloom != Bloom::ZERO {
            let mut made = Bloom::ZERO;
            for log in &all {
                made.accrue_log(&log.inner);
            }
            if made != header.logs_bloom {
                return Err(lie(format!(
                    "it leaves logs of its block {} out",
                    header.number
                )));
            }
        }
        let mut logs: Vec<FollowedLog> = all
            .iter()
            .filter(|log| self.concerns_us(log))
            .filter_map(|log| {
                Some(FollowedLog {
                    index: log.log_index?,
                    tx: log.transaction_hash?,
                    address: log.address(),
                    topics: log.topics().to_vec(),
                    data: log.data().data.clone(),
                })
            })
            .collect();
        logs.sort_by_key(|log| log.index);
        logs.dedup_by_key(|log| log.index);
        Ok(logs)
    }

    fn concerns_us(&self, log: &Log) -> bool {
        let escrow = self.escrow_contract();
        log.address() == escrow
            || (log.topic0() == Some(&TestnetUSDC::Transfer::SIGNATURE_HASH)
                && log.topics().get(2) == Some(&escrow.into_word()))
    }

    /// A bloom filter has no false negatives, and sometimes false positives.
    fn may_concern_us(&self, filter: &Bloom) -> bool {
        let escrow = self.escrow_contract();
        let has = |raw: &[u8]| filter.contains_input(BloomInput::Raw(raw));
        has(escrow.as_slice())
            || (has(TestnetUSDC::Transfer::SIGNATURE_HASH.as_slice())
                && has(escrow.into_word().as_slice()))
    }
}

fn lie(what: String) -> ChainError {
    ChainError::Contradiction(what)
}
