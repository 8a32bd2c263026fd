//! Akash: prices, screening, deployments, bids, leases, logs.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use domain::akash::{Bid, BidId, Dseq, LeaseId, ProviderAddress, ProviderFacts};
use domain::batch::ClusterNote;
use domain::ids::Hash32;
use domain::journey::ServiceView;
use domain::money::Usd;
use domain::pricing::GpuPrice;
use domain::requirements::Region;
use domain::resources::{Bytes, CpuMilli};
use domain::time::UnixSeconds;
use futures::stream::BoxStream;
use thiserror::Error;

/// Resources priced together, for all copies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ComputeSpec {
    /// CPU.
    pub cpu: CpuMilli,
    /// Memory.
    pub memory: Bytes,
    /// Storage.
    pub storage: Bytes,
}

/// A provider that could host a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenedProvider {
    /// Who.
    pub address: ProviderAddress,
    /// The region it declares.
    pub region: Option<String>,
    /// Whether an auditor vouches for it.
    pub audited: bool,
}

/// What the providers that answer declare, each value once and in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declared {
    /// Their regions, as an SDL's `location-region` names them.
    pub regions: Vec<String>,
    /// Their classes of persistent storage.
    pub storage_classes: Vec<String>,
}

/// A deployment that was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Its number.
    pub dseq: Dseq,
    /// The manifest as Console made it.
    pub manifest: String,
}

/// A deployment in the account's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its number.
    pub dseq: Dseq,
    /// The name it was created with.
    pub name: Option<String>,
    /// Whether it is live.
    pub state: DeploymentState,
    /// When it was created, where Akash says so.
    pub created_at: Option<UnixSeconds>,
    /// Whether one of its leases is over.
    pub has_ended_lease: bool,
}

/// Whether a deployment is live; what Akash adds later is kept by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentState {
    /// Live.
    Active,
    /// Over.
    Closed,
    /// A state this version does not know.
    Other(String),
}

/// A lease's state; what Akash adds later is kept by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseState {
    /// Runs.
    Active,
    /// Over.
    Closed,
    /// The deployment ran out of money on Akash.
    InsufficientFunds,
    /// A state this version does not know.
    Other(String),
}

/// What Akash says of one lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseStatus {
    /// Which.
    pub id: LeaseId,
    /// Its state.
    pub state: LeaseState,
    /// Why it ended, where Akash says so.
    pub reason: Option<String>,
    /// What runs; `None` when the provider could not be asked.
    pub services: Option<Vec<ServiceView>>,
}

/// What Akash says of one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketStatus {
    /// Whether it is live.
    pub state: DeploymentState,
    /// The SHA-256 of the manifest that is declared on chain; `None` where it cannot be read.
    pub version: Option<Hash32>,
    /// Its leases.
    pub leases: Vec<LeaseStatus>,
    /// What the Console account has paid for it so far.
    pub transferred: Usd,
    /// What is left of what the Console account put in.
    pub funds: Usd,
}

/// Log lines as they come: the service and the text.
pub type LogStream = BoxStream<'static, Result<(String, String), MarketError>>;

/// A call to Akash that failed, by what the caller does next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MarketError {
    /// The answer was lost: the call may have taken effect.
    #[error("the answer was lost, the call may have taken effect: {0}")]
    Ambiguous(String),
    /// Too many calls.
    #[error("too many calls")]
    RateLimited {
        /// How long to wait at least, where Akash said so.
        retry_after: Option<Duration>,
    },
    /// The operator's Console account lacks funds or rights: nothing a buyer can mend.
    #[error("the operator's Console account: {0}")]
    OperatorFunds(String),
    /// The request is wrong and will stay wrong.
    #[error("{message}")]
    Refused {
        /// Akash's words.
        message: String,
    },
    /// The bid or its order is no longer open.
    #[error("the bid is gone: {0}")]
    BidGone(String),
    /// The lease exists, but the provider has no manifest yet; the same call delivers it.
    #[error("the provider did not receive the manifest: {0}")]
    ManifestNotDelivered(String),
    /// No such deployment.
    #[error("not found: {0}")]
    NotFound(String),
    /// Cannot be reached, out of order, or busy; the same call may be repeated.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// Akash, through the operator's Console account.
