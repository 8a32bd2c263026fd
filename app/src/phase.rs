//! The four phases shown to buyers, derived from the states of the lifecycle.

use domain::deployment::{CloseReason, Readiness, State};
use domain::journey::OrderView;
use domain::time::UnixSeconds;

use crate::components::figures::readable;

/// A phase of a deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Drafted or paid, and being opened.
    Pending,
    /// Collecting and accepting bids.
    Bidding,
    /// Leased: starting, running or unknown.
    Active,
    /// Closing, settling or over.
    Complete,
}

impl Phase {
    /// All phases, in order.
    pub(crate) const ALL: [Self; 4] = [Self::Pending, Self::Bidding, Self::Active, Self::Complete];

    /// The phase that a state belongs to, by the state's name.
    pub(crate) fn of(state: &str) -> Self {
        match state {
            "bidding" | "activating" | "leasing" => Self::Bidding,
            "active" => Self::Active,
            "closing" | "settling" | "settled" | "needs_human" | "abandoned" => Self::Complete,
            _ => Self::Pending,
        }
    }

    /// Display name of the phase.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Bidding => "Bidding",
            Self::Active => "Active",
            Self::Complete => "Complete",
        }
    }
}

/// Colour scheme of a state; only states have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// No particular meaning.
    Neutral,
    /// In progress.
    Busy,
    /// As desired.
    Good,
    /// Needs attention.
    Warn,
}

impl Tone {
    /// Value of the `data-tone` attribute.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Busy => "busy",
            Self::Good => "good",
            Self::Warn => "warn",
        }
    }
}

/// Display name and tone of a state. A lease alone is not shown as running: `readiness` says how ready the
/// leased deployment is.
pub(crate) fn label(state: &str, readiness: Option<Readiness>) -> (String, Tone) {
    let (name, tone) = match (state, readiness) {
        ("active", Some(readiness)) => return readiness_label(readiness),
        (state, _) => name_of(state),
    };
    (name.to_owned(), tone)
}

fn readiness_label(readiness: Readiness) -> (String, Tone) {
    match readiness {
        Readiness::Unknown => ("Not known".to_owned(), Tone::Warn),
        Readiness::Starting(None) => ("Starting".to_owned(), Tone::Busy),
        Readiness::Starting(Some(replicas)) => (format!("Starting, {replicas} ready"), Tone::Busy),
        Readiness::Running(replicas) => (format!("Running, {replicas} ready"), Tone::Good),
        Readiness::Degraded(replicas) => (format!("Degraded, {replicas} ready"), Tone::Warn),
    }
}

fn name_of(state: &str) -> (&'static str, Tone) {
    match state {
        "drafted" => ("Draft", Tone::Neutral),
        "quoted" => ("Quoted", Tone::Neutral),
        "awaiting_deposit" => ("Awaiting deposit", Tone::Warn),
        "funded" => ("Paid", Tone::Busy),
        "opening" => ("Opening on Akash", Tone::Busy),
        "bidding" => ("Bidding", Tone::Busy),
        "activating" => ("Bid taken", Tone::Busy),
        "leasing" => ("Starting", Tone::Busy),
        "active" => ("Leased", Tone::Busy),
        "closing" => ("Closing", Tone::Busy),
        "settling" => ("Settling", Tone::Busy),
        "settled" => ("Settled", Tone::Neutral),
        "needs_human" => ("With an operator", Tone::Warn),
        "abandoned" => ("Not paid", Tone::Neutral),
        _ => ("Unknown", Tone::Warn),
    }
}

/// Explains in a few sentences what is happening and what it means for the buyer's money.
pub(crate) fn meaning(order: &OrderView) -> String {
    match &order.state {
        State::Drafted | State::Quoted { .. } => {
            "A draft. Nothing was paid and nothing runs.".to_owned()
        }
        State::AwaitingDeposit { .. } => {
            "Waiting for your deposit to be confirmed on chain. Until then nothing is opened.".to_owned()
        }
        State::Funded { .. } | State::Opening { .. } => {
            "Your deposit is in escrow. The deployment is being opened on Akash; if that fails, all of it comes back.".to_owned()
        }
        State::Bidding { .. } => {
            "Providers are bidding. Nothing is charged yet; if no bid is taken in time, all of your deposit comes back.".to_owned()
        }
        State::Activating { .. } => {
            "A bid was taken. The escrow is being set to its price; nothing is charged before that is confirmed.".to_owned()
        }
        State::Leasing { running, .. } => format!(
            "The provider is being given your workload. The escrow counts since {}; if the provider does not take it, nothing is charged.",
            readable(running.activation.at)
        ),
        State::Active { running, updating, .. } => {
            let readiness = order.readiness.unwrap_or(Readiness::Unknown);
            leased(readiness, running.activation.at, updating.is_some())
        }
        State::Closing { why, .. } => {
            format!("{} It is being closed on Akash; then the rest of your money is sent back.", why.sentence())
        }
        State::Settling { why, .. } => {
            format!("{} What was used is being paid and the rest sent back to you.", why.sentence())
        }
        State::Settled { receipt } => settled_meaning(&receipt.why),
        State::NeedsHuman { cause, .. } => {
            format!("An operator looks into this: {cause}. Your money stays in escrow meanwhile.")
        }
        State::Abandoned { why } => format!("{why} Nothing was paid."),
    }
}

