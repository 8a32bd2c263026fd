//! The buyer's request, typed: a [`Wish`] holds only what was said, and [`Wish::complete`] turns it into
//! [`Requirements`], listing every assumed field with the reason.

mod complete;
mod limits;
mod preference;
mod region;
mod template;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::akash::ProviderAddress;
use crate::money::Usd;
use crate::resources::{Bytes, CpuMilli, GpuRequest};
use crate::time::Seconds;

pub use preference::{DeployToAkash, PricingModel, Priority};
pub use region::{Region, UnknownRegion};
pub use template::{Defaults, Template, UnknownTemplate};

/// Fields that the buyer stated, and those that a model inferred in addition, which [`Wish::inferred`]
/// names; everything else is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// Kind of workload.
    pub template: Option<Template>,
    /// Container image as written.
    pub image: Option<String>,
    /// GPUs; `None` if the buyer named none. An explicit "no GPU" is [`Wish::no_gpu`].
    pub gpu: Option<GpuRequest>,
    /// `true` if the buyer ruled out a GPU.
    pub no_gpu: bool,
    /// CPU of one replica.
    pub cpu: Option<CpuMilli>,
    /// Memory of one replica.
    pub memory: Option<Bytes>,
    /// Storage of one replica.
    pub storage: Option<Bytes>,
    /// `true` if storage must survive restarts, `false` if it need not; `None` if the buyer did not say.
    pub persistent: Option<bool>,
    /// Number of replicas.
    pub replicas: Option<u32>,
    /// Ports to expose.
    pub ports: Vec<u16>,
    /// Environment of the container.
    pub env: BTreeMap<String, String>,
    /// Run time of the workload.
    pub duration: Option<Seconds>,
    /// Region that the workload should run in.
    pub region: Option<Region>,
    /// Only these providers; empty for any.
    pub providers: BTreeSet<ProviderAddress>,
    /// Most the buyer pays for one GPU for one hour.
    pub max_per_gpu_hour: Option<Usd>,
    /// Most the buyer pays for one hour.
    pub max_per_hour: Option<Usd>,
    /// Most the buyer pays in all.
    pub budget: Option<Usd>,
    /// Kinds of price the buyer does not want.
    pub exclude_pricing: BTreeSet<PricingModel>,
    /// Quality to favour among the offers that fit.
    pub priority: Option<Priority>,
    /// Deploy to Akash: automatic, always or never.
    pub deploy_to_akash: DeployToAkash,
    /// Inferred fields, each with the reason for its value. They count as assumptions until the buyer
    /// confirms or changes them.
    pub inferred: BTreeMap<String, String>,
}

/// Decided requirements of a deployment: the wish with every field filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// Kind of workload; `None` for an image of the buyer's own.
    pub template: Option<Template>,
    /// Container image; `None` takes the template's.
    pub image: Option<String>,
    /// GPUs of one replica; `None` for a workload without any.
    pub gpu: Option<GpuRequest>,
    /// CPU of one replica.
    pub cpu: CpuMilli,
    /// Memory of one replica.
    pub memory: Bytes,
    /// Storage of one replica.
    pub storage: Bytes,
    /// `true` if storage survives restarts.
    pub persistent: bool,
    /// Number of replicas, at least one.
    pub replicas: u32,
    /// Ports to expose, at least one.
    pub ports: Vec<u16>,
    /// Environment of the container.
    pub env: BTreeMap<String, String>,
    /// Run time of the workload.
    pub duration: Seconds,
    /// Region that the workload must run in; `None` for anywhere.
    pub region: Option<Region>,
    /// Only these providers; empty for any. Orders stored before providers could be chosen have any.
    #[serde(default)]
    pub providers: BTreeSet<ProviderAddress>,
    /// Most the buyer pays for one GPU for one hour.
    pub max_per_gpu_hour: Option<Usd>,
    /// Most the buyer pays for one hour.
    pub max_per_hour: Option<Usd>,
    /// Most the buyer pays in all.
    pub budget: Option<Usd>,
    /// Kinds of price the buyer does not want.
    pub exclude_pricing: BTreeSet<PricingModel>,
    /// Quality to favour among the offers that fit.
    pub priority: Priority,
    /// Deploy to Akash: automatic, always or never.
    pub deploy_to_akash: DeployToAkash,
}

