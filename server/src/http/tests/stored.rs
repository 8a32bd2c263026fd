//! Tests every stored text.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use domain::akash::{Bid, BidId, BidState, Dseq, ProviderFacts};
use domain::deployment::{
    Acceptance, AcceptedBids, Activation, ChainSettlement, CloseReason, Deposited, Opened, Paid,
    Receipt, Running, State, Updating,
};
use domain::escrow::{ScaledRate, Terms};
use domain::ids::{EscrowId, Hash32, OrderId, TxHash};
use domain::journey::{Refusal, Relaxation, ServiceView};
use domain::money::{TokenAmount, UactPerBlock};
use domain::quote::Quote;
use domain::templates::{TemplateId, TemplateRef};
use domain::time::{Seconds, UnixSeconds};
use futures::future;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use tokio_util::sync::CancellationToken;

use super::corpus::all;
use super::functions::{describe, draft_and_template, wish};
use super::parameters::{UNREADY, pages, pages_with_anything, pages_with_everything};
use super::world::{ADDRESS, World, provider};

/// The location of a text within JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leaf {
    /// JSON pointer to a string.
    Text(String),
    /// JSON pointer to an object, and one of its names.
    Name(String, String),
}

impl Leaf {
    /// Location of the value itself.
    pub(super) const fn whole() -> Self {
        Self::Text(String::new())
    }
}

/// All locations of text; of lists the first two elements only, because the others have the same kind.
/// Strings come first: once a name is replaced, nothing is at their place any more.
pub(super) fn leaves(value: &Value) -> Vec<Leaf> {
    let mut found = Vec::new();
    walk(value, String::new(), &mut found);
    found.sort_by_key(|leaf| matches!(leaf, Leaf::Name(..)));
    found
}

fn walk(value: &Value, at: String, found: &mut Vec<Leaf>) {
    match value {
        Value::String(_) => found.push(Leaf::Text(at)),
        Value::Array(list) => {
            for (index, one) in list.iter().take(2).enumerate() {
                walk(one, format!("{at}/{index}"), found);
            }
        }
        Value::Object(object) => {
            for (name, one) in object {
                found.push(Leaf::Name(at.clone(), name.clone()));
                let name = name.replace('~', "~0").replace('/', "~1");
                walk(one, format!("{at}/{name}"), found);
            }
        }
        _ => {}
    }
}

/// Returns the value with another text at that location.
pub(super) fn with(value: &Value, leaf: &Leaf, text: &str) -> Value {
    let mut changed = value.clone();
    match leaf {
        Leaf::Text(pointer) => {
            if let Some(place) = changed.pointer_mut(pointer) {
                *place = Value::from(text);
            }
        }
        Leaf::Name(pointer, name) => {
            if let Some(Value::Object(object)) = changed.pointer_mut(pointer)
                && let Some(one) = object.remove(name)
            {
                object.insert(text.to_owned(), one);
            }
        }
    }
    changed
}

/// Direct access to the database, bypassing Necto.
struct Database(SqliteConnection);

/// A text column, and the content of each row in it.
struct Column {
    table: String,
    name: String,
    rows: Vec<(i64, Option<String>)>,
}

/// Prefix of a value that would be encrypted if there were keys; here are none.
const IN_CLEAR: &str = "clear:";

impl Database {
    async fn open(world: &World) -> Self {
        let file = world.folder.path().join("necto.db");
        Self(
            SqliteConnection::connect(&format!("sqlite:{}", file.display()))
                .await
                .unwrap(),
        )
    }

    async fn run(&mut self, sql: String) {
        sqlx::query(AssertSqlSafe(sql))
            .execute(&mut self.0)
            .await
            .unwrap();
    }

    async fn set(&mut self, column: &Column, row: i64, text: Option<&str>) -> bool {
        let sql = format!(
            "UPDATE {} SET {} = $1 WHERE rowid = $2",
            column.table, column.name
        );
        let done = sqlx::query(AssertSqlSafe(sql))
            .bind(text)
            .bind(row)
            .execute(&mut self.0);
        // Key columns reject the same text twice.
        done.await.is_ok()
    }

    async fn texts(&mut self, sql: String) -> Vec<String> {
        let rows = sqlx::query(AssertSqlSafe(sql))
            .fetch_all(&mut self.0)
            .await
            .unwrap();
        rows.iter().map(|row| row.get(0)).collect()
    }

