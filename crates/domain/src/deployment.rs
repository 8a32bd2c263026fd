//! The lifecycle of an order, from the draft to the settled receipt.
//!
//! Two pure functions decide everything: [`State::apply`] says what an event makes of a state,
//! [`next_step`] says what to do next. After money is in escrow every path ends in
//! [`State::Settled`], or waits visibly in [`State::NeedsHuman`].

mod facts;
mod step;

pub use facts::{
    Acceptance, AcceptedBids, Activation, ChainSettlement, CloseReason, Deposited, Opened, Paid,
    Receipt, Running, StrayFate,
};
pub use step::{Step, next_step};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::auto_sign::PolicyUse;
use crate::escrow::Terms;
use crate::ids::{Address, EscrowId, TxHash};
use crate::money::TokenAmount;
use crate::quote::Quote;
use crate::time::{Seconds, UnixSeconds};

/// How long bids are awaited before the deployment is closed and everything refunded.
pub const BID_WINDOW: Seconds = Seconds::minutes(5);

/// Where an order stands, with what is true then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
// Tagged from outside: reading a tag among the fields needs a buffering reader, 10 kB in the browser.
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Words, requirements and an SDL; no price yet.
    Drafted,
    /// A price the buyer can fund until it expires.
    Quoted {
        /// The price.
        quote: Quote,
    },
    /// Terms are fixed and the buyer is asked to fund the escrow.
    AwaitingDeposit {
        /// The price.
        quote: Quote,
        /// What the buyer signs.
        terms: Terms,
        /// The escrow those terms make.
        escrow: EscrowId,
        /// Who picks the bid.
        acceptance: Acceptance,
        /// The policy under which the buyer's kept balance pays; `None` where the buyer does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<PolicyUse>,
    },
    /// The deposit is confirmed on chain.
    Funded {
        /// What was paid for.
        paid: Paid,
    },
    /// The intent to open is recorded; the call to Akash may or may not have happened.
    Opening {
        /// What was paid for.
        paid: Paid,
        /// When the intent was recorded: anything of ours on Akash since then is this one.
        requested_at: UnixSeconds,
    },
    /// Open on Akash, collecting bids.
    Bidding {
        /// What was paid for.
        paid: Paid,
        /// The deployment on Akash.
        opened: Opened,
        /// When the window closes.
        until: UnixSeconds,
    },
    /// A bid is chosen; the escrow is being activated at its rate.
    Activating {
        /// What was paid for.
        paid: Paid,
        /// The deployment on Akash.
        opened: Opened,
        /// The chosen bids, one a group.
        accepted: AcceptedBids,
    },
    /// The escrow streams; the lease and the manifest are being delivered.
    Leasing {
        /// What was paid for.
        paid: Paid,
        /// The deployment on Akash.
        opened: Opened,
        /// Chosen bids and activation.
        running: Running,
    },
    /// Runs.
    Active {
        /// What was paid for.
        paid: Paid,
        /// The deployment on Akash.
        opened: Opened,
        /// Chosen bids and activation.
        running: Running,
        /// When the lease and the manifest were in place.
        leased_at: UnixSeconds,
        /// The threshold the buyer was last told of: less than so much is left.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warned: Option<Seconds>,
        /// Since when it is on hold, because a payment failed: it runs until what is in escrow is
        /// used up, takes no updates, and is then closed. Nobody else pays for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_since: Option<UnixSeconds>,
    },
    /// Being closed on Akash.
    Closing {
        /// What was paid for.
        paid: Paid,
        /// The deployment on Akash, if one was opened.
        opened: Option<Opened>,
        /// Chosen bids and activation, if it came so far.
        running: Option<Running>,
        /// Why.
        why: CloseReason,
        /// Until when the buyer pays.
        ended_at: UnixSeconds,
        /// The escrow's end, if it was ended from outside already.
        settled: Option<ChainSettlement>,
    },
    /// Closed on Akash; usage is being paid and the rest refunded.
    Settling {
        /// What was paid for.
        paid: Paid,
        /// The deployment on Akash, if one was opened.
        opened: Option<Opened>,
        /// Chosen bids and activation, if it came so far.
        running: Option<Running>,
        /// Why.
        why: CloseReason,
        /// Until when the buyer pays.
        ended_at: UnixSeconds,
    },
    /// Over, to the last micro-dollar.
    Settled {
        /// Who got what, in which transaction.
        receipt: Receipt,
    },
    /// Money that cannot be settled automatically: an operator decides and records it.
    NeedsHuman {
        /// What is in the way.
        cause: String,
        /// The state it was in.
        before: Box<State>,
    },
    /// Given up before any money was in escrow.
    Abandoned {
        /// Why.
        why: String,
    },
}

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
    /// The buyer's kept balance pays, under a policy the buyer signed; terms are fixed.
    AutoSigned {
        /// What is paid for.
        terms: Terms,
        /// The escrow those terms make.
        escrow: EscrowId,
        /// Under which policy.
        under: PolicyUse,
    },
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

