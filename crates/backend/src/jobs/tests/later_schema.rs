//! Orders that continue while a later version of Necto changes the schema.

use domain::deployment::Acceptance;
use sqlx::{AssertSqlSafe, Row as _};

use crate::fakes::World;
use crate::storage::locks_rows;
use crate::usecases::{close_deployment, list_orders};

/// Adds a column of this name to every table, as a later version's migration may.
async fn widen(world: &World, column: &str) {
    let mut connection = world.backend.storage().read().await.unwrap();
    let tables = if locks_rows(&connection) {
        "SELECT CAST(tablename AS TEXT) AS name FROM pg_tables WHERE schemaname = 'public'"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    let tables = sqlx::query(tables)
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    assert!(tables.len() > 20, "{} tables", tables.len());
    for table in tables {
        let table: String = table.get("name");
        let change = format!("ALTER TABLE {table} ADD COLUMN {column} TEXT");
        sqlx::query(AssertSqlSafe(change))
            .execute(&mut *connection)
            .await
            .unwrap();
    }
}

/// Prepared statements live as long as their connections: each was used before the change and is
/// used again after it.
#[tokio::test]
async fn columns_that_a_later_version_adds_disturb_no_statement() {
    let world = World::new().await;
    let first = world.funded(1, Acceptance::Automatic).await;
    world.until(first, "active", 60).await;
    widen(&world, "first_of_a_later_version").await;
    let second = world.funded(1, Acceptance::Automatic).await;
    world.until(second, "active", 60).await;
    widen(&world, "second_of_a_later_version").await;
    let buyer = world.buyer();
    for id in [first, second] {
        close_deployment(&world.backend, &buyer, id).await.unwrap();
        world.until(id, "settled", 600).await;
    }
    let listed = list_orders(&world.backend, &buyer).await.unwrap();
    assert_eq!(listed.orders.len(), 2);
}
