//! What becomes true of an order on its way, carried by its states.

use serde::{Deserialize, Serialize};

use crate::akash::{Bid, Dseq};
use crate::escrow::{ScaledRate, Terms};
use crate::ids::{EscrowId, TxHash};
use crate::money::{TokenAmount, UactPerBlock};
use crate::quote::Quote;
use crate::time::{Seconds, UnixSeconds};

/// Who picks the bid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// The buyer, from the live table.
    #[default]
    Manual,
    /// The best bid under the quoted cap is taken, as the buyer chose at the deposit.
    Automatic,
}

/// A deposit confirmed on chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposited {
    /// How much arrived.
    pub amount: TokenAmount,
    /// In which transaction.
    pub tx: TxHash,
    /// In which block.
    pub block: u64,
    /// When.
    pub at: UnixSeconds,
}

/// What becomes of money that no order waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrayFate {
    /// The contract has it in its books: Necto has it given back whole.
    GoesBack,
    /// It was sent past the contract's calls: only the operator can make it good.
    OperatorOwes,
}

/// What was paid for, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The price.
    pub quote: Quote,
    /// What the buyer signed.
    pub terms: Terms,
    /// The escrow that holds the money.
    pub escrow: EscrowId,
    /// Who picks the bid.
    pub acceptance: Acceptance,
    /// The deposit.
    pub deposited: Deposited,
    /// What was added later.
    pub topped_up: TokenAmount,
}

impl Paid {
    /// Everything the buyer put in.
    #[must_use]
    pub const fn total(&self) -> TokenAmount {
        self.deposited.amount.saturating_add(self.topped_up)
    }
}

/// A deployment on Akash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Its number.
    pub dseq: Dseq,
    /// The manifest exactly as Console returned it: it rewrote the SDL, so ours would not match.
    pub manifest: String,
    /// How many groups want a bid each.
    pub groups: u32,
    /// When.
    pub at: UnixSeconds,
}

/// Another text for what runs, on its way to Akash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updating {
    /// The SDL that is to run.
    pub sdl: String,
    /// What it changes, a word or two each: “env of web”.
    pub changes: Vec<String>,
    /// When the buyer sent it.
    pub at: UnixSeconds,
}

/// The chosen bids, one for each group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedBids {
    /// One a group.
    pub bids: Vec<Bid>,
    /// When they were chosen.
    pub at: UnixSeconds,
}

impl AcceptedBids {
    /// What they cost together, per block.
    #[must_use]
    pub fn price(&self) -> UactPerBlock {
        self.bids.iter().map(|bid| bid.price).sum()
    }
}

/// The escrow streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// What the buyer pays per second.
    pub rate: ScaledRate,
    /// Since when, by the chain's time.
    pub at: UnixSeconds,
    /// In which transaction.
    pub tx: TxHash,
}

/// Chosen bids with the activation made for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The chosen bids.
    pub accepted: AcceptedBids,
    /// The escrow's activation.
    pub activation: Activation,
}

impl Running {
    /// When what was paid for is used up: the asked duration, no longer than the deposit lasts,
    /// and then as long as the top-ups last.
    #[must_use]
    pub fn paid_until(&self, paid: &Paid) -> UnixSeconds {
        let rate = self.activation.rate;
        let lasts = |amount| rate.seconds_paid_by(amount).unwrap_or(Seconds(u64::MAX));
        let asked = paid.quote.duration.min(lasts(paid.deposited.amount));
        let added = match paid.topped_up {
            TokenAmount::ZERO => Seconds(0),
            amount => lasts(amount),
        };
        self.activation.at.after(asked).after(added)
    }

    /// When the deployment is closed unless somebody closes it earlier: a little before what was
    /// paid for is used up, so that closing itself is paid.
    #[must_use]
    pub fn closes_at(&self, paid: &Paid) -> UnixSeconds {
        UnixSeconds(self.paid_until(paid).0.saturating_sub(CLOSING_MARGIN.0))
    }
}

/// How long before its end that is.
const CLOSING_MARGIN: Seconds = Seconds(30);

/// Why an order with money in escrow came to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The buyer closed it.
    Buyer,
    /// What was paid for is used up.
    BudgetSpent,
    /// Nobody bid in time.
    NoBids,
    /// The buyer picked no bid in time.
    NotPicked,
    /// A batch workload is done.
    Finished,
    /// The lease ended from Akash's side.
    LeaseLost {
        /// What Akash or the probe said.
        reason: String,
    },
    /// A step failed for good.
    Failed {
        /// Why.
        reason: String,
    },
    /// The escrow was ended on chain from outside.
    EscrowEnded,
}

impl CloseReason {
    /// One sentence for the buyer.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Buyer => "You closed it.".to_owned(),
            Self::BudgetSpent => "The time you paid for is used up.".to_owned(),
            Self::NoBids => "No provider bid in 5 minutes.".to_owned(),
            Self::NotPicked => "No bid was picked in 5 minutes.".to_owned(),
            Self::Finished => "The job is done: it ended with exit code 0.".to_owned(),
            Self::LeaseLost { reason } => format!("The provider ended the lease: {reason}."),
            Self::Failed { reason } => reason.clone(),
            Self::EscrowEnded => "The escrow was ended on chain.".to_owned(),
        }
    }
}

/// How the escrow ended, as the chain says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainSettlement {
    /// Paid for usage (the fee is part of it).
    pub released: TokenAmount,
    /// Back to the buyer.
    pub refunded: TokenAmount,
    /// Until when usage was counted, by the chain's time.
    pub ended_at: UnixSeconds,
    /// In which transaction.
    pub tx: TxHash,
}

/// The end of the story: who got what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// What was paid.
    pub paid: Paid,
    /// The deployment on Akash, if there was one.
    pub opened: Option<Opened>,
    /// Chosen bids and activation, if it ran.
    pub running: Option<Running>,
    /// Why it ended.
    pub why: CloseReason,
    /// When usage ended.
    pub ended_at: UnixSeconds,
    /// How the escrow ended.
    pub settlement: ChainSettlement,
}
