//! Headers of every response, and rejection of requests that no route could serve. A page sets its own
//! content security policy, because that carries the page's nonce (`app::shell`).

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum_server::ConnectionShutdown;
use http::Version;
use http::header::{
    ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
    HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};
use tokio::time::timeout;

use super::hosts::KnownHosts;
use crate::config::Config;
use crate::lifecycle::Lifecycle;

/// HSTS for two years, without subdomains: other hosts of the domain are not ours to decide for.
const BY_HTTPS_ONLY: &str = "max-age=63072000";

/// Transport by which clients reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// Clients connect over HTTPS.
    Https,
    /// Clients connect over plain HTTP: everything is on this machine.
    Plain,
}

impl Transport {
    /// Derives the transport from the public origin.
    pub(super) fn of(origin: &str) -> Self {
        if origin.starts_with("https://") {
            Self::Https
        } else {
            Self::Plain
        }
    }
}

/// State of the [`harden`] layer.
#[derive(Debug, Clone)]
pub(super) struct Gate {
    transport: Transport,
    hosts: KnownHosts,
    life: Lifecycle,
}

impl Gate {
    /// Creates the state from the settings.
    pub(super) fn new(config: &Config, life: &Lifecycle) -> Self {
        Self {
            transport: Transport::of(&config.http.public_origin),
            hosts: KnownHosts::new(&config.http.public_origin, &config.connections.hosts),
            life: life.clone(),
        }
    }
}

/// Health checks, which monitors and proxies may request by any host name.
const HEALTH: [&str; 2] = ["/healthz", "/readyz"];

/// Policy for responses that are not pages: nothing may be loaded.
const STRICT: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/// All methods that any route accepts.
const METHODS: &str = "GET, HEAD, POST";

/// Middleware that rejects requests that no route could serve, and sets the headers of every response unless
/// an inner layer set them.
pub(super) async fn harden(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let with_body = request.method() != Method::HEAD;
    let version = request.version();
    let connection = request.extensions().get::<ConnectionShutdown>().cloned();
    let mut response = match refused(&request, &gate.hosts) {
        Some(refused) => refused,
        None => next.run(request).await,
    };
    if with_body {
        explain(&mut response);
    }
    let headers = response.headers_mut();
    name_the_encoding(headers);
    if gate.life.is_draining() {
        send_elsewhere(headers, version, connection);
    }
    if gate.transport == Transport::Https {
        headers.insert(
            STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static(BY_HTTPS_ONLY),
        );
    }
    let defaults = [
        (CONTENT_SECURITY_POLICY, STRICT),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), geolocation=(), microphone=(), payment=()",
        ),
        // A wallet's confirm page is a popup that must be able to answer its opener.
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin-allow-popups",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in defaults {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Closes the connection after this response, so that the next request goes to another process: this one is
/// about to stop.
fn send_elsewhere(
    headers: &mut HeaderMap,
    version: Version,
    connection: Option<ConnectionShutdown>,
) {
    if version < Version::HTTP_2 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    } else if let Some(connection) = connection {
        connection.graceful_shutdown();
    }
}

/// Middleware that answers in place of a handler that does not respond in time.
pub(super) async fn in_time(
    State(longest): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    let served = timeout(longest, next.run(request)).await;
    served.unwrap_or_else(|_| {
        let sentence = "The server took too long to answer. Please try again.\n";
        (StatusCode::SERVICE_UNAVAILABLE, sentence).into_response()
    })
}

/// Rejects `CONNECT`, which has a host but no path and would confuse the renderer; methods that no route
/// accepts; and requests for unknown hosts.
fn refused(request: &Request, hosts: &KnownHosts) -> Option<Response> {
    let method = request.method();
    if ![Method::GET, Method::HEAD, Method::POST].contains(method) {
        let allowed = [(ALLOW, HeaderValue::from_static(METHODS))];
        return Some((StatusCode::METHOD_NOT_ALLOWED, allowed).into_response());
    }
    let path = request.uri().path();
    if !path.starts_with('/') {
        return Some(StatusCode::BAD_REQUEST.into_response());
    }
    let is_ours = HEALTH.contains(&path) || hosts.are_asked_for(request.uri(), request.headers());
    (!is_ours).then(|| StatusCode::MISDIRECTED_REQUEST.into_response())
}

/// Adds a sentence to a refusal with an empty body.
fn explain(response: &mut Response) {
    let status = response.status();
    let is_silent = response.body().size_hint().exact() == Some(0);
    if !(status.is_client_error() || status.is_server_error()) || !is_silent {
        return;
    }
    let sentence = match status {
        StatusCode::FORBIDDEN => "This request came from another site, so it was refused.\n",
        StatusCode::MISDIRECTED_REQUEST => "No site of that name is here.\n",
        StatusCode::METHOD_NOT_ALLOWED => "This address does not take that method.\n",
        StatusCode::NOT_FOUND => "There is nothing at this address.\n",
        StatusCode::PAYLOAD_TOO_LARGE => "This is larger than anything Necto takes.\n",
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "This address takes another kind of content.\n",
        _ if status.is_client_error() => "This request cannot be served as it is.\n",
        _ => "The server cannot answer right now.\n",
    };
    *response.body_mut() = Body::from(sentence);
    response.headers_mut().remove(CONTENT_LENGTH);
    let text = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, text);
}

