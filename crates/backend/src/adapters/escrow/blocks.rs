//! [`BlockSource`] over the same client.

use std::collections::HashMap;

use async_trait::async_trait;
use chain_client::evm_types::alloy_primitives::{Address as EvmAddress, B256, U256};
use chain_client::evm_types::alloy_sol_types::SolEvent;
use chain_client::evm_types::{EscrowEvent, TestnetUSDC, decode_escrow_event};
use chain_client::{FollowedBlock as Block, FollowedLog};
use domain::ids::Hash32;
use domain::money::TokenAmount;
use domain::time::UnixSeconds;

use super::{RpcEscrowChain, address, chain_error, hash};
use crate::ports::{BlockSource, ChainError, FollowedBlock, Happening, What};

#[async_trait]
impl BlockSource for RpcEscrowChain {
    async fn newest(&self) -> Result<u64, ChainError> {
        Ok(self.client.head().await.map_err(chain_error)?.number)
    }

    async fn hash_at(&self, number: u64) -> Result<Option<Hash32>, ChainError> {
        let block = self.client.block(number).await.map_err(chain_error)?;
        Ok(block.map(|block| hash(block.hash)))
    }

    async fn blocks(&self, from: u64, to: u64) -> Result<Vec<FollowedBlock>, ChainError> {
        let escrow = self.client.escrow_contract();
        let token = self.client.token_contract();
        let blocks = self.client.blocks(from, to).await.map_err(chain_error)?;
        blocks
            .iter()
            .map(|block| {
                Ok(FollowedBlock {
                    number: block.number,
                    hash: hash(block.hash),
                    parent: hash(block.parent),
                    at: UnixSeconds(block.timestamp),
                    happenings: happenings(block, escrow, token)?,
                })
            })
            .collect()
    }

    async fn verify(&self) -> Result<(), ChainError> {
        self.client.verify().await.map_err(chain_error)
    }

    fn distrust(&self) {
        self.client.distrust();
    }
}

fn happenings(
    block: &Block,
    escrow: EvmAddress,
    token: EvmAddress,
) -> Result<Vec<Happening>, ChainError> {
    let mut happenings = Vec::new();
    // Amounts in the contract's own books, by transaction: tokens beyond these arrived without a
    // call.
    let mut booked: HashMap<B256, U256> = HashMap::new();
    for log in block.logs.iter().filter(|log| log.address == escrow) {
        let event = decode_escrow_event(&log.topics, &log.data).map_err(|error| {
            ChainError::Unavailable(format!("an event of the escrow cannot be read: {error}"))
        })?;
        let Some(event) = event else {
            continue;
        };
        let amount = match &event {
            EscrowEvent::Funded(event) => U256::from(event.terms.deposit),
            EscrowEvent::ToppedUp(event) => U256::from(event.amount),
            EscrowEvent::Kept(event) => event.amount,
            _ => U256::ZERO,
        };
        let sum = booked.entry(log.tx).or_default();
        *sum = sum.saturating_add(amount);
        if let Some(what) = what(&event) {
            happenings.push(happening(log, what));
        }
    }
    for log in block.logs.iter().filter(|log| log.address != escrow) {
        let Ok(transfer) = TestnetUSDC::Transfer::decode_raw_log(&log.topics, &log.data) else {
            // A token with a non-standard interface: it transferred nothing that can be counted.
            continue;
        };
        let covered = match booked.get_mut(&log.tx) {
            Some(booked) if log.address == token => {
                let covered = transfer.value.min(*booked);
                *booked -= covered;
                covered
            }
            _ => U256::ZERO,
        };
        let rest = transfer.value - covered;
        if !rest.is_zero() {
            let what = What::Strayed {
                token: address(log.address),
                from: address(transfer.from),
                amount: rest.to_string(),
            };
            happenings.push(happening(log, what));
        }
    }
    happenings.sort_by_key(|happening| happening.index);
    Ok(happenings)
}

fn happening(log: &FollowedLog, what: What) -> Happening {
    Happening {
        index: log.index,
        tx: hash(log.tx),
        what,
    }
}

fn what(event: &EscrowEvent) -> Option<What> {
    Some(match event {
        EscrowEvent::Funded(event) => What::Funded {
            escrow: hash(event.id),
            buyer: address(event.buyer),
            payee: address(event.payee),
            order_hash: hash(event.terms.orderHash),
            amount: TokenAmount::from_micros(event.terms.deposit),
        },
        EscrowEvent::ToppedUp(event) => What::ToppedUp {
            escrow: hash(event.id),
            amount: TokenAmount::from_micros(event.amount),
        },
        EscrowEvent::Activated(event) => What::Activated {
            escrow: hash(event.id),
        },
        EscrowEvent::Closed(event) => What::Closed {
            escrow: hash(event.id),
        },
        _ => return None,
    })
}
