//! Communication with the escrow's chain: reading blocks, escrows and their events, sending the
//! operator's transactions, and deploying the contracts.
//!
//! It knows the contracts (through `evm-types`) and nothing of Necto: what a transaction means for
//! an order is decided elsewhere. Gas is always estimated and given a margin, never hard-coded.
//! A transaction is estimated, signed and broadcast in separate steps ([`Call`], [`Signed`],
//! [`Broadcast`]): the caller stores what was signed before it is sent. To add a call, encode it
//! with `evm-types`.

mod blocks;
mod client;
mod contract_signature;
mod deploy;
mod error;
mod escrow;
mod kept;
mod nodes;
mod operator;
mod probe;
mod registry;
mod signature;

pub use blocks::{FollowedBlock, FollowedLog};
pub use client::{Block, ChainClient, Config, Outcome};
pub use contract_signature::MAX_CONTRACT_SIGNATURE_BYTES;
pub use deploy::{ContractAddresses, DeployRequest, Deployed, KnownBlock, deploy};
pub use error::ChainError;
pub use escrow::{EscrowState, Seen, SeenClosed};
pub use evm_types;
pub use kept::KeptState;
pub use operator::{Broadcast, Call, GasPrice, Inclusion, Signed};
pub use probe::{Finding, probe};
pub use registry::{RegistryAccount, RegistryReader};
pub use signature::{personal_sign_digest, recover_personal_sign, recover_typed_data};
