//! Accepting bids.

use reqwest::Method;
use serde::Serialize;

use crate::deployments::Deployment;
use crate::error::{Effect, Error};
use crate::ids::{Dseq, ProviderAddress};
use crate::transport::{Client, Data};

/// One accepted bid to turn into a lease.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewLease {
    /// Sequence number of the deployment.
    pub dseq: Dseq,
    /// Group, from 1.
    pub gseq: u32,
    /// Order, from 1.
    pub oseq: u32,
    /// Address of the provider whose bid is accepted.
    pub provider: ProviderAddress,
}

#[derive(Serialize)]
struct LeaseBody<'a> {
    manifest: &'a str,
    leases: &'a [NewLease],
}

impl Client {
    /// Accepts one bid per group and delivers the manifest to the providers.
    ///
    /// Safe to repeat: while a lease exists the call only delivers the manifest again, and there
    /// is no other way to do so. `manifest` is the text that creation returned, unchanged.
    ///
    /// # Errors
    /// [`Error::BidNotOpen`] (take another bid), [`Error::OrderNotOpen`] (read the deployment),
    /// [`Error::ManifestNotDelivered`] (repeat), [`Error::Unavailable`], and the general ones.
    pub async fn create_lease(
        &self,
        manifest: &str,
        leases: &[NewLease],
    ) -> Result<Deployment, Error> {
        self.send_json::<Data<_>>(
            Method::POST,
            "/v1/leases",
            &LeaseBody { manifest, leases },
            self.timeouts().lease,
            Effect::Repeatable,
        )
        .await
        .map(|answer| answer.data)
    }
}
