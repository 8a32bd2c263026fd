//! Waits for the deposit, and watches the escrow for changes made from outside.

use std::time::Duration;

use domain::auto_sign::PolicyUse;
use domain::deployment::{ChainSettlement, Deposited, Event, Paid, State};
use domain::escrow::Terms;
use domain::ids::EscrowId;
use domain::money::TokenAmount;
use domain::time::{Seconds, UnixSeconds};

use super::{Drive, Progress, Sent, Tries, Trouble};
use crate::jobs::follow_chain;
use crate::orders::order::Order;
use crate::payment::outbox::{self, Intent, NewIntent, Purpose};
use crate::ports::{EscrowOnChain, EscrowStatus};
use crate::storage::{StorageError, exposure, policies};

/// After this long without a sign of the deposit, the chain is polled less often.
const EAGER: Seconds = Seconds::minutes(10);

/// Polling interval after that.
const PATIENT: Duration = Duration::from_secs(15);

/// Most time that opening, bidding and activation need after the deposit is confirmed.
pub(super) const NEEDED_TO_ACTIVATE: Seconds = Seconds::minutes(8);

/// Number of looks in a row (two minutes) after which a missing escrow counts as gone.
pub(super) const VANISHED: u64 = 7;

/// A payment from a buyer's kept balance.
struct Paying<'a> {
    terms: &'a Terms,
    escrow: EscrowId,
    under: &'a PolicyUse,
    /// Unix time after which the quote no longer holds.
    until: UnixSeconds,
}

