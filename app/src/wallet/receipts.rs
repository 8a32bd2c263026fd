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
        /// The one that counts.
        by: TxHash,
    },
    /// Another transaction took its place: it never happens.
    Cancelled,
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
        !matches!(self, Self::InWallet | Self::Reverted | Self::Cancelled)
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
            Self::Unknown => "unknown",
        }
    }

    /// What it means for the buyer's money.
    pub(crate) const fn meaning(&self) -> &'static str {
        match self {
            Self::InWallet => "Answer in the wallet’s window.",
            Self::Pending => "Sent; waiting for a block. You can leave this page, nothing is lost.",
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
            Self::Unknown => {
                "The network does not show it. It may still arrive: do not pay again, Necto keeps looking."
            }
        }
    }
}

/// What the chain showed of a transaction at one look.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Look {
    /// The receipt's status, if there is a receipt.
    pub(super) receipt: Option<bool>,
    /// Whether the node knows the transaction at all.
    pub(super) known: bool,
    /// Whether the account's nonce is past the transaction's.
    pub(super) nonce_used: bool,
    /// The transaction with the same nonce that is in a block: its hash, its receipt's status and
    /// whether it makes the same call.
    pub(super) rival: Option<(TxHash, bool, bool)>,
}

/// Decides what the look means. Looks in a row that found nothing count as `misses`; the first few
/// are ordinary, since a node may hear of a transaction later than the wallet.
pub(super) fn judge(look: &Look, misses: u32) -> TxState {
    match (look.receipt, &look.rival) {
        (Some(true), _) => TxState::Confirmed,
        (Some(false), _) => TxState::Reverted,
        (None, Some((by, true, true))) => TxState::Replaced { by: *by },
        (None, Some((_, false, true))) => TxState::Reverted,
        (None, Some((_, _, false))) => TxState::Cancelled,
        (None, None) if look.known && !look.nonce_used => TxState::Pending,
        (None, None) if misses < 8 => TxState::Pending,
        (None, None) => TxState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::{Look, TxState, judge};
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
                    receipt: Some(true),
                    ..look.clone()
                },
                0,
                TxState::Confirmed,
            ),
            (
                Look {
                    receipt: Some(false),
                    ..look.clone()
                },
                0,
                TxState::Reverted,
            ),
            (pending.clone(), 0, TxState::Pending),
            (pending, 100, TxState::Pending),
            (look.clone(), 3, TxState::Pending),
            (look.clone(), 8, TxState::Unknown),
            (
                Look {
                    nonce_used: true,
                    rival: Some((other, true, true)),
                    ..look.clone()
                },
                0,
                TxState::Replaced { by: other },
            ),
            (
                Look {
                    nonce_used: true,
                    rival: Some((other, false, true)),
                    ..look.clone()
                },
                0,
                TxState::Reverted,
            ),
            (
                Look {
                    nonce_used: true,
                    rival: Some((other, true, false)),
                    ..look.clone()
                },
                0,
                TxState::Cancelled,
            ),
            (
                Look {
                    nonce_used: true,
                    ..look
                },
                20,
                TxState::Unknown,
            ),
        ];
        for (look, misses, expected) in cases {
            assert_eq!(judge(&look, misses), expected, "{look:?}");
        }
    }

    #[test]
    fn unknown_is_not_an_end() {
        assert!(!TxState::Unknown.is_final() && !TxState::Unknown.worked());
    }
}
