//! Turns: how many requests of one network are worked on side by side.
//!
//! A budget says how many requests of a network are answered in a time, and its whole burst may come at once. What
//! computes for milliseconds, as a page does, would then wait behind all of it, whoever asked. So the requests of one
//! network wait for each other, and those of another for no more than a few of them.

use std::hash::{BuildHasher as _, RandomState};

use domain::network::AddressPrefix;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::table::Class;

/// Requests of one network that are worked on side by side: what one browser sends at once.
const AT_ONCE: usize = 6;

/// Networks with turns of their own. Those that meet in one place, unknown to each other because the hash is, share
/// its turns.
const PLACES: usize = 4096;

/// The turns of every network.
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
    /// Waits for a turn of this network, in the order of arrival; it ends when the permit is dropped. `None` for a
    /// class that computes next to nothing here, or waits for somebody outside.
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
        // It is closed never, so there is always a turn to come.
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
        // Two of three others have places of their own, whatever the hash.
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
