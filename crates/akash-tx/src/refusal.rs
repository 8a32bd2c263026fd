//! Refusals of the chain: by codespace and code, and by text where the code is lost.

use thiserror::Error;

use crate::coin::Coin;

/// A refusal that calls for something of its own; everything else is [`Refusal::Other`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Too few coins in the account for the fee or for what a message pays.
    #[error("the account has too few coins")]
    InsufficientFunds,
    /// Less ACT in the account than the deposit.
    #[error("the account has less ACT than the deposit")]
    InsufficientDeposit,
    /// A sequence other than the account's next one.
    #[error("the transaction has another sequence than the account's next one")]
    SequenceMismatch {
        /// Next sequence of the account; `None` where the answer does not name it.
        expected: Option<u64>,
    },
    /// More gas used than allowed; the fee is spent if this happened in a block.
    #[error("the transaction ran out of gas")]
    OutOfGas,
    /// A fee below the node's price.
    #[error("the fee is below what the node demands")]
    InsufficientFee {
        /// Fee that the node demands; `None` where the answer does not name it.
        required: Option<Coin>,
    },
    /// The same bytes are waiting already: sent, not refused.
    #[error("the transaction has been sent already")]
    AlreadySent,
    /// Too many transactions are waiting at this node.
    #[error("too many transactions are waiting at the node")]
    Full,
    /// The last height of the transaction has passed: it can no longer take effect.
    #[error("the transaction came too late")]
    TimedOut,
    /// A signature that does not fit chain, account or sequence.
    #[error("the signature was refused")]
    Unauthorized,
    /// A deployment with this number exists.
    #[error("the account has a deployment with this number")]
    DeploymentExists,
    /// A deployment that does not exist.
    #[error("there is no such deployment")]
    DeploymentNotFound,
    /// A deployment that is closed.
    #[error("the deployment is closed")]
    DeploymentClosed,
    /// The hash of a manifest is the present one, or has another length.
    #[error("the manifest is the one that runs, or its hash is wrong")]
    Hash,
    /// A bid that is no longer open.
    #[error("the bid is no longer open")]
    BidNotOpen,
    /// An escrow account that is closed.
    #[error("the escrow account is closed")]
    EscrowClosed,
    /// The exchange of AKT and ACT is halted.
    #[error("the exchange of AKT and ACT is halted")]
    MintHalted,
    /// Less ACT would be minted than the chain allows.
    #[error("the amount is below the least that is minted")]
    BelowMinimumMint,
    /// Any other refusal.
    #[error("{codespace} {code}: {log}")]
    Other {
        /// Module of the chain that refused.
        codespace: String,
        /// Number of the refusal within the module.
        code: u32,
        /// Text of the chain, for the log.
        log: String,
    },
}

impl Refusal {
    /// The refusal with this code, which is not 0, and text.
    #[must_use]
    pub fn new(codespace: &str, code: u32, log: &str) -> Self {
        if let Some(refusal) = by_text(log) {
            return refusal;
        }
        match (codespace, code) {
            ("sdk", 4) => Self::Unauthorized,
            ("sdk", 5) => Self::InsufficientFunds,
            ("sdk", 11) => Self::OutOfGas,
            ("sdk", 13) => Self::InsufficientFee {
                required: required(log),
            },
            ("sdk", 19) => Self::AlreadySent,
            ("sdk", 20) => Self::Full,
            ("sdk", 30) => Self::TimedOut,
            ("sdk", 32) => Self::SequenceMismatch { expected: None },
            ("deployment", 3) => Self::DeploymentExists,
            ("deployment", 4) => Self::DeploymentNotFound,
            ("deployment", 5) => Self::DeploymentClosed,
            ("deployment", 9 | 10) => Self::Hash,
            ("market", 12) => Self::BidNotOpen,
            ("escrow", 2) => Self::EscrowClosed,
            ("bme", 5 | 6) => Self::MintHalted,
            ("bme", 17) => Self::BelowMinimumMint,
            _ => Self::Other {
                codespace: codespace.to_owned(),
                code,
                log: log.to_owned(),
            },
        }
    }
}

/// What the text alone tells: a simulation's answer has no code of the module, and some errors lose theirs.
fn by_text(log: &str) -> Option<Refusal> {
    if log.contains("deposit invalid: insufficient balance") {
        Some(Refusal::InsufficientDeposit)
    } else if log.contains("account sequence mismatch") {
        Some(Refusal::SequenceMismatch {
            expected: expected(log),
        })
    } else if log.contains("insufficient funds") {
        Some(Refusal::InsufficientFunds)
    } else if log.contains("tx already exists in cache") {
        Some(Refusal::AlreadySent)
    } else {
        None
    }
}

/// The number in “expected 8, got 7”.
fn expected(log: &str) -> Option<u64> {
    let (_, rest) = log.split_once("expected ")?;
    rest.split(',').next()?.trim().parse().ok()
}

/// The coin in “required: 8000uakt: insufficient fee”.
fn required(log: &str) -> Option<Coin> {
    let (_, rest) = log.split_once("required: ")?;
    let text = rest.split([':', ',']).next()?.trim();
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (amount, denom) = text.split_at(end);
    // A price would have a point: only whole coins are read.
    denom
        .starts_with(|c: char| c.is_ascii_alphabetic())
        .then_some(Coin {
            denom: denom.into(),
            amount: amount.parse().ok()?,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_means_something_only_within_its_codespace() {
        let named = |codespace, code| Refusal::new(codespace, code, "text");
        assert_eq!(named("sdk", 5), Refusal::InsufficientFunds);
        assert_eq!(named("deployment", 5), Refusal::DeploymentClosed);
        assert_eq!(named("bme", 5), Refusal::MintHalted);
        assert_eq!(named("market", 12), Refusal::BidNotOpen);
        assert_eq!(named("sdk", 12).to_string(), "sdk 12: text");
    }

    #[test]
    fn a_text_is_enough_where_the_code_is_lost() {
        let text = "failed to execute message: 5uakt is smaller than 9uakt: insufficient funds";
        assert_eq!(
            Refusal::new("undefined", 1, text),
            Refusal::InsufficientFunds
        );
        assert_eq!(
            Refusal::new("sdk", 19, "tx already exists in cache"),
            Refusal::AlreadySent
        );
    }

    #[test]
    fn the_demanded_fee_is_read_only_where_it_is_whole_coins() {
        let log =
            |fee: &str| format!("insufficient fees; got: 1uakt required: {fee}: insufficient fee");
        assert_eq!(required(&log("8000uakt")), Some(Coin::uakt(8_000)));
        for unclear in ["0.025uakt", "uakt", "8000", ""] {
            assert_eq!(required(&log(unclear)), None, "{unclear}");
        }
    }
}
