//! An escrow's terms, and the id derived from them.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{Eip712Domain, SolValue, eip712_domain};

pub use crate::bindings::AkashEscrow::{EscrowView, Mode, Reason, Status, Terms};

/// The id of an escrow with these terms on a chain and contract, as `AkashEscrow.escrowId` computes
/// it.
///
/// It is the hash of chain, contract and terms, and the nonce of the ERC-3009 authorization that funds it.
#[must_use]
pub fn escrow_id(chain_id: u64, escrow: Address, terms: &Terms) -> B256 {
    keccak256((U256::from(chain_id), escrow, terms.clone()).abi_encode_params())
}

/// The EIP-712 domain of an escrow contract, for policies and agreements.
#[must_use]
pub fn escrow_domain(chain_id: u64, escrow: Address) -> Eip712Domain {
    eip712_domain! {
        name: "AkashEscrow",
        version: "1",
        chain_id: chain_id,
        verifying_contract: escrow,
    }
}
