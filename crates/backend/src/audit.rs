//! Security events: sign-ins, refusals, and operators' actions. Each is one line under the log
//! target `audit`, and is counted.
//!
//! A line names the session by a hash of its id, the account, and the network; never a token, a
//! signature, or any text that a user wrote.

use std::sync::atomic::{AtomicU64, Ordering};

use domain::ids::Address;
use domain::network::AddressPrefix;
use sha2::{Digest as _, Sha256};

use crate::{Backend, SessionId, Visitor};

/// An event relevant to the security of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecurityEvent {
    /// An account signed in.
    SignedIn(Address),
    /// A sign-in was refused; the reason is a stable word.
    SignInRefused {
        /// Stable word for the reason, the same for all refusals of one kind.
        reason: &'static str,
    },
    /// An account signed out.
    SignedOut,
    /// Sessions of an account were ended from one of its sessions.
    SessionsEnded {
        /// Number of sessions that were ended.
        number: usize,
    },
    /// The requested thing belongs to another owner or does not exist.
    NotTheirs {
        /// Kind of thing that was requested: `order` or `template`.
        what: &'static str,
    },
    /// A left session, or a request without a session, asked for something that needs an account.
    NotSignedIn,
    /// A request came from another site.
    CrossSite,
    /// A visitor who is not an operator asked for something reserved for operators.
    NotAnOperator,
    /// An operator acted; the action is a stable word.
    OperatorActed {
        /// Word for the operator's action, such as `resume` or `retry`.
        action: &'static str,
    },
    /// Rows were sealed again with the first data key.
    KeyRotated,
    /// A limit on requests was reached.
    LimitReached {
        /// Name of the class of requests whose budget is exhausted.
        limit: &'static str,
    },
}

/// The events' names, as used in the log and in metrics.
const NAMES: [&str; 11] = [
    "signed_in",
    "sign_in_refused",
    "signed_out",
    "sessions_ended",
    "not_theirs",
    "not_signed_in",
    "cross_site",
    "not_an_operator",
    "operator_acted",
    "key_rotated",
    "limit_reached",
];

impl SecurityEvent {
    const fn place(self) -> usize {
        match self {
            Self::SignedIn(_) => 0,
            Self::SignInRefused { .. } => 1,
            Self::SignedOut => 2,
            Self::SessionsEnded { .. } => 3,
            Self::NotTheirs { .. } => 4,
            Self::NotSignedIn => 5,
            Self::CrossSite => 6,
            Self::NotAnOperator => 7,
            Self::OperatorActed { .. } => 8,
            Self::KeyRotated => 9,
            Self::LimitReached { .. } => 10,
        }
    }

    /// Further detail, in our own words.
    const fn detail(self) -> Option<&'static str> {
        match self {
            Self::SignInRefused { reason: word }
            | Self::NotTheirs { what: word }
            | Self::OperatorActed { action: word }
            | Self::LimitReached { limit: word } => Some(word),
            _ => None,
        }
    }
}

/// Number of times that each event happened in this process.
#[derive(Debug, Default)]
pub(crate) struct Counts([AtomicU64; NAMES.len()]);

/// Counts an event and writes it to the log. `from` is given if no visitor is known from that
/// network.
pub fn record(
    backend: &Backend,
    event: SecurityEvent,
    visitor: Option<&Visitor>,
    from: Option<AddressPrefix>,
) {
    count(backend, event);
    let place = event.place();
    let from = visitor.and_then(|visitor| visitor.from).or(from);
    let account = match event {
        SecurityEvent::SignedIn(account) => Some(account),
        _ => visitor.and_then(|visitor| visitor.address),
    };
    let number = match event {
        SecurityEvent::SessionsEnded { number } => Some(number),
        _ => None,
    };
    let text = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
    tracing::info!(
        target: "audit",
        event = NAMES.get(place),
        detail = event.detail(),
        number,
        session = text(visitor.map(|visitor| hashed(visitor.session))),
        account = text(account.map(|account| account.to_string())),
        from = text(from.map(|from| from.to_string())),
        "security event"
    );
}

/// Only counts an event, for those so frequent that a log line each would do harm.
pub fn count(backend: &Backend, event: SecurityEvent) {
    if let Some(counter) = backend.audit_counts().0.get(event.place()) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// Counts and logs an event caused by a known visitor.
pub(crate) fn of_visitor(backend: &Backend, visitor: &Visitor, event: SecurityEvent) {
    record(backend, event, Some(visitor), None);
}

/// Returns how often each event happened in this process, by name.
#[must_use]
pub fn counts(backend: &Backend) -> Vec<(&'static str, u64)> {
    let counts = &backend.audit_counts().0;
    let values = counts.iter().map(|count| count.load(Ordering::Relaxed));
    NAMES.into_iter().zip(values).collect()
}

/// Hashes a session's id: enough to tell sessions apart, not enough to open one.
fn hashed(session: SessionId) -> String {
    let digest = Sha256::digest(session.to_string().as_bytes());
    hex::encode(&digest[..8])
}
