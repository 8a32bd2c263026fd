//! Akash: prices, screening, deployments, bids, leases, logs.

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use domain::akash::{Bid, BidId, Dseq, LeaseId, ProviderAddress, ProviderFacts};
use domain::batch::ClusterNote;
use domain::ids::{Hash32, OrderId};
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
    /// Processing power, in thousandths of a CPU.
    pub cpu: CpuMilli,
    /// Main memory, in bytes.
    pub memory: Bytes,
    /// Disk space, in bytes.
    pub storage: Bytes,
}

/// A provider that could host a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScreenedProvider {
    /// Address of the provider on Akash.
    pub address: ProviderAddress,
    /// Region that the provider declares, as free text; `None` if it declares none.
    pub region: Option<String>,
    /// `true` if an auditor vouches for the provider.
    pub audited: bool,
}

/// Values declared by the providers that answered, each value once, sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Declared {
    /// Regions, as named by an SDL's `location-region`.
    pub regions: Vec<String>,
    /// Classes of persistent storage.
    pub storage_classes: Vec<String>,
}

/// A newly created deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// Number of the deployment on Akash (dseq).
    pub dseq: Dseq,
    /// The manifest as Console generated it.
    pub manifest: String,
}

/// A deployment in the account's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Number of the deployment on Akash (dseq).
    pub dseq: Dseq,
    /// Name that it was created with; `None` if Console keeps none.
    pub name: Option<String>,
    /// State of the deployment: live, over, or unknown.
    pub state: DeploymentState,
    /// Time at which it was created; `None` if Akash does not say.
    pub created_at: Option<UnixSeconds>,
    /// `true` if at least one of its leases is no longer active.
    pub has_ended_lease: bool,
}

impl Listed {
    /// Name of the deployment and the order that it was made for; `None` if it was made for none.
    pub(crate) fn order(&self) -> Option<(String, OrderId)> {
        let name = self.name.clone()?;
        let id: OrderId = name.strip_prefix("necto-")?.parse().ok()?;
        (id.deployment_name() == name).then_some((name, id))
    }
}

/// State of a deployment; states that Akash adds later are kept by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentState {
    /// The deployment is live.
    Active,
    /// The deployment has been closed.
    Closed,
    /// A state that this version does not know.
    Other(String),
}

/// State of a lease; states that Akash adds later are kept by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseState {
    /// The lease runs; if the provider is reclaiming it, only until the end of the notice.
    Active,
    /// The lease has been closed.
    Closed,
    /// The deployment ran out of money on Akash.
    InsufficientFunds,
    /// A state that this version does not know.
    Other(String),
}

/// Akash's report on one lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseStatus {
    /// Id of the lease: the deployment's numbers and the provider.
    pub id: LeaseId,
    /// State of the lease, as given by Akash.
    pub state: LeaseState,
    /// Reason for its end, in Akash's words; `None` if Akash gives none.
    pub reason: Option<String>,
    /// Services that run under it; `None` if the provider could not be queried.
    pub services: Option<Vec<ServiceView>>,
}

/// Akash's report on one deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarketStatus {
    /// State of the deployment: live, over, or unknown.
    pub state: DeploymentState,
    /// SHA-256 of the manifest declared on chain; `None` if it cannot be read.
    pub version: Option<Hash32>,
    /// Leases of the deployment, ended ones included.
    pub leases: Vec<LeaseStatus>,
    /// Amount that the Console account has paid for it so far, in US dollars.
    pub transferred: Usd,
    /// Remainder of the Console account's deposit for it, in US dollars.
    pub funds: Usd,
}

impl MarketStatus {
    /// Returns all services of all leases; `None` if no provider has reported.
    pub(crate) fn services(&self) -> Option<Vec<ServiceView>> {
        let told: Vec<&Vec<ServiceView>> = self
            .leases
            .iter()
            .filter_map(|lease| lease.services.as_ref())
            .collect();
        (!told.is_empty()).then(|| told.into_iter().flatten().cloned().collect())
    }
}

/// Log lines as they arrive: the service and the text.
pub type LogStream = BoxStream<'static, Result<(String, String), MarketError>>;

