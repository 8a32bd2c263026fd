//! The state of one venue: its last good rows, and what has gone wrong since.

use domain::offers::tokens::TokenRates;
use domain::offers::{Listing, Offer, Quarantined, normalize_all};
use domain::route::VenueState;
use domain::time::{Seconds, UnixSeconds};

use super::breaker::Breaker;
use crate::ports::{Fetched, SourceError};

/// With fewer rows than this, a drop in their number does not count as a collapse.
const ROWS_THAT_CAN_COLLAPSE: usize = 5;

/// Percentage of its rows below which a sudden drop counts as a broken answer, not as rows that are
/// gone.
const COLLAPSE_BELOW_PERCENT: usize = 30;

/// Number of consecutive collapsed answers after which the venue is believed to have shrunk.
const COLLAPSES_BELIEVED: u32 = 5;

/// State of one venue.
#[derive(Debug, Default)]
pub(super) struct Cell {
    rows: Option<Rows>,
    etag: Option<String>,
    /// Reason why the last request brought nothing new; `None` after a good answer.
    trouble: Option<String>,
    breaker: Breaker,
    in_flight: bool,
    collapses: u32,
}

#[derive(Debug)]
struct Rows {
    listings: Vec<Listing>,
    unreadable: Vec<Quarantined>,
    at: UnixSeconds,
}

impl Cell {
    /// Returns whether to send a request now; if so, it counts as sent.
    pub(super) fn begin(&mut self, now: UnixSeconds, fresh: Seconds) -> bool {
        let is_fresh = self
            .rows
            .as_ref()
            .is_some_and(|rows| now.since(rows.at) < fresh);
        let begins = !self.in_flight && !is_fresh && self.breaker.allows(now);
        self.in_flight |= begins;
        begins
    }

    /// Whether a caller waits for its first rows.
    pub(super) fn is_awaited(&self) -> bool {
        self.in_flight && self.rows.is_none()
    }

    pub(super) fn etag(&self) -> Option<String> {
        // A tag without rows would yield “not modified” and nothing to show.
        self.etag.clone().filter(|_| self.rows.is_some())
    }

    /// Applies an answer; returns the current number of rows, or why nothing changed.
    pub(super) fn settle(
        &mut self,
        outcome: Result<Fetched, SourceError>,
        now: UnixSeconds,
    ) -> Result<usize, String> {
        self.in_flight = false;
        let outcome = match outcome {
            Ok(Fetched::NotModified) => {
                if let Some(rows) = &mut self.rows {
                    rows.at = now;
                }
                Ok(())
            }
            Ok(Fetched::Rows { parsed, etag }) => {
                let (had, has) = (self.count(), parsed.listings.len());
                let collapsed =
                    had >= ROWS_THAT_CAN_COLLAPSE && has * 100 < had * COLLAPSE_BELOW_PERCENT;
                if collapsed && self.collapses < COLLAPSES_BELIEVED {
                    self.collapses += 1;
                    Err((
                        format!("it had {had} rows and now {has}: not believed yet"),
                        None,
                    ))
                } else {
                    self.collapses = 0;
                    self.etag = etag;
                    self.rows = Some(Rows {
                        listings: parsed.listings,
                        unreadable: parsed.unreadable,
                        at: now,
                    });
                    Ok(())
                }
            }
            Err(error) => {
                let asked_for = match &error {
                    SourceError::RateLimited { retry_after } => *retry_after,
                    SourceError::Status(_)
                    | SourceError::TooSlow { .. }
                    | SourceError::Unreachable(_)
                    | SourceError::Unreadable(_) => None,
                };
                Err((error.to_string(), asked_for))
            }
        };
        match outcome {
            Ok(()) => {
                self.trouble = None;
                self.breaker.succeeded();
                Ok(self.count())
            }
            Err((reason, asked_for)) => {
                self.breaker.failed(now, asked_for);
                self.trouble = Some(reason.clone());
                Err(reason)
            }
        }
    }

    fn count(&self) -> usize {
        self.rows.as_ref().map_or(0, |rows| rows.listings.len())
    }

    /// Rows of the last good answer.
    pub(super) fn listings(&self) -> &[Listing] {
        self.rows.as_ref().map_or(&[], |rows| &rows.listings)
    }

