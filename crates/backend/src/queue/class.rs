//! Classes of jobs. Each has slots of its own in every process, so that jobs of one class make
//! progress however many of another wait or run.

/// Jobs that share slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    /// The follower of the escrow's chain and the sender of the operator's transactions.
    Chain,
    /// Orders whose next step a buyer or a deadline is waiting for.
    Drive,
    /// Regular checks of running orders that nothing is waiting for.
    Watch,
    /// Followed logs, each for as long as its deployment runs.
    Logs,
    /// Cleaning up, and checks of all deployments at once.
    Sweep,
    /// Checks of closed deployments.
    End,
}

impl Class {
    /// All classes; those that affect money come first.
    pub(crate) const ALL: [Self; 6] = [
        Self::Chain,
        Self::Drive,
        Self::Watch,
        Self::Sweep,
        Self::End,
        Self::Logs,
    ];

    /// Number of its jobs that run concurrently in one process: nearly all of them wait for an
    /// outside service. A followed log is a task that sleeps until a line arrives.
    pub(crate) const fn slots(self) -> usize {
        match self {
            Self::Chain => 4,
            Self::Drive => 128,
            Self::Watch => 64,
            Self::Logs => 10_000,
            Self::Sweep => 2,
            Self::End => 32,
        }
    }

    /// The class of a job of this kind; `None` for one that this version does not know.
    pub(crate) fn of(kind: &str, routine: bool) -> Option<Self> {
        Some(match kind {
            "follow_chain" | "send_outbox" => Self::Chain,
            "drive" if routine => Self::Watch,
            "drive" => Self::Drive,
            "follow_logs" => Self::Logs,
            "sweep" | "survey" => Self::Sweep,
            "watch_end" => Self::End,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Class;
    use crate::queue::Kind;

    #[test]
    fn every_kind_has_a_class_and_every_class_has_slots() {
        for kind in Kind::ALL {
            assert!(Class::of(kind.name(), false).is_some(), "{kind:?}");
        }
        assert_eq!(Class::of("drive", true), Some(Class::Watch));
        assert_eq!(Class::of("brew_coffee", false), None);
        assert!(Class::ALL.iter().all(|class| class.slots() > 0));
    }
}
