//! The form's fields as text, and their conversion to and from a [`Wish`]. Plain forms send these fields too,
//! so that the form works before WASM does.

mod field_error;
pub(crate) mod read;

use std::collections::BTreeSet;

use domain::requirements::{DeployToAkash, PricingModel, Wish};
use domain::resources::{GpuInterface, GpuRequest};
use domain::time::Seconds;
use serde::{Deserialize, Serialize};

pub use field_error::FieldError;

/// Content of the form. An empty field means "not stated".
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WishFields {
    /// Id of a template, like `ml-training`.
    pub template: String,
    /// Reference of a container image.
    pub image: String,
    /// Model of the GPU, like `h100`; `any` for every model.
    pub gpu_model: String,
    /// Number of GPUs; `0` for none at all.
    pub gpu_count: String,
    /// Minimum memory per card in GiB.
    pub vram: String,
    /// Interface of the GPU: `sxm`, `pcie` or `nvl`.
    pub gpu_interface: String,
    /// vCPUs, optionally with a fraction.
    pub cpu: String,
    /// Memory of one copy with its unit, like `16Gi`.
    pub memory: String,
    /// Storage of one copy with its unit, like `100Gi`.
    pub storage: String,
    /// `yes` if the storage must survive restarts, or `no`.
    pub persistent: String,
    /// Ports, separated by commas or spaces.
    pub ports: String,
    /// Environment variables, `NAME=value`, one per line.
    pub env: String,
    /// Number of copies.
    pub replicas: String,
    /// Duration, in units of `duration_unit`.
    pub duration: String,
    /// Unit of the duration: `min`, `h`, `d` or `w`.
    pub duration_unit: String,
    /// Id of a region, like `us-west`.
    pub region: String,
    /// Addresses of providers on Akash, separated by commas or spaces.
    pub providers: String,
    /// Highest price per GPU and hour, in US dollars.
    pub max_per_gpu_hour: String,
    /// Highest price per hour for everything, in US dollars.
    pub max_per_hour: String,
    /// Maximum cost of the whole order, in US dollars.
    pub budget: String,
    /// `yes` excludes interruptible and auctioned offers.
    pub no_spot: String,
    /// `yes` excludes token prices.
    pub no_token: String,
    /// Id of the priority, like `price`.
    pub priority: String,
    /// Deployment on Akash: `always`, `never` (only the market is shown) or `automatic`.
    pub deploy_to_akash: String,
}

impl WishFields {
    /// Reads a form; `value` returns a field's text by its name.
    pub(crate) fn from_form(value: impl Fn(&str) -> Option<String>) -> Self {
        let mut form = serde_json::to_value(Self::default()).unwrap_or_default();
        if let Some(fields) = form.as_object_mut() {
            for (name, text) in fields.iter_mut() {
                *text = value(name).unwrap_or_default().into();
            }
        }
        serde_json::from_value(form).unwrap_or_default()
    }

    /// Parses all fields.
    ///
    /// # Errors
    /// For the first field that is invalid.
    pub fn parse(&self) -> Result<Wish, FieldError> {
        let mut exclude_pricing = BTreeSet::new();
        for (ticked, model) in [
            (&self.no_spot, PricingModel::Spot),
            (&self.no_token, PricingModel::Token),
        ] {
            if ticked == "yes" {
                exclude_pricing.insert(model);
            }
        }
        let (gpu, no_gpu) = self.gpu()?;
        Ok(Wish {
            template: read::parsed("template", &self.template)?,
            image: read::said(&self.image).map(str::to_owned),
            gpu,
            no_gpu,
            cpu: read::cpu(&self.cpu)?,
            memory: read::bytes("memory", &self.memory)?,
            storage: read::bytes("storage", &self.storage)?,
            persistent: read::said(&self.persistent).map(|answer| answer == "yes"),
            replicas: read::whole("replicas", "Replicas", &self.replicas)?,
            ports: read::ports(&self.ports)?,
            env: read::env(&self.env)?,
            duration: read::duration(&self.duration, &self.duration_unit)?,
            region: read::parsed("region", &self.region)?,
            providers: read::providers(&self.providers)?,
            max_per_gpu_hour: read::parsed("max_per_gpu_hour", &self.max_per_gpu_hour)?,
            max_per_hour: read::parsed("max_per_hour", &self.max_per_hour)?,
            budget: read::parsed("budget", &self.budget)?,
            exclude_pricing,
            priority: read::priority(&self.priority)?,
            deploy_to_akash: match self.deploy_to_akash.as_str() {
                "always" => DeployToAkash::Always,
                "never" => DeployToAkash::Never,
                _ => DeployToAkash::Automatic,
            },
            // By sending the form, the buyer confirms everything in it.
            inferred: std::collections::BTreeMap::new(),
        })
    }

