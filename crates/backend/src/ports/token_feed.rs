//! A source of token prices.

use async_trait::async_trait;
use domain::offers::tokens::{Token, Vote};

/// A price from one source, in the currency in which the source quotes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Token of the price.
    pub token: Token,
    /// Token in which `vote` is quoted; `None` for dollars.
    pub quoted_in: Option<Token>,
    /// Price in that currency.
    pub vote: Vote,
}

/// One source of token prices.
#[async_trait]
pub trait TokenFeed: Send + Sync + std::fmt::Debug {
    /// Name of the source, as shown next to its price.
    fn name(&self) -> &str;

    /// Returns the prices that it knows, each with the time stated for it.
    ///
    /// # Errors
    /// The reason why it has none, for people.
    async fn votes(&self) -> Result<Vec<Word>, String>;
}