impl Drive<'_> {
    pub(super) async fn watch_deposit(&self, order: &Order) -> Result<Progress, Trouble> {
        if let Some(found) = self.deposit(order).await? {
            return self.record(found).await;
        }
        let relayed = match &order.state {
            State::AwaitingDeposit {
                quote,
                terms,
                escrow,
                kept: Some(under),
                ..
            } => {
                let paying = Paying {
                    terms,
                    escrow: *escrow,
                    under,
                    until: quote.expires_at,
                };
                Some(self.pay_from_kept(order, paying).await?)
            }
            State::AwaitingDeposit { escrow, .. } => {
                outbox::latest(self.backend, Purpose::Fund, &escrow.to_string()).await?
            }
            _ => None,
        };
        let sent = match relayed {
            Some(intent) if !intent.failed() => Sent::OnItsWay,
            _ => self.sent(Purpose::Fund.name()).await?,
        };
        let notice = match sent {
            Sent::Nothing => None,
            Sent::OnItsWay => Some("Your deposit is on its way; waiting for confirmations."),
            // A wallet or its node can name any transaction: only the escrow's own books count.
            Sent::Counts => Some(
                "The transaction that your wallet named has not paid this order. Look into the \
                 wallet, then pay again: the order takes one deposit.",
            ),
            Sent::Reverted => Some("The chain refused your deposit: nothing was taken. Try again."),
        };
        self.notice(order, notice).await?;
        let waited = self.now().since(order.state_since);
        let eager = notice.is_some() || waited < EAGER;
        let poll = self.backend.settings().poll.chain;
        Ok(Progress::Wait(if eager { poll } else { PATIENT.max(poll) }))
    }

    /// Records once that the buyer's kept balance pays the order. A refusal is final: the buyer is
    /// then asked.
    async fn pay_from_kept(&self, order: &Order, paying: Paying<'_>) -> Result<Intent, Trouble> {
        let mut connection = self.backend.storage().read().await?;
        let armed = policies::by_digest(&mut connection, paying.under.policy).await?;
        let source = exposure::of(&mut connection, order.id).await?.source;
        drop(connection);
        let armed = armed.ok_or(StorageError::Stale)?;
        let call = self.backend.ports().kept.fund_from_kept_call(
            paying.terms,
            &armed.policy,
            &armed.signature,
        );
        let intent = NewIntent {
            buyer: Some(paying.terms.buyer),
            source,
            expires_at: Some(paying.until),
            ..NewIntent::for_escrow(Purpose::Spend, order.id, paying.escrow, call)
        };
        self.send(&intent, Tries::One).await
    }

    pub(super) async fn abandon_unfunded(&self, order: &Order) -> Result<Progress, Trouble> {
        // A last look, so that a deposit that arrived in time is never missed.
        if let Some(found) = self.deposit(order).await? {
            return self.record(found).await;
        }
        let why = "No deposit came in time. Nothing was charged.".to_owned();
        self.record(Event::Abandoned { why }).await
    }

    async fn deposit(&self, order: &Order) -> Result<Option<Event>, Trouble> {
        let State::AwaitingDeposit { escrow, .. } = &order.state else {
            return Ok(None);
        };
        let Some(on_chain) = self.backend.ports().chain.escrow(*escrow).await? else {
            return Ok(None);
        };
        // The node's view of an escrow is one source and the followed blocks are another: what only
        // one of them shows does not count yet.
        if !follow_chain::saw_funding(self.backend, *escrow).await? {
            return Ok(None);
        }
        let Some(tx) = on_chain.funded_tx else {
            return Err(unread(
                "the escrow is funded, but its transaction is not found yet",
            ));
        };
        Ok(Some(Event::DepositConfirmed {
            deposited: Deposited {
                amount: on_chain.deposited,
                tx,
                block: on_chain.funded_block.unwrap_or_default(),
                at: self.now(),
            },
        }))
    }

    /// Checks the escrow of an order with money in it. Changes from outside are recorded: the end
    /// of the escrow as an event, added money as a top-up. `Err(Progress)` if the order moved.
    pub(super) async fn guard_escrow(
        &self,
        order: &Order,
    ) -> Result<Result<EscrowOnChain, Progress>, Trouble> {
        let Some(paid) = order.state.paid() else {
            return Ok(Err(Progress::Moved));
        };
        let Some(on_chain) = self.backend.ports().chain.escrow(paid.escrow).await? else {
            return self.vanished(paid).await.map(Err);
        };
        if on_chain.status == EscrowStatus::Closed {
            let settlement = settlement(&on_chain)?;
            return Ok(Err(self.record(Event::EscrowEnded { settlement }).await?));
        }
        let added = on_chain.deposited.saturating_sub(paid.total());
        if added > TokenAmount::ZERO {
            return Ok(Err(self.record_top_up(on_chain.deposited).await?));
        }
        Ok(Ok(on_chain))
    }

    /// Handles an escrow that the chain knew before and no longer knows. A node may lag behind, and
    /// a reorganisation may bring the deposit back, so this waits first. Then the deployment is
    /// ended because it is no longer paid for; whether anything can still be settled is decided
    /// there.
    async fn vanished(&self, paid: &Paid) -> Result<Progress, Trouble> {
        let head = self.backend.ports().chain.head().await?;
        if head.number < paid.deposited.block || self.claim.attempts() < VANISHED {
            return Err(unread("the escrow is not on the chain any more"));
        }
        self.give_up("The chain undid your deposit: it is not there any more.")
            .await
    }

    /// Records once the amount in escrow beyond the known amount.
    async fn record_top_up(&self, deposited: TokenAmount) -> Result<Progress, Trouble> {
        self.edit(|order| {
            let known = order.state.paid().map_or(deposited, |paid| paid.total());
            let amount = deposited.saturating_sub(known);
            Ok(match amount {
                TokenAmount::ZERO => Vec::new(),
                amount => vec![Event::ToppedUp { amount }],
            })
        })
        .await
    }
}

/// Returns how a closed escrow ended.
pub(super) fn settlement(on_chain: &EscrowOnChain) -> Result<ChainSettlement, Trouble> {
    let (Some(tx), Some(ended_at)) = (on_chain.closed_tx, on_chain.ended_at) else {
        return Err(unread(
            "the escrow is closed, but its transaction is not found yet",
        ));
    };
    Ok(ChainSettlement {
        released: on_chain.released,
        refunded: on_chain.refunded,
        ended_at,
        tx,
    })
}

/// The chain shows one part and not the other yet: look again shortly.
pub(super) fn unread(why: &str) -> Trouble {
    Trouble::Outside {
        why: why.to_owned(),
        notice: "The chain has not told us everything yet; we keep looking.",
        retry_after: None,
    }
}
