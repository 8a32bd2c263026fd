//! The cost of every request: a class for each server function and route, and each class's budgets. Paths
//! that are not listed are pages; the tests below fail for a server function or route that is not listed.

use axum::extract::Request;

use super::rate::Rate;
use crate::http::files::is_static;
use crate::http::intake;

/// Class of a request for rate limiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// A page, or an unknown address.
    Page,
    /// A static file that browsers cache.
    File,
    /// A read of stored data.
    Read,
    /// A write to stored data.
    Write,
    /// A new order, which may query a model and Akash.
    Describe,
    /// A sign-in challenge or its answer.
    SignIn,
    /// Terms for a deposit.
    Deposit,
    /// Saving a template.
    Template,
    /// A stream of events.
    Stream,
    /// A health check or metrics scrape.
    Probe,
    /// A report that browsers send by themselves.
    Report,
}

/// Storage of a class's counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    /// In this process, for frequent and cheap requests.
    Here,
    /// In the database, so that processes share one count, for rare and expensive requests.
    Together,
}

/// Rate limits of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budgets {
    /// Budget shared by everyone behind one network prefix.
    pub(super) prefix: Rate,
    /// Budget per account or stored session; `None` if only the network's budget applies.
    pub(super) asker: Option<Rate>,
    /// Storage of both counters: this process or the database.
    pub(super) counted: Counted,
}

impl Class {
    /// The class's name in headers and metrics.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::File => "file",
            Self::Read => "read",
            Self::Write => "write",
            Self::Describe => "describe",
            Self::SignIn => "sign-in",
            Self::Deposit => "deposit",
            Self::Template => "template",
            Self::Stream => "stream",
            Self::Probe => "probe",
            Self::Report => "report",
        }
    }

    /// The class's budgets for public use.
    pub(super) const fn budgets(self) -> Budgets {
        const fn of(prefix: Rate, asker: Option<Rate>, counted: Counted) -> Budgets {
            Budgets {
                prefix,
                asker,
                counted,
            }
        }
        const MINUTE: u64 = 60;
        const HOUR: u64 = 60 * MINUTE;
        match self {
            // Twenty requests per second, with bursts of three seconds' worth: a page and its reads arrive
            // together.
            Self::Page => of(Rate::new(60, 3), Some(Rate::new(60, 6)), Counted::Here),
            Self::Read => of(Rate::new(120, 6), Some(Rate::new(120, 6)), Counted::Here),
            // A first visit takes some thirty files, and a whole office may arrive at once.
            Self::File => of(Rate::new(900, 3), None, Counted::Here),
            Self::Write => of(Rate::new(100, 10), Some(Rate::new(20, 10)), Counted::Here),
            Self::Describe => of(
                Rate::new(30, MINUTE),
                Some(Rate::new(6, MINUTE)),
                Counted::Together,
            ),
            Self::SignIn => of(
                Rate::new(20, MINUTE),
                Some(Rate::new(10, MINUTE)),
                Counted::Together,
            ),
            Self::Deposit => of(
                Rate::new(30, MINUTE),
                Some(Rate::new(10, MINUTE)),
                Counted::Together,
            ),
            Self::Template => of(
                Rate::new(60, HOUR),
                Some(Rate::new(30, HOUR)),
                Counted::Together,
            ),
            // Every page opens one, and reopens it whenever it becomes visible again.
            Self::Stream => of(Rate::new(60, 10), Some(Rate::new(60, 20)), Counted::Here),
            Self::Probe => of(Rate::new(60, 6), None, Counted::Here),
            Self::Report => of(Rate::new(60, 60), None, Counted::Here),
        }
    }
}

/// Returns the class of a request.
pub(super) fn class(request: &Request) -> Class {
    let path = request.uri().path();
    if let Some(function) = intake::function(request) {
        return of_function(function).unwrap_or(Class::Write);
    }
    if let Some((_, class)) = ROUTES.iter().find(|(route, _)| fits(route, path)) {
        return *class;
    }
    if is_static(path) {
        return Class::File;
    }
    Class::Page
}

/// Whether the function leaves something worth keeping, so that a session must be stored. All other functions
/// need the result of one of these.
pub(in crate::http) fn begins_a_session(function: &str) -> bool {
    ["describe", "describe_plain", "use_template", "challenge"].contains(&function)
}

fn of_function(function: &str) -> Option<Class> {
    let found = FUNCTIONS.iter().find(|(name, _)| *name == function);
    found.map(|(_, class)| *class)
}

/// Whether a path matches the route, whose segments in braces match anything.
fn fits(route: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    let alike = |known: &str| {
        let part = parts.next();
        part == Some(known) || (known.starts_with('{') && part.is_some())
    };
    route.split('/').all(alike) && parts.next().is_none()
}

