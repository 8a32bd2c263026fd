//! Faults that a test can request, and the targets that they strike.
//!
//! A fault is named in the `X-Sim-Fault` header of a request, armed through `/__sim/scenario` (with
//! a venue's name, for that venue), or carried by a deployment itself: in the environment variable
//! `SIM_SCENARIO` of one of its services, or in a name that begins with `sim:` (several are
//! separated by commas).

use serde::{Deserialize, Serialize};

/// Purpose of a request; faults of requests name the one that they strike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    /// Creates a deployment.
    Create,
    /// Reads one deployment.
    Read,
    /// Lists deployments.
    List,
    /// Closes a deployment.
    Close,
    /// Updates a deployment.
    Update,
    /// Adds money to an escrow.
    Deposit,
    /// Reads bids.
    Bids,
    /// Creates leases or delivers a manifest.
    Lease,
    /// Obtains a provider token.
    Token,
    /// Reads market data.
    Market,
    /// Screens bids.
    Screening,
    /// Queries a provider through the proxy.
    Provider,
    /// Any other request.
    Other,
}

/// Defines the faults, each with its name and scope.
macro_rules! faults {
    ($($(#[$meta:meta])* $fault:ident = $scope:expr),+ $(,)?) => {
        /// A fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub(crate) enum Fault {
            $($(#[$meta])* $fault),+
        }

        impl Fault {
            /// All faults.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$fault),+];

            /// Scope of the fault.
            pub(crate) fn scope(self) -> Scope {
                match self {
                    $(Self::$fault => $scope),+
                }
            }
        }
    };
}

/// The kind of target that a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// A request; by default only for this operation, for any if `None`.
    Request(Option<Operation>),
    /// A deployment, for as long as it lives.
    Deployment,
    /// The whole world, until it is cleared.
    World,
}

use Operation::{Create, Lease, Update};
const ANY: Scope = Scope::Request(None);
const ON_CREATE: Scope = Scope::Request(Some(Create));
const ON_LEASE: Scope = Scope::Request(Some(Lease));
const ON_UPDATE: Scope = Scope::Request(Some(Update));
const DEPLOYMENT: Scope = Scope::Deployment;

faults! {
    /// 401, as for a wrong key.
    Unauthorized = ANY,
    /// 429 with `Retry-After: 7`.
    RateLimited = ANY,
    /// 403 with a page of HTML and `cf-mitigated: challenge`.
    Cloudflare = ANY,
    /// 500 with the Console's own error body.
    ServerError = ANY,
    /// 502 with `database_timeout`.
    DatabaseTimeout = ANY,
    /// 503 with the Console's own error body.
    Unavailable = ANY,
    /// 502 with a page of HTML.
    Html = ANY,
    /// 200 with a page of HTML.
    Maintenance = ANY,
    /// 200 with a body that is not JSON.
    Garbage = ANY,
    /// The body breaks off in the middle.
    BrokenBody = ANY,
    /// The call takes effect, and then the connection breaks without an answer.
    LandedThenLost = ON_CREATE,
    /// The call takes effect, and its answer takes longer than any client waits.
    LandedThenSilent = ON_CREATE,
    /// The call takes effect, but is answered with 500, as for a transaction that the chain already
    /// has: the Console hides the reason.
    LandedThenError = ON_CREATE,
    /// The connection breaks before anything happens.
    Lost = ANY,
    /// Nothing happens, and no answer arrives.
    Silent = ANY,
    /// A venue's prices are negative.
    NegativePrices = ANY,
    /// The body arrives slowly, one byte at a time.
    Slow = ANY,
    /// The body continues for 64 MiB.
    Huge = ANY,
    /// 302 to the metadata service, from which cloud machines read their secrets.
    Elsewhere = ANY,
    /// 402: the account lacks the deposit.
    OperatorFunds = ON_CREATE,
    /// 402: a top-up is pending.
    OperatorTopUp = ON_CREATE,
    /// 402: there is no money for the fee.
    OperatorFees = ON_CREATE,
    /// 409: the wallet is being set up.
    WalletProvisioning = ON_CREATE,
    /// 400: the SDL is invalid.
    InvalidSdl = ON_CREATE,
    /// 400: the deposit is missing.
    DepositRequired = ON_CREATE,
    /// 400: the bid has just closed.
    BidNotOpen = ON_LEASE,
    /// 400: the order is matched or closed.
    OrderNotOpen = ON_LEASE,
    /// 503: the provider cannot be reached.
    ProviderUnavailable = ON_LEASE,
    /// The lease is created, then 404: the provider has not seen it yet.
    ManifestNoLease = ON_LEASE,
    /// The lease is created, then 422: the manifest is not the deployment's.
    ManifestVersion = ON_LEASE,
    /// The lease is created, then 422 with the code `manifest_not_delivered`.
    ManifestNotDelivered = ON_LEASE,
    /// The update is declared on chain, then 422: the provider refuses its manifest.
    UpdateTurnedDown = ON_UPDATE,

    /// No provider bids.
    NoBids = DEPLOYMENT,
    /// The first bid arrives after 90 seconds.
    LateBids = DEPLOYMENT,
    /// All bids are five times the usual price, as far as the limit allows.
    DearBids = DEPLOYMENT,
    /// Bids are withdrawn after 20 seconds.
    BidsExpire = DEPLOYMENT,
    /// The bid is withdrawn just as it is accepted.
    BidClosesBeforeLease = DEPLOYMENT,
    /// All bids cost the same.
    PriceTie = DEPLOYMENT,
    /// More than twenty providers bid.
    ManyBids = DEPLOYMENT,
    /// The provider never reports.
    StatusNull = DEPLOYMENT,
    /// The service runs, but no address is reported.
    UrisNull = DEPLOYMENT,
    /// The container finishes its work successfully, but the cluster restarts it.
    Completes = DEPLOYMENT,
    /// The container starts and crashes, over and over.
    CrashLoop = DEPLOYMENT,
    /// The image cannot be pulled.
    ImagePullBackOff = DEPLOYMENT,
    /// The container is killed for using too much memory, over and over.
    OomKilled = DEPLOYMENT,
    /// One replica of each service runs; the others do not.
    PartialReplicas = DEPLOYMENT,
    /// Starting takes four additional minutes.
    SlowStart = DEPLOYMENT,
    /// The provider closes the lease after one minute: unstable.
    ClosedUnstable = DEPLOYMENT,
    /// The provider closes the lease after one minute: taken out of service.
    ClosedDecommission = DEPLOYMENT,
    /// The provider closes the lease after one minute, without a reason.
    ClosedUnspecified = DEPLOYMENT,
    /// The owner closes it after one minute, with another client.
    ClosedElsewhere = DEPLOYMENT,
    /// The provider announces after one minute that it is reclaiming the resources.
    Reclaiming = DEPLOYMENT,
    /// After one minute the escrow is empty.
    InsufficientFunds = DEPLOYMENT,
    /// The provider stops the workload only three minutes after the lease has ended.
    RunsOn = DEPLOYMENT,
    /// The stream breaks after some frames, without a close frame.
    StreamBroken = DEPLOYMENT,
    /// The stream closes with 4000.
    StreamNoPods = DEPLOYMENT,
    /// The stream closes with 4001.
    StreamNoLease = DEPLOYMENT,
    /// The stream closes with 4002.
    StreamUnavailable = DEPLOYMENT,
    /// The proxy reports that the token has expired.
    StreamTokenExpired = DEPLOYMENT,
    /// The stream falls silent, pings included.
    StreamStalled = DEPLOYMENT,
    /// The provider's certificate is not valid.
    StreamInvalidCertificate = DEPLOYMENT,
    /// Lines arrive as binary buffers.
    StreamBuffer = DEPLOYMENT,
    /// A line of 70 KiB ends the stream.
    StreamLongLine = DEPLOYMENT,
    /// Two thousand lines at once.
    StreamBurst = DEPLOYMENT,

    /// The Console cannot reach the chain.
    ChainUnreachable = Scope::World,
    /// No block is made.
    HeightStuck = Scope::World,
}

impl Fault {
    /// Parses a fault's name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        serde_json::from_value(serde_json::Value::String(name.trim().to_owned())).ok()
    }

    /// Name of the fault, as used in requests and scenarios.
    pub(crate) fn name(self) -> String {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::String(name)) => name,
            _ => unreachable!("a unit variant is written as its name"),
        }
    }

    /// Returns the faults that a deployment carries in its name or its environment.
    pub(crate) fn carried_by<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Self> {
        texts
            .flat_map(|text| text.split(','))
            .filter_map(Self::parse)
            .collect()
    }
}