    /// Returns the offers in the last good rows, and the status of the venue. `latency_of` returns
    /// the distance of a row's host, if it was measured.
    pub(super) fn view(
        &self,
        now: UnixSeconds,
        rates: &TokenRates,
        latency_of: &dyn Fn(&Listing) -> Option<u32>,
    ) -> (Vec<Offer>, Vec<Quarantined>, VenueState) {
        let Some(rows) = &self.rows else {
            let reason = match &self.trouble {
                Some(reason) => reason.clone(),
                None if self.in_flight => "it has not answered yet".to_owned(),
                None => "it was not asked yet".to_owned(),
            };
            return (Vec::new(), Vec::new(), VenueState::Missing { reason });
        };
        let mut listings = rows.listings.clone();
        for listing in &mut listings {
            listing.record.latency_ms = latency_of(listing).or(listing.record.latency_ms);
        }
        let (offers, mut quarantined) = normalize_all(listings, rates);
        quarantined.extend(rows.unreadable.iter().cloned());
        let count = u32::try_from(offers.len()).unwrap_or(u32::MAX);
        let age = now.since(rows.at);
        let state = match &self.trouble {
            Some(reason) => VenueState::Stale {
                offers: count,
                age,
                reason: reason.clone(),
            },
            None => VenueState::Answered { offers: count, age },
        };
        (offers, quarantined, state)
    }
}

#[cfg(test)]
mod tests {
    use domain::offers::tokens::TokenRates;
    use domain::offers::{Decimal, ListedPrice, Listing, Venue};
    use domain::route::VenueState;
    use domain::time::{Seconds, UnixSeconds};

    use super::Cell;
    use crate::ports::{Fetched, Parsed, SourceError};

    fn rows(count: usize) -> Result<Fetched, SourceError> {
        let listing = |at: usize| {
            let price = ListedPrice::PerShapeHour(Decimal::whole(2));
            Listing::new(Venue::RunPod, &format!("s{at}"), "H100", price)
        };
        let parsed = Parsed {
            listings: (0..count).map(listing).collect(),
            unreadable: Vec::new(),
        };
        let etag = Some(format!("\"{count}\""));
        Ok(Fetched::Rows { parsed, etag })
    }

    fn shown(cell: &Cell, now: u64) -> (usize, VenueState) {
        let (offers, _, state) = cell.view(UnixSeconds(now), &TokenRates::default(), &|_| None);
        (offers.len(), state)
    }

    #[test]
    fn old_rows_stay_with_their_age_and_the_reason() {
        let mut cell = Cell::default();
        assert_eq!(cell.settle(rows(3), UnixSeconds(100)), Ok(3));
        let failed = cell.settle(Err(SourceError::Status(500)), UnixSeconds(170));
        assert_eq!(failed, Err("it answered with status 500".to_owned()));
        let stale = VenueState::Stale {
            offers: 3,
            age: Seconds(80),
            reason: "it answered with status 500".to_owned(),
        };
        assert_eq!(shown(&cell, 180), (3, stale));
    }

    #[test]
    fn a_collapse_overwrites_nothing_until_it_is_believed() {
        let mut cell = Cell::default();
        assert_eq!(cell.settle(rows(20), UnixSeconds(0)), Ok(20));
        for _ in 0..5 {
            let refused = cell.settle(rows(2), UnixSeconds(1)).unwrap_err();
            assert_eq!(refused, "it had 20 rows and now 2: not believed yet");
            assert_eq!(shown(&cell, 1).0, 20);
        }
        assert_eq!(cell.settle(rows(2), UnixSeconds(2)), Ok(2));
    }

    #[test]
    fn not_modified_makes_the_rows_young_again() {
        let mut cell = Cell::default();
        assert_eq!(cell.etag(), None);
        assert_eq!(cell.settle(rows(3), UnixSeconds(100)), Ok(3));
        assert_eq!(cell.etag().as_deref(), Some("\"3\""));
        assert!(!cell.begin(UnixSeconds(159), Seconds(60)));
        assert!(cell.begin(UnixSeconds(160), Seconds(60)));
        assert!(
            !cell.begin(UnixSeconds(160), Seconds(60)),
            "one question at a time"
        );
        assert_eq!(
            cell.settle(Ok(Fetched::NotModified), UnixSeconds(161)),
            Ok(3)
        );
        let answered = VenueState::Answered {
            offers: 3,
            age: Seconds(4),
        };
        assert_eq!(shown(&cell, 165), (3, answered));
    }
}
