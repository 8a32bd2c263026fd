//! The lifecycle of an order, from the draft to the settled receipt.
//!
//! Two pure functions decide everything: [`State::apply`] applies an event to a state, and [`next_step`]
//! names the next action. Once money is in escrow, every path ends in [`State::Settled`] or waits visibly
//! in [`State::NeedsHuman`].

mod event;
mod facts;
mod readiness;
pub mod runtime_limit;
mod step;
mod unwind;

pub use event::Event;
pub use facts::{
    Acceptance, AcceptedBids, Activation, ChainSettlement, CloseReason, Deposited, Opened, Paid,
    Receipt, Running, StrayFate, Updating,
};
pub use readiness::{Readiness, Replicas};
pub use step::{Step, next_step};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::auto_sign::PolicyUse;
use crate::escrow::Terms;
use crate::ids::EscrowId;
use crate::money::TokenAmount;
use crate::quote::Quote;
use crate::time::{Seconds, UnixSeconds};

/// Time for which bids are awaited before the deployment is closed and everything refunded.
pub const BID_WINDOW: Seconds = Seconds::minutes(5);

/// State of an order, with the facts that hold in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
// Externally tagged: an internal tag needs a buffering deserialiser, 10 kB in the browser.
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Words, requirements and an SDL, but no price yet.
    Drafted,
    /// Priced; the buyer can fund the quote until it expires.
    Quoted {
        /// Quote that the buyer can fund.
        quote: Quote,
    },
    /// Terms are fixed, and the buyer is asked to fund the escrow.
    AwaitingDeposit {
        /// Quote that the terms were made from.
        quote: Quote,
        /// Terms of the escrow that the deposit is for.
        terms: Terms,
        /// Id of the escrow: the hash of the terms.
        escrow: EscrowId,
        /// Choice of who picks the bid.
        acceptance: Acceptance,
        /// Policy under which the buyer's kept balance pays; `None` if the buyer deposits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kept: Option<PolicyUse>,
    },
    /// The deposit is confirmed on chain.
    Funded {
        /// Quote, terms and deposit of the order.
        paid: Paid,
    },
    /// The intent to open is recorded; whether Akash was called is not known.
    Opening {
        /// Quote, terms and deposit of the order.
        paid: Paid,
        /// Unix time at which the intent was recorded: any deployment of ours on Akash since then is this
        /// one.
        requested_at: UnixSeconds,
    },
    /// Open on Akash, collecting bids.
    Bidding {
        /// Quote, terms and deposit of the order.
        paid: Paid,
        /// Deployment on Akash.
        opened: Opened,
        /// Unix time at which the bid window closes.
        until: UnixSeconds,
    },
    /// A bid is chosen, and the escrow is being activated at its rate.
    Activating {
        /// Quote, terms and deposit of the order.
        paid: Paid,
        /// Deployment on Akash.
        opened: Opened,
        /// Chosen bids, one for each group.
        accepted: AcceptedBids,
    },
    /// The escrow streams; the lease is being created and the manifest delivered.
    Leasing {
        /// Quote, terms and deposit of the order.
        paid: Paid,
        /// Deployment on Akash.
        opened: Opened,
        /// Chosen bids and the activation of the escrow.
        running: Running,
    },
    /// The lease and the manifest are in place, and the workload runs.
    Active {
        /// Quote, terms and money put in.
        paid: Paid,
        /// Deployment on Akash.
        opened: Opened,
        /// Chosen bids and the activation of the escrow.
        running: Running,
        /// Unix time at which the lease and the manifest were in place.
        leased_at: UnixSeconds,
        /// Threshold in seconds that the buyer was last warned of: less than this is left of the paid time.
        /// `None` before the first warning and again after a top-up.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warned: Option<Seconds>,
        /// Unix time since which the order is on hold because a payment failed: it runs until what is in
        /// escrow is used up, takes no updates, and is then closed. No other money keeps it running. `None` while
        /// it is not on hold.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held_since: Option<UnixSeconds>,
        /// Update on its way to Akash, one at a time; `None` if there is none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        updating: Option<Updating>,
        /// Unix time at which all of it was first ready; `None` until then, and again after an update.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ready_at: Option<UnixSeconds>,
    },
    /// The deployment is being closed on Akash.
    Closing {
        /// Quote, terms and money put in.
        paid: Paid,
        /// Deployment on Akash; `None` if none was opened.
        opened: Option<Opened>,
        /// Chosen bids and the activation of the escrow; `None` if the escrow was not activated.
        running: Option<Running>,
        /// Reason for the end.
        why: CloseReason,
        /// Unix time up to which the buyer pays for usage.
        ended_at: UnixSeconds,
        /// End of the escrow on chain, if it was ended from outside already; else `None`.
        settled: Option<ChainSettlement>,
    },
    /// Closed on Akash; usage is being paid and the rest refunded.
    Settling {
        /// Quote, terms and money put in.
        paid: Paid,
        /// Deployment on Akash; `None` if none was opened.
        opened: Option<Opened>,
        /// Chosen bids and the activation of the escrow; `None` if the escrow was not activated.
        running: Option<Running>,
        /// Reason for the end.
        why: CloseReason,
        /// Unix time up to which the buyer pays for usage.
        ended_at: UnixSeconds,
    },
    /// Settled in full.
    Settled {
        /// Record of who received how much and in which transaction.
        receipt: Receipt,
    },
    /// Money that cannot be settled automatically: an operator decides and records the decision.
    NeedsHuman {
        /// Description of what is in the way, for the operator and the buyer.
        cause: String,
        /// State in which the order got stuck, and to which it returns.
        before: Box<State>,
    },
    /// Abandoned before any money was in escrow.
    Abandoned {
        /// Reason, as a sentence for the buyer.
        why: String,
    },
}

