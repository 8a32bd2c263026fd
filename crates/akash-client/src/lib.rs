//! Client of the Akash Console API and of the provider gateways behind its provider proxy.
//!
//! It only speaks the wire format: it creates, lists, leases and closes deployments, reads bids,
//! market data and balances, and follows a lease's logs and events. It keeps no state, never
//! retries on its own and decides nothing: the [`Error`] it returns says whether a failed call may
//! be repeated, and acting on that is up to the caller.
//!
//! The ids of deployments, bids, leases and providers are those of [`domain::akash`]; deposits are
//! [`domain::money::Usd`].
//!
//! Every response type is tolerant: unknown fields are ignored, unknown states are kept as text,
//! and fields that the service is known to omit or set to null have a default. To add an endpoint,
//! write its types next to its method in the module named after its subject, and pass the right
//! [`Effect`].
//!
//! All deployments of one API key belong to one Console account; distinguishing buyers is not done
//! here.

mod account;
mod amount;
mod bids;
mod config;
mod deployments;
mod error;
mod lease_creation;
mod leases;
mod market;
mod pace;
mod provider_access;
mod provider_streams;
mod providers;
mod screening;
mod tolerant;
mod transport;

pub use account::{Balances, User, Wallet};
pub use amount::{Coin, DecimalText};
pub use bids::{
    Bid, BidState, BidWithEscrow, QuantityWithAttributes, ResourceUnits, ResourcesOffer,
    StorageUnits, UnitsWithAttributes, Val,
};
pub use config::{Config, Timeouts};
pub use deployments::{
    ConsoleSettings, CreatedDeployment, Deployment, DeploymentId, DeploymentPage, DeploymentRecord,
    DeploymentState, EscrowAccount, EscrowDeposit, EscrowId, EscrowMoney, EscrowState,
    NewDeployment, SignedTransaction,
};
pub use error::{Effect, Error};
pub use leases::{
    ForwardedPort, Lease, LeaseState, LeaseStatus, LeasedIp, Reclamation, ServiceStatus,
};
pub use market::{
    Availability, GpuModel, GpuPrice, GpuPrices, GpuVendor, HourlyUsd, MonthlyUsd, PricedSpec,
};
pub use pace::Pace;
pub use provider_access::{AccessScope, ProviderToken};
pub use provider_streams::{
    EventFrame, EventObject, LogFrame, StreamEnd, StreamMode, StreamRequest, service_of_pod,
};
pub use providers::{
    Pools, Provider, ProviderAttribute, ProviderGpu, ProviderStats, StoragePools, UptimeCheck,
};
pub use screening::{
    Incident, ScreenedProvider, Screening, ScreeningAttribute, ScreeningPrice, ScreeningRequest,
    ScreeningRequirements, ScreeningResource, SignedBy,
};
pub use transport::Client;
