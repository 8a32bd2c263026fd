//! Events in the life of an order.

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

/// An event in the life of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The draft was changed, which voids an earlier price.
    DraftChanged,
    /// The order was priced.
    Quoted {
        /// Quote that was made.
        quote: Quote,
    },
    /// The quote expired before it was funded.
    QuoteExpired,
    /// The buyer asked to fund the quote; the terms are fixed.
    DepositPrepared {
        /// Terms of the escrow that the buyer is asked to fund.
        terms: Terms,
        /// Id of the escrow: the hash of the terms.
        escrow: EscrowId,
        /// Choice of who picks the bid.
        acceptance: Acceptance,
    },
    /// The buyer withdrew the prepared terms before anything was paid.
    DepositCancelled,
    /// The kept balance pays under a policy that the buyer signed; the terms are fixed.
    AutoSigned {
        /// Terms of the escrow that the kept balance funds.
        terms: Terms,
        /// Id of the escrow: the hash of the terms.
        escrow: EscrowId,
        /// Policy and limits under which it is paid.
        under: PolicyUse,
    },
    /// The kept balance will pay under a policy that the buyer signed, unless the buyer cancels.
    PaymentAnnounced {
        /// Amount to be paid into the escrow, in micro-USDC.
        deposit: TokenAmount,
        /// Unix time at which it is paid unless the buyer cancels.
        at: UnixSeconds,
        /// Policy and limits under which it will be paid.
        under: PolicyUse,
    },
    /// The buyer cancelled an announced payment.
    PaymentCancelled,
    /// The deposit is confirmed on chain.
    DepositConfirmed {
        /// Amount, transaction and block of the deposit.
        deposited: Deposited,
    },
    /// The intent to open a deployment was recorded, before the call.
    OpenRequested {
        /// Unix time at which the intent was recorded, by Necto's clock.
        at: UnixSeconds,
    },
    /// The deployment is open on Akash.
    Opened {
        /// Deployment as Console created it, or as an earlier try had left it.
        opened: Opened,
    },
    /// Bids were chosen, by the buyer or automatically.
    BidAccepted {
        /// Chosen bids, one for each group.
        accepted: AcceptedBids,
    },
    /// There were no bids within the window.
    NoBids {
        /// Unix time at which Necto ended the bidding: the window was over.
        at: UnixSeconds,
    },
    /// There were bids, but the buyer picked none within the window.
    NotPicked {
        /// Unix time at which Necto ended the bidding: the window was over.
        at: UnixSeconds,
    },
    /// The escrow streams at the bid's rate, as confirmed on chain.
    ActivationConfirmed {
        /// Rate, time and transaction of the activation, from the chain.
        activation: Activation,
    },
    /// The lease exists and the provider has the manifest.
    LeaseStarted {
        /// Unix time at which the lease and the manifest were found in place.
        at: UnixSeconds,
    },
    /// Everything that was asked for is ready, as the providers report.
    Ready {
        /// Unix time at which Necto noticed it.
        at: UnixSeconds,
    },
    /// The buyer added money to the escrow.
    ToppedUp {
        /// Amount that was added, in micro-USDC.
        amount: TokenAmount,
    },
    /// A payment that was meant to keep the deployment running failed.
    PaymentFailed {
        /// Unix time at which Necto noticed it.
        at: UnixSeconds,
        /// Reason, as a sentence for the buyer.
        reason: String,
    },
    /// The buyer sent a new SDL to run under the same lease.
    UpdateRequested {
        /// SDL that is to run, with its changes.
        update: Updating,
    },
    /// Akash accepted the update.
    Updated {
        /// Unix time at which Necto recorded it.
        at: UnixSeconds,
        /// Manifest that runs from now on, as Console returned it.
        manifest: String,
        /// Changes, each in a word or two: “env of web”.
        changes: Vec<String>,
    },
    /// The update was refused; the previous version keeps running.
    UpdateRefused {
        /// Unix time at which Necto recorded it.
        at: UnixSeconds,
        /// Reason, as a sentence for the buyer.
        reason: String,
    },
    /// The paid time is nearly used up, and the buyer is told.
    RunningLow {
        /// Threshold in seconds: less than this is left of the paid time.
        left: Seconds,
    },
    /// The buyer closed the order.
    CloseRequested {
        /// Unix time at which the buyer closed it; usage of what runs is paid up to then.
        at: UnixSeconds,
    },
    /// The paid time is used up.
    BudgetSpent {
        /// Unix time at which Necto noticed it; usage is paid up to then.
        at: UnixSeconds,
    },
    /// A batch workload is done: its container ended with exit code 0.
    Finished {
        /// Unix time at which Necto noticed it; usage is paid up to then.
        at: UnixSeconds,
    },
    /// The lease was ended from Akash's side, or the provider is gone.
    LeaseLost {
        /// Unix time up to which usage is paid: when Necto noticed the loss, or when the silence before it
        /// began.
        at: UnixSeconds,
        /// Words of Akash or of the probe, such as “it stopped answering”.
        reason: String,
    },
    /// A step failed permanently; what was begun is undone.
    StepFailed {
        /// Unix time at which the step was given up; usage of what runs is paid up to then.
        at: UnixSeconds,
        /// Reason, as a sentence for the buyer.
        reason: String,
    },
    /// The escrow was ended on chain from outside: by the buyer, or by anyone after silence.
    EscrowEnded {
        /// Amounts, time and transaction of the end, from the chain.
        settlement: ChainSettlement,
    },
    /// The deployment is closed on Akash, or was never opened there.
    Closed {
        /// Unix time at which nothing was open on Akash any more, by Necto's clock.
        at: UnixSeconds,
    },
    /// The escrow's end is confirmed on chain.
    SettlementConfirmed {
        /// Amounts, time and transaction of the end, from the chain.
        settlement: ChainSettlement,
    },
    /// Money is stuck; an operator must decide.
    Stuck {
        /// Description of what is in the way, for the operator and the buyer.
        cause: String,
    },
    /// An operator decided to continue from where the order got stuck.
    Resumed {
        /// Wallet of the operator who decided.
        by: Address,
        /// Reason in the operator's words; the buyer reads it.
        note: String,
    },
    /// Money arrived that the order does not wait for: late, for other terms, or without a call of the
    /// contract.
    MoneyStrayed {
        /// Amount in words, with the token's name.
        amount: String,
        /// Fate of the money: returned, or owed by the operator.
        fate: StrayFate,
        /// Hash of the transaction in which it came.
        tx: TxHash,
    },
    /// Abandoned before funding.
    Abandoned {
        /// Reason, as a sentence for the buyer.
        why: String,
    },
}

impl Event {
    /// Name of the event, as stored and shown.
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

    /// Whether the event happens only to a running deployment and leaves it running.
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