/// An event that makes no sense in the state it met: a bug, or an event that came twice.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{event} cannot happen to an order that is {state}")]
pub struct TransitionError {
    /// The event's name.
    pub event: &'static str,
    /// The state's name.
    pub state: &'static str,
}

impl State {
    /// The state's name, as stored and shown.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Drafted => "drafted",
            Self::Quoted { .. } => "quoted",
            Self::AwaitingDeposit { .. } => "awaiting_deposit",
            Self::Funded { .. } => "funded",
            Self::Opening { .. } => "opening",
            Self::Bidding { .. } => "bidding",
            Self::Activating { .. } => "activating",
            Self::Leasing { .. } => "leasing",
            Self::Active { .. } => "active",
            Self::Closing { .. } => "closing",
            Self::Settling { .. } => "settling",
            Self::Settled { .. } => "settled",
            Self::NeedsHuman { .. } => "needs_human",
            Self::Abandoned { .. } => "abandoned",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Settled { .. } | Self::Abandoned { .. })
    }

    /// Whether the buyer may still change words and SDL.
    #[must_use]
    pub const fn is_editable(&self) -> bool {
        matches!(self, Self::Drafted | Self::Quoted { .. })
    }

    /// Since when it is on hold: a payment failed, and it takes no updates until one works.
    #[must_use]
    pub const fn held_since(&self) -> Option<UnixSeconds> {
        match self {
            Self::Active { held_since, .. } => *held_since,
            _ => None,
        }
    }

    /// What was paid for, once money is in escrow.
    #[must_use]
    pub const fn paid(&self) -> Option<&Paid> {
        match self {
            Self::Funded { paid }
            | Self::Opening { paid, .. }
            | Self::Bidding { paid, .. }
            | Self::Activating { paid, .. }
            | Self::Leasing { paid, .. }
            | Self::Active { paid, .. }
            | Self::Closing { paid, .. }
            | Self::Settling { paid, .. } => Some(paid),
            Self::Settled { receipt } => Some(&receipt.paid),
            Self::Drafted
            | Self::Quoted { .. }
            | Self::AwaitingDeposit { .. }
            | Self::Abandoned { .. } => None,
            Self::NeedsHuman { before, .. } => before.paid(),
        }
    }

    /// The deployment on Akash, once there is one.
    #[must_use]
    pub const fn opened(&self) -> Option<&Opened> {
        match self {
            Self::Bidding { opened, .. }
            | Self::Activating { opened, .. }
            | Self::Leasing { opened, .. }
            | Self::Active { opened, .. } => Some(opened),
            Self::Closing { opened, .. } | Self::Settling { opened, .. } => opened.as_ref(),
            Self::Settled { receipt } => receipt.opened.as_ref(),
            Self::NeedsHuman { before, .. } => before.opened(),
            _ => None,
        }
    }

    /// Chosen bids and activation, once the escrow streams.
    #[must_use]
    pub const fn running(&self) -> Option<&Running> {
        match self {
            Self::Leasing { running, .. } | Self::Active { running, .. } => Some(running),
            Self::Closing { running, .. } | Self::Settling { running, .. } => running.as_ref(),
            Self::Settled { receipt } => receipt.running.as_ref(),
            Self::NeedsHuman { before, .. } => before.running(),
            _ => None,
        }
    }

    /// The price that holds or was paid.
    #[must_use]
    pub const fn quote(&self) -> Option<&Quote> {
        match self {
            Self::Quoted { quote } | Self::AwaitingDeposit { quote, .. } => Some(quote),
            _ => match self.paid() {
                Some(paid) => Some(&paid.quote),
                None => None,
            },
        }
    }

    /// The escrow, from the moment its terms are fixed.
    #[must_use]
    pub const fn escrow(&self) -> Option<EscrowId> {
        match self {
            Self::AwaitingDeposit { escrow, .. } => Some(*escrow),
            _ => match self.paid() {
                Some(paid) => Some(paid.escrow),
                None => None,
            },
        }
    }

    /// What `event` makes of this state.
    ///
    /// # Errors
    /// When the event cannot happen here; the caller keeps the old state.
    pub fn apply(self, event: Event) -> Result<Self, TransitionError> {
        let refused = TransitionError {
            event: event.name(),
            state: self.name(),
        };
        Ok(match (self, event) {
            (Self::Drafted | Self::Quoted { .. }, Event::DraftChanged)
            | (Self::Quoted { .. }, Event::QuoteExpired) => Self::Drafted,
            (Self::Drafted | Self::Quoted { .. }, Event::Quoted { quote }) => {
                Self::Quoted { quote }
            }
            // Asked again with another wallet or another choice: the newer terms hold.
            (
                Self::Quoted { quote } | Self::AwaitingDeposit { quote, .. },
                Event::DepositPrepared {
                    terms,
                    escrow,
                    acceptance,
                },
            ) => Self::AwaitingDeposit {
                quote,
                terms,
                escrow,
                acceptance,
                kept: None,
            },
            // Nobody is there to pick a bid: the best one under the cap is taken.
            (
                Self::Quoted { quote },
                Event::AutoSigned {
                    terms,
                    escrow,
                    under,
                },
            ) => Self::AwaitingDeposit {
                quote,
                terms,
                escrow,
                acceptance: Acceptance::Automatic,
                kept: Some(under),
            },
            (Self::AwaitingDeposit { .. }, Event::DraftChanged) => Self::Drafted,
            (
                Self::AwaitingDeposit {
                    quote,
                    terms,
                    escrow,
                    acceptance,
                    ..
                },
                Event::DepositConfirmed { deposited },
            ) => Self::Funded {
                paid: Paid {
                    quote,
                    terms,
                    escrow,
                    acceptance,
                    deposited,
                    topped_up: TokenAmount::ZERO,
                },
            },
            (Self::Funded { paid }, Event::OpenRequested { at }) => Self::Opening {
                paid,
                requested_at: at,
            },
            (Self::Opening { paid, .. }, Event::Opened { opened }) => {
                let until = opened.at.after(BID_WINDOW);
                Self::Bidding {
                    paid,
                    opened,
                    until,
                }
            }
            (Self::Bidding { paid, opened, .. }, Event::BidAccepted { accepted }) => {
                Self::Activating {
                    paid,
                    opened,
                    accepted,
                }
            }
            (
                Self::Activating {
                    paid,
                    opened,
                    accepted,
                },
                Event::ActivationConfirmed { activation },
            ) => Self::Leasing {
                paid,
                opened,
                running: Running {
                    accepted,
                    activation,
                },
            },
            (
                Self::Leasing {
                    paid,
                    opened,
                    running,
                },
                Event::LeaseStarted { at },
            ) => Self::Active {
                paid,
                opened,
                running,
                leased_at: at,
                warned: None,
                held_since: None,
            },
            (
                Self::Active {
                    paid,
                    opened,
                    running,
                    leased_at,
                    held_since,
                    ..
                },
                Event::RunningLow { left },
            ) => Self::Active {
                paid,
                opened,
                running,
                leased_at,
                warned: Some(left),
                held_since,
            },
            (
                Self::Active {
                    paid,
                    opened,
                    running,
                    leased_at,
                    warned,
                    held_since,
                },
                Event::PaymentFailed { at, .. },
            ) => Self::Active {
                paid,
                opened,
                running,
                leased_at,
                warned,
                held_since: held_since.or(Some(at)),
            },
            (mut state, Event::ToppedUp { amount }) => {
                let Some(paid) = state.paid_mut() else {
                    return Err(refused);
                };
                paid.topped_up = paid.topped_up.saturating_add(amount);
                if let Self::Active {
                    warned, held_since, ..
                } = &mut state
                {
                    *warned = None;
                    *held_since = None;
                }
                state
            }
            (
                Self::Closing {
                    paid,
                    opened,
                    running,
                    why,
                    ended_at,
                    settled,
                },
                Event::Closed { .. },
            ) => match settled {
                Some(settlement) => Self::Settled {
                    receipt: Receipt {
                        paid,
                        opened,
                        running,
                        why,
                        ended_at,
                        settlement,
                    },
                },
                None => Self::Settling {
                    paid,
                    opened,
                    running,
                    why,
                    ended_at,
                },
            },
            (
                Self::Settling {
                    paid,
                    opened,
                    running,
                    why,
                    ended_at,
                },
                Event::SettlementConfirmed { settlement } | Event::EscrowEnded { settlement },
            ) => Self::Settled {
                receipt: Receipt {
                    paid,
                    opened,
                    running,
                    why,
                    ended_at,
                    settlement,
                },
            },
            (
                Self::Closing {
                    paid,
                    opened,
                    running,
                    why,
                    ended_at,
                    ..
                },
                Event::EscrowEnded { settlement },
            ) => Self::Closing {
                paid,
                opened,
                running,
                why,
                ended_at,
                settled: Some(settlement),
            },
            (state @ (Self::Settling { .. } | Self::Closing { .. }), Event::Stuck { cause }) => {
                Self::NeedsHuman {
                    cause,
                    before: Box::new(state),
                }
            }
            (Self::NeedsHuman { before, .. }, Event::Resumed { .. }) => *before,
            // It belongs to no state: it is told, and the order goes on.
            (state, Event::MoneyStrayed { .. }) => state,
            (
                Self::Drafted | Self::Quoted { .. } | Self::AwaitingDeposit { .. },
                Event::Abandoned { why },
            ) => Self::Abandoned { why },
            (state, event) => return state.unwind(event).ok_or(refused),
        })
    }

    /// The ways out of every state that holds money: close on Akash, then settle.
    fn unwind(self, event: Event) -> Option<Self> {
        let (why, at, settled) = match event {
            Event::CloseRequested { at } => (CloseReason::Buyer, at, None),
            Event::BudgetSpent { at } => (CloseReason::BudgetSpent, at, None),
            Event::NoBids { at } => (CloseReason::NoBids, at, None),
            Event::NotPicked { at } => (CloseReason::NotPicked, at, None),
            Event::Finished { at } => (CloseReason::Finished, at, None),
            Event::LeaseLost { at, reason } => (CloseReason::LeaseLost { reason }, at, None),
            Event::StepFailed { at, reason } => (CloseReason::Failed { reason }, at, None),
            Event::EscrowEnded { settlement } => (
                CloseReason::EscrowEnded,
                settlement.ended_at,
                Some(settlement),
            ),
            _ => return None,
        };
        let only_bidding = matches!(why, CloseReason::NoBids | CloseReason::NotPicked);
        let only_running = matches!(
            why,
            CloseReason::BudgetSpent | CloseReason::Finished | CloseReason::LeaseLost { .. }
        );
        let (paid, opened, running, ended_at) = match self {
            Self::Funded { paid } | Self::Opening { paid, .. }
                if !only_bidding && !only_running =>
            {
                (paid, None, None, at)
            }
            Self::Bidding { paid, opened, .. } if !only_running => (paid, Some(opened), None, at),
            Self::Activating { paid, opened, .. } if !only_bidding && !only_running => {
                (paid, Some(opened), None, at)
            }
            // The buyer gets nothing before the lease runs, so nothing accrues before it.
            Self::Leasing {
                paid,
                opened,
                running,
            } if !only_bidding => {
                let activated = running.activation.at;
                (paid, Some(opened), Some(running), activated)
            }
            Self::Active {
                paid,
                opened,
                running,
                ..
            } if !only_bidding => (paid, Some(opened), Some(running), at),
            _ => return None,
        };
        Some(Self::Closing {
            paid,
            opened,
            running,
            why,
            ended_at,
            settled,
        })
    }

    const fn paid_mut(&mut self) -> Option<&mut Paid> {
        match self {
            Self::Funded { paid }
            | Self::Opening { paid, .. }
            | Self::Bidding { paid, .. }
            | Self::Activating { paid, .. }
            | Self::Leasing { paid, .. }
            | Self::Active { paid, .. }
            | Self::Closing { paid, .. }
            | Self::Settling { paid, .. } => Some(paid),
            _ => None,
        }
    }
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
            Self::AutoSigned { .. } => "auto_signed",
            Self::DepositConfirmed { .. } => "deposit_confirmed",
            Self::OpenRequested { .. } => "open_requested",
            Self::Opened { .. } => "opened",
            Self::BidAccepted { .. } => "bid_accepted",
            Self::NoBids { .. } => "no_bids",
            Self::NotPicked { .. } => "not_picked",
            Self::ActivationConfirmed { .. } => "activation_confirmed",
            Self::LeaseStarted { .. } => "lease_started",
            Self::ToppedUp { .. } => "topped_up",
            Self::PaymentFailed { .. } => "payment_failed",
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
}

#[cfg(test)]
mod tests;
