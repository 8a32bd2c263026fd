//! One escrow: its state in the contract, and the events that led to it.

use alloy::primitives::B256;
use alloy::providers::Provider;
use alloy::rpc::types::{Filter, Log};
use evm_types::alloy_sol_types::{SolCall, SolEvent};
use evm_types::{AkashEscrow, EscrowView, Reason, Status, TokenDomain};

use crate::client::ChainClient;
use crate::error::ChainError;

/// Transaction and block in which an event was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Hash of the transaction that caused the event.
    pub tx: B256,
    /// Height of the block that holds the event.
    pub block: u64,
    /// Hash of that block: a different one later is a reorganisation.
    pub block_hash: B256,
    /// Unix time of that block, in seconds.
    pub at: u64,
}

/// The end of an escrow, as its event states it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenClosed {
    /// Transaction and block of the event.
    pub seen: Seen,
    /// Reason of the end, as the contract states it.
    pub reason: Reason,
    /// Amount paid to payee and fee recipient together, in micro-USDC.
    pub released: u128,
    /// Amount returned to the buyer, in micro-USDC.
    pub refunded: u128,
    /// Latest Unix time up to which usage was paid, in seconds.
    pub ended_at: u64,
}

/// An escrow with the events that led to its state.
#[derive(Debug, Clone)]
pub struct EscrowState {
    /// State of the escrow as the contract returns it.
    pub view: EscrowView,
    /// Amount accrued up to the newest block, in micro-USDC.
    pub accrued: u128,
    /// Height of the newest block at the time of reading: a block's confirmations are `head - block + 1`.
    pub head: u64,
    /// Unix time of that newest block, in seconds.
    pub head_at: u64,
    /// Event of the funding; `None` if it was not found down to the requested height.
    pub funded: Option<Seen>,
    /// Event of the activation; `None` if the escrow is not active yet or the event was not found.
    pub activated: Option<Seen>,
    /// Event of the end; `None` while the escrow is open, or if the event was not found.
    pub closed: Option<SeenClosed>,
}

/// Most nodes answer for at most 100,000 blocks in one call; half of that leaves a margin.
pub(crate) const BLOCKS_PER_QUERY: u64 = 50_000;

impl ChainClient {
    /// Reads an escrow. `None` while it is not funded.
    ///
    /// `since` is a height that certainly lies before the funding; its events are searched from the
    /// newest block down to there.
    ///
    /// # Errors
    /// When the node does not answer, or its events contradict its state (a reorganisation is
    /// under way: try again).
    pub async fn escrow(&self, id: B256, since: u64) -> Result<Option<EscrowState>, ChainError> {
        let head = self.head().await?;
        let view = self.view(id).await?;
        if view.status == Status::None {
            return Ok(None);
        }
        let data = AkashEscrow::accruedCall { id }.abi_encode();
        let answer = self.call(self.escrow_contract(), data).await?;
        let accrued = AkashEscrow::accruedCall::abi_decode_returns(&answer).map_err(|error| {
            ChainError::Unreachable(format!("the escrow's answer cannot be read: {error}"))
        })?;
        let mut state = EscrowState {
            view,
            accrued,
            head: head.number,
            head_at: head.timestamp,
            funded: None,
            activated: None,
            closed: None,
        };
        let mut to = head.number;
        while state.funded.is_none() {
            let from = to.saturating_sub(BLOCKS_PER_QUERY - 1).max(since.min(to));
            for log in self.escrow_logs(id, from, to).await? {
                self.read_log(&mut state, &log).await?;
            }
            if from <= since {
                break;
            }
            to = from - 1;
        }
        Ok(Some(state))
    }

    async fn view(&self, id: B256) -> Result<EscrowView, ChainError> {
        let data = AkashEscrow::escrowCall { id }.abi_encode();
        let answer = self.call(self.escrow_contract(), data).await?;
        AkashEscrow::escrowCall::abi_decode_returns(&answer).map_err(|error| {
            ChainError::Unreachable(format!("the escrow's answer cannot be read: {error}"))
        })
    }

    async fn escrow_logs(&self, id: B256, from: u64, to: u64) -> Result<Vec<Log>, ChainError> {
        let signatures = vec![
            AkashEscrow::Funded::SIGNATURE_HASH,
            AkashEscrow::Activated::SIGNATURE_HASH,
            AkashEscrow::Closed::SIGNATURE_HASH,
        ];
        let filter = Filter::new()
            .address(self.escrow_contract())
            .event_signature(signatures)
            .topic1(id)
            .from_block(from)
            .to_block(to);
        Ok(self.provider.get_logs(&filter).await?)
    }

    async fn read_log(&self, state: &mut EscrowState, log: &Log) -> Result<(), ChainError> {
        let Some(seen) = self.seen(log).await? else {
            return Ok(());
        };
        match log.topic0() {
            Some(&AkashEscrow::Funded::SIGNATURE_HASH) => state.funded = Some(seen),
            Some(&AkashEscrow::Activated::SIGNATURE_HASH) => state.activated = Some(seen),
            _ => {
                let event = AkashEscrow::Closed::decode_log(&log.inner).map_err(|error| {
                    ChainError::Unreachable(format!(
                        "the escrow's Closed event cannot be read: {error}"
                    ))
                })?;
                state.closed = Some(SeenClosed {
                    seen,
                    reason: event.reason,
                    released: event.released,
                    refunded: event.refunded,
                    ended_at: event.endedAt,
                });
            }
        }
        Ok(())
    }

    /// `None` for a log of a block that is being reorganised away.
    async fn seen(&self, log: &Log) -> Result<Option<Seen>, ChainError> {
        let (Some(tx), Some(number), Some(hash), false) = (
            log.transaction_hash,
            log.block_number,
            log.block_hash,
            log.removed,
        ) else {
            return Ok(None);
        };
        let at = match log.block_timestamp {
            Some(at) => at,
            None => match self.block(number).await? {
                Some(block) if block.hash == hash => block.timestamp,
                _ => return Ok(None),
            },
        };
        Ok(Some(Seen {
            tx,
            block: number,
            block_hash: hash,
            at,
        }))
    }

    /// The domain for which the token's own signatures are made, as the token returns it.
    ///
    /// # Errors
    /// When the node does not answer, or the token signs for another chain or contract.
    pub async fn token_domain(&self) -> Result<TokenDomain, ChainError> {
        let data = evm_types::TestnetUSDC::eip712DomainCall {}.abi_encode();
        let answer = self.call(self.token_contract(), data).await?;
        let answer = evm_types::TestnetUSDC::eip712DomainCall::abi_decode_returns(&answer)
            .map_err(|error| {
                ChainError::Unreachable(format!("the token's answer cannot be read: {error}"))
            })?;
        TokenDomain::from_answer(&answer, self.chain_id(), self.token_contract())
            .map_err(|error| ChainError::Config(format!("The token cannot be used: {error}.")))
    }
}
