//! Terms and prices of the market that help to write an SDL, queried once for many visitors.

use domain::journey::MarketWords;
use domain::time::{Seconds, UnixSeconds};
use tokio::sync::Mutex;

use crate::ports::{ComputeMarket, MarketError};

/// Time for which an answer is valid: providers come and go within days, and reading them all is
/// expensive.
pub(crate) const FRESH: Seconds = Seconds(600);

/// The words of the market from the last query, with its time.
#[derive(Debug, Default)]
pub(crate) struct KnownWords(Mutex<Option<(UnixSeconds, MarketWords)>>);

impl KnownWords {
    /// Returns prices and words of the market, at most ten minutes old.
    pub(crate) async fn read(
        &self,
        market: &dyn ComputeMarket,
        now: UnixSeconds,
    ) -> Result<MarketWords, MarketError> {
        // Locked during the request, so that many visitors cause only one.
        let mut kept = self.0.lock().await;
        if let Some((asked_at, words)) = kept.as_ref()
            && now.since(*asked_at) < FRESH
        {
            return Ok(words.clone());
        }
        let declared = market.declared().await?;
        let words = MarketWords {
            gpu_prices: market.gpu_prices().await?,
            regions: declared.regions,
            storage_classes: declared.storage_classes,
        };
        *kept = Some((now, words.clone()));
        Ok(words)
    }
}
