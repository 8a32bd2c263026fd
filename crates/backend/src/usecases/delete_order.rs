//! Deletes orders that a buyer no longer wants to keep.

use domain::deployment::{Event, State};
use domain::ids::OrderId;
use domain::journey::OrderView;
use domain::time::Seconds;

use crate::error::UsecaseError;
use crate::orders::changes::{self, owned};
use crate::orders::order::Order;
use crate::orders::order_view::view;
use crate::storage::{erasing, events, logs, orders};
use crate::visitor::Visitor;
use crate::{Backend, observe};

/// Maximum number of orders of one kind that a sweep deletes: few, so that no caller has to wait
/// for them.
const A_SWEEP: u32 = 50;

/// Deletes `visitor`'s order. A draft that can no longer be paid is deleted completely (`None`). Of
/// an order that is over, or a draft whose deposit may still arrive, the words, the SDL with its
/// secrets and the logs are deleted; the amounts paid, their recipients and their dates stay,
/// because the chain keeps them too.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order, [`UsecaseError::Conflict`] while money is
/// in escrow or may be in transit to it.
pub async fn delete_order(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<Option<OrderView>, UsecaseError> {
    owned(backend, visitor, id).await?;
    match forget(backend, id).await? {
        Some(order) => Ok(Some(view(backend, order).await?)),
        None => Ok(None),
    }
}

/// Deletes orders whose retention period is over, a few at a time.
pub(crate) async fn expire(backend: &Backend) -> Result<(), UsecaseError> {
    let (now, keep) = (backend.ports().clock.now(), backend.settings().keep);
    let mut due = Vec::new();
    let mut connection = backend.storage().read().await?;
    if keep.drafts > Seconds(0) {
        due.extend(erasing::idle_drafts(&mut connection, now, keep.drafts, A_SWEEP).await?);
    }
    if keep.over > Seconds(0) {
        due.extend(erasing::long_over(&mut connection, now, keep.over, A_SWEEP).await?);
    }
    drop(connection);
    for id in due {
        match forget(backend, id).await {
            Ok(_) => observe::order_expired(id),
            // The order was paid or deleted in the meantime.
            Err(UsecaseError::Conflict(_) | UsecaseError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn forget(backend: &Backend, id: OrderId) -> Result<Option<Order>, UsecaseError> {
    if gone(backend, id).await? {
        backend.announce(id);
        return Ok(None);
    }
    // An order that may still be paid is not forgotten, so that money that arrives anyway is
    // returned.
    changes::edit(backend, id, |order| {
        Ok(match &order.state {
            State::Drafted | State::Quoted { .. } => vec![Event::Abandoned {
                why: "You deleted it. Nothing was charged.".to_owned(),
            }],
            _ => Vec::new(),
        })
    })
    .await?;
    let now = backend.ports().clock.now();
    let mut transaction = backend.storage().begin_write().await?;
    let order = orders::load_for_change(&mut transaction, id).await?;
    let mut order = order.ok_or(UsecaseError::NotFound)?;
    if !order.state.is_final() {
        return Err(UsecaseError::Conflict(standing_in_the_way(&order.state)));
    }
    if order.erased_at.is_none() {
        order.erase(now);
        orders::save(&mut transaction, &mut order).await?;
        events::forget_texts(&mut transaction, id).await?;
        logs::delete(&mut transaction, id).await?;
    }
    transaction.commit().await?;
    backend.announce(id);
    Ok(Some(order))
}

/// Deletes a draft completely, if no money can arrive for it.
async fn gone(backend: &Backend, id: OrderId) -> Result<bool, UsecaseError> {
    let mut transaction = backend.storage().begin_write().await?;
    let order = orders::load_for_change(&mut transaction, id).await?;
    let order = order.ok_or(UsecaseError::NotFound)?;
    let is_draft = matches!(
        order.state,
        State::Drafted | State::Quoted { .. } | State::Abandoned { .. }
    );
    if !is_draft || erasing::may_be_paid(&mut transaction, id).await? {
        return Ok(false);
    }
    erasing::delete(&mut transaction, id).await?;
    transaction.commit().await?;
    Ok(true)
}

fn standing_in_the_way(state: &State) -> String {
    match state {
        State::AwaitingDeposit { .. } => {
            "Its deposit may be on its way. Change the draft or give it up first, then delete it."
                .to_owned()
        }
        _ => {
            "It is not over yet. Close it first; once it is settled, it can be deleted.".to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::deployment::Acceptance;
    use domain::ids::OrderId;
    use domain::journey::LogLine;
    use domain::time::Seconds;

    use super::delete_order;
    use crate::error::UsecaseError;
    use crate::fakes::World;
    use crate::orders::changes;
    use crate::orders::order::Order;
    use crate::ports::Clock as _;
    use crate::storage::logs;
    use crate::usecases::{close_deployment, list_orders, read_logs, redeploy, show_order};
    use crate::{Visitor, sessions};

    /// A text that must not be found after deletion.
    const LOGGED: &str = "l0gged-Word";

    async fn log(world: &World, id: OrderId) {
        let mut transaction = world.backend.storage().begin_write().await.unwrap();
        let lines = [("web".to_owned(), LOGGED.to_owned())];
        logs::append(&mut transaction, id, &lines, world.clock.now())
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    /// Whether the database contains a text, once SQLite has written its side files back.
    async fn is_stored(world: &World, text: &str) -> bool {
        let mut connection = world.backend.storage().read().await.unwrap();
        if connection.backend_name() == "SQLite" {
            sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .execute(&mut connection)
                .await
                .unwrap();
        }
        drop(connection);
        let bytes = world.stored_bytes().await;
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    }

    async fn lines(world: &World, id: OrderId) -> Vec<LogLine> {
        read_logs(&world.backend, &world.buyer(), id, 0, 100)
            .await
            .unwrap()
    }

    async fn chunks(world: &World) -> usize {
        let mut connection = world.backend.storage().read().await.unwrap();
        let rows = sqlx::query("SELECT first_seq FROM log_chunks");
        rows.fetch_all(&mut connection).await.unwrap().len()
    }

    async fn settled(world: &World) -> OrderId {
        let id = world.funded(1, Acceptance::Automatic).await;
        world.until(id, "active", 60).await;
        log(world, id).await;
        close_deployment(&world.backend, &world.buyer(), id)
            .await
            .unwrap();
        world.until(id, "settled", 60).await;
        id
    }

    async fn drafted(world: &World, visitor: &Visitor) -> OrderId {
        let id = OrderId::from_bytes(world.backend.ports().random.bytes16());
        let order = Order::draft(id, visitor, world.clock.now());
        changes::create(&world.backend, visitor, &order)
            .await
            .unwrap();
        id
    }

    async fn listed(world: &World) -> usize {
        let list = list_orders(&world.backend, &world.buyer()).await.unwrap();
        list.orders.len()
    }

    #[tokio::test]
    async fn a_draft_is_gone_whole_and_only_for_its_owner() {
        let world = World::new().await;
        let id = world.quoted(1).await;
        let strange = delete_order(&world.backend, &world.stranger(), id).await;
        assert!(matches!(strange, Err(UsecaseError::NotFound)));
        let left = delete_order(&world.backend, &world.buyer(), id)
            .await
            .unwrap();
        assert_eq!(left, None);
        let gone = show_order(&world.backend, &world.buyer(), id).await;
        assert!(matches!(gone, Err(UsecaseError::NotFound)));
        assert_eq!(listed(&world).await, 0);
        assert!(!is_stored(&world, &id.to_string()).await);
    }

    #[tokio::test]
    async fn of_a_settled_order_the_receipt_stays_and_nothing_else() {
        let world = World::new().await;
        let id = settled(&world).await;
        assert!(!lines(&world, id).await.is_empty());
        assert!(!is_stored(&world, LOGGED).await, "it lies sealed");
        let before = world.order(id).await;
        let after = delete_order(&world.backend, &world.buyer(), id)
            .await
            .unwrap();
        let after = after.unwrap();
        assert_eq!(after.state, before.state, "who got what");
        assert_eq!(after.transactions, before.transactions);
        assert_eq!(after.meter, before.meter);
        assert!(after.erased_at.is_some());
        assert_eq!((after.sdl.as_str(), after.services.len()), ("", 0));
        assert!(lines(&world, id).await.is_empty());
        assert_eq!(chunks(&world).await, 0, "nothing is left of it");
        let again = redeploy(&world.backend, &world.buyer(), id).await;
        assert!(matches!(again, Err(UsecaseError::Conflict(_))), "{again:?}");
        delete_order(&world.backend, &world.buyer(), id)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn nothing_is_deleted_while_money_is_or_may_be_under_way() {
        let world = World::new().await;
        let buyer = world.buyer();
        let waiting = world.quoted(1).await;
        let terms = world.prepare(waiting, Acceptance::Automatic).await;
        let refused = delete_order(&world.backend, &buyer, waiting)
            .await
            .unwrap_err();
        assert!(
            refused.to_string().contains("may be on its way"),
            "{refused}"
        );
        let runs = world.funded(1, Acceptance::Automatic).await;
        world.until(runs, "active", 60).await;
        let refused = delete_order(&world.backend, &buyer, runs)
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("Close it first"), "{refused}");
        // Given up, deleted, and paid all the same: the money is returned.
        close_deployment(&world.backend, &buyer, waiting)
            .await
            .unwrap();
        let left = delete_order(&world.backend, &buyer, waiting).await.unwrap();
        assert!(left.is_some(), "it stays known");
        assert_eq!(listed(&world).await, 1, "and is on no list");
        world.sweeping().await;
        world.chain.fund(&terms);
        world.pass(200).await;
        let told = world.order(waiting).await.timeline;
        assert!(
            told.iter().any(|it| it.event == "money_strayed"),
            "{told:?}"
        );
    }

    #[tokio::test]
    async fn drafts_and_what_is_long_over_expire_by_themselves() {
        let world = World::new().await;
        let passing = sessions::open(&world.backend, None, None).await.unwrap().0;
        let draft = drafted(&world, &passing).await;
        let (kept, over) = (drafted(&world, &world.buyer()).await, settled(&world).await);
        world.sweeping().await;
        let days = |days: u64| Seconds::days(days).0;
        let later = |seconds: u64| {
            let now = world.clock.now_ms();
            world.advance_to(now + seconds * 1000);
        };
        later(days(6));
        world.pass(61).await;
        show_order(&world.backend, &passing, draft).await.unwrap();
        later(days(1));
        world.pass(61).await;
        let gone = show_order(&world.backend, &passing, draft).await;
        assert!(matches!(gone, Err(UsecaseError::NotFound)), "{gone:?}");
        // An account may return to its own orders.
        world.order(kept).await;
        assert_eq!(world.order(over).await.erased_at, None);
        later(days(84));
        world.pass(61).await;
        assert!(world.order(over).await.erased_at.is_some());
        assert_eq!(world.order(over).await.state.name(), "settled");
    }
}
