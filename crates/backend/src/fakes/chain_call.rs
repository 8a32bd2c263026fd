//! The operator's transactions as parsed by the simulated chain.

use domain::auto_sign::SpendPolicy;
use domain::escrow::{ScaledRate, Terms, TopUp};
use domain::gas::Gwei;
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::journey::PreparedCall;
use domain::time::UnixSeconds;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::ports::OperatorCall;

/// A call by the operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChainCall {
    Fund {
        terms: Terms,
    },
    Spend {
        terms: Terms,
        policy: SpendPolicy,
        signature: Vec<u8>,
    },
    Activate {
        id: EscrowId,
        rate: ScaledRate,
    },
    Heartbeat {
        id: EscrowId,
    },
    TopUp {
        top_up: TopUp,
    },
    End {
        id: EscrowId,
        ended_at: UnixSeconds,
    },
    Gift {
        to: Address,
    },
}

impl ChainCall {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Fund { .. } => "fund",
            Self::Spend { .. } => "spend",
            Self::Activate { .. } => "activate",
            Self::Heartbeat { .. } => "heartbeat",
            Self::TopUp { .. } => "top_up",
            Self::End { .. } => "end",
            Self::Gift { .. } => "gift",
        }
    }

    pub(crate) fn as_call(&self) -> OperatorCall {
        OperatorCall {
            to: Address::from_bytes([0xe5; 20]),
            data: serde_json::to_vec(self).unwrap(),
            value: Gwei::ZERO,
        }
    }

    pub(crate) fn of(call: &OperatorCall) -> Self {
        serde_json::from_slice(&call.data).unwrap()
    }
}

/// A signed transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Transaction {
    pub(crate) nonce: u64,
    pub(crate) call: ChainCall,
    pub(crate) max_fee_wei: u128,
}

impl Transaction {
    pub(crate) fn raw(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap()
    }

    pub(crate) fn hash(&self) -> TxHash {
        Hash32::from_bytes(Sha256::digest(self.raw()).into())
    }
}

/// Returns a call to the simulated contract for a wallet to sign.
pub(super) fn call(title: String, data: &str) -> PreparedCall {
    PreparedCall {
        title,
        to: Address::from_bytes([0xe5; 20]),
        data: data.to_owned(),
        decoded: Vec::new(),
    }
}
