//! Returns what the market knows that helps to write an SDL.

use domain::journey::MarketWords;
use domain::time::Seconds;

use crate::Backend;
use crate::error::UsecaseError;

/// How long an answer is valid: providers come and go in days, and reading them all is expensive.
const FRESH: Seconds = Seconds(600);

/// Prices and words of the market, at most ten minutes old.
///
/// # Errors
/// [`UsecaseError::Unavailable`] while the market does not answer.
pub async fn market_words(backend: &Backend) -> Result<MarketWords, UsecaseError> {
    let now = backend.ports().clock.now();
    // Held during the request, so that many visitors cause only one.
    let mut kept = backend.words().lock().await;
    if let Some((asked_at, words)) = kept.as_ref()
        && now.since(*asked_at) < FRESH
    {
        return Ok(words.clone());
    }
    let market = backend.ports().market.as_ref();
    let declared = market.declared().await?;
    let words = MarketWords {
        gpu_prices: market.gpu_prices().await?,
        regions: declared.regions,
        storage_classes: declared.storage_classes,
    };
    *kept = Some((now, words.clone()));
    Ok(words)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{FRESH, market_words};
    use crate::fakes::World;
    use crate::ports::{Declared, MarketError};

    #[tokio::test]
    async fn many_visitors_are_one_question_until_the_answer_is_old() {
        let world = World::new().await;
        let regions = vec!["eu-west".to_owned()];
        world.market.script(|script| {
            script.declared = Declared {
                regions: regions.clone(),
                storage_classes: vec!["beta3".to_owned()],
            };
        });
        for _ in 0..3 {
            assert_eq!(market_words(&world.backend).await.unwrap().regions, regions);
        }
        assert_eq!(world.market.count("declared"), 1);
        world.clock.advance(Duration::from_secs(FRESH.0));
        market_words(&world.backend).await.unwrap();
        assert_eq!(world.market.count("declared"), 2);
    }

    #[tokio::test]
    async fn a_market_that_does_not_answer_is_asked_again() {
        let world = World::new().await;
        let down = MarketError::Unavailable("out of order".to_owned());
        world.market.fail("declared", down);
        assert!(market_words(&world.backend).await.is_err());
        assert!(market_words(&world.backend).await.is_ok());
    }
}
