//! Server-sent events: an order's changes and its log.

use std::convert::Infallible;
use std::time::Duration;

use axum::Extension;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use backend::usecases::Watched;
use backend::{Backend, UsecaseError, Visitor, sessions, usecases};
use domain::ids::OrderId;
use domain::journey::LogLine;
use futures::{Stream, StreamExt};
use serde::Deserialize;

use super::status::status_of;
use crate::lifecycle::Lifecycle;

/// Maximum number of log lines read at once.
const PAGE: u32 = 500;

/// Interval of keep-alives: proxies close idle connections after about a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

/// Streams `change` with a growing number each time the order has changed, so that the page reads it again.
/// `ended` is the last event, sent when the visitor's session has ended.
pub(super) async fn order_events(
    State(backend): State<Backend>,
    State(life): State<Lifecycle>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    let changes = match watched(&backend, &visitor, &id).await {
        Ok(changes) => changes,
        Err(response) => return response,
    };
    let events = changes.map(|told| {
        Ok::<_, Infallible>(match told {
            Watched::Changed(version) => Event::default().event("change").data(version.to_string()),
            Watched::SessionEnded => ended(),
        })
    });
    stream(events, life)
}

/// Query parameter for the last line that a page already has.
#[derive(Debug, Deserialize)]
pub(super) struct Seen {
    /// Number of that line; 0 if the page has none.
    #[serde(default)]
    after: u64,
}

/// Streams `line` with a [`domain::journey::LogLine`] as JSON. Its id is the line's number, so that a browser
/// that reconnects (`Last-Event-ID`), or a page that connects anew (`?after=`), gets exactly the lines it
/// missed. `ended` is the last event, as in [`order_events`].
pub(super) async fn order_logs(
    State(backend): State<Backend>,
    State(life): State<Lifecycle>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
    Query(seen): Query<Seen>,
    headers: HeaderMap,
) -> Response {
    let changes = match watched(&backend, &visitor, &id).await {
        Ok(changes) => changes,
        Err(response) => return response,
    };
    let Ok(order) = id.parse::<OrderId>() else {
        return refused(&UsecaseError::NotFound);
    };
    let after = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.parse().ok())
        .unwrap_or(seen.after);
    let lines = async_lines(backend, visitor, order, after, changes);
    stream(lines, life)
}

fn async_lines(
    backend: Backend,
    visitor: Visitor,
    order: OrderId,
    after: u64,
    changes: impl Stream<Item = Watched> + Send + 'static,
) -> impl Stream<Item = Result<Event, Infallible>> + Send + 'static {
    // The first lines are sent at once; each change triggers another read.
    let reasons = futures::stream::once(async { Watched::Changed(0) })
        .chain(changes)
        .boxed();
    let state = (reasons, after, backend, visitor);
    futures::stream::unfold(
        state,
        move |(mut reasons, mut after, backend, visitor)| async move {
            let mut events = Vec::new();
            match reasons.next().await? {
                Watched::SessionEnded => events.push(Ok(ended())),
                Watched::Changed(_) => loop {
                    let page = match page(&backend, &visitor, order, after).await {
                        Ok(page) => page,
                        Err(error) => {
                            tracing::warn!(%order, %error, "cannot read the log");
                            break;
                        }
                    };
                    let Some(last) = page.last() else { break };
                    after = last.seq;
                    let full = page.len() >= PAGE as usize;
                    events.extend(page.iter().filter_map(|line| {
                        let data = serde_json::to_string(line).ok()?;
                        Some(Ok(Event::default()
                            .event("line")
                            .id(line.seq.to_string())
                            .data(data)))
                    }));
                    if !full {
                        break;
                    }
                },
            }
            Some((
                futures::stream::iter(events),
                (reasons, after, backend, visitor),
            ))
        },
    )
    .flatten()
}

/// Reads the next lines; none once the session has ended, which the watcher reports.
async fn page(
    backend: &Backend,
    visitor: &Visitor,
    order: OrderId,
    after: u64,
) -> Result<Vec<LogLine>, UsecaseError> {
    let page = usecases::read_logs(backend, visitor, order, after, PAGE).await?;
    if sessions::stands(backend, visitor).await? {
        return Ok(page);
    }
    Ok(Vec::new())
}

fn ended() -> Event {
    Event::default().event("ended").data("")
}

async fn watched(
    backend: &Backend,
    visitor: &Visitor,
    id: &str,
) -> Result<impl Stream<Item = Watched> + Send + use<>, Response> {
    let order: OrderId = id.parse().map_err(|_| refused(&UsecaseError::NotFound))?;
    usecases::watch(backend, visitor, order)
        .await
        .map_err(|error| refused(&error))
}

/// Streams until the server stops, and then tells the page when to reconnect.
pub(super) fn stream(
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
    life: Lifecycle,
) -> Response {
    let until_stop = events.take_until(life.stopping().cancelled_owned());
    let farewell = futures::stream::once(async move {
        let stops = life.stopping().is_cancelled();
        stops.then(|| Ok(Event::default().retry(life.come_back())))
    });
    let sse = Sse::new(until_stop.chain(farewell.filter_map(std::future::ready)))
        .keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    (
        [("cache-control", "no-store"), ("x-accel-buffering", "no")],
        sse,
    )
        .into_response()
}

pub(super) fn refused(error: &UsecaseError) -> Response {
    (status_of(error), error.to_string()).into_response()
}