/// A field that was not stated, with the assumed value and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// The field's name as in [`Requirements`].
    pub field: String,
    /// The assumed value, as text for people.
    pub value: String,
    /// Reason for the value.
    pub reason: String,
}

/// Reason why a wish cannot be carried out as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WishError {
    /// Nothing says what to run.
    #[error(
        "Say what to run: a kind of workload (“a redis cache”), a GPU (“2 H100”) or a container image."
    )]
    NothingToRun,
    /// A number that no provider can serve.
    #[error("{field} must be between {least} and {most}; you asked for {asked}.")]
    OutOfRange {
        /// Name of the field, as people say it.
        field: &'static str,
        /// Value that was asked for, in words.
        asked: String,
        /// Smallest valid value.
        least: &'static str,
        /// Largest valid value.
        most: &'static str,
    },
}

impl Wish {
    /// Whether nothing at all was understood.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The same wish with `field` confirmed by the buyer, with its value in `decided`, which was an
    /// assumption until now. A field without an assumption is left unchanged.
    #[must_use]
    pub fn confirming(&self, field: &str, decided: &Requirements) -> Self {
        let mut wish = self.clone();
        wish.inferred.remove(field);
        match field {
            "template" => wish.template = decided.template,
            "gpu" => wish.gpu.clone_from(&decided.gpu),
            "cpu" => wish.cpu = Some(decided.cpu),
            "memory" => wish.memory = Some(decided.memory),
            "storage" => wish.storage = Some(decided.storage),
            "persistent" => wish.persistent = Some(decided.persistent),
            "replicas" => wish.replicas = Some(decided.replicas),
            "ports" => wish.ports.clone_from(&decided.ports),
            "duration" => wish.duration = Some(decided.duration),
            "priority" => wish.priority = Some(decided.priority),
            _ => {}
        }
        wish
    }

    /// The same wish in its template's default sizes, without the sizes that were named.
    #[must_use]
    pub fn in_usual_sizes(&self) -> Self {
        let mut wish = Self {
            cpu: None,
            memory: None,
            storage: None,
            ..self.clone()
        };
        for field in ["cpu", "memory", "storage"] {
            wish.inferred.remove(field);
        }
        wish
    }
}

impl Requirements {
    /// A field's value as text for people; `None` for a field without a value, or an unknown one.
    fn in_words(&self, field: &str) -> Option<String> {
        let yes_no = |yes: bool| if yes { "yes" } else { "no" }.to_owned();
        match field {
            "template" => self.template.map(|template| template.title().to_owned()),
            "gpu" => self.gpu.as_ref().map(ToString::to_string),
            "cpu" => Some(format!("{} vCPU", self.cpu)),
            "memory" => Some(self.memory.to_string()),
            "storage" => Some(self.storage.to_string()),
            "persistent" => Some(yes_no(self.persistent)),
            "replicas" => Some(self.replicas.to_string()),
            "ports" => {
                let ports: Vec<_> = self.ports.iter().map(ToString::to_string).collect();
                Some(ports.join(", "))
            }
            "duration" => Some(self.duration.in_words()),
            "region" => self.region.map(|region| region.to_string()),
            "priority" => Some(self.priority.id().to_owned()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Wish;
    use crate::resources::{Bytes, CpuMilli, GpuRequest};

    #[test]
    fn a_confirmed_assumption_is_the_buyer_s_own_word() {
        let mut wish = Wish {
            gpu: Some(GpuRequest {
                vendor: None,
                model: None,
                count: 1,
                vram_gib: None,
                interface: None,
            }),
            memory: Some(Bytes::gib(48)),
            inferred: [("memory".to_owned(), "a reason".to_owned())].into(),
            ..Wish::default()
        };
        let (requirements, assumed) = wish.complete().unwrap();
        assert!(assumed.len() > 5);
        for assumption in assumed {
            wish = wish.confirming(&assumption.field, &requirements);
        }
        assert_eq!(wish.complete().unwrap(), (requirements, Vec::new()));
        let usual = wish.in_usual_sizes().complete().unwrap().0;
        assert_eq!((usual.cpu, usual.memory), (CpuMilli(8000), Bytes::gib(32)));
    }
}
