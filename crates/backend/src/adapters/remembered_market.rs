//! Caches those of Akash's answers that are the same for all callers: each is requested once for
//! all who ask at about the same time.
//!
//! Prices and the search for providers are requested with the operator's key for each draft, and
//! anyone may draft. So one answer serves all callers for [`FRESH_FOR`], and callers that ask while
//! it is being requested wait for it. Queries about a single deployment are not cached.

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::akash::{Bid, BidId, Dseq, LeaseId, ProviderAddress, ProviderFacts};
use domain::batch::ClusterNote;
use domain::money::Usd;
use domain::pricing::GpuPrice;
use domain::requirements::Region;
use domain::time::UnixSeconds;
use sdl::GroupSpec;
use sha2::{Digest as _, Sha256};
use tokio::sync::Mutex;

use crate::ports::{
    Clock, ComputeMarket, ComputeSpec, Created, Declared, Listed, LogStream, MarketError,
    MarketStatus, ScreenedProvider,
};

/// Time for which an answer serves all callers. Pages state the age of what they show.
pub const FRESH_FOR: Duration = Duration::from_secs(20);

/// Time for which a failure is cached: no longer than callers wait before they retry.
const FAILED_FOR: Duration = Duration::from_secs(2);

/// Maximum number of different queries of a kind that are cached.
const MOST_QUESTIONS: usize = 256;

/// A query, identified by the digest of its text: documents may be long.
type Question = [u8; 32];

/// An answer with the time at which it was requested.
#[derive(Debug, Clone)]
struct Answer<T> {
    asked_at_ms: u64,
    said: Result<T, MarketError>,
}

impl<T> Answer<T> {
    fn serves(&self, now_ms: u64) -> bool {
        let lasts = if self.said.is_ok() {
            FRESH_FOR
        } else {
            FAILED_FOR
        };
        // A clock that was set back must not prolong any answer.
        let age = now_ms.checked_sub(self.asked_at_ms);
        age.is_some_and(|age| u128::from(age) < lasts.as_millis())
    }
}

/// One query: the holder of the lock sends the request, and the others wait.
type Asked<T> = Arc<Mutex<Option<Answer<T>>>>;

/// Answers to queries of one kind.
#[derive(Debug)]
struct Answers<T>(std::sync::Mutex<HashMap<Question, Asked<T>>>);

impl<T> Default for Answers<T> {
    fn default() -> Self {
        Self(std::sync::Mutex::default())
    }
}

impl<T: Clone> Answers<T> {
    async fn of(
        &self,
        question: Question,
        clock: &dyn Clock,
        ask: impl Future<Output = Result<T, MarketError>>,
    ) -> Result<T, MarketError> {
        let asked = self.asked(question, clock.now_ms());
        let mut answer = asked.lock().await;
        let now_ms = clock.now_ms();
        if let Some(known) = answer.as_ref().filter(|known| known.serves(now_ms)) {
            return known.said.clone();
        }
        let said = ask.await;
        *answer = Some(Answer {
            asked_at_ms: now_ms,
            said: said.clone(),
        });
        said
    }

    fn asked(&self, question: Question, now_ms: u64) -> Asked<T> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_QUESTIONS && !all.contains_key(&question) {
            all.retain(|_, asked| match asked.try_lock() {
                Ok(answer) => answer.as_ref().is_some_and(|known| known.serves(now_ms)),
                // Callers are waiting for this answer.
                Err(_) => true,
            });
            if all.len() >= MOST_QUESTIONS {
                all.clear();
            }
        }
        Arc::clone(all.entry(question).or_default())
    }

    /// Returns when the oldest answer still in use was requested.
    fn oldest(&self, now_ms: u64) -> Option<u64> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let serving = all.values().filter_map(|asked| {
            let answer = asked.try_lock().ok()?;
            let known = answer.as_ref().filter(|known| known.serves(now_ms))?;
            Some(known.asked_at_ms)
        });
        serving.min()
    }
}

/// A market whose common answers are cached for a short time.
#[derive(Debug)]
pub struct RememberedMarket {
    market: Arc<dyn ComputeMarket>,
    clock: Arc<dyn Clock>,
    gpu_prices: Answers<Vec<GpuPrice>>,
    compute_prices: Answers<Usd>,
    screened: Answers<Vec<ScreenedProvider>>,
    declared: Answers<Declared>,
}

