//! What can happen to an order.

use serde::{Deserialize, Serialize};

use super::{
    Acceptance, AcceptedBids, Activation, ChainSettlement, Deposited, Opened, StrayFate, Updating,
};
use crate::auto_sign::PolicyUse;
use crate::escrow::Terms;
use crate::ids::{Address, EscrowId, TxHash};
use crate::money::TokenAmount;
use crate::quote::Quote;
use crate::time::{Seconds, UnixSeconds};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The draft was changed: an earlier price no longer holds.
    DraftChanged,
    /// A price was made.
    Quoted {
        /// The price.
        quote: Quote,
    },
    /// The price ran out before it was funded.
    QuoteExpired,
    /// The buyer asked to fund it; terms are fixed.
    DepositPrepared {
        /// What the buyer signs.
        terms: Terms,
        /// The escrow those terms make.
        escrow: EscrowId,
        /// Who picks the bid.
        acceptance: Acceptance,
    },
    /// The buyer took the prepared terms back before anything was paid.
    DepositCancelled,
    /// The buyer's kept balance pays, under a policy the buyer signed; terms are fixed.
    AutoSigned {
        /// What is paid for.
        terms: Terms,
        /// The escrow those terms make.
        escrow: EscrowId,
        /// Under which policy.
        under: PolicyUse,
    },
    /// The buyer's kept balance will pay, under a policy the buyer signed, unless it is cancelled.
    PaymentAnnounced {
        /// How much.
        deposit: TokenAmount,
        /// When.
        at: UnixSeconds,
        /// Under which policy.
        under: PolicyUse,
    },
    /// The buyer cancelled a payment that was announced.
    PaymentCancelled,
    /// The deposit is on chain and confirmed.
    DepositConfirmed {
        /// The deposit.
        deposited: Deposited,
    },
    /// The intent to open a deployment, recorded before the call.
    OpenRequested {
        /// When.
        at: UnixSeconds,
    },
    /// Open on Akash.
    Opened {
        /// The deployment.
        opened: Opened,
    },
    /// Bids were chosen, by the buyer or automatically.
    BidAccepted {
        /// One a group.
        accepted: AcceptedBids,
    },
    /// Nobody bid within the window.
    NoBids {
        /// When the window closed.
        at: UnixSeconds,
    },
    /// There were bids, but the buyer picked none within the window.
    NotPicked {
        /// When the window closed.
        at: UnixSeconds,
    },
    /// The escrow streams at the bid's rate, confirmed on chain.
    ActivationConfirmed {
        /// Since when, at which rate.
        activation: Activation,
    },
    /// The lease exists and the provider has the manifest.
    LeaseStarted {
        /// When.
        at: UnixSeconds,
    },
    /// Everything that was asked for is ready, by its providers' word.
    Ready {
        /// When it was noticed.
        at: UnixSeconds,
    },
    /// The buyer put more money into the escrow.
    ToppedUp {
        /// How much.
        amount: TokenAmount,
    },
    /// A payment that was to keep it running failed.
    PaymentFailed {
        /// When it was noticed.
        at: UnixSeconds,
        /// Why, for the buyer.
        reason: String,
    },
    /// The buyer sent another text to run under the same lease.
    UpdateRequested {
        /// What is to run.
        update: Updating,
    },
    /// Akash took the update.
    Updated {
        /// When.
        at: UnixSeconds,
        /// The manifest that runs from now on.
        manifest: String,
        /// What changed, a word or two each.
        changes: Vec<String>,
    },
    /// The update was not taken; what ran before runs on.
    UpdateRefused {
        /// When.
        at: UnixSeconds,
        /// Why, for the buyer.
        reason: String,
    },
    /// What was paid for is nearly used up, and the buyer is told.
    RunningLow {
        /// Less than this is left.
        left: Seconds,
    },
    /// The buyer closes it.
    CloseRequested {
        /// When.
        at: UnixSeconds,
    },
    /// What was paid for is used up.
    BudgetSpent {
        /// When.
        at: UnixSeconds,
    },
    /// A batch workload is done: its container ended with exit code 0.
    Finished {
        /// When it was noticed.
        at: UnixSeconds,
    },
    /// The lease ended from Akash's side, or the provider is gone.
    LeaseLost {
        /// When it was noticed.
        at: UnixSeconds,
        /// What Akash or the probe said.
        reason: String,
    },
    /// A step failed for good; what was begun is unwound.
    StepFailed {
        /// When.
        at: UnixSeconds,
        /// Why, for the buyer.
        reason: String,
    },
    /// The escrow was ended on chain from outside: by the buyer, or by anyone after silence.
    EscrowEnded {
        /// What the chain says.
        settlement: ChainSettlement,
    },
    /// Closed on Akash, or never opened there.
    Closed {
        /// When.
        at: UnixSeconds,
    },
    /// The escrow's end is confirmed on chain.
    SettlementConfirmed {
        /// What the chain says.
        settlement: ChainSettlement,
    },
    /// Money is stuck; an operator must decide.
    Stuck {
        /// What is in the way.
        cause: String,
    },
    /// An operator decided to go on from where it was stuck.
    Resumed {
        /// Who decided.
        by: Address,
        /// Why, in the operator's words.
        note: String,
    },
    /// Money came that the order does not wait for: late, for other terms, or without a call.
    MoneyStrayed {
        /// How much, in words, with the token's name.
        amount: String,
        /// What becomes of it.
        fate: StrayFate,
        /// In which transaction.
        tx: TxHash,
    },
    /// Given up before funding.
    Abandoned {
        /// Why.
        why: String,
    },
}

