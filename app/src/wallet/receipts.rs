//! Outcomes of transactions, in which an unknown outcome is never a failure.

use domain::ids::TxHash;

/// State or outcome of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TxState {
    /// The wallet request is open.
    InWallet,
    /// Sent, but not in a block yet.
    Pending,
    /// In a block, and succeeded.
    Confirmed,
    /// In a block, but reverted by the contract: only gas was spent.
    Reverted,
    /// The wallet sent the same call again at another gas price, and that transaction counts.
    Replaced {
        /// Hash of the transaction that counts.
        by: TxHash,
    },
    /// Another transaction took its place, so it will never happen.
    Cancelled,
    /// The hash is of a transaction that is not the requested one.
    NotOurs,
    /// No node knows it (any more). It may still happen.
    Unknown,
}

impl TxState {
    /// Whether the state is final.
    pub(crate) const fn is_final(&self) -> bool {
        !matches!(self, Self::InWallet | Self::Pending | Self::Unknown)
    }

    /// Whether the transaction took effect.
    pub(crate) const fn worked(&self) -> bool {
        matches!(self, Self::Confirmed | Self::Replaced { .. })
    }

    /// Whether it was sent and has taken, or may still take, effect.
    pub(crate) const fn is_on_its_way(&self) -> bool {
        !matches!(
            self,
            Self::InWallet | Self::Reverted | Self::Cancelled | Self::NotOurs
        )
    }

    /// Short label of the state.
    pub(crate) const fn label(&self) -> &'static str {
        match self {
            Self::InWallet => "waiting for your wallet",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Reverted => "refused by the contract",
            Self::Replaced { .. } => "replaced and confirmed",
            Self::Cancelled => "cancelled",
            Self::NotOurs => "another transaction",
            Self::Unknown => "not seen on the chain",
        }
    }

    /// Explains what the state means for the buyer's money.
    pub(crate) const fn meaning(&self) -> &'static str {
        match self {
            Self::InWallet => "Answer in the wallet’s window.",
            Self::Pending => {
                "Sent; waiting for a block. You can leave this page, nothing is lost. If the chain does not show it within 30 seconds, it says so here."
            }
            Self::Confirmed => "In a block.",
            Self::Reverted => {
                "The contract refused it. Only gas was spent; your tUSDC has not moved."
            }
            Self::Replaced { .. } => {
                "Your wallet sent it again at another gas price; that one counts."
            }
            Self::Cancelled => {
                "Another transaction of yours took its place, so it never happened. Your tUSDC has not moved."
            }
            Self::NotOurs => {
                "The wallet gave the hash of a transaction that is not this one. It does not count, and nothing is known to have been sent: look into the wallet, then try again."
            }
            Self::Unknown => {
                "For 30 seconds no node has shown it: the wallet may not have sent it. It may still arrive; Necto keeps looking."
            }
        }
    }
}

/// Verdict of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Receipt {
    /// The call succeeded.
    Worked,
    /// The contract reverted the call.
    Refused,
    /// The receipt is that of another transaction.
    OfAnother,
}

/// The chain's information on a transaction at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Look {
    /// Verdict of the receipt; `None` if there is no receipt.
    pub(super) receipt: Option<Receipt>,
    /// `true` if the node knows the transaction, in a block or not.
    pub(super) known: bool,
    /// `true` if the account has used the transaction's nonce.
    pub(super) nonce_used: bool,
    /// Another transaction in a block with the same nonce: its hash, whether it succeeded, and whether it
    /// makes the same call. `None` if none was found.
    pub(super) rival: Option<(TxHash, bool, bool)>,
}

/// Decides the state. A node may learn of a transaction later than the wallet, so an unseen transaction is
/// unknown only once it `is_overdue`.
pub(super) fn judge(look: &Look, is_overdue: bool) -> TxState {
    match (look.receipt, &look.rival) {
        (Some(Receipt::Worked), _) => TxState::Confirmed,
        (Some(Receipt::Refused), _) => TxState::Reverted,
        (Some(Receipt::OfAnother), _) => TxState::NotOurs,
        (None, Some((by, true, true))) => TxState::Replaced { by: *by },
        (None, Some((_, false, true))) => TxState::Reverted,
        (None, Some((_, _, false))) => TxState::Cancelled,
        (None, None) if look.known && !look.nonce_used => TxState::Pending,
        (None, None) if !is_overdue => TxState::Pending,
        (None, None) => TxState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, Receipt, TxState, judge};
    use domain::ids::TxHash;

    #[test]
    fn the_outcomes_are_told_apart() {
        let other = TxHash::from_bytes([1; 32]);
        let look = Look::default();
        let pending = Look {
            known: true,
            ..look.clone()
        };
        let cases = [
            (
                Look {
                    receipt: Some(Receipt::Worked),
                    ..look.clone()
                },
                false,
                TxState::Confirmed,
            ),
            (
                Look {
                    receipt: Some(Receipt::Refused),
                    ..look.clone()
                },
                false,
                TxState::Reverted,
            ),
            (
                Look {
                    receipt: Some(Receipt::OfAnother),
                    ..look.clone()
                },
                false,
                TxState::NotOurs,
            ),
            (pending.clone(), false, TxState::Pending),
            (pending, true, TxState::Pending),
            (look.clone(), false, TxState::Pending),
            (look.clone(), true, TxState::Unknown),
            (
                Look {
                    nonce_used: true,
                    rival: Some((other, true, true)),
                    ..look.clone()
                },
                false,
                TxState::Replaced { by: other },
            ),
            (
                Look {
                    nonce_used: true,
                    rival: Some((other, false, true)),
                    ..look.clone()
                },
                false,
                TxState::Reverted,
            ),
            (
                Look {
                    nonce_used: true,
                    rival: Some((other, true, false)),
                    ..look.clone()
                },
                false,
                TxState::Cancelled,
            ),
            (
                Look {
                    nonce_used: true,
                    ..look
                },
                true,
                TxState::Unknown,
            ),
        ];
        for (look, is_overdue, expected) in cases {
            assert_eq!(judge(&look, is_overdue), expected, "{look:?}");
        }
    }

    #[test]
    fn unknown_is_not_an_end() {
        assert!(!TxState::Unknown.is_final() && !TxState::Unknown.worked());
    }

    #[test]
    fn another_transaction_is_an_end_that_counts_for_nothing() {
        let another = TxState::NotOurs;
        assert!(another.is_final() && !another.worked() && !another.is_on_its_way());
    }
}
