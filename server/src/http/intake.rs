//! What is refused before anything reads it: bodies of a kind that no server function takes, and names that no file has.

use app::api::ApiError;
use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use leptos::server_fn::axum::server_fn_paths;

/// The longest name of a file that file systems know, in bytes.
const LONGEST_NAME: usize = 255;

/// Refuses what cannot be meant.
pub(super) async fn check(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.split('/').any(|part| part.len() > LONGEST_NAME) {
        return StatusCode::NOT_FOUND.into_response();
    }
    let is_function = request.method() == Method::POST
        && server_fn_paths().any(|(known, method)| known == path && method == Method::POST);
    if is_function && !is_taken(request.headers()) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let error = ApiError::new(
            status.as_u16(),
            "Send the arguments as application/json, or as a form.",
        );
        return (status, Json(error)).into_response();
    }
    next.run(request).await
}

/// Whether a body is said to be JSON, or what a plain form sends. Forms of other pages can also send plain text, which
/// may look like JSON.
fn is_taken(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    ["application/json", "application/x-www-form-urlencoded"]
        .iter()
        .any(|taken| kind.trim().eq_ignore_ascii_case(taken))
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue};

    use super::is_taken;

    #[test]
    fn only_json_and_plain_forms_are_taken() {
        let taken = |kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            is_taken(&headers)
        };
        assert!(taken("application/json"));
        assert!(taken("Application/JSON; charset=utf-8"));
        assert!(taken("application/x-www-form-urlencoded"));
        assert!(!taken("text/plain"));
        assert!(!taken("multipart/form-data; boundary=x"));
        assert!(!is_taken(&HeaderMap::new()));
    }
}
