//! What became of a transaction: told apart, and never "failed" where it is only unknown.

use domain::ids::TxHash;

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TxState {
    /// The wallet is being asked.
    InWallet,
    /// Sent, not in a block yet.
    Pending,
    /// In a block, and it worked.
    Confirmed,
    /// In a block, and the contract refused it: only gas was spent.
    Reverted,
    /// The wallet sent the same call again with another price, and that one counts.
    Replaced {
        /// Hash of the transaction that counts.
        by: TxHash,
    },
    /// Another transaction took its place: it never happens.
    Cancelled,
    /// The hash is of a transaction that is not the one that was asked for.
    NotOurs,
    /// Nobody knows it (any more). It may still happen.
    Unknown,
}

impl TxState {
    /// Whether nothing more will become of it.
    pub(crate) const fn is_final(&self) -> bool {
        !matches!(self, Self::InWallet | Self::Pending | Self::Unknown)
    }

    /// Whether it had its effect.
    pub(crate) const fn worked(&self) -> bool {
        matches!(self, Self::Confirmed | Self::Replaced { .. })
    }

    /// Whether it was sent and has had, or may still have, its effect.
    pub(crate) const fn is_on_its_way(&self) -> bool {
        !matches!(
            self,
            Self::InWallet | Self::Reverted | Self::Cancelled | Self::NotOurs
        )
    }

    /// A word for the state.
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

    /// What it means for the buyer's money.
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

/// What a receipt says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Receipt {
    /// The call worked.
    Worked,
    /// The contract refused the call.
    Refused,
    /// It is another transaction's.
    OfAnother,
}

/// What the chain showed of a transaction at one look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Look {
    /// Verdict of its receipt; `None` if there is no receipt.
    pub(super) receipt: Option<Receipt>,
    /// `true` if the node knows the transaction, in a block or not.
    pub(super) known: bool,
    /// `true` if the account has used up the transaction's nonce.
    pub(super) nonce_used: bool,
    /// Another transaction with the same nonce in a block: its hash, whether it succeeded, and whether it makes
    /// the same call. `None` if none was found.
    pub(super) rival: Option<(TxHash, bool, bool)>,
}

/// Decides what the look means. A node may hear of a transaction later than the wallet: only once
/// it `is_overdue` does not seeing it mean anything.
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
