//! Returns the terms and prices of the market that help to write an SDL.

use domain::journey::MarketWords;

use crate::Backend;
use crate::error::UsecaseError;

/// Returns prices and words of the market, at most ten minutes old.
///
/// # Errors
/// [`UsecaseError::Unavailable`] while the market does not answer.
pub async fn market_words(backend: &Backend) -> Result<MarketWords, UsecaseError> {
    let ports = backend.ports();
    let words = backend.words();
    Ok(words.read(ports.market.as_ref(), ports.clock.now()).await?)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::market_words;
    use crate::fakes::World;
    use crate::market::words::FRESH;
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
