//! Access to providers' gateways, cached for a while: each stream of a lease needs it, and
//! providers end streams every few minutes.
//!
//! Each address and each token costs a call with the operator's key, whose rate is limited per
//! process. A token opens all of this account's leases at its provider, so one token serves every
//! deployment there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use akash_client::{AccessScope, Client, Error, ProviderToken, StreamEnd};
use domain::akash::ProviderAddress;
use tokio::time::Instant;

/// Lifetime of a token: a stream that outlives it is reopened.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3600);

/// Time for which access is cached: a stream that begins at the last moment still has as long left.
const KEPT_FOR: Duration = Duration::from_secs(1800);

/// Address of a gateway, and a token for it.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// Root of the gateway, as in [`akash_client::Provider::host_uri`].
    pub(super) host_uri: String,
    pub(super) token: ProviderToken,
}

#[derive(Debug, Clone)]
struct Kept {
    since: Instant,
    access: Access,
}

/// One provider and scope: the holder of the lock makes the calls, and the others wait.
type Place = Arc<tokio::sync::Mutex<Option<Kept>>>;

/// Access to all gateways in use; cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Gateways(Arc<Mutex<HashMap<(ProviderAddress, AccessScope), Place>>>);

impl Gateways {
    /// Returns access to a provider's gateway for one scope.
    ///
    /// # Errors
    /// Those of [`Client::provider`] and [`Client::create_jwt`]; nothing is cached then.
    pub(super) async fn access(
        &self,
        client: &Client,
        provider: &ProviderAddress,
        scope: AccessScope,
    ) -> Result<Access, Error> {
        let place = self.place(provider, scope);
        let mut kept = place.lock().await;
        let fresh = kept.as_ref().filter(|kept| kept.since.elapsed() < KEPT_FOR);
        if let Some(fresh) = fresh {
            return Ok(fresh.access.clone());
        }
        let since = Instant::now();
        let host_uri = client.provider(provider).await?.host_uri;
        let token = client
            .create_jwt(provider, &[scope], TOKEN_LIFETIME)
            .await?;
        let access = Access { host_uri, token };
        *kept = Some(Kept {
            since,
            access: access.clone(),
        });
        Ok(access)
    }

    /// Drops the access with which a stream failed, so that the next stream requests it anew: the
    /// provider may have moved, or the token may have been revoked.
    pub(super) fn failed(&self, provider: &ProviderAddress, scope: AccessScope) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.remove(&(provider.clone(), scope));
    }

    fn place(&self, provider: &ProviderAddress, scope: AccessScope) -> Place {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry((provider.clone(), scope)).or_default())
    }
}

/// Whether a stream's end may be due to the access that opened it. A stream that worked before it
/// broke does not count against its access.
pub(super) const fn doubts_access(end: &StreamEnd, has_worked: bool) -> bool {
    match end {
        StreamEnd::Finished | StreamEnd::NoRunningPods | StreamEnd::LeaseNotFound => false,
        StreamEnd::TokenExpired | StreamEnd::InvalidCertificate(_) | StreamEnd::Refused(_) => true,
        _ => !has_worked,
    }
}

#[cfg(test)]
mod tests;