    fn gpu(&self) -> Result<(Option<GpuRequest>, bool), FieldError> {
        let count: Option<u32> = read::whole("gpu_count", "The number of GPUs", &self.gpu_count)?;
        let model = read::gpu_model(&self.gpu_model)?;
        let vram_gib = read::whole("vram", "VRAM", self.vram.trim().trim_end_matches("GB"))?;
        let interface = match self.gpu_interface.as_str() {
            "sxm" => Some(GpuInterface::Sxm),
            "pcie" => Some(GpuInterface::Pcie),
            "nvl" => Some(GpuInterface::Nvl),
            _ => None,
        };
        if count == Some(0) {
            return Ok((None, true));
        }
        let asked = count.is_some() || model.is_some() || vram_gib.is_some();
        let request = GpuRequest {
            vendor: None,
            model,
            count: count.unwrap_or(1),
            vram_gib,
            interface,
        };
        Ok((asked.then_some(request), false))
    }
}

impl From<&Wish> for WishFields {
    fn from(wish: &Wish) -> Self {
        let gpu = wish.gpu.as_ref();
        let text =
            |usd: Option<domain::money::Usd>| usd.map(|usd| usd.to_string()).unwrap_or_default();
        let ticked = |model| {
            if wish.exclude_pricing.contains(&model) {
                "yes"
            } else {
                ""
            }
            .to_owned()
        };
        let (duration, unit) = wish.duration.map(amount_and_unit).unwrap_or_default();
        Self {
            template: wish
                .template
                .map(|template| template.id().to_owned())
                .unwrap_or_default(),
            image: wish.image.clone().unwrap_or_default(),
            gpu_model: gpu
                .and_then(|gpu| gpu.model.as_ref())
                .map(ToString::to_string)
                .unwrap_or_default(),
            gpu_count: if wish.no_gpu {
                "0".to_owned()
            } else {
                gpu.map(|gpu| gpu.count.to_string()).unwrap_or_default()
            },
            vram: gpu
                .and_then(|gpu| gpu.vram_gib)
                .map(|gib| gib.to_string())
                .unwrap_or_default(),
            gpu_interface: gpu
                .and_then(|gpu| gpu.interface)
                .map(|interface| interface.as_str().to_owned())
                .unwrap_or_default(),
            cpu: wish.cpu.map(|cpu| cpu.to_string()).unwrap_or_default(),
            memory: wish
                .memory
                .map(|bytes| bytes.to_string())
                .unwrap_or_default(),
            storage: wish
                .storage
                .map(|bytes| bytes.to_string())
                .unwrap_or_default(),
            persistent: wish
                .persistent
                .map(|yes| if yes { "yes" } else { "no" }.to_owned())
                .unwrap_or_default(),
            ports: wish
                .ports
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            env: wish
                .env
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect::<Vec<_>>()
                .join("\n"),
            replicas: wish
                .replicas
                .map(|count| count.to_string())
                .unwrap_or_default(),
            duration,
            duration_unit: unit,
            region: wish
                .region
                .map(|region| region.id().to_owned())
                .unwrap_or_default(),
            providers: wish
                .providers
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            max_per_gpu_hour: text(wish.max_per_gpu_hour),
            max_per_hour: text(wish.max_per_hour),
            budget: text(wish.budget),
            no_spot: ticked(PricingModel::Spot),
            no_token: ticked(PricingModel::Token),
            priority: wish
                .priority
                .map(|priority| priority.id().to_owned())
                .unwrap_or_default(),
            deploy_to_akash: match wish.deploy_to_akash {
                DeployToAkash::Automatic => "automatic",
                DeployToAkash::Always => "always",
                DeployToAkash::Never => "never",
            }
            .to_owned(),
        }
    }
}

/// Converts to the largest unit that divides the duration.
fn amount_and_unit(duration: Seconds) -> (String, String) {
    let units = [(604_800, "w"), (86_400, "d"), (3600, "h")];
    let (seconds, unit) = units
        .into_iter()
        .find(|(seconds, _)| duration.0 > 0 && duration.0.is_multiple_of(*seconds))
        .unwrap_or((60, "min"));
    (duration.0.div_ceil(seconds).to_string(), unit.to_owned())
}

#[cfg(test)]
mod tests;
