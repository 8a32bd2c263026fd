//! The whole router over a simulated world, and browsers that send it requests.

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use axum::response::Response;
use backend::stage::Stage;
use domain::ids::{Address, OrderId};
use domain::journey::DepositPlan;
use futures::StreamExt as _;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::Router;
use crate::connections::Door;
use crate::lifecycle::Lifecycle;

const ORIGIN: &str = "http://127.0.0.1:3000";
const COOKIE_NAME: &str = "necto";

/// Time after which a stream that sends nothing and does not end counts as hung.
const PATIENCE: Duration = Duration::from_secs(20);

/// Body of a request.
#[derive(Debug, Clone)]
pub(super) enum Content {
    Json(Value),
    Form(Vec<(&'static str, String)>),
}

/// Status, headers and body of a response.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: String,
    location: String,
}

/// The router and its simulated outside world.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) stage: Stage,
    router: Router,
}

impl Site {
    pub(super) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Creates a site with additional options.
    pub(super) async fn with(options: &[&str]) -> Self {
        let stage = Stage::new().await;
        let config = crate::config::tests::config(options);
        let life = Lifecycle::default();
        let state = super::super::state(stage.backend(), &config, &life, &Door::default());
        let router = super::super::router(&state.unwrap(), &config).unwrap();
        Self { stage, router }
    }

    /// Creates a browser without cookies.
    pub(super) fn browser(&self) -> Browser {
        Browser {
            router: self.router.clone(),
            cookie: None,
            peer: None,
        }
    }

    /// Creates a browser without cookies at this address.
    pub(super) fn browser_at(&self, address: &str) -> Browser {
        Browser {
            peer: Some(SocketAddr::new(address.parse().unwrap(), 40_000)),
            ..self.browser()
        }
    }

    /// Creates a browser whose cookie holds this token.
    pub(super) fn browser_with(&self, token: &str) -> Browser {
        Browser {
            cookie: Some(token.to_owned()),
            ..self.browser()
        }
    }

    /// Creates an SDL that Akash accepts, with a secret in it.
    pub(super) fn document(&self, secret: &str) -> String {
        backend::stage::SDL.replacen(
            "    expose:",
            &format!("    env:\n      - GREETING={secret}\n    expose:"),
            1,
        )
    }

    /// Pays the order and advances it until it runs.
    pub(super) async fn pay(&self, buyer: &mut Browser, order: &OrderId) {
        let view = buyer
            .asked_for("open_order", json!({ "order": order }))
            .await;
        let text = sdl::text_hash(view["sdl"].as_str().unwrap());
        let asks = json!({ "order": order, "text": text, "acceptance": "automatic" });
        let plan = buyer.asked_for("prepare_deposit", asks).await;
        let plan: DepositPlan = serde_json::from_value(plan).unwrap();
        self.stage.fund(&plan.terms);
        for _ in 0..120 {
            let view = buyer
                .asked_for("open_order", json!({ "order": order }))
                .await;
            if view["state"]["active"].is_object() {
                return;
            }
            self.stage.pass(Duration::from_secs(1)).await;
        }
        let view = buyer
            .asked_for("open_order", json!({ "order": order }))
            .await;
        panic!("it does not run after two minutes: {}", view["state"]);
    }
}

/// A browser that keeps the cookie it is given.
#[derive(Debug)]
pub(super) struct Browser {
    router: Router,
    cookie: Option<String>,
    peer: Option<SocketAddr>,
}

impl Browser {
    /// Creates another browser with the same cookie.
    pub(super) fn again(&self) -> Self {
        Self {
            router: self.router.clone(),
            cookie: self.cookie.clone(),
            peer: self.peer,
        }
    }

    /// The token in its cookie.
    pub(super) fn token(&self) -> Option<&str> {
        self.cookie.as_deref()
    }

    pub(super) async fn get(&mut self, path: &str) -> Answer {
        self.ask(Method::GET, path, "", String::new()).await
    }

    /// Calls a server function.
    pub(super) async fn send(&mut self, function: &str, content: Content) -> Answer {
        let (kind, body) = match content {
            Content::Json(value) => ("application/json", value.to_string()),
            Content::Form(fields) => {
                let encoded = serde_urlencoded(&fields);
                ("application/x-www-form-urlencoded", encoded)
            }
        };
        self.ask(Method::POST, &format!("/api/{function}"), kind, body)
            .await
    }

