//! Security headers. The content security policy of a page comes from the page itself, because it
//! carries the page's nonce (`app::shell`).

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
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

/// Sets what every response carries, unless an inner layer chose something else.
pub(super) async fn harden(
    State(transport): State<Transport>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
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

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::routing::get;
    use axum::{Router, middleware};
    use http::Request;
    use tower::ServiceExt as _;

    use super::{Transport, harden};

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
