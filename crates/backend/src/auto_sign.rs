//! Auto-sign: decides for a priced order whether its buyer's kept balance pays it, and says what
//! became of such a payment. The rule is [`domain::auto_sign::decide`]; what it rests on is asked
//! here, of the chain and of the order, at the moment of the decision. Nothing is sent here: the
//! order's own job writes the intent down ([`crate::jobs::drive_deployment`]).

use domain::auto_sign::{Doubt, Facts, Grounds, OrderTerms, Verdict, decide};
use domain::deployment::{Event, State};
use domain::escrow::Terms;
use domain::ids::{Address, EscrowId, OrderId};
use domain::money::TokenAmount;
use domain::quote::Quote;

use crate::outbox::{Purpose, Status};
use crate::ports::ChainError;
use crate::storage::policies::{self, SignedPolicy};
use crate::storage::{Connection, StorageError, orders, outbox};
use crate::usecases::{gas_is_left, new_terms};
use crate::visitor::Visitor;
use crate::{Backend, Order, UsecaseError, changes, observe};

/// Where the payment of an order from its buyer's kept balance is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Spending {
    /// It will be sent, or was; it may take effect at any time.
    OnItsWay,
    /// It is on chain.
    Done,
    /// It had no effect and will have none.
    Failed {
        /// Why, as the end of a sentence.
        why: String,
    },
}

/// Where the payment of an order in `state` is; `None` unless its buyer's kept balance pays it.
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
        // Its job has yet to write the intent down.
        _ => Spending::OnItsWay,
    }))
}

/// Refuses a change of an order that is being paid.
///
/// # Errors
/// [`UsecaseError::Conflict`] while the payment may take effect.
pub(crate) async fn nothing_spent(backend: &Backend, state: &State) -> Result<(), UsecaseError> {
    let mut connection = backend.storage().read().await?;
    match spending(&mut connection, state).await? {
        None | Some(Spending::Failed { .. }) => Ok(()),
        Some(Spending::OnItsWay | Spending::Done) => Err(UsecaseError::Conflict(
            "This order is being paid from your kept balance, so it stays as it is. Wait for it to \
             arrive; closing the order returns it."
                .to_owned(),
        )),
    }
}

/// Decides for an order with a fresh price whether the balance its buyer keeps pays it, and stores
/// the decision with the reasons. Without a signed-in buyer or a policy nothing happens.
///
/// # Errors
/// When the database fails. A chain that does not answer is a reason to ask the buyer.
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
    let verdict = match verdict(backend, buyer, &armed, &order, quote).await {
        Ok(verdict) => verdict,
        Err(Unknown::Chain(error)) => {
            observe::chain_silent_for_auto_sign(id, &error);
            Verdict::Asks {
                doubts: vec![Doubt::ChainSilent],
            }
        }
        Err(Unknown::Storage(error)) => return Err(error.into()),
    };
    let (terms, escrow) = new_terms(backend, &order, quote, buyer)?;
    changes::edit(backend, id, |stored| {
        // A change of the buyer's that came in between is decided by its own round.
        let same_question = stored.state == order.state
            && stored.wish == order.wish
            && stored.sdl == order.sdl
            && stored.confirmed == order.confirmed;
        if !same_question {
            return Ok(Vec::new());
        }
        stored.auto_sign = Some(verdict.clone());
        Ok(pays(stored, &verdict, buyer, &terms, escrow))
    })
    .await?;
    observe::auto_sign_decided(id, &verdict);
    Ok(())
}

fn pays(
    order: &mut Order,
    verdict: &Verdict,
    buyer: Address,
    terms: &Terms,
    escrow: EscrowId,
) -> Vec<Event> {
    let Verdict::Pays(under) = verdict else {
        return Vec::new();
    };
    order.buyer = Some(buyer);
    vec![Event::AutoSigned {
        terms: terms.clone(),
        escrow,
        under: under.clone(),
    }]
}

/// What a decision rests on could not be had.
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
    let chain = backend.ports().kept.kept(buyer, now).await?;
    // Read again by the rules alone: what a model made of the words decides nothing here.
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
    if matches!(decided, Verdict::Pays(_)) && !gas_is_left(backend, buyer, price).await? {
        return Ok(Verdict::Asks {
            doubts: vec![Doubt::GasSpent],
        });
    }
    Ok(decided)
}

/// What all of a buyer's orders have in common here.
pub(crate) fn order_terms(backend: &Backend, buyer: Address) -> OrderTerms {
    let settings = backend.settings();
    OrderTerms {
        buyer,
        payee: settings.payee,
        fee_bps: settings.fee_bps,
        heartbeat_window: settings.heartbeat_window,
    }
}

/// How many of the buyer's orders are being paid and not yet on chain, and how much that is.
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