/// An event that cannot happen in the current state: a bug, or a duplicate event.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{event} cannot happen to an order that is {state}")]
pub struct TransitionError {
    /// Name of the event ([`Event::name`]).
    pub event: &'static str,
    /// Name of the state that the event met ([`State::name`]).
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

    /// Texts of the state that may hold the buyer's secrets, always in the same order: the manifest, then
    /// the text of an update.
    pub fn texts_mut(&mut self) -> Vec<&mut String> {
        let (opened, updating) = match self {
            Self::Bidding { opened, .. }
            | Self::Activating { opened, .. }
            | Self::Leasing { opened, .. } => (Some(opened), None),
            Self::Active {
                opened, updating, ..
            } => (Some(opened), updating.as_mut()),
            Self::Closing { opened, .. } | Self::Settling { opened, .. } => (opened.as_mut(), None),
            Self::Settled { receipt } => (receipt.opened.as_mut(), None),
            Self::NeedsHuman { before, .. } => return before.texts_mut(),
            Self::Drafted
            | Self::Quoted { .. }
            | Self::AwaitingDeposit { .. }
            | Self::Funded { .. }
            | Self::Opening { .. }
            | Self::Abandoned { .. } => (None, None),
        };
        let manifest = opened.map(|opened| &mut opened.manifest);
        let update = updating.map(|update| &mut update.sdl);
        manifest.into_iter().chain(update).collect()
    }

    /// Whether the state is final.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Settled { .. } | Self::Abandoned { .. })
    }

    /// Whether the buyer may still change words and SDL.
    #[must_use]
    pub const fn is_editable(&self) -> bool {
        matches!(self, Self::Drafted | Self::Quoted { .. })
    }

    /// Unix time since which the order is on hold: a payment failed, and no updates are accepted until one
    /// succeeds.
    #[must_use]
    pub const fn held_since(&self) -> Option<UnixSeconds> {
        match self {
            Self::Active { held_since, .. } => *held_since,
            _ => None,
        }
    }

    /// Checks that an update can be sent now.
    ///
    /// # Errors
    /// The reason against it, as a sentence for the buyer.
    pub const fn takes_updates(&self) -> Result<(), &'static str> {
        match self {
            Self::Active {
                held_since: Some(_),
                ..
            } => Err(
                "A payment failed, so this deployment is on hold and takes no updates. Add money first.",
            ),
            Self::Active {
                updating: Some(_), ..
            } => Err("An update is on its way. Send the next one when it is done."),
            Self::Active { .. } => Ok(()),
            _ => Err("Only what runs can be updated."),
        }
    }

    /// The update that is on its way to Akash.
    #[must_use]
    pub const fn updating(&self) -> Option<&Updating> {
        match self {
            Self::Active { updating, .. } => updating.as_ref(),
            _ => None,
        }
    }

    /// Quote, terms and money put in, once money is in escrow.
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

    /// Unix time up to which usage is charged; `None` before the deployment ends and if there was none.
    #[must_use]
    pub const fn usage_ended_at(&self) -> Option<UnixSeconds> {
        match self {
            Self::Closing { ended_at, .. } | Self::Settling { ended_at, .. } => Some(*ended_at),
            Self::Settled { receipt } => Some(receipt.settlement.ended_at),
            Self::NeedsHuman { before, .. } => before.usage_ended_at(),
            _ => None,
        }
    }

    /// The quote that is valid or was paid.
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

    /// Id of the escrow, from the moment its terms are fixed.
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

    /// Applies `event` to this state.
    ///
    /// # Errors
    /// If the event cannot happen in this state; the caller keeps the old state.
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
            // Requested again with another wallet or another choice: the newer terms replace the older
            // ones.
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
            // No buyer is present to pick a bid, so the best one under the cap is taken.
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
            // Announced, not paid: the price stays valid, and the buyer can still do anything with the
            // quote.
            (Self::Quoted { quote }, Event::PaymentAnnounced { .. } | Event::PaymentCancelled) => {
                Self::Quoted { quote }
            }
            (Self::AwaitingDeposit { .. }, Event::DraftChanged) => Self::Drafted,
            (Self::AwaitingDeposit { quote, .. }, Event::DepositCancelled) => {
                Self::Quoted { quote }
            }
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
                updating: None,
                ready_at: None,
            },
            (state @ Self::Active { .. }, event) if event.is_of_a_running_one() => {
                return state.while_active(event).ok_or(refused);
            }
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
            // Does not depend on the state: it is recorded, and the order continues.
            (state, Event::MoneyStrayed { .. }) => state,
            (
                Self::Drafted | Self::Quoted { .. } | Self::AwaitingDeposit { .. },
                Event::Abandoned { why },
            ) => Self::Abandoned { why },
            (state, event) => return state.unwind(event).ok_or(refused),
        })
    }

    /// Applies an event that leaves an active deployment running.
    fn while_active(mut self, event: Event) -> Option<Self> {
        let Self::Active {
            opened,
            warned,
            held_since,
            updating,
            ready_at,
            ..
        } = &mut self
        else {
            return None;
        };
        match event {
            Event::Ready { at } if ready_at.is_none() => *ready_at = Some(at),
            Event::RunningLow { left } => *warned = Some(left),
            Event::PaymentFailed { at, .. } => *held_since = held_since.or(Some(at)),
            Event::UpdateRequested { update } if held_since.is_none() && updating.is_none() => {
                *updating = Some(update);
            }
            Event::Updated { manifest, .. } => {
                updating.take()?;
                opened.manifest = manifest;
                *ready_at = None;
            }
            Event::UpdateRefused { .. } => {
                updating.take()?;
            }
            _ => return None,
        }
        Some(self)
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

#[cfg(test)]
mod tests;
