//! Keeps the market current in the background, and its prices across restarts.

use std::time::Duration;

use domain::time::UnixSeconds;
use tokio_util::sync::CancellationToken;

use super::history::KEPT;
use crate::storage::{StorageError, market_samples};
use crate::{Backend, observe};

/// Interval between checks for something to do.
const ROUND: Duration = Duration::from_secs(5);

/// Keeps the market current until `cancelled`. Only reads: nothing outside changes.
pub async fn run_market(backend: Backend, cancelled: CancellationToken) {
    if !backend.market().has_venues() {
        return;
    }
    // So that the first visitor already finds rows.
    backend.market().look();
    if let Err(error) = recall(&backend).await {
        observe::market_samples_failed(&error);
    }
    loop {
        let round = async {
            backend.market().keep_current().await;
            if let Err(error) = note_down(&backend).await {
                observe::market_samples_failed(&error);
            }
            backend.ports().clock.sleep(ROUND).await;
        };
        tokio::select! {
            () = cancelled.cancelled() => return,
            () = round => {}
        }
    }
}

async fn recall(backend: &Backend) -> Result<(), StorageError> {
    let from = a_day_before(backend.ports().clock.now());
    let mut samples = market_samples::since(&mut backend.storage().read().await?, from).await?;
    samples.extend(backend.market().histories().await);
    samples.sort_by_key(|sample| sample.at);
    backend.market().remember(samples);
    Ok(())
}

async fn note_down(backend: &Backend) -> Result<(), StorageError> {
    let now = backend.ports().clock.now();
    if !backend.market().is_sample_due(now) {
        return Ok(());
    }
    let samples = backend.market().sample(now);
    if samples.is_empty() {
        return Ok(());
    }
    let mut transaction = backend.storage().begin_write().await?;
    for sample in &samples {
        market_samples::insert(&mut transaction, sample).await?;
    }
    market_samples::prune(&mut transaction, a_day_before(now)).await?;
    transaction.commit().await?;
    backend.market().remember(samples);
    Ok(())
}

fn a_day_before(now: UnixSeconds) -> UnixSeconds {
    UnixSeconds(now.0.saturating_sub(KEPT.0))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use domain::money::Usd;
    use domain::offers::{Decimal, ListedPrice, Listing, Venue, Volatility};
    use domain::route::AkashRules;

    use super::{note_down, recall};
    use crate::Backend;
    use crate::fakes::World;
    use crate::market::MarketEvent;
    use crate::ports::{Fetched, MarketSources, Parsed, Ports, PriceSource, SourceError};

    /// A venue whose single price rises by a cent with every request.
    #[derive(Debug, Default)]
    struct Rising(AtomicU64);

    #[async_trait]
    impl PriceSource for Rising {
        fn venue(&self) -> Venue {
            Venue::RunPod
        }

        fn deadline(&self) -> Duration {
            Duration::from_secs(1)
        }

        async fn fetch(&self, _known: Option<&str>) -> Result<Fetched, SourceError> {
            let cents = 200 + self.0.fetch_add(1, Ordering::Relaxed);
            let price = ListedPrice::PerShapeHour(Decimal::cents(cents));
            let parsed = Parsed {
                listings: vec![Listing::new(Venue::RunPod, "one", "H100 SXM", price)],
                unreadable: Vec::new(),
            };
            Ok(Fetched::Rows { parsed, etag: None })
        }
    }

    fn watching(world: &World) -> Backend {
        let offers = MarketSources {
            venues: vec![Arc::new(Rising::default())],
            ..MarketSources::default()
        };
        let backend = &world.backend;
        let ports = Ports {
            offers,
            ..backend.ports().clone()
        };
        Backend::new(ports, backend.storage().clone(), backend.settings().clone())
    }

    #[tokio::test]
    async fn what_was_noted_down_survives_a_restart() {
        let world = World::new().await;
        let before = watching(&world);
        let mut events = before.market().events();
        for _ in 0..13 {
            before.market().look();
            while !matches!(events.recv().await, Ok(MarketEvent::Answered { .. })) {}
            note_down(&before).await.unwrap();
            world.clock.advance(Duration::from_secs(300));
        }

        let after = watching(&world);
        recall(&after).await.unwrap();
        after.market().wait(Duration::from_secs(1)).await;
        let board = after.market().board(AkashRules::default());
        let offer = &board.offers[0];
        assert!(
            matches!(offer.volatility, Volatility::Measured { .. }),
            "{:?}",
            offer.volatility
        );
        let day = &board.days[&offer.id];
        assert_eq!(day.first(), Some(&Usd::from_micros(2_000_000)));
        assert!(day.len() >= 12, "{day:?}");
        let fresh = watching(&World::new().await);
        fresh.market().wait(Duration::from_secs(1)).await;
        let offer = &fresh.market().board(AkashRules::default()).offers[0];
        assert_eq!(offer.volatility, Volatility::Collecting { samples: 0 });
    }
}
