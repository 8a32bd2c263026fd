//! Changes of an order: row, event log and next job in one transaction.

use domain::auto_sign::{Origin, Verdict};
use domain::deployment::{Event, State};
use domain::ids::OrderId;

use super::change_error::ChangeError;
use super::narration::narrate;
use super::next_jobs;
use super::order::Order;
use crate::audit::{self, SecurityEvent};
use crate::error::UsecaseError;
use crate::fail_points::{Side, reach};
use crate::payment::exposure;
use crate::queue::Claim;
use crate::storage::{Connection, StorageError, chain, events, orders, origins};
use crate::visitor::{Owner, Visitor};
use crate::{Backend, observe};

/// Number of attempts if another writer changes the row first.
const TRIES: usize = 8;

/// Returns the order called `id` if it belongs to `visitor`.
///
/// # Errors
/// [`UsecaseError::NotFound`] for an unknown order and for another owner's,
/// [`UsecaseError::SignInAgain`] for every order in a session that was left.
pub(crate) async fn owned(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<Order, UsecaseError> {
    let mut connection = backend.storage().read().await?;
    orders::load(&mut connection, id)
        .await?
        .filter(|order| order.owner().is(visitor))
        .ok_or_else(|| not_yours(backend, visitor))
}

/// Like [`owned`], for reading: a session that was left by signing in also shows the drafts that it
/// had then, unless they have changed since.
///
/// # Errors
/// As [`owned`].
pub(crate) async fn shown(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<Order, UsecaseError> {
    if !visitor.has_left {
        return owned(backend, visitor, id).await;
    }
    let mut connection = backend.storage().read().await?;
    orders::left_behind(&mut connection, id, visitor.session)
        .await?
        .ok_or_else(|| not_yours(backend, visitor))
}

/// The answer to a visitor whose requested order belongs to another owner or does not exist.
fn not_yours(backend: &Backend, visitor: &Visitor) -> UsecaseError {
    if visitor.has_left {
        audit::of_visitor(backend, visitor, SecurityEvent::NotSignedIn);
        return UsecaseError::SignInAgain;
    }
    audit::of_visitor(backend, visitor, SecurityEvent::NotTheirs { what: "order" });
    UsecaseError::NotFound
}

/// Stores a new order of `visitor`.
///
/// # Errors
/// [`UsecaseError::SignInAgain`] in a session that was left: an order made there could not be found
/// again.
pub(crate) async fn create(
    backend: &Backend,
    visitor: &Visitor,
    order: &Order,
) -> Result<(), UsecaseError> {
    create_from(backend, visitor, order, Origin::Page).await
}

/// Stores a new order of `visitor`, and the origin of its request.
///
/// # Errors
/// As [`create`].
pub(crate) async fn create_from(
    backend: &Backend,
    visitor: &Visitor,
    order: &Order,
    origin: Origin,
) -> Result<(), UsecaseError> {
    if !order.owner().is(visitor) {
        return Err(not_yours(backend, visitor));
    }
    let mut transaction = backend.storage().begin_write().await?;
    let most = match order.owner() {
        Owner::Browser(_) => DRAFTS_OF_A_BROWSER,
        Owner::Account(_) => DRAFTS_OF_AN_ACCOUNT,
    };
    if orders::drafts_of(&mut transaction, order.owner()).await? >= most {
        return Err(UsecaseError::Conflict(too_many_drafts(order.owner(), most)));
    }
    orders::insert(&mut transaction, order).await?;
    origins::put(&mut transaction, order.id, origin).await?;
    transaction.commit().await?;
    backend.announce(order.id);
    Ok(())
}

/// Maximum number of drafts of a browser without an account; they are deleted after some days.
const DRAFTS_OF_A_BROWSER: u64 = 50;
/// Maximum number of drafts of an account.
const DRAFTS_OF_AN_ACCOUNT: u64 = 500;

/// The refusal of another draft: no draft is ever deleted to make room for the next.
fn too_many_drafts(owner: Owner, most: u64) -> String {
    let instead = match owner {
        Owner::Browser(_) => "Delete some on Deployments, or sign in to keep more.",
        Owner::Account(_) => "Delete some on Deployments.",
    };
    format!("You have {most} drafts here, and no more are kept. {instead}")
}

/// Changes an order: `edit` changes its fields (never `state`) and returns the events that
/// happened. Fields, state, event log and the next job are stored together or not at all.
///
/// `edit` may run more than once, each time on the order as it is at that time.
///
/// # Errors
/// The error of `edit`, or [`ChangeError::Refused`] if an event cannot happen now.
pub(crate) async fn edit(
    backend: &Backend,
    id: OrderId,
    edit: impl Fn(&mut Order) -> Result<Vec<Event>, UsecaseError>,
) -> Result<Order, ChangeError> {
    change(backend, id, None, edit).await
}

/// Like [`edit`], for a job: nothing is stored if its claim is lost.
///
/// # Errors
/// As [`edit`], and [`ChangeError::ClaimLost`].
pub(crate) async fn edit_claimed(
    backend: &Backend,
    id: OrderId,
    claim: &Claim,
    edit: impl Fn(&mut Order) -> Result<Vec<Event>, UsecaseError>,
) -> Result<Order, ChangeError> {
    change(backend, id, Some(claim), edit).await
}

async fn change(
    backend: &Backend,
    id: OrderId,
    claim: Option<&Claim>,
    edit: impl Fn(&mut Order) -> Result<Vec<Event>, UsecaseError>,
) -> Result<Order, ChangeError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match change_once(backend, id, claim, &edit).await {
            Err(ChangeError::Storage(StorageError::Stale)) if tries < TRIES => {}
            done => return done,
        }
    }
}

