//! The outside world, as far as Necto needs it: one trait per outside service, in domain terms
//! only.

mod blocks;
mod chain;
mod chain_error;
mod host_probe;
mod interpreter;
mod kept;
mod language_model;
mod listings;
mod market;
mod market_sources;
mod operator;
mod price_check;
mod price_history;
mod price_source;
mod reach;
mod template_source;
mod time;
mod token_feed;

use std::sync::Arc;

pub use blocks::{BlockSource, FollowedBlock, Happening, What};
pub use chain::{
    Authorization, ChainBlock, ChainIdentity, EscrowChain, EscrowOnChain, EscrowStatus, TxOutcome,
};
pub use chain_error::ChainError;
pub use host_probe::{HostProbe, Unmeasured};
pub use interpreter::{
    Allowance, Asked, Interpreter, InterpreterError, Library, OnStep, StepEvent,
};
pub use kept::KeptBalances;
pub use language_model::{
    Job, LanguageModel, ModelError, ModelReply, ModelRequest, OnThought, Tool, ToolCall,
    ToolResult, Turn,
};
pub use listings::{ListedCapacity, ListedProvider, ListedRate, ProviderListings};
pub use market::{
    ComputeMarket, ComputeSpec, Created, Declared, DeploymentState, LeaseState, LeaseStatus,
    Listed, LogStream, MarketError, MarketStatus, ScreenedProvider,
};
pub use market_sources::MarketSources;
pub use operator::{
    Broadcast, GasPrice, Inclusion, Nonces, OperatorAccount, OperatorCall, SignedTransaction,
};
pub use price_check::PriceCheck;
pub use price_history::{PastPrices, PriceHistory};
pub use price_source::{Fetched, Parsed, PriceSource, SourceError};
pub use reach::Reach;
pub use template_source::{SourceFile, SourceTree, TemplateSource, TemplateSourceError};
pub use time::{Clock, Random};
pub use token_feed::{TokenFeed, Word};

/// The outside world.
#[derive(Debug, Clone)]
pub struct Ports {
    /// Akash, through the Console API.
    pub market: Arc<dyn ComputeMarket>,
    /// The escrow contract's chain.
    pub chain: Arc<dyn EscrowChain>,
    /// The balances that buyers keep with that contract.
    pub kept: Arc<dyn KeptBalances>,
    /// The same chain, block by block.
    pub blocks: Arc<dyn BlockSource>,
    /// Interpreter of the buyers' words: a language model, or the built-in rules.
    pub interpreter: Arc<dyn Interpreter>,
    /// The operator's account on that chain.
    pub operator: Arc<dyn OperatorAccount>,
    /// Prober that checks from outside whether deployments answer.
    pub reach: Arc<dyn Reach>,
    /// Source of the time, and of timers.
    pub clock: Arc<dyn Clock>,
    /// Source of unguessable random bytes, for ids and secrets.
    pub random: Arc<dyn Random>,
    /// The venues and feeds of the whole market.
    pub offers: MarketSources,
    /// Repository from which the community's templates are read; `None` if none is configured.
    pub templates: Option<Arc<dyn TemplateSource>>,
}