/// Declares UTF-8 on all text responses.
fn name_the_encoding(headers: &mut HeaderMap) {
    let Some(kind) = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
    else {
        return;
    };
    let is_text = kind.starts_with("text/") && !kind.starts_with("text/event-stream");
    if is_text
        && !kind.contains("charset")
        && let Ok(named) = HeaderValue::from_str(&format!("{kind}; charset=utf-8"))
    {
        headers.insert(CONTENT_TYPE, named);
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Method, Request, StatusCode};
    use axum::response::Response;
    use axum::routing::get;
    use axum::{Router, middleware};
    use http::header::CONTENT_TYPE;
    use tower::ServiceExt as _;

    use super::{Duration, Gate, HEALTH, harden, in_time};
    use crate::config::tests::config;
    use crate::lifecycle::Lifecycle;

    fn gate(origin: &str) -> Gate {
        let config = config(&[&format!("--public-url={origin}")]);
        Gate::new(&config, &Lifecycle::default())
    }

    async fn answer(method: Method, uri: &str) -> Response {
        let css = || async { ([(CONTENT_TYPE, "text/css")], "a{}") };
        let router = Router::new()
            .route("/a.css", get(css))
            .layer(middleware::from_fn_with_state(
                gate("http://127.0.0.1:3000"),
                harden,
            ));
        let request = Request::builder().method(method).uri(uri);
        router
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    async fn text(response: Response) -> String {
        let bytes = to_bytes(response.into_body(), 1000).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn text_says_how_it_is_encoded() {
        let response = answer(Method::GET, "/a.css").await;
        assert_eq!(response.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
    }

    #[tokio::test]
    async fn a_refusal_says_why() {
        let wrong_method = answer(Method::POST, "/a.css").await;
        assert_eq!(wrong_method.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(
            text(wrong_method).await,
            "This address does not take that method.\n"
        );
        let nothing = answer(Method::GET, "/b").await;
        assert_eq!(text(nothing).await, "There is nothing at this address.\n");
        assert_eq!(text(answer(Method::HEAD, "/b").await).await, "");
    }

    #[tokio::test]
    async fn methods_and_addresses_that_no_route_is_for_reach_none() {
        let tunnel = answer(Method::CONNECT, "127.0.0.1:8545").await;
        assert_eq!(tunnel.status(), StatusCode::METHOD_NOT_ALLOWED);
        for method in [Method::TRACE, Method::DELETE, Method::OPTIONS] {
            let response = answer(method, "/a.css").await;
            assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        }
        let asterisk = answer(Method::GET, "*").await;
        assert_eq!(asterisk.status(), StatusCode::BAD_REQUEST);
    }

    async fn header(origin: &str) -> Option<String> {
        let layer = middleware::from_fn_with_state(gate(origin), harden);
        let site = Router::new().route("/", get(|| async {})).layer(layer);
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = site.oneshot(request).await.unwrap();
        let header = response.headers().get("strict-transport-security");
        header.map(|value| value.to_str().unwrap().to_owned())
    }

    #[tokio::test]
    async fn browsers_that_came_by_https_come_by_it_for_ever() {
        assert_eq!(
            header("https://necto.example").await.as_deref(),
            Some("max-age=63072000")
        );
        assert_eq!(header("http://127.0.0.1:3000").await, None);
    }

    #[tokio::test]
    async fn another_host_is_refused_on_every_route_but_health() {
        let layer = middleware::from_fn_with_state(gate("https://necto.example"), harden);
        let mut site = Router::new().route("/", get(|| async { "page" }));
        for path in HEALTH {
            site = site.route(path, get(|| async { "ok" }));
        }
        let site = site.layer(layer);
        let ask = async |host: &str, path: &str| {
            let request = Request::get(path).header("host", host);
            let request = request.body(Body::empty()).unwrap();
            site.clone().oneshot(request).await.unwrap()
        };
        assert_eq!(ask("necto.example", "/").await.status(), StatusCode::OK);
        for path in ["/", "/nothing"] {
            let refused = ask("evil.example", path).await;
            assert_eq!(refused.status(), StatusCode::MISDIRECTED_REQUEST);
            assert_eq!(text(refused).await, "No site of that name is here.\n");
        }
        for path in HEALTH {
            assert_eq!(ask("10.0.0.7", path).await.status(), StatusCode::OK);
        }
    }

    #[tokio::test]
    async fn a_process_that_is_about_to_end_sends_the_next_request_elsewhere() {
        let config = config(&[]);
        let life = Lifecycle::default();
        let layer = middleware::from_fn_with_state(Gate::new(&config, &life), harden);
        let site = Router::new()
            .route("/", get(|| async { "page" }))
            .layer(layer);
        let connection = async || {
            let request = Request::get("/").body(Body::empty()).unwrap();
            let response = site.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            response.headers().get("connection").cloned()
        };
        assert_eq!(connection().await, None);
        life.drain();
        assert_eq!(connection().await.unwrap(), "close");
    }

    #[tokio::test]
    async fn what_does_not_begin_to_answer_is_answered_for() {
        let layer = middleware::from_fn_with_state(Duration::from_millis(20), in_time);
        let never = || async { std::future::pending::<()>().await };
        let site = Router::new().route("/", get(never)).layer(layer);
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = site.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(text(response).await.contains("took too long"));
    }
}
