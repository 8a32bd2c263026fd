//! Access to a provider's gateway: the token, and the lease status read with it.

use std::time::Duration;

use domain::akash::{LeaseId, ProviderAddress};
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::error::{Effect, Error};
use crate::leases::LeaseStatus;
use crate::transport::{Client, Data, send};

/// Permission that a provider token grants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccessScope {
    /// Reading the status of a lease.
    Status,
    /// Reading logs of a lease.
    Logs,
    /// Reading events of a lease.
    Events,
}

/// A token for one provider's gateway. Redacted when printed.
#[derive(Debug, Clone)]
pub struct ProviderToken(SecretString);

impl ProviderToken {
    /// The token, for the one header or envelope that carries it.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl From<SecretString> for ProviderToken {
    fn from(token: SecretString) -> Self {
        Self(token)
    }
}

#[derive(Serialize)]
struct TokenBody<'a> {
    data: TokenRequest<'a>,
}

#[derive(Serialize)]
struct TokenRequest<'a> {
    ttl: u64,
    leases: Granted<'a>,
}

#[derive(Serialize)]
struct Granted<'a> {
    access: &'static str,
    permissions: [Permission<'a>; 1],
}

#[derive(Serialize)]
struct Permission<'a> {
    provider: &'a ProviderAddress,
    access: &'static str,
    scope: &'a [AccessScope],
}

#[derive(Deserialize)]
struct Token {
    token: String,
}

/// Credentials with which the proxy authenticates to the provider.
#[derive(Serialize)]
pub(crate) struct ProxyAuth<'a> {
    r#type: &'static str,
    token: &'a str,
}

impl<'a> ProxyAuth<'a> {
    pub(crate) fn jwt(token: &'a ProviderToken) -> Self {
        Self {
            r#type: "jwt",
            token: token.expose(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProxyRequest<'a> {
    method: &'static str,
    url: String,
    provider_address: &'a ProviderAddress,
    auth: ProxyAuth<'a>,
    timeout: u64,
}

/// Time that the proxy gives the provider for one of its three attempts.
const PROVIDER_TIMEOUT_MS: u64 = 9_000;

impl Client {
    /// Obtains a token for one provider, valid for `ttl`.
    ///
    /// # Errors
    /// [`Error::Unauthorized`] and the general ones.
    pub async fn create_jwt(
        &self,
        provider: &ProviderAddress,
        scope: &[AccessScope],
        ttl: Duration,
    ) -> Result<ProviderToken, Error> {
        let body = TokenBody {
            data: TokenRequest {
                ttl: ttl.as_secs(),
                leases: Granted {
                    access: "granular",
                    permissions: [Permission {
                        provider,
                        access: "scoped",
                        scope,
                    }],
                },
            },
        };
        let answer: Data<Token> = self
            .send_json(
                Method::POST,
                "/v1/create-jwt-token",
                &body,
                self.timeouts().read,
                Effect::Repeatable,
            )
            .await?;
        Ok(ProviderToken(SecretString::from(answer.data.token)))
    }

    /// Reads a lease's status from its provider, through the proxy.
    ///
    /// `host_uri` is the provider's gateway ([`crate::Provider::host_uri`]).
    ///
    /// # Errors
    /// [`Error::NotFound`] where the provider does not know the lease, [`Error::Unauthorized`]
    /// for an expired token, [`Error::Unavailable`] for a provider that does not answer.
    pub async fn lease_status(
        &self,
        lease: &LeaseId,
        host_uri: &str,
        token: &ProviderToken,
    ) -> Result<LeaseStatus, Error> {
        let body = ProxyRequest {
            method: "GET",
            url: format!("{}/status", gateway_lease_url(host_uri, lease)),
            provider_address: &lease.provider,
            auth: ProxyAuth::jwt(token),
            timeout: PROVIDER_TIMEOUT_MS,
        };
        let mut url = self.provider_proxy_url().clone();
        let scheme = match url.scheme() {
            "ws" => "http",
            "wss" => "https",
            _ => "",
        };
        if !scheme.is_empty() {
            url.set_scheme(scheme)
                .expect("both are schemes of the same kind");
        }
        let request = self
            .http()
            .post(url)
            .json(&body)
            .timeout(self.timeouts().deployment);
        send(request, Effect::Repeatable).await
    }
}

/// Root of a lease's routes on its provider's gateway.
pub(crate) fn gateway_lease_url(host_uri: &str, lease: &LeaseId) -> String {
    format!(
        "{}/lease/{}/{}/{}",
        host_uri.trim_end_matches('/'),
        lease.dseq,
        lease.gseq,
        lease.oseq
    )
}