/// Every server function.
const FUNCTIONS: &[(&str, Class)] = &[
    ("accept_bid", Class::Write),
    ("arm_policy", Class::Write),
    ("auto_sign_on", Class::Read),
    ("cancel_deposit", Class::Write),
    ("cancel_payment", Class::Write),
    ("chain_view", Class::Read),
    ("challenge", Class::SignIn),
    ("change_wish", Class::Write),
    ("choose_acceptance", Class::Write),
    ("close_deployment", Class::Write),
    ("delete_order", Class::Write),
    ("delete_template", Class::Write),
    ("describe", Class::Describe),
    ("describe_plain", Class::Describe),
    ("disarm_policy", Class::Write),
    ("drip_gas", Class::Deposit),
    ("end_all_sessions", Class::Write),
    ("end_session", Class::Write),
    ("faucet_call", Class::Read),
    ("generate_secrets", Class::Write),
    ("keep_draft", Class::Write),
    ("list_orders", Class::Read),
    ("open_auto_sign", Class::Read),
    ("open_market", Class::Read),
    ("open_order", Class::Read),
    ("open_routing", Class::Read),
    ("open_sealed_order", Class::Read),
    ("open_sessions", Class::Read),
    ("open_shelf", Class::Read),
    ("open_template", Class::Read),
    ("prepare_deposit", Class::Deposit),
    ("prepare_keep", Class::Read),
    ("prepare_policy", Class::Write),
    ("prepare_top_up", Class::Deposit),
    ("prepare_withdrawal", Class::Read),
    ("read_logs", Class::Read),
    ("read_market_words", Class::Read),
    ("redeploy", Class::Describe),
    ("redeploy_relaxed", Class::Describe),
    ("relaxations", Class::Write),
    ("relay_deposit", Class::Deposit),
    ("relay_top_up", Class::Deposit),
    ("rename_template", Class::Write),
    ("report_transaction", Class::Write),
    ("requote", Class::Write),
    ("save_sdl", Class::Write),
    ("save_sdl_plain", Class::Write),
    ("save_template", Class::Template),
    ("session", Class::Read),
    ("set_pace", Class::Write),
    ("sign_in", Class::SignIn),
    ("sign_out", Class::Write),
    ("update_deployment", Class::Write),
    ("use_template", Class::Describe),
];

/// Every route that is not a page, a server function or a file.
const ROUTES: &[(&str, Class)] = &[
    ("/api/orders/{id}/events", Class::Stream),
    ("/api/orders/{id}/logs", Class::Stream),
    ("/api/orders/{id}/decision", Class::Read),
    ("/operator", Class::Page),
    ("/operator/resume", Class::Write),
    ("/operator/retry", Class::Write),
    ("/operator.css", Class::File),
    ("/api/market", Class::Read),
    ("/api/market/events", Class::Stream),
    ("/healthz", Class::Probe),
    ("/readyz", Class::Probe),
    ("/metrics", Class::Probe),
    (app::POLICY_REPORTS, Class::Report),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use axum::body::Body;
    use axum::extract::Request;
    use leptos::server_fn;

    use super::{Class, FUNCTIONS, ROUTES, begins_a_session, class};
    use crate::http::routes;

    /// Fails for a new server function or route until it is listed with its class.
    #[test]
    fn every_function_and_every_route_has_a_budget() {
        let registered: BTreeSet<String> = server_fn::axum::server_fn_paths()
            .map(|(path, _)| path.trim_start_matches("/api/").to_owned())
            .collect();
        let listed: BTreeSet<String> = FUNCTIONS
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert_eq!(registered, listed, "server functions, and FUNCTIONS");
        assert_eq!(listed.len(), FUNCTIONS.len(), "each stands there once");
        let served: BTreeSet<&str> = routes::with_session()
            .iter()
            .chain(&routes::for_everybody())
            .chain(&routes::for_browsers())
            .map(|(path, _)| *path)
            .collect();
        let listed = ROUTES.iter().map(|(path, _)| *path).collect();
        assert_eq!(served, listed, "routes, and ROUTES");
    }

    #[test]
    fn a_request_is_of_the_class_of_its_address() {
        let of = |method: &str, path: &str| {
            let request = Request::builder().method(method).uri(path);
            class(&request.body(Body::empty()).unwrap())
        };
        for (method, path, expected) in [
            ("POST", "/api/describe", Class::Describe),
            ("POST", "/api/challenge", Class::SignIn),
            ("GET", "/api/describe", Class::Page),
            ("GET", "/api/orders/1f/events", Class::Stream),
            ("GET", "/api/orders/1f/2f/events", Class::Page),
            ("GET", "/api/market?x=1", Class::Read),
            ("GET", "/pkg/necto.js", Class::File),
            ("GET", "/", Class::Page),
            ("GET", "/no/such/page", Class::Page),
        ] {
            assert_eq!(of(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn what_begins_a_session_is_a_function_that_is_rare() {
        let begins: Vec<_> = FUNCTIONS
            .iter()
            .filter(|(name, _)| begins_a_session(name))
            .collect();
        assert_eq!(begins.len(), 4);
        for (name, class) in begins {
            assert!(
                matches!(class, Class::Describe | Class::SignIn),
                "{name}: sessions begin no faster than these budgets allow"
            );
        }
    }
}
