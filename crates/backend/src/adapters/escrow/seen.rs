//! Cache of escrows' events, so that they are not searched from the beginning again.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use chain_client::evm_types::Status;
use chain_client::{EscrowState, Seen, SeenClosed};
use domain::ids::EscrowId;

/// Events of an escrow up to a height deep enough that they need not be searched for again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct KnownEvents {
    pub(super) funded: Seen,
    pub(super) activated: Option<Seen>,
    pub(super) closed: Option<SeenClosed>,
    /// Height below which everything has been read.
    pub(super) read_below: u64,
}

/// Events found at any depth: known ones combined with those just read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) funded: Option<Seen>,
    pub(super) activated: Option<Seen>,
    pub(super) closed: Option<SeenClosed>,
}

impl Found {
    /// `known` must be the basis on which `state` was read, so that no event between the two is
    /// left out.
    pub(super) fn of(known: Option<&KnownEvents>, state: &EscrowState) -> Self {
        Self {
            funded: state.funded.or(known.map(|known| known.funded)),
            activated: state.activated.or(known.and_then(|known| known.activated)),
            closed: state
                .closed
                .clone()
                .or_else(|| known.and_then(|known| known.closed.clone())),
        }
    }

    /// Whether the contract is further ahead than the events found: either a node omitted a log, or
    /// the last block arrived in between.
    pub(super) const fn misses_something(&self, status: Status) -> bool {
        match status {
            Status::Active => self.activated.is_none(),
            Status::Closed => self.closed.is_none(),
            _ => false,
        }
    }
}

/// Known events of all escrows.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<HashMap<EscrowId, KnownEvents>>);

impl Memory {
    /// Returns the known events of one escrow.
    pub(super) fn of(&self, id: EscrowId) -> Option<KnownEvents> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&id).cloned()
    }

    /// Stores what was read. A slower reader that got less far overwrites nothing.
    pub(super) fn keep(&self, id: EscrowId, events: KnownEvents) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let further = known
            .get(&id)
            .is_some_and(|before| before.read_below > events.read_below);
        if !further {
            known.insert(id, events);
        }
    }
}

#[cfg(test)]
mod tests {
    use chain_client::evm_types::alloy_primitives::B256;
    use domain::ids::Hash32;

    use super::{Found, KnownEvents, Memory, Seen, Status};

    fn seen(block: u64) -> Seen {
        Seen {
            tx: B256::repeat_byte(1),
            block,
            block_hash: B256::repeat_byte(2),
            at: block,
        }
    }

    fn known(activated: Option<Seen>, read_below: u64) -> KnownEvents {
        KnownEvents {
            funded: seen(5),
            activated,
            closed: None,
            read_below,
        }
    }

    #[test]
    fn a_slow_reader_does_not_take_back_what_a_faster_one_saw() {
        let memory = Memory::default();
        let id = Hash32::from_bytes([7; 32]);
        memory.keep(id, known(Some(seen(9)), 20));
        memory.keep(id, known(None, 8));
        assert_eq!(memory.of(id), Some(known(Some(seen(9)), 20)));
        memory.keep(id, known(Some(seen(9)), 21));
        assert_eq!(memory.of(id).map(|known| known.read_below), Some(21));
    }

    #[test]
    fn what_the_contract_says_and_no_event_shows_is_missed() {
        let found = |activated| Found {
            funded: Some(seen(5)),
            activated,
            closed: None,
        };
        assert!(!found(None).misses_something(Status::Funded));
        assert!(found(None).misses_something(Status::Active));
        assert!(!found(Some(seen(9))).misses_something(Status::Active));
        assert!(found(Some(seen(9))).misses_something(Status::Closed));
    }
}
