//! Messages that a buyer signs for the escrow contract: a spend policy, or a top-up.

use alloy_primitives::{Address, B256, U256, keccak256};
use alloy_sol_types::{SolStruct, SolValue};
use serde_json::json;

pub use crate::bindings::AkashEscrow::SpendPolicy;
use crate::terms::escrow_domain;
use crate::typed_data;

/// The digest that a buyer signs to put a policy into effect, as `AkashEscrow.policyDigest`
/// computes it.
#[must_use]
pub fn policy_digest(chain_id: u64, escrow: Address, policy: &SpendPolicy) -> B256 {
    policy.eip712_signing_hash(&escrow_domain(chain_id, escrow))
}

/// A policy as JSON for `eth_signTypedData_v4`.
#[must_use]
pub fn policy_typed_data(chain_id: u64, escrow: Address, policy: &SpendPolicy) -> String {
    let fields = [
        ("address", "buyer"),
        ("address[]", "payees"),
        ("uint128", "maxRate"),
        ("uint16", "maxFeeBps"),
        ("uint64", "minRunTime"),
        ("uint64", "maxHeartbeatWindow"),
        ("uint128", "maxPerOrder"),
        ("uint128", "maxPerDay"),
        ("uint32", "maxOpen"),
        ("uint64", "expiry"),
        ("uint256", "nonce"),
    ];
    let message = json!({
        "buyer": policy.buyer.to_checksum(None),
        "payees": policy.payees.iter().map(|payee| payee.to_checksum(None)).collect::<Vec<_>>(),
        "maxRate": policy.maxRate.to_string(),
        "maxFeeBps": policy.maxFeeBps.to_string(),
        "minRunTime": policy.minRunTime.to_string(),
        "maxHeartbeatWindow": policy.maxHeartbeatWindow.to_string(),
        "maxPerOrder": policy.maxPerOrder.to_string(),
        "maxPerDay": policy.maxPerDay.to_string(),
        "maxOpen": policy.maxOpen.to_string(),
        "expiry": policy.expiry.to_string(),
        "nonce": policy.nonce.to_string(),
    });
    typed_data::to_json(
        &escrow_domain(chain_id, escrow),
        "SpendPolicy",
        &fields,
        &message,
    )
}

/// The ERC-3009 nonce of an authorization that tops up an escrow which holds `deposited` in all, as
/// `AkashEscrow.topUpNonce` computes it.
#[must_use]
pub fn top_up_nonce(
    chain_id: u64,
    escrow: Address,
    id: B256,
    amount: u128,
    deposited: u128,
) -> B256 {
    let tag = keccak256("AkashEscrow.topUp");
    let parts = (
        tag,
        U256::from(chain_id),
        escrow,
        id,
        U256::from(amount),
        U256::from(deposited),
    );
    keccak256(parts.abi_encode_params())
}
