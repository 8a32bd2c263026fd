//! Access control: admits only requests that name this host, and only our own pages.
//!
//! Listening on loopback keeps out other machines, but not web pages: any page in a browser on this
//! machine can send requests here. Such a page either sends its own `Origin`, or reaches this
//! machine through a name of its own that points here; both are refused before any route.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, header};

pub(crate) mod layers;

/// Names of one listening address, and the pages that may use it.
#[derive(Debug, Clone)]
pub(crate) struct Door {
    hosts: Vec<String>,
    app_origins: Vec<String>,
}

impl Door {
    /// Makes the door at `address` for its own pages and those of `app_origins`.
    pub(crate) fn new(address: SocketAddr, app_origins: &[String]) -> Self {
        let port = address.port();
        let names = [
            "127.0.0.1".to_owned(),
            "localhost".to_owned(),
            format!("[{}]", Ipv6Addr::LOCALHOST),
            match address.ip() {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            },
        ];
        Self {
            hosts: names.map(|name| format!("{name}:{port}")).to_vec(),
            app_origins: app_origins
                .iter()
                .flat_map(|origin| both_names(origin.trim_end_matches('/')))
                .collect(),
        }
    }

    /// Whether the request names this host and nothing else.
    pub(crate) fn is_named_by(&self, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (named.next(), named.next()) else {
            return false;
        };
        self.hosts.iter().any(|known| known.as_bytes() == host)
    }

    /// Whether `origin` is this host itself, under one of its names.
    pub(crate) fn is_own(&self, origin: &str) -> bool {
        let host = origin.strip_prefix("http://");
        host.is_some_and(|host| self.hosts.iter().any(|known| known == host))
    }

    /// Whether `origin` belongs to one of the configured pages.
    pub(crate) fn is_app(&self, origin: &str) -> bool {
        self.app_origins.iter().any(|known| known == origin)
    }
}

/// Returns both names of a page: pages on this machine are reached as `127.0.0.1` and as
/// `localhost`, and allowing one of them means allowing the page.
fn both_names(origin: &str) -> Vec<String> {
    let (numeric, named) = ("http://127.0.0.1:", "http://localhost:");
    let mut origins = vec![origin.to_owned()];
    if let Some(port) = origin.strip_prefix(numeric) {
        origins.push(format!("{named}{port}"));
    } else if let Some(port) = origin.strip_prefix(named) {
        origins.push(format!("{numeric}{port}"));
    }
    origins
}

/// The page that sent a request, as far as the request reveals it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sender<'a> {
    /// A program, or a browser that was navigated here.
    NoPage,
    /// A page of this origin.
    Page(&'a str),
    /// A page whose origin could never be allowed.
    Unreadable,
}

/// Reads the sender from a request's `Origin`.
pub(crate) fn sender(headers: &HeaderMap) -> Sender<'_> {
    match headers.get(header::ORIGIN).map(|origin| origin.to_str()) {
        None => Sender::NoPage,
        Some(Ok(origin)) => Sender::Page(origin),
        Some(Err(_)) => Sender::Unreadable,
    }
}
