//! How much space a log takes and how fast it is written, for `cargo xtask bench --logs`: a million
//! lines of 118 bytes, as rows of their own and in chunks, each into a fresh SQLite file.
//!
//! `log_storage [LINES]` prints both as a table in Markdown. Orders keep 20,000 lines each, so the
//! lines are spread over as many orders as that takes.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use backend::stage::Stage;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::time::Instant;

type Outcome<T> = Result<T, Box<dyn Error>>;

const LINE_BYTES: usize = 118;
/// Lines that one order keeps.
const KEPT: u64 = 20_000;
/// Lines written in one transaction.
const BATCH: u64 = 200;

/// The cost of storing the lines.
struct Figures {
    bytes: u64,
    took: Duration,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let lines: u64 = match std::env::args().nth(1) {
        Some(lines) => lines.parse()?,
        None => 1_000_000,
    };
    let rows = in_rows(lines).await?;
    let chunks = in_chunks(lines).await?;
    println!("| {lines} lines of {LINE_BYTES} bytes | bytes on disk | bytes a line | lines/s |");
    println!("|---|--:|--:|--:|");
    for (name, figures) in [("a row a line", &rows), ("chunks, sealed", &chunks)] {
        let a_second = u128::from(lines) * 1_000 / figures.took.as_millis().max(1);
        let (bytes, each) = (figures.bytes, figures.bytes / lines.max(1));
        println!("| {name} | {bytes} | {each} | {a_second} |");
    }
    Ok(())
}

/// A line of a web server's log that is similar to others and equal to none.
fn line(number: u64) -> String {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut line = format!(
        "2026-11-{:02}T{:02}:{:02}:{:02}.{:03}Z INFO 10.0.{}.{} GET /api/items/{} {} {} trace={mixed:016x} \"Mozilla/5.0\" ok",
        number / 86_400_000 % 28 + 1,
        number / 3_600_000 % 24,
        number / 60_000 % 60,
        number / 1_000 % 60,
        number % 1_000,
        mixed >> 56,
        mixed >> 48 & 0xff,
        mixed >> 40 & 0xffff,
        if mixed & 0xf000 == 0 { 404 } else { 200 },
        mixed & 0xfff,
    );
    line.truncate(LINE_BYTES);
    let missing = LINE_BYTES - line.len();
    line.extend(std::iter::repeat_n('.', missing));
    line
}

/// As an older version stored them: a row for each line, with a number requested and old rows
/// deleted for each batch.
async fn in_rows(lines: u64) -> Outcome<Figures> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("rows.db");
    let mut connection: SqliteConnection = SqliteConnectOptions::new()
        .filename(&file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .connect()
        .await?;
    sqlx::query(
        "CREATE TABLE log_lines (order_id TEXT NOT NULL, seq BIGINT NOT NULL, at BIGINT NOT NULL, \
         service TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (order_id, seq))",
    )
    .execute(&mut connection)
    .await?;
    let began = Instant::now();
    for first in (0..lines).step_by(usize::try_from(BATCH)?) {
        let order = format!("{:032x}", first / KEPT);
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let (last,): (i64,) =
            sqlx::query_as("SELECT COALESCE(MAX(seq), 0) FROM log_lines WHERE order_id = $1")
                .bind(&order)
                .fetch_one(&mut *transaction)
                .await?;
        for (seq, number) in (last + 1..).zip(first..lines.min(first + BATCH)) {
            sqlx::query(
                "INSERT INTO log_lines (order_id, seq, at, service, text) \
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(&order)
            .bind(seq)
            .bind(1_800_000_000)
            .bind("web")
            .bind(line(number))
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query("DELETE FROM log_lines WHERE order_id = $1 AND seq <= $2")
            .bind(&order)
            .bind(last - i64::try_from(KEPT)?)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
    }
    let took = began.elapsed();
    sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(Figures {
        bytes: size(&file)?,
        took,
    })
}

/// As they are stored now, with everything else that a Necto database holds.
async fn in_chunks(lines: u64) -> Outcome<Figures> {
    let stage = Stage::new().await;
    let file = stage.database();
    stage.settle_database().await;
    let before = size(&file)?;
    let mut took = Duration::ZERO;
    let mut order = None;
    for first in (0..lines).step_by(usize::try_from(BATCH)?) {
        if first % KEPT == 0 {
            order = Some(stage.quoted().await);
        }
        let Some(order) = order else { continue };
        let batch: Vec<(String, String)> = (first..lines.min(first + BATCH))
            .map(|number| ("web".to_owned(), line(number)))
            .collect();
        let began = Instant::now();
        stage.log(order, &batch).await;
        took += began.elapsed();
    }
    stage.settle_database().await;
    Ok(Figures {
        bytes: size(&file)? - before,
        took,
    })
}

fn size(file: &Path) -> Outcome<u64> {
    Ok(std::fs::metadata(file)?.len())
}
