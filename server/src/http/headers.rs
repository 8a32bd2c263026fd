//! What every response carries, and requests that no route is for. The content security policy of a page comes from
//! the page itself, because it carries the page's nonce (`app::shell`).

use axum::body::{Body, HttpBody as _};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ALLOW, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
};

/// For how long browsers are to come by https only: two years. The host alone: others of the same
/// domain are not ours to decide for.
const BY_HTTPS_ONLY: &str = "max-age=63072000";

/// Whether people come by https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Transport {
    /// They do.
    Https,
    /// They do not: everything is on this machine.
    Plain,
}

impl Transport {
    /// As the public address says.
    pub(super) fn of(origin: &str) -> Self {
        if origin.starts_with("https://") {
            Self::Https
        } else {
            Self::Plain
        }
    }
}

/// For responses that render no page: nothing may be loaded from them.
const STRICT: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/// All that any route takes.
const METHODS: &str = "GET, HEAD, POST";

/// Refuses what no route is for, and sets what every response carries, unless an inner layer chose something else.
pub(super) async fn harden(
    State(transport): State<Transport>,
    request: Request,
    next: Next,
) -> Response {
    let with_body = request.method() != Method::HEAD;
    let mut response = match refused(&request) {
        Some(refused) => refused,
        None => next.run(request).await,
    };
    if with_body {
        explain(&mut response);
    }
    let headers = response.headers_mut();
    name_the_encoding(headers);
    if transport == Transport::Https {
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

/// `CONNECT` names a host and no path, which what renders pages does not expect; other methods no route takes.
fn refused(request: &Request) -> Option<Response> {
    let method = request.method();
    if ![Method::GET, Method::HEAD, Method::POST].contains(method) {
        let allowed = [(ALLOW, HeaderValue::from_static(METHODS))];
        return Some((StatusCode::METHOD_NOT_ALLOWED, allowed).into_response());
    }
    let has_path = request.uri().path().starts_with('/');
    (!has_path).then(|| StatusCode::BAD_REQUEST.into_response())
}

/// A refusal without a word gets one.
fn explain(response: &mut Response) {
    let status = response.status();
    let is_silent = response.body().size_hint().exact() == Some(0);
    if !(status.is_client_error() || status.is_server_error()) || !is_silent {
        return;
    }
    let sentence = match status {
        StatusCode::FORBIDDEN => "This request came from another site, so it was refused.\n",
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

/// All text of ours is UTF-8, and says so.
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

    use super::{Transport, harden};

    async fn answer(method: Method, uri: &str) -> Response {
        let css = || async { ([(CONTENT_TYPE, "text/css")], "a{}") };
        let router = Router::new()
            .route("/a.css", get(css))
            .layer(middleware::from_fn_with_state(Transport::Plain, harden));
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
        let layer = middleware::from_fn_with_state(Transport::of(origin), harden);
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
}