    /// Lists the columns of the schema that hold text.
    async fn columns(&mut self) -> Vec<Column> {
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\' \
                      AND name NOT LIKE 'sqlite%' ORDER BY name";
        let mut columns = Vec::new();
        for table in self.texts(tables.to_owned()).await {
            let names =
                format!("SELECT name FROM pragma_table_info('{table}') WHERE type = 'TEXT'");
            for name in self.texts(names).await {
                let sql = format!("SELECT rowid, {name} FROM {table}");
                let rows = sqlx::query(AssertSqlSafe(sql))
                    .fetch_all(&mut self.0)
                    .await
                    .unwrap();
                let rows = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
                columns.push(Column {
                    table: table.clone(),
                    name,
                    rows,
                });
            }
        }
        columns
    }

    /// Adds a row to each table that the world left empty. It has no owner, so that nothing fails because of
    /// it.
    async fn fill(&mut self) {
        let columns = self.columns().await;
        let empty = columns.iter().filter(|column| column.rows.is_empty());
        let empty: BTreeSet<String> = empty.map(|column| column.table.clone()).collect();
        self.run("PRAGMA foreign_keys = OFF".to_owned()).await;
        for table in empty {
            let described = format!(
                "SELECT name || ' ' || type FROM pragma_table_info('{table}') ORDER BY cid"
            );
            let columns = self.texts(described).await;
            let (names, values): (Vec<_>, Vec<_>) = columns
                .iter()
                .filter_map(|column| column.split_once(' '))
                .map(|(name, kind)| match (name, kind) {
                    ("order_id", _) => (name, format!("'{}'", "0".repeat(32))),
                    (_, "TEXT") => (name, "'x'".to_owned()),
                    _ => (name, "1".to_owned()),
                })
                .unzip();
            let (names, values) = (names.join(", "), values.join(", "));
            self.run(format!("INSERT INTO {table} ({names}) VALUES ({values})"))
                .await;
        }
    }
}

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

/// States in which an order shows texts from outsiders, built from a real price.
fn states(quote: &Quote) -> Vec<State> {
    let escrow = EscrowId::from_bytes([7; 32]);
    let terms = Terms {
        buyer: ADDRESS,
        payee: ADDRESS,
        deposit: quote.deposit,
        max_rate: quote.max_rate,
        activate_by: NOW,
        heartbeat_window: Seconds::hours(24),
        fee_bps: 0,
        order_hash: Hash32::from_bytes([8; 32]),
        salt: Hash32::from_bytes([9; 32]),
    };
    let paid = Paid {
        quote: quote.clone(),
        terms: terms.clone(),
        escrow,
        acceptance: Acceptance::Manual,
        deposited: Deposited {
            amount: quote.deposit,
            tx: TxHash::from_bytes([1; 32]),
            block: 1,
            at: NOW,
        },
        topped_up: TokenAmount::ZERO,
    };
    let opened = Opened {
        dseq: Dseq::new(1),
        manifest: "[]".to_owned(),
        groups: 1,
        at: NOW,
    };
    let running = Running {
        accepted: AcceptedBids {
            bids: vec![bid()],
            at: NOW,
        },
        activation: Activation {
            rate: ScaledRate::from_scaled(1_000_000),
            at: NOW,
            tx: TxHash::from_bytes([2; 32]),
        },
    };
    let settlement = ChainSettlement {
        released: TokenAmount::from_micros(1),
        refunded: TokenAmount::from_micros(1),
        ended_at: NOW,
        tx: TxHash::from_bytes([3; 32]),
    };
    let active = State::Active {
        paid: paid.clone(),
        opened: opened.clone(),
        running: running.clone(),
        leased_at: NOW,
        ready_at: Some(NOW),
        warned: None,
        held_since: None,
        updating: Some(Updating {
            sdl: "version: \"2.0\"".to_owned(),
            changes: vec!["the image of web".to_owned()],
            at: NOW,
        }),
    };
    vec![
        State::AwaitingDeposit {
            quote: quote.clone(),
            terms,
            escrow,
            acceptance: Acceptance::Manual,
            kept: None,
        },
        State::Bidding {
            paid: paid.clone(),
            opened: opened.clone(),
            until: NOW,
        },
        active.clone(),
        State::Closing {
            paid: paid.clone(),
            opened: Some(opened.clone()),
            running: Some(running.clone()),
            why: CloseReason::LeaseLost {
                reason: "it said so".to_owned(),
            },
            ended_at: NOW,
            settled: Some(settlement.clone()),
        },
        State::Settled {
            receipt: Receipt {
                paid,
                opened: Some(opened),
                running: Some(running),
                why: CloseReason::Failed {
                    reason: "it said so".to_owned(),
                },
                ended_at: NOW,
                settlement,
            },
        },
        State::NeedsHuman {
            cause: "it said so".to_owned(),
            before: Box::new(active),
        },
        State::Abandoned {
            why: "it said so".to_owned(),
        },
    ]
}