    /// Calls a server function, which must succeed.
    pub(super) async fn asked_for(&mut self, function: &str, arguments: Value) -> Value {
        let answer = self.send(function, Content::Json(arguments)).await;
        assert!(answer.status.is_success(), "{function}: {answer:?}");
        let value: Value = serde_json::from_str(&answer.body).unwrap();
        // Types that are read in a chunk travel as JSON text.
        match value.as_str().map(serde_json::from_str) {
            Some(Ok(inner)) => inner,
            _ => value,
        }
    }

    pub(super) async fn sign_in(&mut self, account: Address) {
        let message = self
            .asked_for("challenge", json!({ "address": account }))
            .await;
        let asks = json!({ "message": message, "signature": account.to_string() });
        let session = self.asked_for("sign_in", asks).await;
        assert_eq!(session["address"], json!(account));
    }

    pub(super) async fn sign_out(&mut self) {
        self.asked_for("sign_out", json!({})).await;
    }

    /// Creates a priced draft from a document.
    pub(super) async fn order(&mut self, document: &str) -> OrderId {
        let ask = json!({ "ask": { "kind": "sdl", "text": document, "duration": 3600 } });
        let answer = self.send("describe", Content::Json(ask)).await;
        assert!(answer.status.is_success(), "{answer:?}");
        let list = self.asked_for("list_orders", json!({})).await;
        let id = list["orders"][0]["id"].as_str().unwrap();
        id.parse().unwrap()
    }

    /// Creates a template from an order's document.
    pub(super) async fn template_of(&mut self, order: &OrderId) -> String {
        let fields = vec![
            ("order", order.to_string()),
            ("name", "Of Alice".to_owned()),
        ];
        let answer = self.send("save_template", Content::Form(fields)).await;
        let id = answer.location.strip_prefix("/templates/");
        id.unwrap_or_else(|| panic!("{answer:?}")).to_owned()
    }

    /// Opens a stream of events.
    pub(super) async fn open(&mut self, path: &str) -> Open {
        let (status, open) = self.try_open(path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        open
    }

    /// Opens a stream of events that may be refused.
    pub(super) async fn try_open(&mut self, path: &str) -> (StatusCode, Open) {
        let token = self.cookie.clone().unwrap_or_default();
        let request = Request::get(path)
            .header("host", "127.0.0.1:3000")
            .header(COOKIE, format!("{COOKIE_NAME}={token}"))
            .body(Body::empty())
            .unwrap();
        let response = self.answered(request).await;
        let status = response.status();
        (status, Open(response.into_body().into_data_stream()))
    }

    /// The router's response to a request from this browser's address.
    pub(super) async fn answered(&self, mut request: Request<Body>) -> Response {
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn ask(&mut self, method: Method, path: &str, kind: &str, body: String) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:3000")
            .header("origin", ORIGIN)
            .header("accept", "application/json");
        if !kind.is_empty() {
            request = request.header(CONTENT_TYPE, kind);
        }
        if let Some(token) = &self.cookie {
            request = request.header(COOKIE, format!("{COOKIE_NAME}={token}"));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.answered(request).await;
        for set in response.headers().get_all(SET_COOKIE) {
            let value = set.to_str().unwrap().strip_prefix(COOKIE_NAME).unwrap();
            let token = value.trim_start_matches('=').split(';').next().unwrap();
            self.cookie = Some(token.to_owned());
        }
        let header = |name| {
            response
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let location = header(LOCATION).unwrap_or_default().to_owned();
        let streams = header(CONTENT_TYPE) == Some("text/event-stream");
        let status = response.status();
        // An open stream does not end; that it opened is the answer.
        let body = if streams {
            String::new()
        } else {
            let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            String::from_utf8_lossy(&bytes).into_owned()
        };
        Answer {
            status,
            body,
            location,
        }
    }
}

/// An open stream of events.
#[derive(Debug)]
pub(super) struct Open(BodyDataStream);

impl Open {
    /// Returns the next event; `None` once the stream has ended.
    pub(super) async fn next(&mut self) -> Option<String> {
        let bytes = tokio::time::timeout(PATIENCE, self.0.next()).await;
        let bytes = bytes.expect("the stream goes on or ends in time")?.unwrap();
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// Returns everything until the end of the stream.
    pub(super) async fn rest(&mut self) -> String {
        let mut rest = String::new();
        while let Some(more) = self.next().await {
            rest.push_str(&more);
        }
        rest
    }
}

fn serde_urlencoded(fields: &[(&str, String)]) -> String {
    let encode = |text: &str| -> String {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => {
                    char::from(byte).to_string()
                }
                other => format!("%{other:02X}"),
            })
            .collect()
    };
    let pairs: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)))
        .collect();
    pairs.join("&")
}
