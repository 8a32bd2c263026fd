//! The state of the market, kept current: venues, token prices, their verification on chains, and
//! the last day.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use domain::market::{CheckLine, CheckStatus, MarketBoard, TokenLine};
use domain::money::Usd;
use domain::offers::Venue;
use domain::offers::tokens::{AgeLimits, Token, TokenPrice};
use domain::offers::verification::{Verification, of_price};
use domain::route::{AkashRules, Market, VenueState};
use domain::time::{Seconds, UnixSeconds};
use tokio::sync::broadcast;

use super::history::History;
use super::latency::Latencies;
use super::tokens::{TokenBoard, TokenPrices};
use super::venues::{LiveMarket, MarketEvent};
use crate::ports::{Clock, HostProbe, MarketSources, PastPrices, PriceCheck, PriceHistory};

/// Time for which the market is kept current after it was last viewed.
const KEPT_CURRENT: Seconds = Seconds::minutes(10);

/// Interval at which prices are recorded.
pub(crate) const SAMPLE_EVERY: Seconds = Seconds::minutes(5);

/// Time for which a comparison with a chain is valid.
const CHECK_EVERY: Seconds = Seconds(60);

/// Source name under which token prices are recorded.
pub(crate) const TOKENS: &str = "tokens";

/// The market as this process knows it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct MarketWatch(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    live: LiveMarket,
    tokens: TokenPrices,
    checks: Vec<Arc<dyn PriceCheck>>,
    histories: Vec<Arc<dyn PriceHistory>>,
    probe: Option<Arc<dyn HostProbe>>,
    clock: Arc<dyn Clock>,
    has_venues: bool,
    known: Mutex<Known>,
    looked_at: AtomicU64,
}

#[derive(Debug, Default)]
struct Known {
    board: TokenBoard,
    checked_at: UnixSeconds,
    checks: BTreeMap<Token, Verification>,
    history: History,
    sampled_at: UnixSeconds,
    latencies: Latencies,
}

