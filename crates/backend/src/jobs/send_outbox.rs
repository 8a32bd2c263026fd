//! Sends the intents in the outbox. There is one job for the operator's account, so that nonces are
//! assigned one after another, whichever worker runs it.

use std::collections::HashSet;
use std::time::Duration;

use domain::deployment::State;
use domain::gas::Gwei;
use domain::ids::TxHash;
use domain::time::Seconds;
use futures::{StreamExt, stream};
use thiserror::Error;

use crate::fail_points::{Side, reach};
use crate::orders::next_jobs;
use crate::payment::outbox::{Intent, Purpose, Status};
use crate::ports::{Broadcast, ChainError, GasPrice, Inclusion, Nonces, OperatorAccount};
use crate::queue::{self, Claim, Outcome};
use crate::storage::outbox::{self, Ending, Signing};
use crate::storage::{StorageError, orders, policies, transactions};
use crate::{Backend, observe};

/// A transaction that is not in a block after this long is signed again at a higher gas price.
const STUCK: Seconds = Seconds(45);

/// Number of sent transactions that are followed at the same time.
const FOLLOWED_AT_ONCE: usize = 8;

/// Number of times that one run looks for new intents to sign before other jobs get their turn.
const PASSES: usize = 10;

#[derive(Debug, Error)]
enum OutboxError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Chain(#[from] ChainError),
    #[error("the claim was lost")]
    ClaimLost,
}

/// Runs the job.
pub(crate) async fn run(backend: &Backend, claim: &Claim) -> Outcome {
    let sending = Sending { backend, claim };
    match sending.all().await {
        Ok(true) => Outcome::Again(backend.settings().poll.chain),
        Ok(false) => Outcome::Done,
        Err(error) => Outcome::Failed(error.to_string()),
    }
}

struct Sending<'a> {
    backend: &'a Backend,
    claim: &'a Claim,
}

/// The parameters for signing the next transaction.
#[derive(Debug, Clone, Copy)]
struct Next {
    nonce: u64,
    price: GasPrice,
}