#[async_trait]
pub trait ComputeMarket: Send + Sync + Debug {
    /// Since when what it says of prices and providers is so: `now`, unless it remembers answers; then
    /// no answer that it gives was asked for before that.
    fn answers_since(&self, now: UnixSeconds) -> UnixSeconds {
        now
    }

    /// Prices per card and hour, from recent bids.
    async fn gpu_prices(&self) -> Result<Vec<GpuPrice>, MarketError>;

    /// What CPU, memory and storage cost per *month*.
    async fn compute_price(&self, spec: ComputeSpec) -> Result<Usd, MarketError>;

    /// Which providers could host *all* `groups`, in `region` where one is asked for.
    async fn screen(
        &self,
        groups: &[sdl::GroupSpec],
        region: Option<Region>,
    ) -> Result<Vec<ScreenedProvider>, MarketError>;

    /// What is known of providers; unknown ones are left out.
    async fn providers(
        &self,
        addresses: &[ProviderAddress],
    ) -> Result<Vec<(ProviderAddress, ProviderFacts)>, MarketError>;

    /// Where a provider's own gateway is.
    async fn gateway(&self, provider: &ProviderAddress) -> Result<String, MarketError>;

    /// What providers declare and an SDL can ask for.
    async fn declared(&self) -> Result<Declared, MarketError>;

    /// Creates a deployment. *Not* idempotent: after [`MarketError::Ambiguous`] look for it with
    /// [`ComputeMarket::find`] before calling again.
    async fn create(
        &self,
        sdl: &str,
        name: &str,
        deposit: Usd,
        runtime_limit_hours: Option<u32>,
    ) -> Result<Created, MarketError>;

    /// Lets a deployment live for so many hours from its lease, at most 48 more than before. Asked
    /// again, it changes nothing.
    async fn limit_runtime(&self, dseq: Dseq, hours: u32) -> Result<(), MarketError>;

    /// The live deployment called `name`, created no earlier than `since`, with its manifest.
    /// `sdl` is what it was created from: the manifest is derived from it where Akash no longer
    /// has it.
    async fn find(
        &self,
        name: &str,
        sdl: &str,
        since: UnixSeconds,
    ) -> Result<Option<Created>, MarketError>;

    /// All deployments of the account.
    async fn list(&self) -> Result<Vec<Listed>, MarketError>;

    /// The bids on a deployment. Facts of the providers are left unknown.
    async fn bids(&self, dseq: Dseq) -> Result<Vec<Bid>, MarketError>;

    /// Takes bids and delivers the manifest; safe to repeat.
    async fn lease(&self, dseq: Dseq, manifest: &str, bids: &[BidId]) -> Result<(), MarketError>;

    /// Declares what an SDL makes of a running deployment, and has its providers run it: the same
    /// resources, otherwise [`MarketError::Refused`]. Declared first and handed over then, so a
    /// refusal may leave the new [`MarketStatus::version`] behind. What is declared already is only
    /// handed over again. After [`MarketError::Ambiguous`] look at the version before calling again.
    async fn update(&self, dseq: Dseq, sdl: &str) -> Result<(), MarketError>;

    /// How a deployment is.
    async fn status(&self, dseq: Dseq) -> Result<MarketStatus, MarketError>;

    /// What the operator's account can still spend.
    async fn balance(&self) -> Result<Usd, MarketError>;

    /// Closes a deployment; one that is closed already is a success.
    async fn close(&self, dseq: Dseq) -> Result<(), MarketError>;

    /// What the provider's cluster told of a lease's containers in about the last hour, oldest first.
    async fn notes(
        &self,
        lease: &LeaseId,
        services: &[String],
    ) -> Result<Vec<ClusterNote>, MarketError>;

    /// Follows the log of a lease, beginning with its last lines.
    async fn logs(&self, lease: &LeaseId, services: &[String]) -> Result<LogStream, MarketError>;
}
