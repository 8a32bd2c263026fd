//! The session cookie.

use app::api::ssr::SessionCookies;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use backend::sessions::{self, NewToken};
use backend::{Backend, UsecaseError, Visitor};
use http::header::{CONTENT_TYPE, COOKIE, HeaderValue, SET_COOKIE, USER_AGENT};

use super::admission;
use super::extensions::{Beginning, Source};
use super::files::is_static;
use super::intake;

/// Lifetime of the cookie in the browser; the server decides when the session itself ends.
const COOKIE_SECONDS: u64 = 30 * 86_400;

/// Name and attributes of the cookie: with TLS it is bound to this host and never sent in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieStyle {
    /// For HTTPS.
    Secure,
    /// For plain HTTP on this machine.
    Plain,
}

impl CookieStyle {
    pub(super) fn for_origin(origin: &str) -> Self {
        if origin.starts_with("https://") {
            Self::Secure
        } else {
            Self::Plain
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Secure => "__Host-necto",
            Self::Plain => "necto",
        }
    }

    /// The header value for a token.
    fn header(self, token: &NewToken) -> HeaderValue {
        HeaderValue::from_str(&self.cookie(token.cookie_value()))
            .expect("a token is made of letters and digits, so the cookie is plain ASCII")
    }

    fn cookie(self, token: &str) -> String {
        let secure = match self {
            Self::Secure => "; Secure",
            Self::Plain => "",
        };
        format!(
            "{}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={COOKIE_SECONDS}{secure}",
            self.name()
        )
    }

    fn token(self, headers: &HeaderMap) -> Option<&str> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, token)| (name == self.name()).then_some(token))
    }
}

/// Middleware that finds the visitor's session. Nothing is stored for a new visitor: a page gives the browser
/// a token, and [`begin`] stores the session.
pub(super) async fn open(
    State(backend): State<Backend>,
    State(style): State<CookieStyle>,
    mut request: Request,
    next: Next,
) -> Response {
    if is_static(request.uri().path()) {
        return next.run(request).await;
    }
    let token = style.token(request.headers()).map(str::to_owned);
    let user_agent = user_agent(&request);
    let opened = sessions::open(&backend, token.as_deref(), user_agent.as_deref()).await;
    let (visitor, unstored) = match opened {
        Ok(opened) => opened,
        Err(error) => return cannot_be_stored(&error),
    };
    let source = request.extensions().get::<Source>();
    let visitor = Visitor {
        from: source.and_then(|source| source.0),
        ..visitor
    };
    request.extensions_mut().insert(visitor);
    let fresh = unstored.clone().filter(|unstored| !unstored.is_known);
    if let Some(unstored) = unstored {
        request.extensions_mut().insert(Beginning(unstored));
    }
    let is_get = request.method() == Method::GET;
    let response = next.run(request).await;
    match fresh {
        Some(fresh) if is_get && is_page(&response) => with_cookie(response, style, &fresh.token),
        _ => response,
    }
}

/// Middleware that stores the session before a function that creates something worth keeping, so that the
/// browser can come back to it.
pub(super) async fn begin(
    State(backend): State<Backend>,
    State(style): State<CookieStyle>,
    mut request: Request,
    next: Next,
) -> Response {
    let begins = intake::function(&request).is_some_and(admission::begins_a_session);
    let beginning = request.extensions().get::<Beginning>().cloned();
    let visitor = visitor(request.extensions());
    let (true, Some(Beginning(unstored)), Some(visitor)) = (begins, beginning, visitor) else {
        return next.run(request).await;
    };
    let user_agent = user_agent(&request);
    let begun = sessions::begin(&backend, &unstored, &visitor, user_agent.as_deref()).await;
    match begun {
        Ok(visitor) => request.extensions_mut().insert(visitor),
        Err(error) => return cannot_be_stored(&error),
    };
    with_cookie(next.run(request).await, style, &unstored.token)
}

fn user_agent(request: &Request) -> Option<String> {
    let header = request.headers().get(USER_AGENT)?;
    header.to_str().ok().map(str::to_owned)
}

fn cannot_be_stored(error: &UsecaseError) -> Response {
    tracing::error!(%error, "cannot open a session");
    (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response()
}

/// Whether the response is a page. Other `GET` responses need no cookie.
fn is_page(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    let is_html = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    is_html && response.status().is_success()
}

/// Adds the cookie, unless a sign-in further inside has already set a newer one.
fn with_cookie(mut response: Response, style: CookieStyle, token: &NewToken) -> Response {
    if !response.headers().contains_key(SET_COOKIE) {
        let headers = response.headers_mut();
        headers.append(SET_COOKIE, style.header(token));
    }
    response
}

/// The cookie writer that server functions use.
pub(super) fn cookies(style: CookieStyle) -> SessionCookies {
    SessionCookies::new(move |token| style.header(token))
}

/// The visitor that [`open`] found.
pub(super) fn visitor(extensions: &http::Extensions) -> Option<Visitor> {
    extensions.get::<Visitor>().cloned()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderMap;

    use super::CookieStyle;

    #[test]
    fn the_cookie_is_bound_to_the_host_behind_tls() {
        let secure = CookieStyle::for_origin("https://necto.example").cookie("abc");
        assert!(secure.starts_with("__Host-necto=abc; Path=/; HttpOnly; SameSite=Lax;"));
        assert!(secure.ends_with("; Secure"));
        assert!(
            !CookieStyle::for_origin("http://127.0.0.1:3000")
                .cookie("abc")
                .contains("Secure")
        );
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append("cookie", "theme=dark; necto=abc".parse().unwrap());
        assert_eq!(CookieStyle::Plain.token(&headers), Some("abc"));
        assert_eq!(CookieStyle::Secure.token(&headers), None);
    }
}
