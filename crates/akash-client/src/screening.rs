//! Bid screening: which providers could take a workload, before anything is created.

use reqwest::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Effect, Error};
use crate::ids::ProviderAddress;
use crate::tolerant::null_as_default;
use crate::transport::Client;

/// What a workload asks of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreeningRequest {
    /// Auditors and attributes asked for.
    pub requirements: ScreeningRequirements,
    /// Resources of one group.
    pub resources: Vec<ScreeningResource>,
    /// IANA time zone incidents are dated in, for example `Europe/Berlin`; required.
    pub timezone: String,
    /// Shortest notice before reclamation, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reclamation_window: Option<u64>,
}

/// Auditors and attributes a provider must have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreeningRequirements {
    /// Auditors: all of, any of.
    pub signed_by: SignedBy,
    /// Attributes by key and value.
    pub attributes: Vec<ScreeningAttribute>,
}

/// Auditors a provider must be vouched for by.
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
    /// Name.
    pub key: String,
    /// Value.
    pub value: String,
}

/// One kind of resources, how often, and its price limit.
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

/// The answer: who passed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Screening {
    /// Providers that fit. Several times as many fit as later bid.
    #[serde(default, deserialize_with = "null_as_default")]
    pub providers: Vec<ScreenedProvider>,
}

/// A provider that fits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ScreenedProvider {
    /// Its address.
    pub owner: ProviderAddress,
    /// Root of its gateway.
    #[serde(default)]
    pub host_uri: String,
    /// Vouched for by an auditor.
    #[serde(default)]
    pub is_audited: bool,
    /// Region it declares.
    #[serde(default)]
    pub location: Option<String>,
    /// Who runs it.
    #[serde(default)]
    pub organization: Option<String>,
    /// Days with trouble.
    #[serde(default, deserialize_with = "null_as_default")]
    pub incidents: Vec<Incident>,
}

/// A day on which a provider had trouble.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Incident {
    /// The day.
    pub date: String,
    /// Still going on.
    #[serde(default)]
    pub has_open_incident: bool,
    /// How many.
    #[serde(default)]
    pub incident_count: u32,
    /// How long in all.
    #[serde(default)]
    pub downtime_seconds: u64,
}

impl Client {
    /// Asks which providers could take a group.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a request that is not one, and the general ones.
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