/// A failed call to Akash, classified by what the caller does next.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MarketError {
    /// The answer was lost, so the call may have taken effect.
    #[error("the answer was lost, the call may have taken effect: {0}")]
    Ambiguous(String),
    /// Too many calls were made.
    #[error("too many calls")]
    RateLimited {
        /// Minimum wait before the next call; `None` if Akash did not say.
        retry_after: Option<Duration>,
    },
    /// The operator's Console account lacks funds or permissions, which a buyer cannot fix.
    #[error("the operator's Console account: {0}")]
    OperatorFunds(String),
    /// The request is wrong and will remain so.
    #[error("{message}")]
    Refused {
        /// Akash's reason for the refusal.
        message: String,
    },
    /// The bid or its order is no longer open.
    #[error("the bid is gone: {0}")]
    BidGone(String),
    /// The lease exists, but the provider has no manifest yet; repeating the call delivers it.
    #[error("the provider did not receive the manifest: {0}")]
    ManifestNotDelivered(String),
    /// There is no such deployment.
    #[error("not found: {0}")]
    NotFound(String),
    /// Akash cannot be reached, is out of order, or is busy; the same call may be repeated.
    #[error("unavailable: {0}")]
    Unavailable(String),
}

/// Akash, through the operator's Console account.
#[async_trait]
pub trait ComputeMarket: Send + Sync + Debug {
    /// Time since when its answers about prices and providers are current: `now`, unless it caches
    /// answers; none of its answers was then requested before the returned time.
    fn answers_since(&self, now: UnixSeconds) -> UnixSeconds {
        now
    }

    /// Returns prices per card and hour, from recent bids.
    async fn gpu_prices(&self) -> Result<Vec<GpuPrice>, MarketError>;

    /// Returns the price of CPU, memory and storage per *month*.
    async fn compute_price(&self, spec: ComputeSpec) -> Result<Usd, MarketError>;

    /// Returns the providers that could host *all* `groups`, in `region` if one is given.
    async fn screen(
        &self,
        groups: &[sdl::GroupSpec],
        region: Option<Region>,
    ) -> Result<Vec<ScreenedProvider>, MarketError>;

    /// Returns facts about providers; unknown providers are left out.
    async fn providers(
        &self,
        addresses: &[ProviderAddress],
    ) -> Result<Vec<(ProviderAddress, ProviderFacts)>, MarketError>;

    /// Returns the address of a provider's own gateway.
    async fn gateway(&self, provider: &ProviderAddress) -> Result<String, MarketError>;

    /// Returns values declared by providers that an SDL can ask for.
    async fn declared(&self) -> Result<Declared, MarketError>;

    /// Creates a deployment. *Not* idempotent: after [`MarketError::Ambiguous`], look for it with
    /// [`ComputeMarket::find`] before calling again.
    async fn create(
        &self,
        sdl: &str,
        name: &str,
        deposit: Usd,
        runtime_limit_hours: Option<u32>,
    ) -> Result<Created, MarketError>;

    /// Lets a deployment live for this many hours from its lease, at most 48 more than before.
    /// Repeating the call changes nothing.
    async fn limit_runtime(&self, dseq: Dseq, hours: u32) -> Result<(), MarketError>;

    /// Returns the live deployment called `name`, created no earlier than `since`, with its
    /// manifest. `sdl` is the text that it was created from: the manifest is derived from it if
    /// Akash no longer has it.
    async fn find(
        &self,
        name: &str,
        sdl: &str,
        since: UnixSeconds,
    ) -> Result<Option<Created>, MarketError>;

    /// Returns all deployments of the account.
    async fn list(&self) -> Result<Vec<Listed>, MarketError>;

    /// Returns the bids on a deployment, without facts about their providers.
    async fn bids(&self, dseq: Dseq) -> Result<Vec<Bid>, MarketError>;

    /// Accepts bids and delivers the manifest; safe to repeat.
    async fn lease(&self, dseq: Dseq, manifest: &str, bids: &[BidId]) -> Result<(), MarketError>;

    /// Declares an SDL for a running deployment and has its providers run it: with the same
    /// resources, otherwise [`MarketError::Refused`]. It is declared first and delivered
    /// afterwards, so a refusal may leave the new [`MarketStatus::version`] behind. An SDL that is
    /// already declared is only delivered again. After [`MarketError::Ambiguous`], check the
    /// version before calling again.
    async fn update(&self, dseq: Dseq, sdl: &str) -> Result<(), MarketError>;

    /// Returns the state of a deployment.
    async fn status(&self, dseq: Dseq) -> Result<MarketStatus, MarketError>;

    /// Returns the spendable balance of the operator's account.
    async fn balance(&self) -> Result<Usd, MarketError>;

    /// Closes a deployment; closing one that is already closed is not an error.
    async fn close(&self, dseq: Dseq) -> Result<(), MarketError>;

    /// Returns about the last hour's events of a lease's containers in the provider's cluster,
    /// oldest first.
    async fn notes(
        &self,
        lease: &LeaseId,
        services: &[String],
    ) -> Result<Vec<ClusterNote>, MarketError>;

    /// Follows the log of a lease, starting with its last lines.
    async fn logs(&self, lease: &LeaseId, services: &[String]) -> Result<LogStream, MarketError>;
}
