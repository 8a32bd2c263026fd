//! The four phases people follow, made of the lifecycle's states.

use domain::deployment::{CloseReason, State};

/// A phase of a deployment's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// Drafted, paid, being opened.
    Pending,
    /// Collecting and taking bids.
    Bidding,
    /// Runs.
    Active,
    /// Closing, settling, over.
    Complete,
}

impl Phase {
    /// In their order.
    pub(crate) const ALL: [Self; 4] = [Self::Pending, Self::Bidding, Self::Active, Self::Complete];

    /// The phase a state (by its name) belongs to.
    pub(crate) fn of(state: &str) -> Self {
        match state {
            "bidding" | "activating" | "leasing" => Self::Bidding,
            "active" => Self::Active,
            "closing" | "settling" | "settled" | "needs_human" | "abandoned" => Self::Complete,
            _ => Self::Pending,
        }
    }

    /// Its name for people.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::Pending => "Pending",
            Self::Bidding => "Bidding",
            Self::Active => "Active",
            Self::Complete => "Complete",
        }
    }
}

/// How a state is to be felt: only states have colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Nothing to feel.
    Neutral,
    /// Under way.
    Busy,
    /// As wanted.
    Good,
    /// Needs attention.
    Warn,
}

impl Tone {
    /// The value of `data-tone`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Busy => "busy",
            Self::Good => "good",
            Self::Warn => "warn",
        }
    }
}

/// A state's name for people, and its tone.
pub(crate) fn label(state: &str) -> (&'static str, Tone) {
    match state {
        "drafted" => ("Draft", Tone::Neutral),
        "quoted" => ("Quoted", Tone::Neutral),
        "awaiting_deposit" => ("Awaiting deposit", Tone::Warn),
        "funded" => ("Paid", Tone::Busy),
        "opening" => ("Opening on Akash", Tone::Busy),
        "bidding" => ("Bidding", Tone::Busy),
        "activating" => ("Bid taken", Tone::Busy),
        "leasing" => ("Starting", Tone::Busy),
        "active" => ("Running", Tone::Good),
        "closing" => ("Closing", Tone::Busy),
        "settling" => ("Settling", Tone::Busy),
        "settled" => ("Settled", Tone::Neutral),
        "needs_human" => ("With an operator", Tone::Warn),
        "abandoned" => ("Not paid", Tone::Neutral),
        _ => ("Unknown", Tone::Warn),
    }
}

/// What is going on now and what it means for the buyer's money, in one or two sentences.
pub(crate) fn meaning(state: &State) -> String {
    match state {
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
        State::Leasing { .. } => {
            "The provider is starting your workload. If it does not come up, nothing is charged.".to_owned()
        }
        State::Active { updating: Some(_), .. } => {
            "It runs, and an update is on its way: until Akash confirms it, what ran before runs on.".to_owned()
        }
        State::Active { .. } => {
            "It runs. The escrow pays by the second; what is not used comes back when you close.".to_owned()
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

fn settled_meaning(why: &CloseReason) -> String {
    format!(
        "{} The escrow is settled: the receipt says who got what.",
        why.sentence()
    )
}

#[cfg(test)]
mod tests {
    use super::{Phase, Tone, label};

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
            assert_ne!(label(state).0, "Unknown", "{state}");
        }
        assert_eq!(label("something new"), ("Unknown", Tone::Warn));
    }
}
