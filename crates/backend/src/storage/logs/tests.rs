use domain::ids::OrderId;
use domain::journey::LogLine;

use super::keeping::{BYTES_KEPT, LINES_KEPT};
use super::{append, last_exit, last_seq, next};
use crate::fakes::World;
use crate::ports::Clock as _;

async fn say(world: &World, id: OrderId, lines: &[String]) {
    let lines: Vec<_> = lines
        .iter()
        .map(|text| ("web".to_owned(), text.clone()))
        .collect();
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    append(&mut transaction, id, &lines, world.clock.now())
        .await
        .unwrap();
    transaction.commit().await.unwrap();
}

fn numbered(from: u64, to: u64) -> Vec<String> {
    (from..=to).map(|n| format!("line {n}")).collect()
}

async fn all(world: &World, id: OrderId, after: u64) -> Vec<LogLine> {
    let mut connection = world.backend.storage().read().await.unwrap();
    let mut read: Vec<LogLine> = Vec::new();
    loop {
        let after = read.last().map_or(after, |line| line.seq);
        let lines = next(&mut connection, id, after).await.unwrap();
        if lines.is_empty() {
            return read;
        }
        read.extend(lines);
    }
}

async fn texts(world: &World, id: OrderId) -> Vec<String> {
    let lines = all(world, id, 0).await;
    lines.into_iter().map(|line| line.text).collect()
}

async fn run(world: &World, query: &'static str) -> u64 {
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    let done = sqlx::query(query).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    done.rows_affected()
}

async fn count(world: &World, query: &'static str) -> i64 {
    use sqlx::Row as _;
    let mut connection = world.backend.storage().read().await.unwrap();
    let row = sqlx::query(query).fetch_one(&mut connection).await.unwrap();
    row.get("number")
}

const CHUNKS: &str = "SELECT COUNT(*) AS number FROM log_chunks";

#[tokio::test]
async fn lines_are_numbered_on_and_lie_in_few_chunks() {
    let world = World::new().await;
    let (id, other) = (world.quoted(1).await, world.quoted(1).await);
    let mut said = 0;
    for some in [1, 1, 1, 7, 1, 40, 2, 1, 1, 1, 300, 1, 1] {
        say(&world, id, &numbered(said + 1, said + some)).await;
        say(&world, other, &["elsewhere".to_owned()]).await;
        said += some;
    }
    assert_eq!(texts(&world, id).await, numbered(1, said));
    assert_eq!(texts(&world, other).await.len(), 13);
    let chunks = count(&world, CHUNKS).await;
    assert!(chunks <= 8, "26 writes to two logs, {chunks} chunks");
    // A page continues where the previous one ended, even in the middle of a chunk.
    for after in [0, 1, 5, 200, said - 1, said, said + 5] {
        let read = all(&world, id, after).await;
        let numbers: Vec<u64> = read.iter().map(|line| line.seq).collect();
        assert_eq!(numbers, (after + 1..=said).collect::<Vec<_>>());
        let fits = |line: &LogLine| line.text == format!("line {}", line.seq);
        assert!(read.iter().all(fits));
    }
}

#[tokio::test]
async fn what_an_older_version_wrote_is_read_and_goes_on_with_its_numbers() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    let old = async |from: u64, to: u64| {
        let mut transaction = world.backend.storage().begin_write().await.unwrap();
        for seq in from..=to {
            sqlx::query(
                "INSERT INTO log_lines (order_id, seq, at, service, text) \
                 VALUES ($1, $2, 5, 'web', $3)",
            )
            .bind(id.to_string())
            .bind(i64::try_from(seq).unwrap())
            .bind(format!("line {seq}"))
            .execute(&mut *transaction)
            .await
            .unwrap();
        }
        transaction.commit().await.unwrap();
    };
    old(3, 120).await;
    let read = all(&world, id, 0).await;
    assert_eq!((read[0].seq, read[0].at.0, read.len()), (3, 5, 118));
    say(&world, id, &numbered(121, 130)).await;
    let read = all(&world, id, 0).await;
    let numbers: Vec<u64> = read.iter().map(|line| line.seq).collect();
    assert_eq!(numbers, (3..=130).collect::<Vec<_>>());
    let fits = |line: &LogLine| line.text == format!("line {}", line.seq);
    assert!(read.iter().all(fits));
    assert_eq!(read[0].at.0, 5, "it came when it came");
    let rows = "SELECT COUNT(*) AS number FROM log_lines";
    assert_eq!(count(&world, rows).await, 0);
    // An older process next to this one restarts the numbering: none of its lines is lost.
    old(1, 2).await;
    say(&world, id, &["after".to_owned()]).await;
    let read = all(&world, id, 130).await;
    let told: Vec<_> = read
        .iter()
        .map(|line| (line.seq, line.text.as_str()))
        .collect();
    assert_eq!(told, [(131, "line 1"), (132, "line 2"), (133, "after")]);
}

