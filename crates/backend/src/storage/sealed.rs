//! The sealed parts of an order: everything that may contain a secret, as one document.

use domain::deployment::State;
use domain::journey::{Question, Refusal, ThinkingStep};
use domain::requirements::{Assumption, Requirements, Wish};
use serde::{Deserialize, Serialize};
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row as _};

use super::keys::Place;
use super::{Connection, DataKeys, StorageError, locks_rows, storable};
use crate::orders::order::{Order, OrderSecret};

/// The parts of an order that may contain one of its buyer's secrets.
#[derive(Serialize, Deserialize)]
pub(super) struct Sealed {
    sentence: Option<String>,
    wish: Wish,
    requirements: Option<Requirements>,
    assumptions: Vec<Assumption>,
    steps: Vec<ThinkingStep>,
    sdl: String,
    working_sdl: Option<String>,
    secret: Option<String>,
    refusal: Option<Refusal>,
    question: Option<Question>,
    /// Texts of the state, in the state's own sequence.
    state: Vec<String>,
}

impl Sealed {
    /// Returns the sealed parts of `order`, and its state without the texts in it.
    pub(super) fn of(order: &Order) -> (Self, State) {
        let mut state = order.state.clone();
        let texts = state.texts_mut().into_iter().map(std::mem::take).collect();
        let sealed = Self {
            sentence: order.sentence.as_deref().map(storable),
            wish: order.wish.clone(),
            requirements: order.requirements.clone(),
            assumptions: order.assumptions.clone(),
            steps: order.steps.clone(),
            sdl: storable(&order.sdl),
            working_sdl: order.working_sdl.as_deref().map(storable),
            secret: order
                .secret
                .as_ref()
                .map(|secret| secret.expose().to_owned()),
            refusal: order.refusal.clone(),
            question: order.question.clone(),
            state: texts,
        };
        (sealed, state)
    }

    /// Puts the parts back into the order.
    pub(super) fn fill(self, order: &mut Order) {
        order.sentence = self.sentence;
        order.wish = self.wish;
        order.requirements = self.requirements;
        order.assumptions = self.assumptions;
        order.steps = self.steps;
        order.sdl = self.sdl;
        order.working_sdl = self.working_sdl;
        order.secret = self.secret.map(OrderSecret::stored);
        order.refusal = self.refusal;
        order.question = self.question;
        for (place, text) in order.state.texts_mut().into_iter().zip(self.state) {
            *place = text;
        }
    }
}

/// Reads a column whose text is sealed unless the row was stored before there were keys.
pub(super) fn opened(
    row: &AnyRow,
    keys: &DataKeys,
    place: Place<'_>,
) -> Result<String, StorageError> {
    let text: String = row.try_get(place.column)?;
    match row.try_get::<String, _>("sealed_with")?.as_str() {
        "" => Ok(text),
        _ => keys.open(place, &text),
    }
}

/// Returns rows of `table` that are unencrypted or sealed with a key other than the current one:
/// their `columns`, at most this many rows, locked until the transaction ends.
pub(super) async fn under_another_key(
    connection: &mut Connection,
    table: &'static str,
    columns: &'static str,
    most: u32,
) -> Result<Vec<AnyRow>, StorageError> {
    let keys = connection.keys();
    let lock = if locks_rows(connection) {
        " FOR UPDATE"
    } else {
        ""
    };
    // Two ranges, not "<>": they are read from the index.
    let query = AssertSqlSafe(format!(
        "SELECT {columns} FROM {table} WHERE (sealed_with < $1 OR sealed_with > $2) LIMIT $3{lock}"
    ));
    let rows = sqlx::query(query)
        .bind(keys.id())
        .bind(keys.id())
        .bind(i64::from(most))
        .fetch_all(&mut *connection)
        .await?;
    Ok(rows)
}

/// The place of an order's document.
pub(super) const fn place_of_order(id: &str) -> Place<'_> {
    Place {
        table: "orders",
        column: "sealed",
        row: id,
    }
}

/// The place of an order's name, which may begin with the buyer's own words.
pub(super) const fn place_of_name(id: &str) -> Place<'_> {
    Place {
        table: "orders",
        column: "name",
        row: id,
    }
}

/// The place of an order's event, given the order's id and the event's number.
pub(super) const fn place_of_event(row: &str) -> Place<'_> {
    Place {
        table: "events",
        column: "payload",
        row,
    }
}

/// The place of a log's lines, given the order's id, the lines' numbers and their size.
pub(super) const fn place_of_chunk(row: &str) -> Place<'_> {
    Place {
        table: "log_chunks",
        column: "body",
        row,
    }
}

/// The place of the text of a buyer's own template.
pub(super) const fn place_of_template(id: &str) -> Place<'_> {
    Place {
        table: "own_templates",
        column: "sdl",
        row: id,
    }
}
