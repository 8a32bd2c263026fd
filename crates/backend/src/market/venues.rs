//! The live market: all venues are queried at once, each with its own deadline, and rows are shown
//! as they arrive.
//!
//! Rows are served from memory and requested again in the background once they are a minute old. A
//! venue that fails keeps its last good rows, with their age and the reason; one that keeps failing
//! is left alone for a while; an answer in which most rows are missing overwrites nothing. How a
//! venue is queried is not known here: see [`PriceSource`] and `adapters::price_sources`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::offers::tokens::TokenRates;
use domain::offers::{Listing, Venue, screen};
use domain::route::{Market, VenueReport};
use domain::time::Seconds;
use tokio::sync::{broadcast, watch};

use super::cell::Cell;
use crate::ports::{Clock, PriceSource, SourceError};

/// Age at which rows are requested again.
const FRESH: Seconds = Seconds(60);

/// Number of events that a slow watcher may miss.
const EVENTS_KEPT: usize = 256;

/// An event while the venues are queried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MarketEvent {
    /// The venue is being queried.
    Asking(Venue),
    /// The venue answered.
    Answered {
        /// Venue that answered.
        venue: Venue,
        /// Number of its rows now.
        offers: u32,
        /// Time from the request to the answer.
        took: Duration,
    },
    /// The venue did not answer.
    Failed {
        /// Venue that failed.
        venue: Venue,
        /// Reason for the failure, for people.
        reason: String,
    },
}

/// The live market. Cheap to clone.
#[derive(Debug, Clone)]
pub struct LiveMarket(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    venues: Vec<Slot>,
    clock: Arc<dyn Clock>,
    events: broadcast::Sender<MarketEvent>,
    /// Number of finished requests, for callers that wait.
    settled: watch::Sender<u64>,
}

#[derive(Debug)]
struct Slot {
    source: Arc<dyn PriceSource>,
    cell: Mutex<Cell>,
}

impl Slot {
    /// The cell is only ever read and replaced as a whole, so it is valid even after a panic.
    fn cell<T>(&self, act: impl FnOnce(&mut Cell) -> T) -> T {
        act(&mut self.cell.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl LiveMarket {
    /// Makes a market of these venues. Sends no request yet.
    #[must_use]
    pub fn new(sources: Vec<Arc<dyn PriceSource>>, clock: Arc<dyn Clock>) -> Self {
        let slot = |source| Slot {
            source,
            cell: Mutex::new(Cell::default()),
        };
        Self(Arc::new(Parts {
            venues: sources.into_iter().map(slot).collect(),
            clock,
            events: broadcast::channel(EVENTS_KEPT).0,
            settled: watch::channel(0).0,
        }))
    }

    /// Subscribes to events from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<MarketEvent> {
        self.0.events.subscribe()
    }

    /// Queries every venue whose rows are old, in the background. Must be called within a runtime.
    pub fn refresh(&self) {
        let now = self.0.clock.now();
        for at in 0..self.0.venues.len() {
            if self.0.venues[at].cell(|cell| cell.begin(now, FRESH)) {
                tokio::spawn(self.clone().ask(at));
            }
        }
    }

    /// Refreshes, then waits until every venue without rows has answered or failed, for at most
    /// `patience`. Slower venues are in the next snapshot.
    pub async fn wait(&self, patience: Duration) {
        let mut settled = self.0.settled.subscribe();
        self.refresh();
        let all = async {
            while self
                .0
                .venues
                .iter()
                .any(|slot| slot.cell(|cell| cell.is_awaited()))
            {
                if settled.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = all => {}
            () = self.0.clock.sleep(patience) => {}
        }
    }

    /// Returns the market as it is known now, without sending a request.
    #[must_use]
    pub fn snapshot(&self, rates: &TokenRates) -> Market {
        self.snapshot_from(rates, &BTreeMap::new())
    }

    /// Like [`Self::snapshot`], with distances of hosts in milliseconds.
    pub(crate) fn snapshot_from(
        &self,
        rates: &TokenRates,
        latencies: &BTreeMap<String, u32>,
    ) -> Market {
        let now = self.0.clock.now();
        let hosts = self.hosts_of_providers();
        let latency_of = |listing: &Listing| {
            let of_provider = || hosts.get(listing.provider.as_ref()?);
            let host = listing.host.as_ref().or_else(of_provider)?;
            latencies.get(host).copied()
        };
        let mut market = Market::default();
        for slot in &self.0.venues {
            let venue = slot.source.venue();
            let (offers, quarantined, state) = slot.cell(|cell| cell.view(now, rates, &latency_of));
            market.offers.extend(offers);
            market.quarantined.extend(quarantined);
            market.venues.push(VenueReport { venue, state });
        }
        let (kept, held) = screen(std::mem::take(&mut market.offers));
        market.offers = kept;
        market.quarantined.extend(held);
        market
    }

    /// Returns every host on which an offer is known to run.
    pub(crate) fn hosts(&self) -> BTreeSet<String> {
        let mut hosts = BTreeSet::new();
        for slot in &self.0.venues {
            slot.cell(|cell| {
                hosts.extend(cell.listings().iter().filter_map(|row| row.host.clone()))
            });
        }
        hosts
    }

    /// Returns hosts by provider: a provider listed at two venues runs on one machine.
    fn hosts_of_providers(&self) -> BTreeMap<String, String> {
        let mut hosts = BTreeMap::new();
        for slot in &self.0.venues {
            slot.cell(|cell| {
                let of_row = |row: &Listing| Some((row.provider.clone()?, row.host.clone()?));
                hosts.extend(cell.listings().iter().filter_map(of_row));
            });
        }
        hosts
    }

    async fn ask(self, at: usize) {
        let Parts {
            venues,
            clock,
            events,
            settled,
        } = &*self.0;
        let slot = &venues[at];
        let venue = slot.source.venue();
        let tell = |event| {
            // Usually there is no watcher.
            let _watchers = events.send(event);
        };
        tell(MarketEvent::Asking(venue));
        let began = clock.now_ms();
        let tag = slot.cell(|cell| cell.etag());
        let deadline = slot.source.deadline();
        let outcome = tokio::select! {
            outcome = slot.source.fetch(tag.as_deref()) => outcome,
            () = clock.sleep(deadline) => Err(SourceError::TooSlow { deadline }),
        };
        let outcome = slot.cell(|cell| cell.settle(outcome, clock.now()));
        tell(match outcome {
            Ok(rows) => MarketEvent::Answered {
                venue,
                offers: u32::try_from(rows).unwrap_or(u32::MAX),
                took: Duration::from_millis(clock.now_ms().saturating_sub(began)),
            },
            Err(reason) => {
                tracing::warn!(%venue, %reason, "a venue did not answer");
                MarketEvent::Failed { venue, reason }
            }
        });
        settled.send_modify(|count| *count += 1);
    }
}
