//! The market for the page: a snapshot as JSON, and venue events as a stream.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::sse::Event;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use backend::market::MarketEvent;
use backend::{Backend, UsecaseError, Visitor, usecases};
use domain::ids::OrderId;
use futures::StreamExt;
use serde_json::json;

use super::streams::{refused, stream};
use crate::lifecycle::Lifecycle;

/// Interval of keep-alive events: a watching page repeats its request this often, which keeps the market
/// current.
const STILL_THERE: Duration = Duration::from_secs(30);

/// Returns the whole market.
pub(super) async fn board(State(backend): State<Backend>) -> Response {
    let board = usecases::show_market(&backend).await;
    ([(header::CACHE_CONTROL, "no-store")], Json(board)).into_response()
}

/// Streams `asking`, `answered` and `failed`, each with the venue; after the latter two, the page reads the
/// market again. `waiting` comes in between, so that a lost connection is noticed.
pub(super) async fn events(
    State(backend): State<Backend>,
    State(life): State<Lifecycle>,
) -> Response {
    let happened = usecases::watch_market(&backend).map(|event| Ok::<_, Infallible>(told(&event)));
    let ticks = tokio_stream::wrappers::IntervalStream::new(tokio::time::interval(STILL_THERE));
    let reminders = ticks.map(move |_| {
        usecases::keep_market_current(&backend);
        Ok(Event::default().event("waiting").data(""))
    });
    stream(futures::stream::select(happened, reminders), life)
}

fn told(event: &MarketEvent) -> Event {
    let (name, data) = match event {
        MarketEvent::Asking(venue) => ("asking", json!({ "venue": venue })),
        MarketEvent::Answered {
            venue,
            offers,
            took,
        } => {
            let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
            (
                "answered",
                json!({ "venue": venue, "offers": offers, "took_ms": took_ms }),
            )
        }
        MarketEvent::Failed { venue, reason } => {
            ("failed", json!({ "venue": venue, "reason": reason }))
        }
    };
    Event::default().event(name).data(data.to_string())
}

/// Returns an order's decision document, exactly as it was hashed.
pub(super) async fn decision(
    State(backend): State<Backend>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    let Ok(order) = id.parse::<OrderId>() else {
        return refused(&UsecaseError::NotFound);
    };
    match usecases::show_decision(&backend, &visitor, order).await {
        Ok(document) => {
            let name = format!(
                "attachment; filename=\"necto-decision-{}.json\"",
                order.short()
            );
            let headers = [
                (header::CONTENT_TYPE, "application/json".to_owned()),
                (header::CONTENT_DISPOSITION, name),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (StatusCode::OK, headers, document).into_response()
        }
        Err(error) => refused(&error),
    }
}
