//! The browser's wallets: discovery (EIP-6963), requests (EIP-1193), and explanations for the buyer when they
//! refuse. No other module talks to a wallet.
//!
//! JavaScript objects stay in [`provider`]'s registry; everything else here is plain data, so that it can be
//! kept in signals on the server too.

mod asking;
mod chain;
mod discovery;
mod error;
mod info;
mod provider;
mod reads;
mod receipts;
mod recent;
mod signatures;
mod state;
mod transactions;

pub(crate) use asking::Asking;
pub(crate) use chain::{Added, Adding, Doubt, add_or_switch, by_hand, verify_chain, watch_asset};
pub(crate) use error::{Remedy, WalletError};
pub(crate) use info::WalletInfo;
pub(crate) use reads::{Balances, allowance, balances};
pub(crate) use receipts::TxState;
pub(crate) use recent::{Recent, note_end, note_sent, recent};
pub(crate) use signatures::{prove_address, sign_typed_data};
pub(crate) use state::{Connected, Wallet};
pub(crate) use transactions::{
    Sent, forget_sent, recall_sent, remember_sent, send, watch, why_repeatable,
};
