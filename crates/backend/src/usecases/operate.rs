//! The operator's view and decisions. Every decision is recorded in the order's own log.

use domain::deployment::{Event, State};
use domain::exposure::{Alert, Caps, Use, alerts, day_of, runs_out_in};
use domain::gas::Gwei;
use domain::ids::{Address, OrderId, TxHash};
use domain::money::{TokenAmount, Usd};
use domain::time::{Seconds, UnixSeconds};

use crate::audit::{self, SecurityEvent};
use crate::error::UsecaseError;
use crate::orders::changes;
use crate::orders::order::Order;
use crate::ports::What;
use crate::storage::chain::{self, Recorded, Stage};
use crate::storage::exposure::{self as ledger, By};
use crate::storage::jobs::{self, Troubled};
use crate::storage::{Connection, StorageError, orders, outbox};
use crate::visitor::Visitor;
use crate::{Backend, observe};

/// A job that failed at least this often in a row is shown.
const TROUBLED: u64 = 3;

/// A difficulty that lasts longer than this is shown.
const LASTING: Seconds = Seconds::minutes(5);

/// Longest note of an operator's decision, in bytes.
const LONGEST_NOTE: usize = 1000;

/// The operator's view of the internal state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sight {
    /// Number of orders in each state, by the state's name.
    pub orders: Vec<(String, u64)>,
    /// Number of jobs that are due and not claimed by a worker.
    pub jobs_due: u64,
    /// Time for which the oldest of them has been due, in milliseconds; 0 if there is none.
    pub oldest_due_ms: u64,
    /// Jobs that fail repeatedly, or were given up.
    pub troubled: Vec<Troubled>,
    /// Orders that wait for an operator or whose difficulty lasts.
    pub stuck: Vec<StuckOrder>,
    /// Money that no order waits for: first what concerns an order, then the newest.
    pub strayed: Vec<StrayMoney>,
    /// Height and time of the newest followed block; `None` before the first.
    pub followed: Option<(u64, UnixSeconds)>,
    /// Total exposure of the operator.
    pub exposure: Exposure,
}

/// The operator's money at stake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// Exposure at Akash, of all orders together.
    pub used: Use,
    /// Caps that the operator set.
    pub caps: Caps,
    /// Share of each common cap that is used up, in per cent.
    pub alerts: Vec<Alert>,
    /// Wallets with the largest exposure, the largest first.
    pub wallets: Vec<(String, Use)>,
    /// Networks with the largest exposure, the largest first.
    pub networks: Vec<(String, Use)>,
    /// Cost per hour of everything that is running.
    pub hourly: Usd,
    /// Spendable balance of the Console account when it was last queried, with that time; `None`
    /// before the first query.
    pub balance: Option<(Usd, UnixSeconds)>,
    /// Time that this balance lasts, in seconds; `None` while nothing is spent or no balance is
    /// known.
    pub lasts: Option<Seconds>,
    /// Gas fees paid for buyers today (UTC), including reserved amounts.
    pub gas_today: Gwei,
    /// Daily limit on these fees.
    pub gas_budget: Gwei,
}

/// Location of money that no order waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lies {
    /// The contract returns it at the operator's request.
    OnItsWayBack,
    /// In an escrow that the operator does not end; the account that paid can.
    WithItsBuyer,
    /// In our own token, sent without a call: only the operator can compensate for it.
    InTheContract,
    /// A log claims that another token arrived. Any contract can write such a log.
    Claimed,
}

/// Money that arrived at the contract without an order waiting for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrayMoney {
    /// Hash of the transaction that brought it.
    pub tx: TxHash,
    /// Address that sent it.
    pub from: Address,
    /// Amount with the name of its token, in words.
    pub amount: String,
    /// Order that it concerns; `None` if it concerns none.
    pub order: Option<OrderId>,
    /// Current location of the money, which determines who can return it.
    pub lies: Lies,
}

/// An order that makes no progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StuckOrder {
    /// Id of the order.
    pub id: OrderId,
    /// Name of the order's state.
    pub state: String,
    /// Obstacle, in words; empty if none is stored.
    pub cause: String,
    /// Unix time of the order's last change.
    pub since: UnixSeconds,
    /// `true` if the order waits for an operator's decision.
    pub needs_decision: bool,
}

/// State of the outside services: the answer of each, or what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    /// Current spendable balance of the Console account.
    pub balance: Result<Usd, String>,
    /// Height and time of the chain's newest block.
    pub head: Result<(u64, UnixSeconds), String>,
}

