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

/// Total and free number of GPUs or providers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub struct Availability {
    /// Number that exist, in use or free.
    pub total: u64,
    /// Number that are free now.
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
    /// Number of GPUs of this kind.
    #[serde(default)]
    pub availability: Availability,
    /// Number of providers that have them.
    #[serde(default)]
    pub provider_availability: Availability,
    /// Price over recent bids; `None` if no recent bid reveals a price.
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
    /// Lowest price.
    pub min: DecimalText,
    /// Highest price.
    pub max: DecimalText,
    /// Plain mean of the prices.
    pub avg: DecimalText,
    /// Mean price, weighted by the providers' capacity.
    pub weighted_average: DecimalText,
    /// Median price.
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
    /// Models of this vendor.
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
    /// Memory sizes that the model comes with, for example `80Gi`.
    #[serde(default, deserialize_with = "null_as_default")]
    pub memory: Vec<String>,
    /// Interfaces that the model comes with, for example `SXM5`.
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

/// Monthly cost of resources in USD, on Akash and elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct MonthlyUsd {
    /// Resources that were priced.
    pub spec: PricedSpec,
    /// Price on Akash.
    pub akash: DecimalText,
    /// Price on AWS.
    #[serde(default)]
    pub aws: DecimalText,
    /// Price on Google Cloud.
    #[serde(default)]
    pub gcp: DecimalText,
    /// Price on Azure.
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

    /// Reads the GPU models that an SDL can name.
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
