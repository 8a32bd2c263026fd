//! The session cookie.

use app::api::ssr::SessionCookies;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use backend::Visitor;
use backend::sessions::{self, NewToken};
use http::header::{COOKIE, HeaderValue, SET_COOKIE, USER_AGENT};

use super::ServerState;

/// How long a browser keeps the cookie: the session's own end is the server's affair.
const COOKIE_SECONDS: u64 = 30 * 86_400;

/// Name and flags of the cookie: with TLS it is bound to this host and never sent in the clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CookieStyle {
    /// Behind TLS.
    Secure,
    /// Plain HTTP on the own machine.
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

    /// The header's value for a token.
    fn header(self, token: &NewToken) -> HeaderValue {
        HeaderValue::from_str(&self.cookie(token.cookie_value()))
            .expect("a token is hexadecimal, so the cookie is plain ASCII")
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

/// Finds or makes the visitor's session and hands it to what follows.
pub(super) async fn open(
    State(state): State<ServerState>,
    mut request: Request,
    next: Next,
) -> Response {
    if is_static(request.uri().path()) {
        return next.run(request).await;
    }
    let token = state.cookies.token(request.headers()).map(str::to_owned);
    let header = request.headers().get(USER_AGENT);
    let user_agent = header
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let opened = sessions::open(&state.backend, token.as_deref(), user_agent.as_deref()).await;
    let (visitor, fresh) = match opened {
        Ok(opened) => opened,
        Err(error) => {
            tracing::error!(%error, "cannot open a session");
            return (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response();
        }
    };
    request.extensions_mut().insert(visitor);
    let mut response = next.run(request).await;
    // A sign-in inside has already set its own, newer cookie.
    if let Some(fresh) = fresh.filter(|_| !response.headers().contains_key(SET_COOKIE)) {
        response
            .headers_mut()
            .append(SET_COOKIE, state.cookies.header(&fresh));
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

fn is_static(path: &str) -> bool {
    [
        "/pkg/",
        "/fonts/",
        "/icons/",
        "/favicon",
        "/robots.txt",
        "/site.webmanifest",
    ]
    .iter()
    .any(|prefix| path.starts_with(prefix))
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