/// Collects the internal state from the database.
///
/// # Errors
/// If the database fails.
pub async fn sight(backend: &Backend) -> Result<Sight, StorageError> {
    let now_ms = backend.ports().clock.now_ms();
    let mut connection = backend.storage().read().await?;
    let (jobs_due, oldest) = jobs::due(&mut connection, now_ms).await?;
    let lasting = UnixSeconds((now_ms / 1000).saturating_sub(LASTING.0));
    Ok(Sight {
        orders: orders::by_state(&mut connection).await?,
        jobs_due,
        oldest_due_ms: oldest.map_or(0, |oldest| now_ms.saturating_sub(oldest)),
        troubled: jobs::troubled(&mut connection, TROUBLED).await?,
        stuck: orders::stuck(&mut connection, lasting)
            .await?
            .iter()
            .map(stuck)
            .collect(),
        strayed: chain::stray_money(&mut connection)
            .await?
            .iter()
            .filter_map(|recorded| strayed(backend, recorded))
            .collect(),
        followed: chain::cursor(&mut connection)
            .await?
            .map(|block| (block.number, block.at)),
        exposure: exposure(backend, &mut connection).await?,
    })
}

/// Number of wallets and networks shown.
const LARGEST: u32 = 10;

async fn exposure(
    backend: &Backend,
    connection: &mut Connection,
) -> Result<Exposure, StorageError> {
    let now = backend.ports().clock.now();
    let caps = backend.settings().exposure;
    let used = ledger::usage_of_all(connection, now).await?;
    let hourly = ledger::hourly(connection).await?;
    let balance = ledger::ledger(connection).await?.balance;
    let midnight = UnixSeconds(day_of(now) * Seconds::days(1).0);
    Ok(Exposure {
        used,
        caps,
        alerts: alerts(&used, &caps),
        wallets: ledger::largest(connection, By::Buyer, LARGEST, now).await?,
        networks: ledger::largest(connection, By::Source, LARGEST, now).await?,
        hourly,
        balance,
        lasts: balance.and_then(|(balance, _)| runs_out_in(balance, hourly)),
        gas_today: outbox::all_gas_since(connection, midnight).await?,
        gas_budget: backend.settings().relay.per_day,
    })
}

/// Returns the same to an operator, with the state of the outside services.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`], [`UsecaseError::Forbidden`], or if the database fails.
pub async fn operator_sight(
    backend: &Backend,
    visitor: &Visitor,
) -> Result<(Sight, Outside), UsecaseError> {
    authorised(backend, visitor)?;
    let ports = backend.ports();
    let (inside, balance, head) =
        tokio::join!(sight(backend), ports.market.balance(), ports.chain.head());
    let outside = Outside {
        balance: balance.map_err(|error| error.to_string()),
        head: head
            .map(|head| (head.number, head.timestamp))
            .map_err(|error| error.to_string()),
    };
    Ok((inside?, outside))
}

/// Lets a stuck order continue from where it was stuck, and records who decided this and why.
///
/// # Errors
/// If the visitor is not an operator, the note is empty or too long, or the order is not stuck.
pub async fn resume_order(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    note: &str,
) -> Result<(), UsecaseError> {
    let by = authorised(backend, visitor)?;
    let note = note.trim();
    if note.is_empty() || note.len() > LONGEST_NOTE {
        return Err(UsecaseError::Invalid(
            "Say in one to a thousand characters why it may go on; the buyer reads it.".to_owned(),
        ));
    }
    changes::edit(backend, id, |_| {
        Ok(vec![Event::Resumed {
            by,
            note: note.to_owned(),
        }])
    })
    .await?;
    observe::operator_resumed(id, by);
    let action = "resume";
    audit::of_visitor(backend, visitor, SecurityEvent::OperatorActed { action });
    Ok(())
}

/// Makes a job due at once, even one that was given up.
///
/// # Errors
/// If the visitor is not an operator, or there is no such job.
pub async fn retry_job(backend: &Backend, visitor: &Visitor, id: &str) -> Result<(), UsecaseError> {
    let by = authorised(backend, visitor)?;
    let now_ms = backend.ports().clock.now_ms();
    let mut transaction = backend.storage().begin_write().await?;
    let known = jobs::retry(&mut transaction, id, now_ms).await?;
    transaction.commit().await?;
    if !known {
        return Err(UsecaseError::NotFound);
    }
    observe::operator_retried(id, by);
    let action = "retry";
    audit::of_visitor(backend, visitor, SecurityEvent::OperatorActed { action });
    backend.wake_worker();
    Ok(())
}

