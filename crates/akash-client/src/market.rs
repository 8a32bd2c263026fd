//! Prices of the market: GPUs per hour, everything else per month.

use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::DecimalText;
use crate::error::{Effect, Error};
use crate::tolerant::null_as_default;
use crate::transport::Client;

/// Prices and availability of all GPU models.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct GpuPrices {
    /// All GPUs of the network.
    #[serde(default)]
    pub availability: Availability,
    /// One entry per model, memory size and interface.
    #[serde(default, deserialize_with = "null_as_default")]
    pub models: Vec<GpuPrice>,
}

/// How many exist and how many are free.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Availability {
    /// All.
    pub total: u64,
    /// Free.
    pub available: u64,
}

/// Price and availability of one kind of GPU.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GpuPrice {
    /// For example `nvidia`.
    pub vendor: String,
    /// For example `h100`.
    pub model: String,
    /// For example `80Gi`.
    #[serde(default)]
    pub ram: String,
    /// For example `SXM5`.
    #[serde(default)]
    pub interface: String,
    /// GPUs.
    #[serde(default)]
    pub availability: Availability,
    /// Providers that have them.
    #[serde(default)]
    pub provider_availability: Availability,
    /// `None` where no recent bid tells a price.
    #[serde(default)]
    pub price: Option<HourlyUsd>,
}

/// Price of one GPU for one hour, in USD, over recent bids.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HourlyUsd {
    /// Currency, always `USD`.
    #[serde(default)]
    pub currency: String,
    /// Cheapest.
    pub min: DecimalText,
    /// Dearest.
    pub max: DecimalText,
    /// Plain mean.
    pub avg: DecimalText,
    /// Mean weighted by the providers' capacity.
    pub weighted_average: DecimalText,
    /// Median.
    pub med: DecimalText,
}

/// GPU vendors and models that an SDL can name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GpuVendor {
    /// Name in the SDL.
    pub name: String,
    /// Name for people.
    #[serde(default)]
    pub display_name: String,
    /// Models.
    #[serde(default, deserialize_with = "null_as_default")]
    pub models: Vec<GpuModel>,
}

/// One GPU model.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GpuModel {
    /// Name in the SDL.
    pub name: String,
    /// Name for people.
    #[serde(default)]
    pub display_name: String,
    /// Memory sizes.
    #[serde(default, deserialize_with = "null_as_default")]
    pub memory: Vec<String>,
    /// Interfaces.
    #[serde(default, deserialize_with = "null_as_default")]
    pub interface: Vec<String>,
}

/// Resources to be priced; GPUs are priced by [`Client::gpu_prices`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PricedSpec {
    /// CPU in thousandths of a core.
    pub cpu: u64,
    /// Memory in bytes.
    pub memory: u64,
    /// Storage in bytes.
    pub storage: u64,
}

/// What resources cost per month in USD, here and elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MonthlyUsd {
    /// What was priced.
    pub spec: PricedSpec,
    /// On Akash.
    pub akash: DecimalText,
    /// On AWS.
    #[serde(default)]
    pub aws: DecimalText,
    /// On Google Cloud.
    #[serde(default)]
    pub gcp: DecimalText,
    /// On Azure.
    #[serde(default)]
    pub azure: DecimalText,
}

impl Client {
    /// Reads GPU prices (USD per hour) and availability.
    ///
    /// # Errors
    /// The general ones.
    pub async fn gpu_prices(&self) -> Result<GpuPrices, Error> {
        self.get("/v1/gpu-prices", &[], self.timeouts().read).await
    }

    /// Reads the GPU models an SDL can name.
    ///
    /// # Errors
    /// The general ones.
    pub async fn gpu_models(&self) -> Result<Vec<GpuVendor>, Error> {
        self.get("/v1/gpu-models", &[], self.timeouts().read).await
    }

    /// Prices up to ten sets of resources, in order.
    ///
    /// # Errors
    /// [`Error::Invalid`] for more than ten, and the general ones.
    pub async fn pricing(&self, specs: &[PricedSpec]) -> Result<Vec<MonthlyUsd>, Error> {
        self.send_json(
            Method::POST,
            "/v1/pricing",
            &specs,
            self.timeouts().read,
            Effect::Repeatable,
        )
        .await
    }
}