#[tokio::test]
async fn a_damaged_chunk_is_said_and_stands_in_nobodys_way() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    say(&world, id, &numbered(1, 100)).await;
    say(&world, id, &numbered(101, 120)).await;
    say(&world, id, &numbered(121, 123)).await;
    let damage = "UPDATE log_chunks SET body = $1 WHERE first_seq = 101";
    let mut transaction = world.backend.storage().begin_write().await.unwrap();
    let torn = sqlx::query(damage)
        .bind(b"torn".to_vec())
        .execute(&mut *transaction)
        .await
        .unwrap();
    assert_eq!(torn.rows_affected(), 1);
    transaction.commit().await.unwrap();
    let read = all(&world, id, 0).await;
    assert_eq!(read.len(), 100 + 1 + 3);
    assert_eq!((read[100].seq, read[100].service.as_str()), (120, "necto"));
    assert_eq!(
        read[100].text,
        "Lines 101 to 120 of this log are damaged and cannot be shown."
    );
    assert_eq!(read[101].text, "line 121");
    // The next lines would merge with the damaged one.
    say(&world, id, &numbered(124, 170)).await;
    let read = all(&world, id, 119).await;
    assert_eq!(read.len(), 1 + 50);
    assert_eq!(last_of(&world, id).await, 170);
}

async fn last_of(world: &World, id: OrderId) -> u64 {
    let mut connection = world.backend.storage().read().await.unwrap();
    last_seq(&mut connection, id).await.unwrap()
}

#[tokio::test]
async fn a_chunk_that_was_moved_or_says_another_size_is_not_read() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    say(&world, id, &numbered(1, 10)).await;
    for change in [
        "UPDATE log_chunks SET raw_bytes = raw_bytes + 1",
        "UPDATE log_chunks SET raw_bytes = 4000000000",
    ] {
        assert_eq!(run(&world, change).await, 1);
        let read = all(&world, id, 0).await;
        assert_eq!(read.len(), 1, "{change}");
        assert_eq!(read[0].service, "necto");
    }
}

#[tokio::test]
async fn the_newest_lines_are_kept_and_no_more_than_so_many() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    for round in 0..14 {
        say(
            &world,
            id,
            &numbered(round * 2_000 + 1, (round + 1) * 2_000),
        )
        .await;
    }
    let read = all(&world, id, 0).await;
    assert_eq!(read.last().unwrap().text, "line 28000");
    let kept = read.len() as u64;
    assert!((LINES_KEPT..LINES_KEPT + 2_000).contains(&kept), "{kept}");
    let long = vec!["x".repeat(250 * 1024); 10];
    for _ in 0..30 {
        say(&world, id, &long).await;
    }
    let bytes = count(
        &world,
        "SELECT CAST(SUM(raw_bytes) AS BIGINT) AS number FROM log_chunks",
    );
    let bytes = u64::try_from(bytes.await).unwrap();
    assert!(
        (BYTES_KEPT - 512 * 1024..=BYTES_KEPT).contains(&bytes),
        "{bytes}"
    );
    assert_eq!(last_of(&world, id).await, 28_300);
}

#[tokio::test]
async fn the_exit_code_told_last_is_found_whatever_came_since() {
    let world = World::new().await;
    let id = world.quoted(1).await;
    let told = async |service: &str| {
        let mut connection = world.backend.storage().read().await.unwrap();
        last_exit(&mut connection, id, service).await.unwrap()
    };
    assert_eq!(told("web").await, None);
    say(&world, id, &["necto: exit code 1".to_owned()]).await;
    say(&world, id, &numbered(1, 3_000)).await;
    say(&world, id, &["necto: exit code 0".to_owned()]).await;
    say(&world, id, &numbered(1, 3_000)).await;
    say(&world, id, &["it says necto: exit code 7".to_owned()]).await;
    assert_eq!(told("web").await.as_deref(), Some("necto: exit code 0"));
    assert_eq!(told("db").await, None);
}

#[tokio::test]
async fn a_chunk_that_was_put_elsewhere_is_not_read() {
    let world = World::new().await;
    let (id, other) = (world.quoted(1).await, world.quoted(1).await);
    say(&world, id, &numbered(1, 3)).await;
    say(&world, other, &numbered(1, 3)).await;
    let damaged = "Lines 1 to 3 of this log are damaged and cannot be shown.";
    // One log gets the other's chunk, but each is sealed for its own place.
    run(
        &world,
        "UPDATE log_chunks SET body = (SELECT other.body FROM log_chunks AS other \
         WHERE other.order_id <> log_chunks.order_id) \
         WHERE order_id = (SELECT MIN(order_id) FROM log_chunks)",
    )
    .await;
    let (put, untouched) = if id.to_string() < other.to_string() {
        (id, other)
    } else {
        (other, id)
    };
    assert_eq!(texts(&world, put).await, [damaged]);
    assert_eq!(texts(&world, untouched).await, numbered(1, 3));
}
