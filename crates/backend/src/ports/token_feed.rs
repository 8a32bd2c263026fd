//! A source of token prices.

use async_trait::async_trait;
use domain::offers::tokens::{Token, Vote};

/// One source's price, in the currency in which the source quotes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Token of the price.
    pub token: Token,
    /// Token in which `vote` is quoted; `None` for dollars.
    pub quoted_in: Option<Token>,
    /// The price, in that currency.
    pub vote: Vote,
}

/// One source of token prices.
#[async_trait]
pub trait TokenFeed: Send + Sync + std::fmt::Debug {
    /// Its name, as shown next to its price.
    fn name(&self) -> &str;

    /// The prices that it knows, each with the time it states.
    ///
    /// # Errors
    /// Why it has none, for people.
    async fn votes(&self) -> Result<Vec<Word>, String>;
}
