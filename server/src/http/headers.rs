//! Security headers.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};

/// For responses that render no page: nothing may be loaded from them.
const STRICT: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

/// The policy of a page. `sandbox` is the origin whose demo wallet may be loaded.
pub(super) fn page_policy(nonce: &str, sandbox: Option<&str>) -> String {
    let sandbox = sandbox.map(|origin| format!(" {origin}")).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'{sandbox}; \
         style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'{sandbox}; manifest-src 'self'; form-action 'self'; \
         object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// Sets what every response carries, unless an inner layer chose something else.
pub(super) async fn harden(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let defaults = [
        (CONTENT_SECURITY_POLICY, STRICT),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "strict-origin-when-cross-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=(), payment=()"),
        // A wallet's confirm page is a popup that must be able to answer its opener.
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin-allow-popups"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in defaults {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::page_policy;

    #[test]
    fn only_a_simulated_page_may_load_the_demo_wallet() {
        let real = page_policy("abc", None);
        assert!(real.contains("script-src 'self' 'nonce-abc' 'wasm-unsafe-eval';"), "{real}");
        assert!(!real.contains("unsafe-inline"));
        let simulated = page_policy("abc", Some("http://127.0.0.1:4010"));
        assert!(simulated.contains("connect-src 'self' http://127.0.0.1:4010;"), "{simulated}");
    }
}
