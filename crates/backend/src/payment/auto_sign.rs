//! Auto-sign: decides whether the buyer's kept balance pays a priced order, and reports the outcome
//! of such a payment. The rule is [`domain::auto_sign::decide`]; its inputs are queried here, from
//! the chain and the order, at the time of the decision. Nothing is sent here: the order's own job
//! records the intent ([`crate::jobs::drive_deployment`]).

use domain::auto_sign::{
    Doubt, Facts, Grounds, OrderTerms, Pace, PolicyUse, TIME_TO_CANCEL, Verdict, decide,
};
use domain::deployment::{Acceptance, Event, State};
use domain::escrow::Terms;
use domain::ids::{Address, EscrowId, OrderId};
use domain::money::TokenAmount;
use domain::quote::Quote;

use super::exposure::{self, Full};
use super::gas_budget;
use super::outbox::{Purpose, Status};
use super::terms::new_terms;
use crate::orders::change_error::ChangeError;
use crate::orders::changes;
use crate::ports::ChainError;
use crate::storage::policies::{self, SignedPolicy};
use crate::storage::{Connection, StorageError, exposure as ledger, orders, origins, outbox};
use crate::visitor::Visitor;
use crate::{Backend, Order, UsecaseError, observe};

/// The status of an order's payment from its buyer's kept balance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spending {
    /// It will be sent or was sent, and may take effect at any time.
    OnItsWay,
    /// It is on chain.
    Done,
    /// It had no effect and will have none.
    Failed {
        /// Reason of the failure, as the end of a sentence.
        why: String,
    },
}

/// Returns the status of the payment of an order in `state`; `None` unless the buyer's kept balance
/// pays it.
pub(crate) async fn spending(
    connection: &mut Connection,
    state: &State,
) -> Result<Option<Spending>, StorageError> {
    let State::AwaitingDeposit {
        escrow,
        kept: Some(_),
        ..
    } = state
    else {
        return Ok(None);
    };
    let intent = outbox::latest(connection, Purpose::Spend, &escrow.to_string()).await?;
    Ok(Some(match intent {
        Some(intent) if intent.failed() => Spending::Failed {
            why: intent.reason.unwrap_or_default(),
        },
        Some(intent) if intent.status == Status::Done => Spending::Done,
        // The order's job has yet to record the intent.
        _ => Spending::OnItsWay,
    }))
}

/// Refuses to change an order that is being paid.
///
/// # Errors
/// [`UsecaseError::Conflict`] while the payment may take effect.
pub(crate) async fn nothing_spent(backend: &Backend, state: &State) -> Result<(), UsecaseError> {
    let mut connection = backend.storage().read().await?;
    match spending(&mut connection, state).await? {
        None | Some(Spending::Failed { .. }) => Ok(()),
        Some(Spending::OnItsWay | Spending::Done) => Err(UsecaseError::Conflict(
            "This order is being paid from your prepaid balance, so it stays as it is. Wait for it to \
             arrive; closing the order returns it."
                .to_owned(),
        )),
    }
}

