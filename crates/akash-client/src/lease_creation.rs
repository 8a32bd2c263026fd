//! Accepting bids.

use domain::akash::BidId;
use reqwest::Method;
use serde::Serialize;

use crate::deployments::Deployment;
use crate::error::{Effect, Error};
use crate::transport::{Client, Data};

#[derive(Serialize)]
struct LeaseBody<'a> {
    manifest: &'a str,
    leases: &'a [BidId],
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
    pub async fn create_lease(&self, manifest: &str, bids: &[BidId]) -> Result<Deployment, Error> {
        self.send_json::<Data<_>>(
            Method::POST,
            "/v1/leases",
            &LeaseBody {
                manifest,
                leases: bids,
            },
            self.timeouts().lease,
            Effect::Repeatable,
        )
        .await
        .map(|answer| answer.data)
    }
}