impl Sending<'_> {
    /// Runs once over the outbox; returns whether anything is left that has to be checked again.
    async fn all(&self) -> Result<bool, OutboxError> {
        let mut silent = None;
        // A call that makes the node fail must not hold up the others.
        let mut note = |result| match result {
            Err(OutboxError::Chain(error)) => {
                silent = Some(error);
                Ok(())
            }
            result => result,
        };
        let sent = self.with_status(Status::Sent).await?;
        if !sent.is_empty() {
            match self.account().nonces().await {
                Ok(nonces) => {
                    let mut followed = stream::iter(sent)
                        .map(|intent| async move { self.follow(&intent, nonces).await })
                        .buffer_unordered(FOLLOWED_AT_ONCE);
                    while let Some(result) = followed.next().await {
                        note(result)?;
                    }
                }
                Err(error) => note(Err(error.into()))?,
            }
        }
        let mut begun = HashSet::new();
        // Intents that are added while others are being started are started in the same run.
        for _ in 0..PASSES {
            let mut waiting = self.with_status(Status::Waiting).await?;
            waiting.retain(|intent| begun.insert(intent.id.clone()));
            if waiting.is_empty() {
                break;
            }
            let mut next = None;
            for intent in waiting {
                note(self.begin(&intent, &mut next).await)?;
            }
        }
        match silent {
            Some(error) => Err(error.into()),
            None => Ok(!self.with_status(Status::Sent).await?.is_empty()
                || !self.with_status(Status::Waiting).await?.is_empty()),
        }
    }

    /// Signs and sends an intent that is not signed yet, with `next` if it is known, and then
    /// advances `next`.
    async fn begin(&self, intent: &Intent, next: &mut Option<Next>) -> Result<(), OutboxError> {
        if let Some(reason) = self.needless(intent).await? {
            return self
                .end(intent, Status::Void, None, Gwei::ZERO, Some(reason))
                .await;
        }
        let account = self.account();
        let gas = match account.estimate(&intent.call).await {
            Ok(gas) => gas,
            Err(ChainError::Refused(reason)) => {
                return self
                    .end(intent, Status::Refused, None, Gwei::ZERO, Some(reason))
                    .await;
            }
            Err(error) => return Err(error.into()),
        };
        let Next { nonce, price } = match *next {
            Some(known) => known,
            None => self.next().await?,
        };
        let signing = self.sign(intent, nonce, gas, price).await?;
        let transaction = self.claim.begin_write(self.backend).await?;
        let mut transaction = transaction.ok_or(OutboxError::ClaimLost)?;
        outbox::assign(&mut transaction, &intent.id, nonce, gas).await?;
        outbox::add_signing(&mut transaction, &intent.id, &signing, price.cost_of(gas)).await?;
        self.show(&mut transaction, intent, None, signing.transaction.hash)
            .await?;
        reach(Side::Before, "transaction_note");
        transaction.commit().await?;
        *next = Some(Next {
            nonce: nonce + 1,
            price,
        });
        reach(Side::After, "transaction_note");
        self.tell(intent);
        reach(Side::Before, intent.purpose.name());
        self.broadcast(&signing).await?;
        reach(Side::After, intent.purpose.name());
        Ok(())
    }

    /// Returns the nonce after all those assigned here or pending at the node, and the gas price.
    async fn next(&self) -> Result<Next, OutboxError> {
        let sent = self.with_status(Status::Sent).await?;
        let given = sent.iter().filter_map(|sent| sent.nonce).max();
        let account = self.account();
        Ok(Next {
            nonce: account
                .pending_nonce()
                .await?
                .max(given.map_or(0, |given| given + 1)),
            price: account.gas_price().await?,
        })
    }

    /// Returns the reason to drop an unsigned intent, if there is one.
    async fn needless(&self, intent: &Intent) -> Result<Option<String>, OutboxError> {
        let now = self.backend.ports().clock.now();
        if intent.expires_at.is_some_and(|at| now >= at) {
            return Ok(Some("it was not sent in time".to_owned()));
        }
        let (Purpose::Fund | Purpose::Spend, Some(order)) = (intent.purpose, intent.order) else {
            return Ok(None);
        };
        let mut connection = self.backend.storage().read().await?;
        let order = orders::load(&mut connection, order).await?;
        let waiting = order.map(|order| order.state).filter(|state| {
            let escrow = state.escrow().map(|escrow| escrow.to_string());
            state.paid().is_none() && escrow.as_deref() == Some(intent.subject.as_str())
        });
        let Some(waiting) = waiting else {
            return Ok(Some("the order does not wait for it any more".to_owned()));
        };
        if intent.purpose == Purpose::Fund {
            return Ok(None);
        }
        let State::AwaitingDeposit {
            terms,
            kept: Some(under),
            ..
        } = waiting
        else {
            return Ok(Some("you pay it yourself".to_owned()));
        };
        let armed = policies::armed(&mut connection, terms.buyer).await?;
        let is_on = armed.is_some_and(|armed| armed.digest == under.policy);
        Ok((!is_on).then(|| "you switched auto-sign off, or signed another policy".to_owned()))
    }

    /// Determines the status of the signed transaction, and sends it again if it had no effect.
    async fn follow(&self, intent: &Intent, nonces: Nonces) -> Result<(), OutboxError> {
        let signings =
            outbox::signings(&mut self.backend.storage().read().await?, &intent.id).await?;
        let (Some(nonce), Some(last)) = (intent.nonce, signings.last()) else {
            return self.release(intent, None).await;
        };
        if nonce < nonces.settled {
            return self.settle(intent, nonce, &signings, last).await;
        }
        if nonce < nonces.mined {
            // In a block that does not have enough confirmations yet.
            return Ok(());
        }
        // Later nonces wait for the first one, whatever they pay.
        let first = nonce == nonces.mined;
        let stuck = first && self.backend.ports().clock.now().since(last.at) >= STUCK;
        if stuck || self.broadcast(last).await? == Broadcast::Underpriced {
            self.pay_more(intent, nonce, last).await?;
        }
        Ok(())
    }

    /// Records the outcome of a transaction whose nonce is spent for good.
    async fn settle(
        &self,
        intent: &Intent,
        nonce: u64,
        signings: &[Signing],
        last: &Signing,
    ) -> Result<(), OutboxError> {
        if let Some((tx, inclusion)) = self.included(signings).await? {
            return self.conclude(intent, signings, tx, inclusion).await;
        }
        // None of our versions is in a block. A node that lags behind the one that gave the count
        // reports the same, so it must agree on the count first.
        if self.account().nonces().await?.settled <= nonce {
            return Ok(());
        }
        match self.included(signings).await? {
            Some((tx, inclusion)) => self.conclude(intent, signings, tx, inclusion).await,
            None => {
                // Another process with the same key used the nonce.
                observe::nonce_taken(&intent.id, nonce);
                self.release(intent, Some(last)).await
            }
        }
    }

    /// Returns the version that is in a block.
    async fn included(
        &self,
        signings: &[Signing],
    ) -> Result<Option<(TxHash, Inclusion)>, OutboxError> {
        for signing in signings.iter().rev() {
            let tx = signing.transaction.hash;
            if let Some(inclusion) = self.account().inclusion(tx).await? {
                return Ok(Some((tx, inclusion)));
            }
        }
        Ok(None)
    }

    async fn conclude(
        &self,
        intent: &Intent,
        signings: &[Signing],
        tx: TxHash,
        inclusion: Inclusion,
    ) -> Result<(), OutboxError> {
        if !inclusion.counts {
            return Ok(());
        }
        let last = signings.last().map(|signing| signing.transaction.hash);
        if let Some(last) = last.filter(|last| *last != tx) {
            let mut transaction = self.backend.storage().begin_write().await?;
            self.show(&mut transaction, intent, Some(last), tx).await?;
            transaction.commit().await?;
        }
        if inclusion.worked {
            return self
                .end(intent, Status::Done, Some(tx), inclusion.fee, None)
                .await;
        }
        // Nodes do not keep the reason; asked again, the contract usually gives the same one.
        let reason = match self.account().estimate(&intent.call).await {
            Err(ChainError::Refused(reason)) => reason,
            _ => "the contract refused it".to_owned(),
        };
        self.end(
            intent,
            Status::Refused,
            Some(tx),
            inclusion.fee,
            Some(reason),
        )
        .await
    }

    /// Signs the same call with the same nonce at a higher price, so that only one of them can take
    /// effect. A transaction that already pays enough is sent again unchanged.
    async fn pay_more(
        &self,
        intent: &Intent,
        nonce: u64,
        last: &Signing,
    ) -> Result<(), OutboxError> {
        let gas = intent.gas.unwrap_or_default();
        let market = self.account().gas_price().await?;
        if last.price.is_plenty(market) {
            self.broadcast(last).await?;
            return Ok(());
        }
        let price = last.price.raised(market);
        let signing = self.sign(intent, nonce, gas, price).await?;
        let transaction = self.claim.begin_write(self.backend).await?;
        let mut transaction = transaction.ok_or(OutboxError::ClaimLost)?;
        outbox::add_signing(&mut transaction, &intent.id, &signing, price.cost_of(gas)).await?;
        let (before, now) = (last.transaction.hash, signing.transaction.hash);
        self.show(&mut transaction, intent, Some(before), now)
            .await?;
        transaction.commit().await?;
        observe::price_raised(&intent.id, nonce, price.max_fee_wei);
        self.tell(intent);
        self.broadcast(&signing).await?;
        Ok(())
    }

    async fn sign(
        &self,
        intent: &Intent,
        nonce: u64,
        gas: u64,
        price: GasPrice,
    ) -> Result<Signing, OutboxError> {
        Ok(Signing {
            transaction: self.account().sign(&intent.call, nonce, gas, price).await?,
            price,
            at: self.backend.ports().clock.now(),
        })
    }

    async fn broadcast(&self, signing: &Signing) -> Result<Broadcast, OutboxError> {
        Ok(self.account().broadcast(&signing.transaction.raw).await?)
    }

    /// Takes the nonce back, along with everything signed for it: it can no longer take effect.
    async fn release(&self, intent: &Intent, last: Option<&Signing>) -> Result<(), OutboxError> {
        let transaction = self.claim.begin_write(self.backend).await?;
        let mut transaction = transaction.ok_or(OutboxError::ClaimLost)?;
        outbox::release(&mut transaction, &intent.id).await?;
        if let (Some(order), Some(last)) = (intent.order, last) {
            let tx = last.transaction.hash;
            transactions::forget(&mut transaction, order, intent.purpose.name(), tx).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn end(
        &self,
        intent: &Intent,
        status: Status,
        tx: Option<TxHash>,
        fee: Gwei,
        reason: Option<String>,
    ) -> Result<(), OutboxError> {
        let clock = &self.backend.ports().clock;
        let transaction = self.claim.begin_write(self.backend).await?;
        let mut transaction = transaction.ok_or(OutboxError::ClaimLost)?;
        // The reason is placed in the middle of a sentence.
        let reason = reason.map(|reason| reason.trim_end_matches('.').to_owned());
        if let Some(reason) = &reason {
            observe::not_sent(&intent.id, status.name(), reason);
        }
        let ending = Ending {
            status,
            tx,
            fee,
            reason,
        };
        outbox::finish(&mut transaction, &intent.id, &ending, clock.now()).await?;
        // A successful heartbeat moves no order.
        let moves = intent.purpose != Purpose::Heartbeat || status != Status::Done;
        if moves
            && let Some(id) = intent.order
            && let Some(order) = orders::load(&mut transaction, id).await?
        {
            next_jobs::enqueue(&mut transaction, &order, clock.now_ms()).await?;
        }
        transaction.commit().await?;
        self.tell(intent);
        Ok(())
    }

    /// Lists the transaction among those of its order, replacing an earlier version.
    async fn show(
        &self,
        connection: &mut crate::storage::Connection,
        intent: &Intent,
        instead_of: Option<TxHash>,
        tx: TxHash,
    ) -> Result<(), StorageError> {
        let Some(order) = intent.order else {
            return Ok(());
        };
        let (kind, now) = (intent.purpose.name(), self.backend.ports().clock.now());
        if let Some(before) = instead_of {
            transactions::forget(connection, order, kind, before).await?;
        }
        transactions::remember(connection, order, kind, tx, now).await?;
        orders::touch(connection, order, now).await
    }

    fn tell(&self, intent: &Intent) {
        if let Some(order) = intent.order {
            self.backend.wake_worker();
            self.backend.announce(order);
        }
    }

    async fn with_status(&self, status: Status) -> Result<Vec<Intent>, StorageError> {
        let mut connection = self.backend.storage().read().await?;
        outbox::with_status(&mut connection, status).await
    }

    fn account(&self) -> &dyn OperatorAccount {
        self.backend.ports().operator.as_ref()
    }
}

/// Returns the wait before a refused intent is started again.
pub(crate) fn rest(round: u64) -> Duration {
    queue::backoff(round + 1)
}
