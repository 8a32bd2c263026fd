//! Limits how many requests of one network are processed concurrently.
//!
//! A budget allows its whole burst at once, and everyone's requests would queue behind a burst of pages, each
//! of which takes milliseconds to compute. With turns, requests of one network wait for each other, and those
//! of other networks wait for only a few of them.

use std::hash::{BuildHasher as _, RandomState};

use domain::network::AddressPrefix;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::table::Class;

/// Concurrent requests per network: as many as one browser sends at once.
const AT_ONCE: usize = 6;

/// Number of queues. Networks that hash to the same queue share its turns; the hash is keyed, so collisions
/// cannot be chosen.
const PLACES: usize = 4096;

/// The queues of all networks.
#[derive(Debug)]
pub(super) struct Turns {
    places: Box<[Semaphore]>,
    hash: RandomState,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            places: (0..PLACES).map(|_| Semaphore::new(AT_ONCE)).collect(),
            hash: RandomState::new(),
        }
    }
}

impl Turns {
    /// Waits for the network's turn, in order of arrival; the turn ends when the permit is dropped. Returns
    /// `None` for a class that computes next to nothing here, or mostly waits for an outside service.
    pub(super) async fn of(
        &self,
        class: Class,
        from: Option<AddressPrefix>,
    ) -> Option<SemaphorePermit<'_>> {
        if !matches!(class, Class::Page | Class::Read) {
            return None;
        }
        let place = self.hash.hash_one(from) % PLACES as u64;
        let place = self.places.get(usize::try_from(place).ok()?)?;
        // The semaphore is never closed, so a turn always comes.
        place.acquire().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    fn network(last: u8) -> Option<AddressPrefix> {
        Some(AddressPrefix::of(IpAddr::from(Ipv4Addr::new(
            192, 0, 2, last,
        ))))
    }

    #[tokio::test]
    async fn a_network_waits_for_itself_and_for_nobody_else() {
        let turns = Turns::default();
        let mut taken = Vec::new();
        for _ in 0..AT_ONCE {
            taken.push(turns.of(Class::Page, network(1)).await);
        }
        let soon = Duration::from_millis(20);
        assert!(
            timeout(soon, turns.of(Class::Read, network(1)))
                .await
                .is_err()
        );
        // Two of the three other networks have queues of their own, whatever the hash.
        let mut served = 0;
        for other in 2..5 {
            let turn = timeout(soon, turns.of(Class::Page, network(other))).await;
            served += usize::from(turn.is_ok());
        }
        assert!(served >= 2, "{served}");
        for cheap in [Class::File, Class::Describe, Class::Stream] {
            assert!(turns.of(cheap, network(1)).await.is_none(), "{cheap:?}");
        }
        taken.pop();
        assert!(turns.of(Class::Read, network(1)).await.is_some());
    }
}
