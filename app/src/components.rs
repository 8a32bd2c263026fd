//! Pieces that more than one page uses.

pub(crate) mod account;
pub(crate) mod asked_twice;
pub(crate) mod auto_sign_chip;
pub(crate) mod busy_button;
pub(crate) mod chain;
pub(crate) mod delete_order;
pub(crate) mod figures;
pub(crate) mod header;
pub(crate) mod icon;
pub(crate) mod money_field;
pub(crate) mod notice;
pub(crate) mod pay_steps;
pub(crate) mod payment;
pub(crate) mod purse;
pub(crate) mod raw_text;
pub(crate) mod secrets;
pub(crate) mod session;
pub(crate) mod session_gate;
pub(crate) mod theme;
pub(crate) mod toast;
pub(crate) mod transaction;
pub(crate) mod wallet_call;
pub(crate) mod wallet_panel;
pub(crate) mod wallet_trouble;
pub(crate) mod web_address;
pub(crate) mod wrong_network;