/// Decides whether the buyer's kept balance pays an order with a fresh price, and stores the
/// decision with its reasons. Without a signed-in buyer or a policy nothing happens.
///
/// # Errors
/// If the database fails. A chain that does not answer is a reason to ask the buyer.
pub(crate) async fn consider(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<(), UsecaseError> {
    let Some(buyer) = visitor.address else {
        return Ok(());
    };
    let mut connection = backend.storage().read().await?;
    let armed = policies::armed(&mut connection, buyer).await?;
    let order = orders::load(&mut connection, id).await?;
    drop(connection);
    let (Some(armed), Some(order)) = (armed, order) else {
        return Ok(());
    };
    let State::Quoted { quote } = &order.state else {
        return Ok(());
    };
    // A buyer who cancelled once wants to be asked, and one who is still writing has not seen the
    // price.
    if order.auto_sign == Some(Verdict::Cancelled) || order.working_sdl.is_some() {
        return Ok(());
    }
    exposure::note_source(backend, visitor, id).await?;
    let mut decision = Decision::new(backend, &armed, &order, quote, armed.pace).await?;
    match store(backend, &order, &decision).await {
        // Another order has taken the last place meanwhile.
        Err(ChangeError::Exposed(full)) => {
            decision = decision.without_place(&full);
            store(backend, &order, &decision).await?;
        }
        stored => stored?,
    }
    observe::auto_sign_decided(id, &decision.verdict);
    Ok(())
}

/// Stores the decision for `asked`. If the buyer changed the order meanwhile, that change gets a
/// decision of its own.
async fn store(backend: &Backend, asked: &Order, decision: &Decision) -> Result<(), ChangeError> {
    changes::edit(backend, asked.id, |stored| {
        Ok(match is_same_question(stored, asked) {
            true => decision.write_to(stored),
            false => Vec::new(),
        })
    })
    .await
    .map(drop)
}

/// The outcome of an announced payment when it is due: everything is checked again.
pub(crate) struct Due {
    order: Order,
    decision: Option<Decision>,
}

impl Due {
    /// Decides again about an order whose payment under `under` is due. The policy must still be
    /// the one that the buyer has switched on.
    ///
    /// # Errors
    /// If the database fails. A chain that does not answer is a reason to ask the buyer.
    pub(crate) async fn new(
        backend: &Backend,
        order: &Order,
        quote: &Quote,
        under: &PolicyUse,
    ) -> Result<Self, UsecaseError> {
        let mut connection = backend.storage().read().await?;
        let signed = policies::by_digest(&mut connection, under.policy).await?;
        let armed = match signed {
            Some(signed) => policies::armed(&mut connection, signed.policy.buyer).await?,
            None => None,
        };
        drop(connection);
        let still_on = armed.filter(|armed| armed.digest == under.policy);
        let decision = match still_on {
            Some(armed) => Some(Decision::new(backend, &armed, order, quote, Pace::AtOnce).await?),
            None => None,
        };
        Ok(Self {
            order: order.clone(),
            decision,
        })
    }

    /// Pays, asks the buyer, or does nothing if the order has changed or the payment was cancelled.
    pub(crate) fn write_to(&self, stored: &mut Order) -> Vec<Event> {
        if !is_same_question(stored, &self.order) || stored.auto_sign != self.order.auto_sign {
            return Vec::new();
        }
        match &self.decision {
            Some(decision) => decision.write_to(stored),
            // Auto-sign was switched off, or another policy was signed: the announcement no longer
            // holds.
            None => {
                stored.auto_sign = None;
                Vec::new()
            }
        }
    }

    /// The decision; `None` if auto-sign is off by now.
    pub(crate) fn verdict(&self) -> Option<&Verdict> {
        self.decision.as_ref().map(|decision| &decision.verdict)
    }
}

fn is_same_question(stored: &Order, asked: &Order) -> bool {
    stored.state == asked.state
        && stored.wish == asked.wish
        && stored.sdl == asked.sdl
        && stored.working_sdl == asked.working_sdl
        && stored.confirmed == asked.confirmed
}

/// A verdict and its consequences.
struct Decision {
    verdict: Verdict,
    buyer: Address,
    terms: Terms,
    escrow: EscrowId,
}

impl Decision {
    async fn new(
        backend: &Backend,
        armed: &SignedPolicy,
        order: &Order,
        quote: &Quote,
        pace: Pace,
    ) -> Result<Self, UsecaseError> {
        let buyer = armed.policy.buyer;
        let verdict = match verdict(backend, buyer, armed, order, quote).await {
            Ok(Verdict::Pays(under)) if pace == Pace::AfterCountdown => Verdict::WillPay {
                under,
                at: backend.ports().clock.now().after(TIME_TO_CANCEL),
            },
            Ok(verdict) => verdict,
            Err(Unknown::Chain(error)) => {
                observe::chain_silent_for_auto_sign(order.id, &error);
                Verdict::Asks {
                    doubts: vec![Doubt::ChainSilent],
                }
            }
            Err(Unknown::Storage(error)) => return Err(error.into()),
        };
        let (terms, escrow) = new_terms(backend, order, quote, buyer)?;
        let decision = Self {
            verdict,
            buyer,
            terms,
            escrow,
        };
        Ok(
            match exposure::would_fit(backend, &decision.paid(order, quote)).await? {
                Ok(()) => decision,
                Err(full) => decision.without_place(&full),
            },
        )
    }

    /// Returns the order as it will be while it is being paid; unchanged if it is not paid.
    fn paid(&self, order: &Order, quote: &Quote) -> Order {
        let mut order = order.clone();
        if let Verdict::Pays(under) | Verdict::WillPay { under, .. } = &self.verdict {
            order.state = State::AwaitingDeposit {
                quote: quote.clone(),
                terms: self.terms.clone(),
                escrow: self.escrow,
                acceptance: Acceptance::Automatic,
                kept: Some(under.clone()),
            };
        }
        order
    }

    /// Returns the decision for the case that the operator's caps leave no place: the buyer is
    /// told.
    fn without_place(self, full: &Full) -> Self {
        let sentence = full.refusal.sentence();
        Self {
            verdict: Verdict::Asks {
                doubts: vec![Doubt::NoPlace { sentence }],
            },
            ..self
        }
    }

    fn write_to(&self, order: &mut Order) -> Vec<Event> {
        order.auto_sign = Some(self.verdict.clone());
        match &self.verdict {
            Verdict::Pays(under) => {
                order.buyer = Some(self.buyer);
                vec![Event::AutoSigned {
                    terms: self.terms.clone(),
                    escrow: self.escrow,
                    under: under.clone(),
                }]
            }
            Verdict::WillPay { under, at } => vec![Event::PaymentAnnounced {
                deposit: self.terms.deposit,
                at: *at,
                under: under.clone(),
            }],
            Verdict::Asks { .. } | Verdict::Cancelled => Vec::new(),
        }
    }
}

/// Why an input of a decision is not available.
enum Unknown {
    Chain(ChainError),
    Storage(StorageError),
}

impl From<StorageError> for Unknown {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<ChainError> for Unknown {
    fn from(error: ChainError) -> Self {
        Self::Chain(error)
    }
}

async fn verdict(
    backend: &Backend,
    buyer: Address,
    armed: &SignedPolicy,
    order: &Order,
    quote: &Quote,
) -> Result<Verdict, Unknown> {
    let now = backend.ports().clock.now();
    let (orders_under_way, under_way) = under_way(backend, buyer).await?;
    let origin = origins::of(&mut backend.storage().read().await?, order.id).await?;
    let chain = backend.ports().kept.kept(buyer, now).await?;
    // Interpreted again by the rules alone: a model's reading of the words decides nothing here.
    let rules = order.sentence.as_deref().map(interpret::interpret);
    let grounds = Grounds {
        wish: &order.wish,
        rules: rules.as_ref().map(|read| &read.wish),
        confirmed: &order.confirmed,
        sets_aside: rules
            .as_ref()
            .is_some_and(|read| !read.set_aside.is_empty()),
        steps: &order.steps,
        sdl_source: order.sdl_source,
        origin,
    };
    let decided = decide(&Facts {
        policy: &armed.policy,
        digest: armed.digest,
        chain: &chain,
        under_way,
        orders_under_way,
        quote,
        terms: order_terms(backend, buyer),
        grounds: &grounds,
        now,
    });
    let price = backend.ports().operator.gas_price().await?;
    let source = ledger::of(&mut backend.storage().read().await?, order.id)
        .await?
        .source;
    if matches!(decided, Verdict::Pays(_))
        && gas_budget::has_any(backend, buyer, source, price)
            .await?
            .is_err()
    {
        return Ok(Verdict::Asks {
            doubts: vec![Doubt::GasSpent],
        });
    }
    Ok(decided)
}

/// The terms that all orders of a buyer have in common here.
pub(crate) fn order_terms(backend: &Backend, buyer: Address) -> OrderTerms {
    let settings = backend.settings();
    OrderTerms {
        buyer,
        payee: settings.payee,
        fee_bps: settings.fee_bps,
        heartbeat_window: settings.heartbeat_window,
    }
}

/// Returns the number of the buyer's orders that are being paid and not yet on chain, and their
/// total.
async fn under_way(backend: &Backend, buyer: Address) -> Result<(u32, TokenAmount), StorageError> {
    let mut connection = backend.storage().read().await?;
    let (mut count, mut sum) = (0_u32, TokenAmount::ZERO);
    for order in orders::awaiting_deposit_of(&mut connection, buyer).await? {
        let spending = spending(&mut connection, &order.state).await?;
        if let (Some(Spending::OnItsWay), State::AwaitingDeposit { terms, .. }) =
            (spending, &order.state)
        {
            count = count.saturating_add(1);
            sum = sum.saturating_add(terms.deposit);
        }
    }
    Ok((count, sum))
}
