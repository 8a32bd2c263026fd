//! Providers, with their resources and reliability.

use domain::akash::ProviderAddress;
use serde::Deserialize;

use crate::DecimalText;
use crate::error::Error;
use crate::tolerant::null_as_default;
use crate::transport::Client;

/// A provider of the network.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// Address of the provider on Akash.
    pub owner: ProviderAddress,
    /// Name of the provider; `None` while it is offline.
    #[serde(default)]
    pub name: Option<String>,
    /// Root of its gateway, for example `https://provider.example.com:8443`.
    #[serde(default)]
    pub host_uri: String,
    /// Organization that runs the provider, as it declares; `None` if it declares none.
    #[serde(default)]
    pub organization: Option<String>,
    /// Region by the provider's IP address, for display; `None` if unknown.
    #[serde(default)]
    pub ip_region: Option<String>,
    /// Country by the provider's IP address, as an ISO code; `None` if unknown.
    #[serde(default)]
    pub ip_country_code: Option<String>,
    /// Region that the provider declares, matched by an SDL's `location-region`; `None` if it declares none.
    #[serde(default)]
    pub location_region: Option<String>,
    /// Country that the provider declares; `None` if it declares none.
    #[serde(default)]
    pub country: Option<String>,
    /// City that the provider declares; `None` if it declares none.
    #[serde(default)]
    pub city: Option<String>,
    /// Share of the last day it answered, 0 to 1.
    #[serde(default)]
    pub uptime1d: Option<DecimalText>,
    /// Share of the last seven days it answered, 0 to 1.
    #[serde(default)]
    pub uptime7d: Option<DecimalText>,
    /// Share of the last thirty days it answered, 0 to 1.
    #[serde(default)]
    pub uptime30d: Option<DecimalText>,
    /// `true` if the provider answers now.
    #[serde(default)]
    pub is_online: bool,
    /// `true` if an auditor vouches for it; only such providers ever bid on a Console deployment.
    #[serde(default)]
    pub is_audited: bool,
    /// `true` if it runs a version that the network accepts.
    #[serde(default)]
    pub is_valid_version: bool,
    /// Kinds of GPU it has.
    #[serde(default, deserialize_with = "null_as_default")]
    pub gpu_models: Vec<ProviderGpu>,
    /// Attributes that the provider declares, each with the auditors who confirm it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub attributes: Vec<ProviderAttribute>,
    /// `true` if it rents out IP addresses.
    #[serde(default)]
    pub feat_endpoint_ip: bool,
    /// `true` if it has persistent storage.
    #[serde(default)]
    pub feat_persistent_storage: bool,
    /// Number of leases that it serves; `None` if the service does not send it.
    #[serde(default)]
    pub lease_count: Option<u64>,
    /// Capacity of the provider; sent for one provider, and by most services in the list too.
    #[serde(default)]
    pub stats: Option<ProviderStats>,
    /// Checks of the last day; only sent for one provider.
    #[serde(default, deserialize_with = "null_as_default")]
    pub uptime: Vec<UptimeCheck>,
}

/// A kind of GPU that a provider has.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct ProviderGpu {
    /// For example `nvidia`.
    pub vendor: String,
    /// For example `a100`.
    pub model: String,
    /// For example `80Gi`.
    #[serde(default)]
    pub ram: String,
    /// For example `SXM4`.
    #[serde(default)]
    pub interface: String,
}

/// A declared attribute.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderAttribute {
    /// Name of the attribute.
    pub key: String,
    /// Value of the attribute; empty if it has none.
    #[serde(default, deserialize_with = "null_as_default")]
    pub value: String,
    /// Auditors that confirm it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub audited_by: Vec<String>,
}

/// Capacity of a provider: milli-CPU, GPUs, bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct ProviderStats {
    /// CPU in thousandths of a core.
    pub cpu: Pools,
    /// Number of GPUs.
    pub gpu: Pools,
    /// Memory in bytes.
    pub memory: Pools,
    /// Storage in bytes.
    pub storage: StoragePools,
}

/// Storage of a provider in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct StoragePools {
    /// Storage that is lost with the lease.
    pub ephemeral: Pools,
    /// Storage that survives restarts.
    pub persistent: Pools,
}

/// Used, reserved and free amounts of a resource.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Pools {
    /// Amount in use.
    pub active: DecimalText,
    /// Amount reserved.
    pub pending: DecimalText,
    /// Amount free to be leased.
    pub available: DecimalText,
}

/// One check of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UptimeCheck {
    /// `true` if the provider answered the check.
    pub is_online: bool,
    /// Time of the check, in ISO 8601.
    pub check_date: String,
}

/// Addresses the service accepts in one call.
const MAX_ADDRESSES: usize = 20;

impl Client {
    /// Reads all providers, or those named (in calls of at most twenty).
    ///
    /// The full list is long and includes dead ones: filter by [`Provider::is_online`].
    ///
    /// # Errors
    /// The general ones.
    pub async fn providers(&self, addresses: &[ProviderAddress]) -> Result<Vec<Provider>, Error> {
        if addresses.is_empty() {
            return self
                .get("/v1/providers", &[("scope", "all")], self.timeouts().read)
                .await;
        }
        let mut found = Vec::new();
        for chunk in addresses.chunks(MAX_ADDRESSES) {
            let list = chunk
                .iter()
                .map(ProviderAddress::as_str)
                .collect::<Vec<_>>()
                .join(",");
            let page: Vec<Provider> = self
                .get(
                    "/v1/providers",
                    &[("scope", "all"), ("addresses", &list)],
                    self.timeouts().read,
                )
                .await?;
            found.extend(page);
        }
        Ok(found)
    }

    /// Reads one provider with its capacity and its recent checks.
    ///
    /// # Errors
    /// [`Error::NotFound`] and the general ones.
    pub async fn provider(&self, address: &ProviderAddress) -> Result<Provider, Error> {
        self.get(
            &format!("/v1/providers/{address}"),
            &[],
            self.timeouts().read,
        )
        .await
    }
}