impl RememberedMarket {
    /// Wraps `market`, using this clock.
    #[must_use]
    pub fn new(market: Arc<dyn ComputeMarket>, clock: Arc<dyn Clock>) -> Self {
        Self {
            market,
            clock,
            gpu_prices: Answers::default(),
            compute_prices: Answers::default(),
            screened: Answers::default(),
            declared: Answers::default(),
        }
    }
}

fn question(of: &impl Debug) -> Question {
    Sha256::digest(format!("{of:?}").as_bytes()).into()
}

#[async_trait]
impl ComputeMarket for RememberedMarket {
    fn answers_since(&self, now: UnixSeconds) -> UnixSeconds {
        let now_ms = self.clock.now_ms();
        let oldest = [
            self.gpu_prices.oldest(now_ms),
            self.compute_prices.oldest(now_ms),
            self.screened.oldest(now_ms),
        ];
        let oldest = oldest.into_iter().flatten().min();
        oldest.map_or(now, |ms| UnixSeconds(ms / 1000).min(now))
    }

    async fn gpu_prices(&self) -> Result<Vec<GpuPrice>, MarketError> {
        let ask = self.market.gpu_prices();
        let answers = &self.gpu_prices;
        answers.of(question(&()), self.clock.as_ref(), ask).await
    }

    async fn compute_price(&self, spec: ComputeSpec) -> Result<Usd, MarketError> {
        let ask = self.market.compute_price(spec);
        let answers = &self.compute_prices;
        answers.of(question(&spec), self.clock.as_ref(), ask).await
    }

    async fn screen(
        &self,
        groups: &[GroupSpec],
        region: Option<Region>,
    ) -> Result<Vec<ScreenedProvider>, MarketError> {
        let ask = self.market.screen(groups, region);
        let asked = question(&(groups, region));
        self.screened.of(asked, self.clock.as_ref(), ask).await
    }

    async fn providers(
        &self,
        addresses: &[ProviderAddress],
    ) -> Result<Vec<(ProviderAddress, ProviderFacts)>, MarketError> {
        self.market.providers(addresses).await
    }

    async fn gateway(&self, provider: &ProviderAddress) -> Result<String, MarketError> {
        self.market.gateway(provider).await
    }

    async fn declared(&self) -> Result<Declared, MarketError> {
        let ask = self.market.declared();
        let answers = &self.declared;
        answers.of(question(&()), self.clock.as_ref(), ask).await
    }

    async fn create(
        &self,
        sdl: &str,
        name: &str,
        deposit: Usd,
        runtime_limit_hours: Option<u32>,
    ) -> Result<Created, MarketError> {
        let market = &self.market;
        market.create(sdl, name, deposit, runtime_limit_hours).await
    }

    async fn limit_runtime(&self, dseq: Dseq, hours: u32) -> Result<(), MarketError> {
        self.market.limit_runtime(dseq, hours).await
    }

    async fn find(
        &self,
        name: &str,
        sdl: &str,
        since: UnixSeconds,
    ) -> Result<Option<Created>, MarketError> {
        self.market.find(name, sdl, since).await
    }

    async fn list(&self) -> Result<Vec<Listed>, MarketError> {
        self.market.list().await
    }

    async fn bids(&self, dseq: Dseq) -> Result<Vec<Bid>, MarketError> {
        self.market.bids(dseq).await
    }

    async fn lease(&self, dseq: Dseq, manifest: &str, bids: &[BidId]) -> Result<(), MarketError> {
        self.market.lease(dseq, manifest, bids).await
    }

    async fn update(&self, dseq: Dseq, sdl: &str) -> Result<(), MarketError> {
        self.market.update(dseq, sdl).await
    }

    async fn status(&self, dseq: Dseq) -> Result<MarketStatus, MarketError> {
        self.market.status(dseq).await
    }

    async fn balance(&self) -> Result<Usd, MarketError> {
        self.market.balance().await
    }

    async fn close(&self, dseq: Dseq) -> Result<(), MarketError> {
        self.market.close(dseq).await
    }

    async fn notes(
        &self,
        lease: &LeaseId,
        services: &[String],
    ) -> Result<Vec<ClusterNote>, MarketError> {
        self.market.notes(lease, services).await
    }

    async fn logs(&self, lease: &LeaseId, services: &[String]) -> Result<LogStream, MarketError> {
        self.market.logs(lease, services).await
    }
}

#[cfg(test)]
mod tests;