impl Event {
    /// The event's name, as stored and shown.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::DraftChanged => "draft_changed",
            Self::Quoted { .. } => "quoted",
            Self::QuoteExpired => "quote_expired",
            Self::DepositPrepared { .. } => "deposit_prepared",
            Self::DepositCancelled => "deposit_cancelled",
            Self::AutoSigned { .. } => "auto_signed",
            Self::PaymentAnnounced { .. } => "payment_announced",
            Self::PaymentCancelled => "payment_cancelled",
            Self::DepositConfirmed { .. } => "deposit_confirmed",
            Self::OpenRequested { .. } => "open_requested",
            Self::Opened { .. } => "opened",
            Self::BidAccepted { .. } => "bid_accepted",
            Self::NoBids { .. } => "no_bids",
            Self::NotPicked { .. } => "not_picked",
            Self::ActivationConfirmed { .. } => "activation_confirmed",
            Self::LeaseStarted { .. } => "lease_started",
            Self::Ready { .. } => "ready",
            Self::ToppedUp { .. } => "topped_up",
            Self::PaymentFailed { .. } => "payment_failed",
            Self::UpdateRequested { .. } => "update_requested",
            Self::Updated { .. } => "updated",
            Self::UpdateRefused { .. } => "update_refused",
            Self::RunningLow { .. } => "running_low",
            Self::CloseRequested { .. } => "close_requested",
            Self::BudgetSpent { .. } => "budget_spent",
            Self::Finished { .. } => "finished",
            Self::LeaseLost { .. } => "lease_lost",
            Self::StepFailed { .. } => "step_failed",
            Self::EscrowEnded { .. } => "escrow_ended",
            Self::Closed { .. } => "closed",
            Self::SettlementConfirmed { .. } => "settlement_confirmed",
            Self::Stuck { .. } => "stuck",
            Self::Resumed { .. } => "resumed",
            Self::MoneyStrayed { .. } => "money_strayed",
            Self::Abandoned { .. } => "abandoned",
        }
    }

    /// Whether it happens only to what runs, and leaves it running.
    pub(super) const fn is_of_a_running_one(&self) -> bool {
        matches!(
            self,
            Self::Ready { .. }
                | Self::RunningLow { .. }
                | Self::PaymentFailed { .. }
                | Self::UpdateRequested { .. }
                | Self::Updated { .. }
                | Self::UpdateRefused { .. }
        )
    }
}