/// A fault waiting for its target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Armed {
    /// Fault that will strike.
    pub(crate) fault: Fault,
    /// Operation that it strikes; `None` for any, and for faults that do not strike requests.
    pub(crate) on: Option<Operation>,
    /// Sequence number of the deployment that it strikes; `None` for any.
    pub(crate) dseq: Option<u64>,
    /// Name of the venue or feed that it strikes, as below `/venues` or `/feeds`; `None` for the
    /// Console and the providers.
    #[serde(default)]
    pub(crate) venue: Option<String>,
    /// Remaining strikes; `None` for unlimited.
    pub(crate) left: Option<u32>,
}

impl Armed {
    /// Takes the first fault armed for a request, and decrements its strikes.
    pub(crate) fn take(
        list: &mut Vec<Self>,
        operation: Operation,
        dseq: Option<u64>,
    ) -> Option<Fault> {
        let index = list.iter().position(|armed| {
            matches!(armed.fault.scope(), Scope::Request(_))
                && armed.venue.is_none()
                && armed.on.is_none_or(|on| on == operation)
                && (armed.dseq.is_none() || armed.dseq == dseq)
        })?;
        Some(Self::use_up(list, index))
    }

    /// Takes the first fault armed for a venue, and decrements its strikes.
    pub(crate) fn take_for_venue(list: &mut Vec<Self>, venue: &str) -> Option<Fault> {
        let strikes = |armed: &Self| armed.venue.as_deref() == Some(venue);
        let index = list.iter().position(strikes)?;
        Some(Self::use_up(list, index))
    }

