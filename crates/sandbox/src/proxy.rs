//! The provider proxy: plain requests through `POST /`, streams over a WebSocket with envelopes.

mod stream;

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::gateway::{self, Target, Unreachable};
use crate::lease_page;
use crate::state::Shared;

use stream::{Opened, ProviderStream, Step};

/// Interval at which a stream checks for news.
const POLL_INTERVAL: Duration = Duration::from_millis(100);
/// Time after which a client that sends nothing is disconnected.
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProxyRequest {
    method: String,
    url: String,
    #[serde(default)]
    auth: Option<Auth>,
}

#[derive(Debug, Deserialize)]
struct Auth {
    #[serde(default)]
    token: Option<String>,
}

impl Auth {
    fn token(auth: Option<&Self>) -> Option<&str> {
        auth?.token.as_deref()
    }
}

/// `POST /`
pub(crate) async fn request(
    State(shared): State<Shared>,
    Json(body): Json<ProxyRequest>,
) -> Response {
    if body.method != "GET" {
        return (StatusCode::BAD_REQUEST, "Only GET is simulated").into_response();
    }
    match Target::parse(&shared, &body.url) {
        Ok(target) => gateway::answer(&shared, &target, Auth::token(body.auth.as_ref())),
        Err(Unreachable::BadUrl(message)) => (StatusCode::BAD_REQUEST, message).into_response(),
        Err(Unreachable::NoRoute) => (StatusCode::NOT_FOUND, "404 page not found").into_response(),
        Err(Unreachable::Down) => {
            let message = format!("Provider {} is temporarily unavailable", body.url);
            (StatusCode::SERVICE_UNAVAILABLE, message).into_response()
        }
    }
}

/// `GET /`: a WebSocket, or a page for people.
pub(crate) async fn upgrade(
    State(shared): State<Shared>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => upgrade.on_upgrade(move |socket| converse(shared, socket)),
        Err(_) => Html(lease_page::front_page(&shared)).into_response(),
    }
}

#[derive(Debug, Deserialize)]
struct ClientMessage {
    r#type: String,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    auth: Option<Auth>,
}

/// Serves one client, which has at most one provider stream at a time.
async fn converse(shared: Shared, mut socket: WebSocket) {
    let mut current: Option<ProviderStream> = None;
    let mut ticks = tokio::time::interval(POLL_INTERVAL);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut idle = Box::pin(tokio::time::sleep(IDLE_TIMEOUT));
    loop {
        let replies = tokio::select! {
            message = socket.recv() => {
                let Some(Ok(message)) = message else { return };
                idle.as_mut().reset(tokio::time::Instant::now() + IDLE_TIMEOUT);
                let Message::Text(text) = message else { continue };
                hear(&shared, text.as_str(), &mut current)
            }
            _ = ticks.tick() => match &mut current {
                Some(stream) => stream.step(&shared),
                None => Vec::new(),
            },
            () = &mut idle => return,
        };
        for reply in replies {
            let is_last = matches!(reply, Step::End(_));
            let (Step::Frame(frame) | Step::End(frame)) = reply;
            if socket.send(Message::text(frame.to_string())).await.is_err() {
                return;
            }
            if is_last {
                current = None;
            }
        }
    }
}

/// Answers one message from the client.
fn hear(shared: &Shared, text: &str, current: &mut Option<ProviderStream>) -> Vec<Step> {
    let message: Option<ClientMessage> = serde_json::from_str(text).ok();
    let Some(message) = message else {
        return vec![Step::Frame(misunderstood())];
    };
    match (message.r#type.as_str(), &message.url) {
        ("ping", _) if current.as_ref().is_some_and(ProviderStream::is_silent) => Vec::new(),
        ("ping", _) => vec![Step::Frame(json!({ "type": "pong" }))],
        ("websocket", Some(url)) => {
            if current.as_ref().is_some_and(|stream| stream.url() == url) {
                return Vec::new();
            }
            match ProviderStream::open(shared, url, Auth::token(message.auth.as_ref())) {
                Opened::Stream(stream) => {
                    *current = Some(*stream);
                    Vec::new()
                }
                Opened::Refused(frame) => {
                    *current = None;
                    vec![Step::End(frame)]
                }
            }
        }
        _ => vec![Step::Frame(misunderstood())],
    }
}

fn misunderstood() -> Value {
    json!({
        "type": "websocket", "message": "Message doesn't match expected schema",
        "error": "Invalid message format", "errors": [],
    })
}
