mod restarts;

use domain::deployment::Acceptance;
use domain::ids::OrderId;

use crate::Backend;
use crate::fakes::World;
use crate::fakes::world::{SDL, data_keys};
use crate::orders::changes;
use crate::ports::Clock as _;
use crate::storage::{DataKeys, Resealed, StorageError, events, logs, orders};
use crate::usecases::{read_whole_log, save_sdl, save_template, show_order, update_deployment};

/// A secret that must not be stored unencrypted anywhere.
const PLANTED: &str = "pLanted-5ecret-9";

fn secret_sdl() -> String {
    SDL.replace(
        "    image: nginx:1.27\n",
        &format!("    image: nginx:1.27\n    env:\n      - ADMIN_PASSWORD={PLANTED}\n"),
    )
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

/// A running deployment that is being updated, with a template saved from it: the secret is in
/// everything that can carry it.
async fn life(world: &World) -> OrderId {
    let buyer = world.buyer();
    let id = world.quoted(5).await;
    save_sdl(&world.backend, &buyer, id, secret_sdl())
        .await
        .unwrap();
    changes::edit(&world.backend, id, |order| {
        order.sentence = Some(format!("nginx with the password {PLANTED}"));
        order.name = format!("nginx {PLANTED}");
        order
            .wish
            .env
            .insert("ADMIN_PASSWORD".to_owned(), PLANTED.to_owned());
        Ok(Vec::new())
    })
    .await
    .unwrap();
    save_template(&world.backend, &buyer, id, "mine")
        .await
        .unwrap();
    let terms = world.prepare(id, Acceptance::Automatic).await;
    world.chain.fund(&terms);
    world.until(id, "active", 60).await;
    let said = [("web".to_owned(), format!("the password is {PLANTED}"))];
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    logs::append(&mut transaction, id, &said, world.clock.now())
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let newer = secret_sdl().replace("nginx:1.27", "nginx:1.28");
    update_deployment(&world.backend, &buyer, id, newer)
        .await
        .unwrap();
    id
}

/// Whether the owner reads the secret in the log.
async fn logged(backend: &Backend, world: &World, id: OrderId) -> bool {
    let lines = read_whole_log(backend, &world.buyer(), id, 0).await;
    lines
        .unwrap()
        .iter()
        .any(|line| line.text.contains(PLANTED))
}

async fn key_ids(backend: &Backend) -> Vec<String> {
    let mut connection = backend.storage().read().await.unwrap();
    super::keys_used(&mut connection).await.unwrap()
}

/// Rewrites everything as a version of Necto from before there were keys would have.
async fn back_in_clear(world: &World, id: OrderId) {
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    let order = orders::load(&mut transaction, id).await.unwrap().unwrap();
    sqlx::query(
        "UPDATE orders SET name = $1, sentence = $2, wish = $3, assumptions = '[]', steps = '[]', \
         sdl = $4, state = $5, sealed = NULL, sealed_with = '' WHERE id = $6",
    )
    .bind(order.name)
    .bind(order.sentence)
    .bind(crate::storage::to_json(&order.wish))
    .bind(order.sdl)
    .bind(crate::storage::to_json(&order.state))
    .bind(id.to_string())
    .execute(&mut *transaction)
    .await
    .unwrap();
    sqlx::query("DELETE FROM events")
        .execute(&mut *transaction)
        .await
        .unwrap();
    sqlx::query("DELETE FROM log_chunks")
        .execute(&mut *transaction)
        .await
        .unwrap();
    sqlx::query(
        "INSERT INTO log_lines (order_id, seq, at, service, text) VALUES ($1, 1, 1, 'web', $2)",
    )
    .bind(id.to_string())
    .bind(format!("the password is {PLANTED}"))
    .execute(&mut *transaction)
    .await
    .unwrap();
    sqlx::query("DELETE FROM own_templates")
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn no_secret_lies_in_clear_in_the_database() {
    let world = World::new().await;
    let id = life(&world).await;
    let order = world.order(id).await;
    assert!(order.sdl.contains(PLANTED), "its owner reads it");
    assert!(order.state.updating().unwrap().sdl.contains(PLANTED));
    world.work().await;
    let bytes = world.stored_bytes().await;
    assert!(holds(&bytes, &id.to_string()), "the right files are read");
    assert!(!holds(&bytes, PLANTED), "in clear in the database");
}

#[tokio::test]
async fn rows_from_before_there_were_keys_are_sealed_at_start() {
    let world = World::new().await;
    let id = life(&world).await;
    world.work().await;
    back_in_clear(&world, id).await;
    assert!(holds(&world.stored_bytes().await, PLANTED));
    let before = world.order(id).await;
    assert_eq!(before.name, format!("nginx {PLANTED}"), "read as it is");
    let sealed = world.backend.storage().seal_what_is_clear().await.unwrap();
    assert!(sealed > 0);
    assert!(
        !holds(&world.stored_bytes().await, PLANTED),
        "nothing is left of it"
    );
    let after = world.order(id).await;
    assert_eq!((after.sdl, after.wish), (before.sdl, before.wish));
    assert!(logged(&world.backend, &world, id).await);
    assert_eq!(
        world.backend.storage().seal_what_is_clear().await.unwrap(),
        0
    );
}

#[tokio::test]
async fn a_value_moved_to_another_row_is_not_opened() {
    let world = World::new().await;
    let (mine, theirs) = (world.quoted(1).await, world.quoted(1).await);
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    let moved = sqlx::query(
        "UPDATE orders SET sealed = (SELECT sealed FROM orders WHERE id = $1) WHERE id = $2",
    );
    moved
        .bind(mine.to_string())
        .bind(theirs.to_string())
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let refused = show_order(&world.backend, &world.buyer(), theirs).await;
    let why = format!("{:?}", refused.unwrap_err());
    assert!(why.contains("it was not sealed for this place"), "{why}");
    world.order(mine).await;
}

#[tokio::test]
async fn keys_are_changed_while_the_server_runs() {
    let world = World::new().await;
    let id = life(&world).await;
    let before = world.order(id).await;
    let both = world.with_keys(data_keys(&[2, 1])).await.unwrap();
    // Old and new rows are read and written meanwhile.
    world.work().await;
    assert_eq!(
        show_order(&both, &world.buyer(), id)
            .await
            .unwrap()
            .sdl
            .len(),
        before.sdl.len()
    );
    assert!(
        key_ids(&both)
            .await
            .contains(&data_keys(&[1]).id().to_owned())
    );
    while let Resealed::Rows(_) = both.storage().reseal().await.unwrap() {}
    assert_eq!(key_ids(&both).await, [data_keys(&[2]).id()]);
    let new = world.with_keys(data_keys(&[2])).await.unwrap();
    let after = show_order(&new, &world.buyer(), id).await.unwrap();
    assert!(after.sdl.contains(PLANTED));
    let mut connection = new.storage().read().await.unwrap();
    let buyer = world.buyer().address.unwrap();
    let since = domain::time::UnixSeconds(0);
    let told = events::named_of(&mut connection, "update_requested", buyer, since).await;
    assert_eq!(told.unwrap().len(), 1, "events are opened with the new key");
    assert!(logged(&new, &world, id).await, "and so are logs");
}

#[tokio::test]
async fn a_missing_key_is_one_clear_sentence_at_start() {
    let world = World::new().await;
    world.quoted(1).await;
    let id = data_keys(&[1]).id().to_owned();
    let random = std::sync::Arc::new(crate::fakes::FakeRandom::default());
    for keys in [data_keys(&[2]), DataKeys::none(random)] {
        let why = world.with_keys(keys).await.unwrap_err();
        assert!(matches!(why, StorageError::KeyMissing { .. }));
        assert_eq!(
            why.to_string(),
            format!(
                "this database holds data that was encrypted with the key {id}, and \
                 NECTO_DATA_KEYS does not name it: add that key behind the others, or restore the \
                 database that belongs to these keys"
            )
        );
    }
}

#[tokio::test]
async fn a_list_opens_no_document() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    sqlx::query("UPDATE orders SET sealed = 'sealed:unreadable'")
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    let list = crate::usecases::list_orders(&world.backend, &world.buyer())
        .await
        .unwrap();
    assert_eq!(list.orders[0].id, id);
}

#[tokio::test]
async fn nobody_else_on_the_machine_reads_the_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let world = World::new().await;
    world.quoted(1).await;
    let file = world.folder().join("necto.db");
    if !file.exists() {
        return;
    }
    let mut seen = 0;
    for entry in std::fs::read_dir(world.folder()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        seen += 1;
    }
    assert!(seen >= 3, "the file and two beside it");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    world.with_keys(data_keys(&[1])).await.unwrap();
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "one that was open before is closed");
}