/// Returns the operator who sends the request.
fn authorised(backend: &Backend, visitor: &Visitor) -> Result<Address, UsecaseError> {
    let Some(address) = visitor.address else {
        audit::of_visitor(backend, visitor, SecurityEvent::NotSignedIn);
        return Err(UsecaseError::NotSignedIn);
    };
    if backend.settings().operators.contains(&address) {
        Ok(address)
    } else {
        audit::of_visitor(backend, visitor, SecurityEvent::NotAnOperator);
        Err(UsecaseError::Forbidden {
            reason: "This page is for operators. Sign in with an operator's wallet.".to_owned(),
        })
    }
}

fn strayed(backend: &Backend, recorded: &Recorded) -> Option<StrayMoney> {
    let (from, amount, lies) = match &recorded.what {
        // Others may use the same contract; escrows of theirs are ignored.
        What::Funded { payee, .. }
            if recorded.order.is_none() && *payee != backend.settings().payee =>
        {
            return None;
        }
        What::Funded { buyer, amount, .. } => {
            let lies = match (recorded.order, recorded.stage) {
                (None, _) | (_, Stage::Refused) => Lies::WithItsBuyer,
                _ => Lies::OnItsWayBack,
            };
            (*buyer, format!("{amount} tUSDC"), lies)
        }
        What::Strayed {
            token,
            from,
            amount,
        } => {
            let ours = *token == backend.ports().chain.token_contract();
            let lies = if ours {
                Lies::InTheContract
            } else {
                Lies::Claimed
            };
            (*from, in_words(backend, *token, amount), lies)
        }
        What::ToppedUp { .. } | What::Activated { .. } | What::Closed { .. } => return None,
    };
    Some(StrayMoney {
        tx: recorded.tx,
        from,
        amount,
        order: recorded.order,
        lies,
    })
}

/// Formats an amount of a token for people.
pub(crate) fn in_words(backend: &Backend, token: Address, amount: &str) -> String {
    let ours = token == backend.ports().chain.token_contract();
    match amount.parse() {
        Ok(micros) if ours => format!("{} tUSDC", TokenAmount::from_micros(micros)),
        _ if ours => format!("{amount} units of tUSDC"),
        _ => format!("{amount} units of another token ({token})"),
    }
}

fn stuck(order: &Order) -> StuckOrder {
    let cause = match &order.state {
        State::NeedsHuman { cause, .. } => Some(cause.clone()),
        _ => order.notice.clone(),
    };
    StuckOrder {
        id: order.id,
        state: order.state.name().to_owned(),
        cause: cause.unwrap_or_default(),
        since: order.changed_at,
        needs_decision: matches!(order.state, State::NeedsHuman { .. }),
    }
}

#[cfg(test)]
mod tests {
    use domain::deployment::{Acceptance, Event};

    use super::{operator_sight, resume_order, retry_job, sight};
    use crate::error::UsecaseError;
    use crate::fakes::World;
    use crate::fakes::world::OPERATOR;
    use crate::orders::changes;
    use crate::visitor::Visitor;

    #[tokio::test]
    async fn only_an_operator_s_recorded_decision_moves_a_stuck_order() {
        let world = World::new().await;
        let id = world.funded(1, Acceptance::Automatic).await;
        world.until(id, "active", 60).await;
        let stuck = |_: &mut crate::Order| {
            Ok(vec![
                Event::CloseRequested {
                    at: world.backend.ports().clock.now(),
                },
                Event::Stuck {
                    cause: "The deposit is no longer on the chain.".to_owned(),
                },
            ])
        };
        changes::edit(&world.backend, id, stuck).await.unwrap();
        world.pass(600).await;
        assert_eq!(world.state(id).await.name(), "needs_human");
        let seen = sight(&world.backend).await.unwrap();
        assert_eq!(seen.stuck.len(), 1);
        assert!(seen.stuck[0].needs_decision);

        let buyer = world.buyer();
        let refused = resume_order(&world.backend, &buyer, id, "please").await;
        assert!(matches!(refused, Err(UsecaseError::Forbidden { .. })));
        let refused = operator_sight(&world.backend, &buyer).await;
        assert!(matches!(refused, Err(UsecaseError::Forbidden { .. })));
        let refused = retry_job(&world.backend, &buyer, "sweep").await;
        assert!(matches!(refused, Err(UsecaseError::Forbidden { .. })));

        let operator = Visitor {
            address: Some(OPERATOR),
            ..buyer
        };
        let silent = resume_order(&world.backend, &operator, id, "  ").await;
        assert!(matches!(silent, Err(UsecaseError::Invalid(_))));
        resume_order(&world.backend, &operator, id, "The deposit is back.")
            .await
            .unwrap();
        world.until(id, "settled", 120).await;
        let timeline = world.order(id).await.timeline;
        let decision = timeline.iter().find(|entry| entry.event == "resumed");
        assert_eq!(
            decision.unwrap().detail.as_deref(),
            Some("The deposit is back.")
        );
    }
}
