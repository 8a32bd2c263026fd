//! Transactions that a buyer's own Akash account signs, and what the chain answers.
//!
//! The crate builds and reads messages, transactions, the documents that a wallet signs and the token for a
//! provider, and reads the chain's REST answers. It has no connection, no key and no clock, and runs in the browser
//! as on the server. Money, fees and gas are integers.
//!
//! The protobuf encoding is written out in `wire` rather than generated: these messages use four kinds of field, and
//! a browser loads no more than that. To add a message, declare its struct with its field numbers in [`messages`]
//! and name its type in the list at the end of that file.
//!
//! Akash plans to leave the Cosmos chain. Whatever is about that chain alone belongs here, so that it can be deleted
//! as one piece.

pub mod address;
pub mod adr36;
pub mod answers;
pub mod any;
pub mod coin;
pub mod groups;
pub mod ids;
pub mod messages;
pub mod mint;
pub mod refusal;
pub mod signed;
pub mod token;
pub mod transaction;
mod wire;
mod words;

pub use address::{Address, AddressError};
pub use any::Any;
pub use coin::{Coin, DecCoin, Denom};
pub use ids::{BidId, DeploymentId, EscrowId, EscrowScope, GroupId};
pub use messages::Message;
pub use mint::MintRate;
pub use refusal::Refusal;
pub use transaction::{
    AuthInfo, Fee, GasPrice, PublicKey, SignDoc, TxBody, TxHash, TxRaw, gas_limit,
};
pub use wire::DecodeError;
