//! Providers: who offers what, and how reliably.

use serde::Deserialize;

use crate::DecimalText;
use crate::error::Error;
use crate::ids::ProviderAddress;
use crate::tolerant::null_as_default;
use crate::transport::Client;

/// A provider of the network.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// Its address.
    pub owner: ProviderAddress,
    /// Its name; null while it is offline.
    #[serde(default)]
    pub name: Option<String>,
    /// Root of its gateway, for example `https://provider.example.com:8443`.
    #[serde(default)]
    pub host_uri: String,
    /// Who runs it.
    #[serde(default)]
    pub organization: Option<String>,
    /// Region by its address, for people.
    #[serde(default)]
    pub ip_region: Option<String>,
    /// Country by its address, ISO code.
    #[serde(default)]
    pub ip_country_code: Option<String>,
    /// Region it declares; what an SDL's `location-region` matches.
    #[serde(default)]
    pub location_region: Option<String>,
    /// Country it declares.
    #[serde(default)]
    pub country: Option<String>,
    /// City it declares.
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
    /// Answers now.
    #[serde(default)]
    pub is_online: bool,
    /// Vouched for by an auditor; only these ever bid on a Console deployment.
    #[serde(default)]
    pub is_audited: bool,
    /// Runs a version the network accepts.
    #[serde(default)]
    pub is_valid_version: bool,
    /// Kinds of GPU it has.
    #[serde(default, deserialize_with = "null_as_default")]
    pub gpu_models: Vec<ProviderGpu>,
    /// What it declares, and who confirms it.
    #[serde(default, deserialize_with = "null_as_default")]
    pub attributes: Vec<ProviderAttribute>,
    /// Rents out IP addresses.
    #[serde(default)]
    pub feat_endpoint_ip: bool,
    /// Has persistent storage.
    #[serde(default)]
    pub feat_persistent_storage: bool,
    /// Number of leases it serves.
    #[serde(default)]
    pub lease_count: Option<u64>,
    /// Its capacity; sent for one provider, and by most services in the list too.
    #[serde(default)]
    pub stats: Option<ProviderStats>,
    /// Checks of the last day; only sent for one provider.
    #[serde(default, deserialize_with = "null_as_default")]
    pub uptime: Vec<UptimeCheck>,
}

/// A kind of GPU a provider has.
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
    /// Name.
    pub key: String,
    /// Value.
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
    /// GPUs.
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
    /// Lost with the lease.
    pub ephemeral: Pools,
    /// Survives restarts.
    pub persistent: Pools,
}

/// How much of a resource is in use, reserved and free.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Pools {
    /// In use.
    pub active: DecimalText,
    /// Reserved.
    pub pending: DecimalText,
    /// Free.
    pub available: DecimalText,
}

/// One check of a provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UptimeCheck {
    /// Whether it answered.
    pub is_online: bool,
    /// When, ISO 8601.
    pub check_date: String,
}

/// Addresses the service accepts in one call.
const MAX_ADDRESSES: usize = 20;

impl Client {
    /// Reads all providers, or those named (in calls of at most twenty).
    ///
    /// The full list is long and holds dead ones: filter by [`Provider::is_online`].
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