async fn change_once(
    backend: &Backend,
    id: OrderId,
    claim: Option<&Claim>,
    edit: &impl Fn(&mut Order) -> Result<Vec<Event>, UsecaseError>,
) -> Result<Order, ChangeError> {
    let now = backend.ports().clock.now();
    let mut transaction = backend.storage().begin_write().await?;
    let connection: &mut Connection = &mut transaction;
    // Lock the order first, as every transaction locks it before its jobs.
    let before = orders::load_for_change(connection, id)
        .await?
        .ok_or(ChangeError::NotFound)?;
    if let Some(claim) = claim
        && !claim.holds(connection).await?
    {
        return Err(ChangeError::ClaimLost);
    }
    let mut order = before.clone();
    let happened = edit(&mut order)?;
    if happened.is_empty() && order == before {
        return Ok(order);
    }
    order.changed_at = now;
    let mut entries = Vec::new();
    for event in happened {
        let was = order.state.clone();
        order.state = was.clone().apply(event.clone())?;
        if order.state.name() != was.name() {
            order.state_since = now;
            order.notice = None;
        }
        entries.push((narrate(&was, &event, &order.state, now), event));
    }
    // An announcement is for the price that was shown: without that price nothing is paid
    // automatically.
    let announced = matches!(order.auto_sign, Some(Verdict::WillPay { .. }));
    let is_shown = matches!(order.state, State::Quoted { .. }) && order.working_sdl.is_none();
    if announced && !is_shown {
        order.auto_sign = None;
    }
    exposure::follow_change(connection, backend, &before, &order, now).await?;
    orders::save(connection, &mut order).await?;
    for (entry, event) in &entries {
        events::append(connection, id, entry, event).await?;
        if let Event::DepositPrepared { terms, escrow, .. }
        | Event::AutoSigned { terms, escrow, .. } = event
        {
            chain::prepare(connection, id, *escrow, terms.order_hash).await?;
        }
    }
    if !entries.is_empty() {
        next_jobs::enqueue(connection, &order, backend.ports().clock.now_ms()).await?;
    }
    for (_, event) in &entries {
        reach(Side::Before, event.name());
    }
    transaction.commit().await?;
    for (_, event) in &entries {
        reach(Side::After, event.name());
    }
    for (entry, _) in &entries {
        observe::order_changed(id, entry, order.state.opened().map(|opened| opened.dseq));
    }
    if !entries.is_empty() {
        backend.wake_worker();
    }
    backend.announce(id);
    Ok(order)
}
