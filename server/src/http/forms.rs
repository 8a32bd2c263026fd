//! Redirects after plain forms: to a page of this server, or on failure back to the form's page with the
//! reason. The request's claim about that page is trusted only as far as it is a path of this server.

use app::api::PLAIN_FORMS;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, LOCATION, REFERER};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::Response;

use super::intake::function;

/// Placeholder host for parsing addresses that only ever are paths.
pub(super) const NOWHERE: &str = "http://necto.invalid";

/// Middleware that redirects a browser that sent a plain form.
pub(super) async fn lead(mut request: Request, next: Next) -> Response {
    let is_plain = function(&request).is_some_and(|name| PLAIN_FORMS.contains(&name));
    let from_page =
        said(request.headers(), ACCEPT).is_some_and(|accept| accept.contains("text/html"));
    if !is_plain || !from_page {
        return next.run(request).await;
    }
    let back = page_of(request.headers());
    let referer = HeaderValue::from_str(&format!("{NOWHERE}{back}"));
    match referer {
        Ok(referer) => request.headers_mut().insert(REFERER, referer),
        Err(_) => request.headers_mut().remove(REFERER),
    };
    led_to_a_page(next.run(request).await)
}

fn said(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns path and query of the form's page if it is one of ours, otherwise the start page.
pub(super) fn page_of(headers: &HeaderMap) -> String {
    let page = said(headers, REFERER).and_then(|referer| referer.parse::<Uri>().ok());
    let page = page.filter(|page| {
        let is_web = matches!(page.scheme_str(), Some("http" | "https"));
        let authority = page.authority().map(|authority| authority.as_str());
        is_web && authority.is_some() && authority == said(headers, HOST)
    });
    let path = page.as_ref().and_then(|page| page.path_and_query());
    path.map_or("/", |path| path.as_str()).to_owned()
}

/// Turns the function's response into a redirect to a page of this server.
fn led_to_a_page(mut response: Response) -> Response {
    let Some(location) = said(response.headers(), LOCATION) else {
        return response;
    };
    let path = location.strip_prefix(NOWHERE).unwrap_or(location);
    let is_ours = path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\");
    let path = HeaderValue::from_str(if is_ours { path } else { "/" });
    let path = path.unwrap_or(HeaderValue::from_static("/"));
    let headers = response.headers_mut();
    headers.insert(LOCATION, path);
    // The page shows the error that the address carries; the response's own body is not meant for people.
    headers.remove(CONTENT_TYPE);
    headers.remove(CONTENT_LENGTH);
    *response.status_mut() = StatusCode::SEE_OTHER;
    *response.body_mut() = axum::body::Body::empty();
    response
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;
    use axum::http::header::{HOST, LOCATION, REFERER};
    use axum::response::IntoResponse as _;

    use super::{led_to_a_page, page_of};

    fn back(referer: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, "necto.example".parse().unwrap());
        headers.insert(REFERER, referer.parse().unwrap());
        page_of(&headers)
    }

    #[test]
    fn a_form_leads_back_to_its_own_page_and_never_elsewhere() {
        assert_eq!(back("https://necto.example/?order=1f"), "/?order=1f");
        for elsewhere in [
            "javascript:alert(1)",
            "https://evil.example/?order=1f",
            "https://necto.example@evil.example/",
            "//evil.example/",
            "data:text/html,x",
            "nothing at all",
        ] {
            assert_eq!(back(elsewhere), "/", "{elsewhere}");
        }
    }

    #[test]
    fn an_answer_leads_to_a_path_of_this_server() {
        let led = |location: &str| {
            let response = led_to_a_page(([(LOCATION, location.to_owned())], "{}").into_response());
            response.headers()[LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(
            led("http://necto.invalid/?order=1&__err=x"),
            "/?order=1&__err=x"
        );
        assert_eq!(led("/templates"), "/templates");
        for elsewhere in [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "javascript:x",
        ] {
            assert_eq!(led(elsewhere), "/", "{elsewhere}");
        }
    }
}
