//! Bid screening: finds the providers that could host a workload, before anything is created.

use domain::akash::ProviderAddress;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Effect, Error};
use crate::tolerant::null_as_default;
use crate::transport::Client;

/// Requirements of a workload on its provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreeningRequest {
    /// Required auditors and attributes.
    pub requirements: ScreeningRequirements,
    /// Resources of one group.
    pub resources: Vec<ScreeningResource>,
    /// IANA time zone in which incidents are dated, for example `Europe/Berlin`; required.
    pub timezone: String,
    /// Shortest notice before reclamation, in seconds; `None` asks for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reclamation_window: Option<u64>,
}

/// Auditors and attributes that a provider must have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreeningRequirements {
    /// Auditors that must vouch for the provider: all of some, any of others.
    pub signed_by: SignedBy,
    /// Attributes by key and value.
    pub attributes: Vec<ScreeningAttribute>,
}

/// Auditors that must vouch for a provider.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedBy {
    /// All of these.
    pub all_of: Vec<String>,
    /// At least one of these, if there are any.
    pub any_of: Vec<String>,
}

/// A required attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScreeningAttribute {
    /// Name of the attribute.
    pub key: String,
    /// Value that the attribute must have.
    pub value: String,
}

/// One kind of resources, its quantity, and its price limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScreeningResource {
    /// The resource unit as a group spec states it: `id`, `cpu`, `memory`, `gpu`, `storage`,
    /// `endpoints`.
    pub resource: Value,
    /// Number of replicas.
    pub count: u32,
    /// Price limit per block; the amount must be a whole number.
    pub price: ScreeningPrice,
}

/// A price limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScreeningPrice {
    /// Denomination, `uact`.
    pub denom: String,
    /// Whole number as text.
    pub amount: String,
}

/// Result of a screening: the providers that passed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Screening {
    /// Providers that match. Only a fraction of them bids later.
    #[serde(default, deserialize_with = "null_as_default")]
    pub providers: Vec<ScreenedProvider>,
}

/// A provider that matches.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreenedProvider {
    /// Address of the provider on Akash.
    pub owner: ProviderAddress,
    /// Root URL of the provider's gateway.
    #[serde(default)]
    pub host_uri: String,
    /// `true` if an auditor vouches for the provider.
    #[serde(default)]
    pub is_audited: bool,
    /// Region that the provider declares; `None` if it declares none.
    #[serde(default)]
    pub location: Option<String>,
    /// Organization that runs the provider, as it declares; `None` if it declares none.
    #[serde(default)]
    pub organization: Option<String>,
    /// Days on which the provider had trouble; empty without any.
    #[serde(default, deserialize_with = "null_as_default")]
    pub incidents: Vec<Incident>,
}

/// A day on which a provider had trouble.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// Day of the incidents, as text in the requested time zone.
    pub date: String,
    /// `true` while an incident of that day is not over.
    #[serde(default)]
    pub has_open_incident: bool,
    /// Number of incidents on that day.
    #[serde(default)]
    pub incident_count: u32,
    /// Total downtime on that day, in seconds.
    #[serde(default)]
    pub downtime_seconds: u64,
}

impl Client {
    /// Reads the providers that could host a group.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a malformed request, and the general ones.
    pub async fn bid_screening(&self, request: &ScreeningRequest) -> Result<Screening, Error> {
        self.send_json(
            Method::POST,
            "/v1/bid-screening",
            request,
            self.timeouts().read,
            Effect::Repeatable,
        )
        .await
    }
}