/// Explains a lease: how ready its deployment is, and that it is charged in any case.
fn leased(readiness: Readiness, charged_since: UnixSeconds, is_updating: bool) -> String {
    let what = match readiness {
        Readiness::Unknown => {
            "The provider does not report, so whether your workload runs is not known.".to_owned()
        }
        Readiness::Starting(None) => {
            "Your workload is starting; the provider has not reported it yet.".to_owned()
        }
        Readiness::Starting(Some(replicas)) => {
            format!("Your workload is starting: {replicas} ready.")
        }
        Readiness::Running(replicas) => format!("Your workload runs: {replicas} ready."),
        Readiness::Degraded(replicas) => format!(
            "Your workload was ready, and now only {replicas} is. The log below may say why."
        ),
    };
    let update = if is_updating {
        " An update is on its way: until Akash confirms it, the version before it stays."
    } else {
        ""
    };
    let while_starting = match readiness {
        Readiness::Starting(_) => ", while it starts, too",
        _ => "",
    };
    format!(
        "{what}{update} Charged by the second since {}{while_starting}; what is not used comes back when you close.",
        readable(charged_since)
    )
}

fn settled_meaning(why: &CloseReason) -> String {
    format!(
        "{} The escrow is settled: the receipt says who got what.",
        why.sentence()
    )
}

#[cfg(test)]
mod tests {
    use super::{Phase, Tone, label, leased};
    use domain::deployment::{Readiness, Replicas};
    use domain::time::UnixSeconds;

    #[test]
    fn every_state_has_a_label_and_a_phase() {
        let states = [
            ("drafted", Phase::Pending),
            ("quoted", Phase::Pending),
            ("awaiting_deposit", Phase::Pending),
            ("funded", Phase::Pending),
            ("opening", Phase::Pending),
            ("bidding", Phase::Bidding),
            ("activating", Phase::Bidding),
            ("leasing", Phase::Bidding),
            ("active", Phase::Active),
            ("closing", Phase::Complete),
            ("settling", Phase::Complete),
            ("settled", Phase::Complete),
            ("needs_human", Phase::Complete),
            ("abandoned", Phase::Complete),
        ];
        for (state, phase) in states {
            assert_eq!(Phase::of(state), phase, "{state}");
            assert_ne!(label(state, None).0, "Unknown", "{state}");
        }
        assert_eq!(
            label("something new", None),
            ("Unknown".to_owned(), Tone::Warn)
        );
    }

    #[test]
    fn only_what_is_ready_is_called_running() {
        let of = |ready, wanted| Replicas { ready, wanted };
        let cases = [
            (Readiness::Unknown, "Not known", Tone::Warn),
            (Readiness::Starting(None), "Starting", Tone::Busy),
            (
                Readiness::Starting(Some(of(0, 1))),
                "Starting, 0 of 1 ready",
                Tone::Busy,
            ),
            (
                Readiness::Running(of(1, 1)),
                "Running, 1 of 1 ready",
                Tone::Good,
            ),
            (
                Readiness::Degraded(of(1, 2)),
                "Degraded, 1 of 2 ready",
                Tone::Warn,
            ),
        ];
        for (readiness, name, tone) in cases {
            assert_eq!(
                label("active", Some(readiness)),
                (name.to_owned(), tone),
                "{readiness:?}"
            );
            let says = leased(readiness, UnixSeconds(1_795_249_229), false);
            assert!(
                says.contains("Charged by the second since 21 Nov 2026, 08:20:29 UTC"),
                "{says}"
            );
            let is_ready = matches!(readiness, Readiness::Running(_));
            assert_eq!(says.contains("workload runs:"), is_ready, "{says}");
        }
        let (name, _) = label("active", None);
        assert!(!name.contains("Running"), "a lease alone says nothing");
    }
}