    /// Takes the faults armed for the next deployment, and decrements their strikes.
    pub(crate) fn take_for_deployment(list: &mut Vec<Self>) -> Vec<Fault> {
        let mut taken = Vec::new();
        for index in (0..list.len()).rev() {
            if list[index].fault.scope() == Scope::Deployment && list[index].dseq.is_none() {
                taken.push(Self::use_up(list, index));
            }
        }
        taken
    }

    fn use_up(list: &mut Vec<Self>, index: usize) -> Fault {
        let armed = &mut list[index];
        let fault = armed.fault;
        if let Some(left) = &mut armed.left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                list.remove(index);
            }
        }
        fault
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_found_by_its_name() {
        for fault in Fault::ALL {
            assert_eq!(Fault::parse(&fault.name()), Some(*fault));
        }
        assert_eq!(Fault::parse("nonsense"), None);
    }

    #[test]
    fn a_fault_strikes_its_operation_as_often_as_it_was_armed() {
        let mut list = vec![Armed {
            fault: Fault::OperatorFunds,
            on: Some(Operation::Create),
            dseq: None,
            venue: None,
            left: Some(2),
        }];
        assert_eq!(Armed::take(&mut list, Operation::Bids, None), None);
        assert_eq!(
            Armed::take(&mut list, Operation::Create, None),
            Some(Fault::OperatorFunds)
        );
        assert_eq!(
            Armed::take(&mut list, Operation::Create, None),
            Some(Fault::OperatorFunds)
        );
        assert_eq!(Armed::take(&mut list, Operation::Create, None), None);
    }
}
