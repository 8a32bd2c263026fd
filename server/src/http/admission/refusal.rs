//! Responses to refused requests: status, `Retry-After` and one sentence, in the form that the caller reads.

use app::api::{ApiError, PLAIN_FORMS};
use axum::Json;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CACHE_CONTROL, HeaderValue, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use backend::UsecaseError;
use domain::time::Seconds;
use leptos::server_fn::error::ServerFnUrlError;

use super::rate::Rate;
use crate::http::status::status_of;
use crate::http::{forms, intake};

/// Default `Retry-After`, in seconds.
const SOON: u64 = 5;

/// Form of the response, depending on its reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// JSON for the caller of a server function, like any other refusal.
    Function,
    /// For a browser that sent a plain form: a redirect to the form's page, with the sentence.
    Plain {
        /// Path and query of the page.
        page: String,
        /// Path of the server function.
        function: String,
    },
    /// An HTML page, for a browser that opens an address.
    Page,
    /// Plain text, for everything else.
    Text,
}

impl Form {
    pub(super) fn of(request: &Request) -> Self {
        let headers = request.headers();
        let wants_html = headers
            .get(ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
        match intake::function(request) {
            Some(name) if wants_html && PLAIN_FORMS.contains(&name) => Self::Plain {
                page: forms::page_of(headers),
                function: request.uri().path().to_owned(),
            },
            Some(_) => Self::Function,
            None if wants_html => Self::Page,
            None => Self::Text,
        }
    }
}

/// A request that is refused for now.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    sentence: String,
    retry_after: u64,
    /// Name and rate of the limit for the `RateLimit` headers.
    limit: Option<(&'static str, Rate)>,
}

impl Refusal {
    /// Refuses because a budget is spent; `wait` is in seconds.
    pub(super) fn too_many(why: &str, limit: &'static str, rate: Rate, wait: u64) -> Self {
        let wait = wait.max(1);
        Self {
            status: StatusCode::TOO_MANY_REQUESTS,
            sentence: format!("{why} Try again in {}.", Seconds(wait).in_words()),
            retry_after: wait,
            limit: Some((limit, rate)),
        }
    }

    /// Refuses because the server is at capacity.
    pub(super) fn busy(why: &str) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            sentence: format!("{why} Try again in a moment."),
            retry_after: SOON,
            limit: None,
        }
    }

    /// Refuses because of a use-case's error.
    pub(super) fn of(error: &UsecaseError) -> Self {
        Self {
            status: status_of(error),
            sentence: error.to_string(),
            retry_after: error.retry_after_seconds().unwrap_or(SOON),
            limit: None,
        }
    }

    /// Builds the response in the form that its caller reads.
    pub(super) fn answer(self, form: &Form) -> Response {
        let mut response = match form {
            Form::Function => {
                let error = ApiError::new(self.status.as_u16(), self.sentence.clone());
                (self.status, Json(error)).into_response()
            }
            Form::Plain { page, function } => {
                // With any other status, the browser would not follow the redirect.
                Redirect::to(&self.page_that_says_so(page, function)).into_response()
            }
            Form::Page => (self.status, Html(self.page())).into_response(),
            Form::Text => (self.status, self.sentence.clone() + "\n").into_response(),
        };
        self.note(response.headers_mut());
        response
    }

    fn note(&self, headers: &mut HeaderMap) {
        headers.insert(RETRY_AFTER, HeaderValue::from(self.retry_after));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        let Some((name, rate)) = self.limit else {
            return;
        };
        let (most, window, wait) = (rate.most, rate.window_seconds, self.retry_after);
        let said = [
            (
                "ratelimit-policy",
                format!("\"{name}\";q={most};w={window}"),
            ),
            ("ratelimit", format!("\"{name}\";r=0;t={wait}")),
        ];
        for (header, value) in said {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(HeaderName::from_static(header), value);
            }
        }
    }

    /// Address of the form's page, with the sentence encoded the way every failed form does it.
    fn page_that_says_so(&self, page: &str, function: &str) -> String {
        let error = ApiError::new(self.status.as_u16(), self.sentence.clone());
        let mut base = format!("{}{page}", forms::NOWHERE);
        ServerFnUrlError::<ApiError>::strip_error_info(&mut base);
        let url = ServerFnUrlError::new(function, error).to_url(&base);
        let url = url.map(String::from).unwrap_or(base);
        match url.strip_prefix(forms::NOWHERE) {
            Some(path) if path.starts_with('/') => path.to_owned(),
            _ => "/".to_owned(),
        }
    }

    /// A minimal page: any other would cost more than what was refused.
    fn page(&self) -> String {
        // The sentence consists of our own words and numbers, so nothing needs escaping.
        format!(
            "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>Not now · Necto</title></head><body><main><h1>Not now</h1><p>{}</p>\
             <p><a href=\"\">Try again</a></p></main></body></html>",
            self.sentence
        )
    }
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::extract::Request;
    use axum::http::StatusCode;
    use axum::http::header::{LOCATION, RETRY_AFTER};

    use super::{Form, Refusal};
    use crate::http::admission::rate::Rate;

    fn refusal() -> Refusal {
        Refusal::too_many(
            "That is more at once than is answered.",
            "write",
            Rate::new(20, 10),
            3,
        )
    }

    fn request(method: &str, path: &str, accept: &str) -> Request {
        Request::builder()
            .method(method)
            .uri(path)
            .header("accept", accept)
            .header("host", "necto.example")
            .header("referer", "https://necto.example/?order=1f&__err=old")
            .body(Body::empty())
            .unwrap()
    }

    #[test]
    fn a_refusal_comes_in_the_form_that_its_reader_takes() {
        let html = "text/html,*/*";
        assert_eq!(
            Form::of(&request("POST", "/api/save_sdl", html)),
            Form::Function
        );
        assert_eq!(Form::of(&request("GET", "/", html)), Form::Page);
        assert_eq!(Form::of(&request("GET", "/api/market", "*/*")), Form::Text);
        let plain = Form::of(&request("POST", "/api/save_sdl_plain", html));
        assert!(matches!(plain, Form::Plain { .. }), "{plain:?}");
        let by_script = Form::of(&request("POST", "/api/save_sdl_plain", "application/json"));
        assert_eq!(by_script, Form::Function);
    }

    #[tokio::test]
    async fn it_says_what_is_allowed_and_when_to_come_again() {
        let answer = refusal().answer(&Form::Function);
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.headers()[RETRY_AFTER], "3");
        assert_eq!(answer.headers()["ratelimit-policy"], "\"write\";q=20;w=10");
        assert_eq!(answer.headers()["ratelimit"], "\"write\";r=0;t=3");
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        assert_eq!(
            String::from_utf8_lossy(&body),
            "{\"status\":429,\"sentence\":\"That is more at once than is answered. Try again in 3 s.\"}"
        );
    }

    #[test]
    fn a_plain_form_leads_back_to_its_page_with_the_new_sentence_only() {
        let form = Form::of(&request("POST", "/api/save_sdl_plain", "text/html"));
        let answer = refusal().answer(&form);
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let location = answer.headers()[LOCATION].to_str().unwrap();
        assert!(location.starts_with("/?order=1f&"), "{location}");
        assert_eq!(location.matches("__err=").count(), 1, "{location}");
        assert!(!location.contains("__err=old"), "{location}");
    }
}