impl MarketWatch {
    /// Makes a watch over these sources. Sends no request yet.
    pub(crate) fn new(sources: MarketSources, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Parts {
            has_venues: !sources.venues.is_empty(),
            live: LiveMarket::new(sources.venues, Arc::clone(&clock)),
            tokens: TokenPrices::new(sources.feeds, Arc::clone(&clock)),
            checks: sources.checks,
            histories: sources.histories,
            probe: sources.probe,
            clock,
            known: Mutex::new(Known::default()),
            looked_at: AtomicU64::new(0),
        }))
    }

    /// Whether there is any venue to watch.
    pub(crate) fn has_venues(&self) -> bool {
        self.0.has_venues
    }

    /// Subscribes to the venues' events from now on.
    pub(crate) fn events(&self) -> broadcast::Receiver<MarketEvent> {
        self.0.live.events()
    }

    /// Records that the market is being viewed, and requests stale rows again.
    pub(crate) fn look(&self) {
        self.0
            .looked_at
            .store(self.0.clock.now().0, Ordering::Relaxed);
        self.0.live.refresh();
    }

    /// Waits until every venue without rows has answered or failed, for at most `patience`.
    pub(crate) async fn wait(&self, patience: Duration) {
        self.look();
        self.0.live.wait(patience).await;
    }

    /// Returns the market as it is known now, with the volatility of each price.
    pub(crate) fn snapshot(&self) -> Market {
        let now = self.0.clock.now();
        self.known(|known| {
            let mut market = self.0.live.snapshot_from(
                &known.board.rates(now, AgeLimits::default()),
                &known.latencies.known(now),
            );
            for offer in &mut market.offers {
                offer.volatility = known.history.volatility(&offer.id);
            }
            market.token_prices.clone_from(&known.board.prices);
            market
        })
    }

    /// Returns the market in the form for pages.
    pub(crate) fn board(&self, akash_rules: AkashRules) -> MarketBoard {
        let market = self.snapshot();
        self.known(|known| MarketBoard {
            now: self.0.clock.now(),
            days: market
                .offers
                .iter()
                .filter_map(|offer| Some((offer.id.clone(), known.history.day(&offer.id)?)))
                .collect(),
            tokens: market
                .token_prices
                .iter()
                .map(|price| line(price, known, self.0.clock.now()))
                .collect(),
            whole: u32::try_from(market.offers.len()).unwrap_or(u32::MAX),
            silent_feeds: known.board.missing.clone(),
            akash_rules,
            offers: market.offers,
            quarantined: market.quarantined,
            venues: market.venues,
        })
    }

    /// Does one round of keeping current: queries whatever is due. While nobody views the market,
    /// that is only as often as prices are recorded.
    pub(crate) async fn keep_current(&self) {
        let now = self.0.clock.now();
        let looked_at = UnixSeconds(self.0.looked_at.load(Ordering::Relaxed));
        if now.since(looked_at) > KEPT_CURRENT && !self.is_sample_due(now) {
            return;
        }
        self.0.live.refresh();
        let board = self.0.tokens.board().await;
        let checked_at = self.known(|known| {
            known.board = board.clone();
            known.checked_at
        });
        self.probe_hosts(now).await;
        if now.since(checked_at) >= CHECK_EVERY {
            let checks = self.check(&board, now).await;
            self.known(|known| {
                known.checks = checks;
                known.checked_at = now;
            });
        }
    }

    /// Measures the distances of hosts that are due.
    async fn probe_hosts(&self, now: UnixSeconds) {
        let Some(probe) = &self.0.probe else {
            return;
        };
        let hosts = self.0.live.hosts();
        let due = self.known(|known| known.latencies.due(&hosts, now));
        let asked = due
            .iter()
            .map(|host| async move { (host, probe.round_trip(host).await) });
        for (host, outcome) in futures::future::join_all(asked).await {
            if let Err(reason) = outcome {
                tracing::debug!(host, %reason, "a host's distance is not known");
            }
            self.known(|known| known.latencies.note(host, outcome, now));
        }
    }

    async fn check(&self, board: &TokenBoard, now: UnixSeconds) -> BTreeMap<Token, Verification> {
        let questions = self.0.checks.iter().filter_map(|check| {
            let price = board
                .prices
                .iter()
                .find(|price| price.token == check.token())?;
            Some(async move { (price.token, check.check(price.usd, now).await) })
        });
        let mut checks = BTreeMap::new();
        for (token, verification) in futures::future::join_all(questions).await {
            checks.entry(token).or_insert(verification);
        }
        checks
    }

    /// Returns the venues' own records of their prices in the last day. Venues without such records
    /// are left out.
    pub(crate) async fn histories(&self) -> Vec<PastPrices> {
        let now = self.0.clock.now();
        let asked = self.0.histories.iter().map(|history| history.day(now));
        let mut past = Vec::new();
        for answer in futures::future::join_all(asked).await {
            match answer {
                Ok(day) => past.extend(day),
                Err(reason) => tracing::warn!(reason, "a venue's history is missing"),
            }
        }
        past
    }

    pub(crate) fn is_sample_due(&self, now: UnixSeconds) -> bool {
        self.known(|known| now.since(known.sampled_at) >= SAMPLE_EVERY)
    }

    /// Returns the prices to record now: from fresh rows only, so that a silent venue does not look
    /// like one with stable prices.
    pub(crate) fn sample(&self, now: UnixSeconds) -> Vec<PastPrices> {
        let market = self.snapshot();
        // Processes that share a database record at the same times.
        let at = UnixSeconds(now.0 - now.0 % SAMPLE_EVERY.0);
        let is_fresh = |venue: Venue| {
            market.venues.iter().any(|report| {
                let fresh =
                    matches!(report.state, VenueState::Answered { age, .. } if age < SAMPLE_EVERY);
                report.venue == venue && fresh
            })
        };
        let mut by_source: BTreeMap<String, BTreeMap<String, Usd>> = BTreeMap::new();
        for offer in market.offers.iter().filter(|offer| is_fresh(offer.venue)) {
            let prices = by_source.entry(offer.venue.id().to_owned()).or_default();
            prices.insert(offer.id.clone(), offer.usd_per_gpu_hour);
        }
        for price in &market.token_prices {
            if let Some(usd) = price
                .usd
                .to_usd()
                .filter(|_| price.is_usable(now, AgeLimits::default()))
            {
                let prices = by_source.entry(TOKENS.to_owned()).or_default();
                prices.insert(price.token.symbol().to_owned(), usd);
            }
        }
        let samples =
            by_source
                .into_iter()
                .map(|(source, prices)| PastPrices { source, at, prices });
        let samples: Vec<PastPrices> = samples.collect();
        if !samples.is_empty() {
            self.known(|known| known.sampled_at = at);
        }
        samples
    }

    /// Adds samples, new ones or those from an earlier run, oldest first.
    pub(crate) fn remember(&self, samples: Vec<PastPrices>) {
        self.known(|known| {
            for sample in samples {
                known.sampled_at = known.sampled_at.max(sample.at);
                known.history.add(sample.at, sample.prices);
            }
        });
    }

    /// The state is replaced field by field, so it is valid even after a panic.
    fn known<T>(&self, act: impl FnOnce(&mut Known) -> T) -> T {
        act(&mut self.0.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn line(price: &TokenPrice, known: &Known, now: UnixSeconds) -> TokenLine {
    let check = of_price(price, &known.checks);
    let refusal = price.settlement_refusal(&check, now, AgeLimits::default());
    let symbol = price.token.symbol();
    let votes = price.votes.iter();
    TokenLine {
        symbol: symbol.to_owned(),
        usd: price.usd.to_string(),
        at: price.at,
        standing: price.standing,
        spread_bps: price.spread_bps,
        votes: votes
            .map(|(vote, verdict)| format!("{}: ${}, {verdict}", vote.source, vote.usd))
            .collect(),
        check: check_line(&check),
        unfit: refusal.map(|refusal| refusal.to_string()),
        // The current price belongs to the last day as well, and may not be recorded yet.
        range: known.history.range(symbol).map(|(low, high)| {
            let now = price.usd.to_usd().unwrap_or(low);
            (low.min(now).to_string(), high.max(now).to_string())
        }),
        volatility: known.history.volatility(symbol),
    }
}

fn check_line(verification: &Verification) -> CheckLine {
    CheckLine {
        status: match verification {
            Verification::Verified(_) => CheckStatus::Verified,
            Verification::QuoteLegVerified(_) => CheckStatus::QuoteLegVerified,
            Verification::Unverified { .. } => CheckStatus::Unverified,
            Verification::Mismatch(_) => CheckStatus::Mismatch,
        },
        text: verification.to_string(),
    }
}