fn bid() -> Bid {
    Bid {
        id: BidId {
            dseq: Dseq::new(1),
            gseq: 1,
            oseq: 1,
            provider: provider(),
        },
        state: BidState::Open,
        price: UactPerBlock::from_whole(100),
        provider: ProviderFacts {
            name: Some("Cheap".to_owned()),
            region: Some("us-west".to_owned()),
            gpu_models: vec!["h100".to_owned()],
            ..ProviderFacts::default()
        },
    }
}

/// Creates a world whose visitor has an order in every state that shows text, with everything that an order
/// can have.
async fn furnished() -> (World, Database, BTreeMap<i64, OrderId>) {
    let world = World::new().await;
    world.sign_in().await;
    // Data that is read in the background: the community's templates, and the venues.
    let stop = CancellationToken::new();
    let _enough = tokio::time::timeout(
        Duration::from_secs(3),
        future::join(
            backend::drafting::templates::run_templates(world.backend.clone(), stop.clone()),
            backend::market::run_market(world.backend.clone(), stop),
        ),
    )
    .await;
    let (first, _) = draft_and_template(&world).await;
    let mut database = Database::open(&world).await;
    let state = database
        .texts(format!("SELECT state FROM orders WHERE id = '{first}'"))
        .await;
    let state: State = serde_json::from_str(&state[0]).unwrap();
    let quote = state
        .quote()
        .expect("the words are enough for a price")
        .clone();
    describe(
        &world,
        "fine-tune a model on 1 H100 for 2 hours with image pytorch/pytorch:2",
    )
    .await;
    let services = json!([ServiceView {
        name: "web".to_owned(),
        available: 1,
        total: 1,
        uris: vec!["http://web.example.com".to_owned()],
        ports: vec!["80:30080".to_owned()],
    }]);
    let refusal = json!(Refusal {
        message: "No".to_owned(),
        relaxations: vec![Relaxation {
            title: "Another region".to_owned(),
            providers: 1,
            wish: serde_json::from_value(wish()).unwrap(),
        }],
    });
    let template = json!(TemplateRef {
        id: TemplateId::Core("web-node".to_owned()),
        title: "Node".to_owned()
    });
    for mut state in states(&quote) {
        let id = describe(&world, "run nginx:1.27 on port 80 for 2 hours").await;
        let asks = json!({ "asks": { "doubts": [
            { "assumed": { "field": "ports" } },
            { "read_by_model_alone": { "field": "image" } },
            { "outside_policy": { "what": "fee" } },
        ] } });
        let texts = state.texts_mut().into_iter().map(std::mem::take);
        let texts: Vec<String> = texts.collect();
        let sealed = database
            .texts(format!("SELECT sealed FROM orders WHERE id = '{id}'"))
            .await;
        let sealed = sealed[0].strip_prefix(IN_CLEAR).expect("there are no keys");
        let mut sealed: Value = serde_json::from_str(sealed).unwrap();
        sealed["state"] = json!(texts);
        sealed["wish"] = wish();
        sealed["refusal"] = refusal.clone();
        sealed["working_sdl"] = json!("version: \"2.0\"");
        let sql = format!(
            "UPDATE orders SET state_name = '{}', state = $1, buyer = '{ADDRESS}', services = $2, notice = 'busy', \
             template = $3, sealed = $4, auto_sign = $5 WHERE id = '{id}'",
            state.name()
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(json!(state).to_string())
            .bind(services.to_string())
            .bind(template.to_string())
            .bind(format!("{IN_CLEAR}{sealed}"))
            .bind(asks.to_string())
            .execute(&mut database.0)
            .await
            .unwrap();
        let sql = format!(
            "INSERT INTO bids (order_id, gseq, oseq, provider, bid, first_seen_at) VALUES ('{id}', 1, 1, '{}', $1, 1)",
            provider()
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(json!(bid()).to_string())
            .execute(&mut database.0)
            .await
            .unwrap();
        for sql in [
            format!(
                "INSERT INTO log_lines (order_id, seq, at, service, text) VALUES ('{id}', 1, 1, 'web', 'listening')"
            ),
            format!(
                "INSERT INTO events (order_id, seq, at, name, state, title, detail, tx, payload) VALUES ('{id}', 99, 1, 'lease_lost', 'active', 'Lost', 'it said so', NULL, '\"draft_changed\"')"
            ),
            format!(
                "INSERT INTO transactions (order_id, kind, hash, at) VALUES ('{id}', 'fund', '{}', 1)",
                TxHash::from_bytes([1; 32])
            ),
        ] {
            database.run(sql).await;
        }
    }
    database.run("INSERT INTO jobs (id, kind, order_id, due_ms, leased_until_ms, fence, nudges, attempts, last_error, dead) VALUES ('drive:x', 'drive', NULL, 1, 0, 0, 0, 9, 'it said so', 1)".to_owned()).await;
    for sql in [
        format!("INSERT INTO origins (order_id, origin) VALUES ('{first}', '\"link\"')"),
        format!(
            "INSERT INTO chain_blocks (number, hash, at) VALUES (1, '{}', 1)",
            Hash32::from_bytes([1; 32])
        ),
    ] {
        database.run(sql).await;
    }
    database.fill().await;
    let numbered = database
        .texts("SELECT rowid || ' ' || id FROM orders".to_owned())
        .await;
    let orders = numbered.iter().filter_map(|line| {
        let (row, id) = line.split_once(' ')?;
        Some((row.parse().ok()?, id.parse().ok()?))
    });
    let orders = orders.collect();
    (world, database, orders)
}

/// Checks which of the visitor's data can still be read; returns each reader's status.
async fn readable(world: &World, paths: &[String]) -> Vec<u16> {
    let mut statuses = Vec::new();
    for path in paths {
        statuses.push(world.get(path).await.status.as_u16());
    }
    statuses
}

/// A reader may reject a text, which is then never shown. So other texts are tested in its place: first each
/// alone, by whether everything can still be read, then all that passed at once.
#[tokio::test]
async fn no_stored_text_becomes_markup() {
    let (world, mut database, orders) = furnished().await;
    let before = pages(&world).await;
    let (looked_at, found) = pages_with_everything(&world).await;
    assert!(looked_at > 20 && found.is_empty(), "{found:?}");
    let watched: Vec<String> = before
        .iter()
        .filter(|path| {
            let shows_an_order_again = path.starts_with("/?") || path.starts_with("/deploy?");
            !shows_an_order_again && path.as_str() != UNREADY
        })
        .cloned()
        .collect();
    let well = readable(&world, &watched).await;
    let hostile = all().replace('\0', "");
    let mut tried = 0_u32;
    let mut shown = Vec::new();
    for column in database.columns().await {
        assert!(
            !column.rows.is_empty(),
            "nothing is stored in {}",
            column.table
        );
        let mut kinds = Vec::new();
        for (row, original) in &column.rows {
            let text = original.clone().unwrap_or_default();
            let (prefix, inner) = match text.strip_prefix(IN_CLEAR) {
                Some(inner) => (IN_CLEAR, inner),
                None => ("", text.as_str()),
            };
            let mut kept = serde_json::from_str::<Value>(inner)
                .ok()
                .filter(|json| !json.is_number());
            let places = kept.as_ref().map_or_else(|| vec![Leaf::whole()], leaves);
            let mut now = original.clone();
            for place in places {
                // The same kind of place in another row runs the same code; an order in another state does
                // not.
                let known = kinds.iter().filter(|known| **known == place).count();
                let is_name = matches!(place, Leaf::Name(..));
                if known > 0 && (is_name || column.table != "orders") {
                    continue;
                }
                let changed = match &kept {
                    Some(json) => with(json, &place, &hostile).to_string(),
                    None => hostile.clone(),
                };
                let changed = Some(format!("{prefix}{changed}"));
                if changed == now || !database.set(&column, *row, changed.as_deref()).await {
                    continue;
                }
                tried += 1;
                let cookie = world.cookie().await;
                let fine = if column.table == "orders" {
                    let body = json!({ "order": orders[row] });
                    let opened = world.call("open_order", &body).await;
                    let listed = world.call("list_orders", &json!({})).await;
                    opened.status.is_success() && listed.status.is_success()
                } else {
                    readable(&world, &watched).await == well
                };
                if fine {
                    kinds.push(place.clone());
                    shown.push(format!("{}.{} {place:?}", column.table, column.name));
                    if let Some(json) = &mut kept {
                        *json = with(json, &place, &hostile);
                    }
                    now = changed;
                } else {
                    database.set(&column, *row, now.as_deref()).await;
                    // If the session itself was not found, a new one was started.
                    world.take_cookie(cookie).await;
                }
            }
        }
    }
    assert!(tried > 200, "only {tried} texts were tried");
    for known in [
        "orders.sealed Text(\"/sentence\")",
        "orders.sealed Text(\"/sdl\")",
        "orders.name",
        "own_templates.name",
        "own_templates.sdl",
        "log_lines.text",
        "bids.bid",
    ] {
        assert!(
            shown.iter().any(|place| place.starts_with(known)),
            "{known} took no text: {shown:#?}"
        );
    }
    // If only an order's page reads a text, `readable` does not notice that it cannot be read; so these pages
    // may show unreadable parts.
    let (after, found) = pages_with_anything(&world).await;
    assert_eq!(after, looked_at, "a page is no longer there");
    assert!(
        found.is_empty(),
        "{} findings:\n{}",
        found.len(),
        found.join("\n")
    );
}
