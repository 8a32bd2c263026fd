//! Rejects requests before they are parsed: content types that no server function accepts, and file names
//! that cannot exist.

use app::api::{ApiError, PLAIN_FORMS};
use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use leptos::server_fn::axum::server_fn_paths;

/// Longest file name that file systems support, in bytes.
const LONGEST_NAME: usize = 255;

/// Middleware that rejects such requests.
pub(super) async fn check(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    if path.split('/').any(|part| part.len() > LONGEST_NAME) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if let Some(name) = function(&request)
        && !is_taken(name, request.headers())
    {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let sentence = format!("Send the arguments as {}.", language(name));
        let error = ApiError::new(status.as_u16(), sentence);
        return (status, Json(error)).into_response();
    }
    next.run(request).await
}

/// The name of the server function that is called.
pub(super) fn function(request: &Request) -> Option<&str> {
    let path = request.uri().path();
    let is_one = request.method() == Method::POST
        && server_fn_paths().any(|(known, method)| known == path && method == Method::POST);
    path.strip_prefix("/api/").filter(|_| is_one)
}

/// Content type of a function's arguments: form encoding where there is a plain form, otherwise JSON. Neither
/// another site's form nor one injected into our pages can send JSON.
fn language(function: &str) -> &'static str {
    if PLAIN_FORMS.contains(&function) {
        "application/x-www-form-urlencoded"
    } else {
        "application/json"
    }
}

/// Whether the request declares the content type that the function accepts.
fn is_taken(function: &str, headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case(language(function))
}

#[cfg(test)]
mod tests {
    use http::header::CONTENT_TYPE;
    use http::{HeaderMap, HeaderValue};

    use super::is_taken;

    #[test]
    fn a_function_takes_its_own_language_only() {
        let taken = |function: &str, kind: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            is_taken(function, &headers)
        };
        assert!(taken("describe", "application/json"));
        assert!(taken("describe", "Application/JSON; charset=utf-8"));
        assert!(taken("describe_plain", "application/x-www-form-urlencoded"));
        assert!(!taken("describe", "application/x-www-form-urlencoded"));
        assert!(!taken("describe_plain", "application/json"));
        for kind in ["text/plain", "multipart/form-data; boundary=x"] {
            assert!(!taken("describe", kind) && !taken("describe_plain", kind));
        }
        assert!(!is_taken("describe", &HeaderMap::new()));
    }
}
