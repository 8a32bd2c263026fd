//! Facts that an order collects on its way, carried by its states.

use serde::{Deserialize, Serialize};

use crate::akash::{Bid, Dseq};
use crate::escrow::{ScaledRate, Stream, Terms};
use crate::ids::{EscrowId, TxHash};
use crate::money::{TokenAmount, UactPerBlock};
use crate::quote::Quote;
use crate::time::{Seconds, UnixSeconds};

/// Choice of who picks the bid: the buyer or Necto.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acceptance {
    /// The buyer picks from the live table.
    #[default]
    Manual,
    /// The best bid under the quoted cap is taken, as the buyer chose with the deposit.
    Automatic,
}

/// A deposit confirmed on chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deposited {
    /// Amount that arrived, in micro-USDC.
    pub amount: TokenAmount,
    /// Hash of the transaction that made the deposit.
    pub tx: TxHash,
    /// Number of the block that holds the transaction; zero if the chain did not tell it.
    pub block: u64,
    /// Unix time at which Necto saw the deposit confirmed, by its own clock.
    pub at: UnixSeconds,
}

/// Fate of money that no order waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StrayFate {
    /// The contract has the money in its books, and Necto has all of it returned.
    GoesBack,
    /// The money was sent without a call of the contract: only the operator can refund it.
    OperatorOwes,
}

/// Everything that was paid for, and the money put in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// Quote that was paid for.
    pub quote: Quote,
    /// Terms of the escrow, as funded.
    pub terms: Terms,
    /// Id of the escrow that holds the money.
    pub escrow: EscrowId,
    /// Choice of who picks the bid.
    pub acceptance: Acceptance,
    /// Deposit as it was confirmed on chain.
    pub deposited: Deposited,
    /// Sum of all top-ups, in micro-USDC; zero without any.
    pub topped_up: TokenAmount,
}

impl Paid {
    /// Sum of everything the buyer put in.
    #[must_use]
    pub const fn total(&self) -> TokenAmount {
        self.deposited.amount.saturating_add(self.topped_up)
    }
}

/// A deployment on Akash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opened {
    /// Sequence number of the deployment on Akash.
    pub dseq: Dseq,
    /// The manifest exactly as Console returned it: Console rewrites the SDL, so one of ours would not
    /// match.
    pub manifest: String,
    /// Number of groups; each needs its own bid.
    pub groups: u32,
    /// Unix time at which Necto learned that it is open; the bid window begins then.
    pub at: UnixSeconds,
}

/// A new SDL for the running deployment, on its way to Akash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Updating {
    /// The SDL that is to run.
    pub sdl: String,
    /// Changes it makes, each in a word or two: “env of web”.
    pub changes: Vec<String>,
    /// Unix time at which the buyer sent it.
    pub at: UnixSeconds,
}

/// The chosen bids, one for each group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptedBids {
    /// Chosen bids, one for each group.
    pub bids: Vec<Bid>,
    /// Unix time at which the bids were chosen.
    pub at: UnixSeconds,
}

impl AcceptedBids {
    /// Price of all bids together, per block.
    #[must_use]
    pub fn price(&self) -> UactPerBlock {
        self.bids.iter().map(|bid| bid.price).sum()
    }
}

/// Activation of the escrow, from which it streams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activation {
    /// Price of a second in 10⁻¹² micro-USDC: the chosen bids' rate.
    pub rate: ScaledRate,
    /// Unix time from which the escrow streams, by the chain's clock.
    pub at: UnixSeconds,
    /// Hash of the transaction that activated the escrow.
    pub tx: TxHash,
}

/// Chosen bids with the activation made for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// Chosen bids, with the time of the choice.
    pub accepted: AcceptedBids,
    /// Activation of the escrow at the bids' rate.
    pub activation: Activation,
}

impl Running {
    /// The escrow's stream, as the contract computes it. `last_heartbeat` is the Unix time of the
    /// operator's last heartbeat; before the first one, the activation counts instead.
    #[must_use]
    pub fn stream(&self, paid: &Paid, last_heartbeat: Option<UnixSeconds>) -> Stream {
        let (rate, at) = (self.activation.rate, self.activation.at);
        Stream {
            last_sign_of_life: last_heartbeat.map_or(at, |heard| heard.max(at)),
            ..Stream::activated(paid.total(), rate, paid.terms.heartbeat_window, at)
        }
    }

    /// Unix time at which the paid time ends: the requested duration, limited by what the deposit covers,
    /// then extended by the top-ups.
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

    /// Unix time at which the deployment is closed if nothing closes it earlier: shortly before the paid
    /// time ends, so that closing is covered too.
    #[must_use]
    pub fn closes_at(&self, paid: &Paid) -> UnixSeconds {
        UnixSeconds(self.paid_until(paid).0.saturating_sub(CLOSING_MARGIN.0))
    }
}

/// Time between closing and the end of the paid time.
const CLOSING_MARGIN: Seconds = Seconds(30);

/// Reason why an order with money in escrow ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The buyer closed the order.
    Buyer,
    /// The paid time was used up.
    BudgetSpent,
    /// There were no bids in time.
    NoBids,
    /// The buyer picked no bid in time.
    NotPicked,
    /// A batch workload is done.
    Finished,
    /// The lease ended from Akash's side.
    LeaseLost {
        /// Words of Akash or of the probe, such as “it stopped answering”.
        reason: String,
    },
    /// A step failed permanently.
    Failed {
        /// Reason, as a sentence for the buyer.
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

/// End of the escrow, as recorded on chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainSettlement {
    /// Amount paid for usage, the fee included, in micro-USDC.
    pub released: TokenAmount,
    /// Amount that went back to the buyer, in micro-USDC.
    pub refunded: TokenAmount,
    /// Unix time up to which usage was counted, by the chain's clock.
    pub ended_at: UnixSeconds,
    /// Hash of the transaction that ended the escrow.
    pub tx: TxHash,
}

/// Final record of an order: who received how much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Quote, terms and money put in.
    pub paid: Paid,
    /// Deployment on Akash; `None` if none was opened.
    pub opened: Option<Opened>,
    /// Chosen bids and activation; `None` if the escrow was not activated.
    pub running: Option<Running>,
    /// Reason for the end.
    pub why: CloseReason,
    /// Unix time at which usage ended, as Necto recorded it; the chain's is in `settlement`.
    pub ended_at: UnixSeconds,
    /// End of the escrow on chain: amounts, time and transaction.
    pub settlement: ChainSettlement,
}
