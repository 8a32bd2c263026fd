//! What the buyer wants, typed: a [`Wish`] holds only what was said, [`Wish::complete`] turns it
//! into [`Requirements`] and lists every field it had to assume, with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::money::Usd;
use crate::resources::{Bytes, CpuMilli, GpuRequest};
use crate::time::Seconds;

/// The kinds of workload Necto has a ready shape for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Template {
    /// Training or fine-tuning on GPUs.
    MlTraining,
    /// A Node.js web service.
    WebNode,
    /// A Python web service.
    WebPython,
    /// Files served over HTTP.
    StaticSite,
    /// A PostgreSQL database.
    Postgres,
    /// A Redis cache.
    Redis,
}

impl Template {
    /// Every template, in the order it is offered.
    pub const ALL: [Self; 6] = [
        Self::MlTraining,
        Self::WebNode,
        Self::WebPython,
        Self::StaticSite,
        Self::Postgres,
        Self::Redis,
    ];

    /// Its id in URLs, JSON and the command line.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::MlTraining => "ml-training",
            Self::WebNode => "web-node",
            Self::WebPython => "web-python",
            Self::StaticSite => "static-site",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
        }
    }

    /// Its name for people.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::MlTraining => "ML training with GPU",
            Self::WebNode => "Node.js web service",
            Self::WebPython => "Python web service",
            Self::StaticSite => "Static site",
            Self::Postgres => "PostgreSQL",
            Self::Redis => "Redis",
        }
    }

    /// The sizes a workload of this kind gets where the buyer named none.
    #[must_use]
    pub const fn defaults(self) -> Defaults {
        match self {
            Self::MlTraining => Defaults::new(8000, Bytes::gib(32), Bytes::gib(100), 8888, true),
            Self::WebNode | Self::WebPython => {
                let port = if matches!(self, Self::WebNode) {
                    3000
                } else {
                    8000
                };
                Defaults::new(1000, Bytes::gib(1), Bytes::gib(2), port, false)
            }
            Self::StaticSite => Defaults::new(500, Bytes::mib(512), Bytes::gib(1), 80, false),
            Self::Postgres => Defaults::new(1000, Bytes::gib(2), Bytes::gib(10), 5432, false),
            Self::Redis => Defaults::new(1000, Bytes::gib(1), Bytes::gib(1), 6379, false),
        }
    }

    /// Whether its data is the point of it, so that storage survives restarts by default.
    #[must_use]
    pub const fn keeps_data(self) -> bool {
        matches!(self, Self::Postgres)
    }
}

impl FromStr for Template {
    type Err = UnknownTemplate;

    fn from_str(text: &str) -> Result<Self, UnknownTemplate> {
        Self::ALL
            .into_iter()
            .find(|template| template.id() == text)
            .ok_or_else(|| UnknownTemplate(text.chars().take(40).collect()))
    }
}

/// A template id that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "there is no template “{0}”: choose ml-training, web-node, web-python, static-site, postgres or redis"
)]
pub struct UnknownTemplate(String);

/// Default sizes of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defaults {
    /// CPU of one replica.
    pub cpu: CpuMilli,
    /// Memory of one replica.
    pub memory: Bytes,
    /// Storage of one replica.
    pub storage: Bytes,
    /// The port it listens on.
    pub port: u16,
    /// Whether it makes no sense without a GPU.
    pub needs_gpu: bool,
}

impl Defaults {
    const fn new(cpu: u64, memory: Bytes, storage: Bytes, port: u16, needs_gpu: bool) -> Self {
        Self {
            cpu: CpuMilli(cpu),
            memory,
            storage,
            port,
            needs_gpu,
        }
    }
}

/// Where the workload should run, as coarse as people say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the places")]
pub enum Region {
    UsWest,
    UsEast,
    UsCentral,
    Us,
    Canada,
    Eu,
    Uk,
    Asia,
    Oceania,
    SouthAmerica,
    Africa,
    MiddleEast,
}

impl Region {
    /// Every region, in the order it is offered.
    pub const ALL: [Self; 12] = [
        Self::UsWest,
        Self::UsEast,
        Self::UsCentral,
        Self::Us,
        Self::Canada,
        Self::Eu,
        Self::Uk,
        Self::Asia,
        Self::Oceania,
        Self::SouthAmerica,
        Self::Africa,
        Self::MiddleEast,
    ];

    /// Its id: `us-west`, `eu`, ….
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::UsWest => "us-west",
            Self::UsEast => "us-east",
            Self::UsCentral => "us-central",
            Self::Us => "us",
            Self::Canada => "canada",
            Self::Eu => "eu",
            Self::Uk => "uk",
            Self::Asia => "asia",
            Self::Oceania => "oceania",
            Self::SouthAmerica => "south-america",
            Self::Africa => "africa",
            Self::MiddleEast => "middle-east",
        }
    }

    /// The values of Akash's `location-region` attribute that lie in this region. An SDL can name
    /// only one, so a coarse region is enforced when bids are ranked, not by the SDL.
    #[must_use]
    pub const fn akash_regions(self) -> &'static [&'static str] {
        match self {
            Self::UsWest => &["us-west"],
            Self::UsEast => &["us-east"],
            Self::UsCentral => &["us-central"],
            Self::Us => &["us-west", "us-east", "us-central", "us-south"],
            Self::Canada => &["ca-east", "ca-central", "ca-west"],
            Self::Eu => &["eu-central", "eu-west", "eu-north", "eu-east", "eu-south"],
            Self::Uk => &["uk", "eu-uk"],
            Self::Asia => &[
                "ap-southeast",
                "ap-northeast",
                "ap-east",
                "ap-south",
                "asia-east",
            ],
            Self::Oceania => &["oc-aus", "ap-oceania"],
            Self::SouthAmerica => &["sa-east", "sa-west"],
            Self::Africa => &["af-south", "af-north"],
            Self::MiddleEast => &["me-central", "me-south"],
        }
    }

    /// Whether a provider that names its place `location_region` is in this region.
    #[must_use]
    pub fn contains(self, location_region: &str) -> bool {
        let place = location_region.to_ascii_lowercase();
        place == self.id()
            || self.akash_regions().contains(&place.as_str())
            || (matches!(self, Self::Us | Self::Eu)
                && place.starts_with(&format!("{}-", self.id())))
            || (matches!(self, Self::Asia) && place.starts_with("ap-") && place != "ap-oceania")
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, UnknownRegion> {
        Self::ALL
            .into_iter()
            .find(|region| region.id() == text)
            .ok_or_else(|| UnknownRegion(text.chars().take(40).collect()))
    }
}

/// A region id that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no region “{0}”: try us-west, us-east, eu or asia")]
pub struct UnknownRegion(String);

/// How a price is formed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PricingModel {
    /// Interruptible capacity, or an auction.
    Spot,
    /// Quoted in a token whose dollar price moves.
    Token,
    /// A fixed list price.
    Fixed,
}

/// What to favour when several offers fit.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// The lowest cost.
    #[default]
    Price,
    /// The shortest way to the users.
    Latency,
    /// The provider with the best record.
    Uptime,
    /// The fastest hardware.
    Performance,
}

impl Priority {
    /// Its id in JSON and forms.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Price => "price",
            Self::Latency => "latency",
            Self::Uptime => "uptime",
            Self::Performance => "performance",
        }
    }
}

/// Whether the workload goes to Akash.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum DeployToAkash {
    /// The routing decides and says why.
    #[default]
    Automatic,
    /// Always.
    Always,
    /// Never: show the market only.
    Never,
}

/// What the buyer said, and what a model proposed in addition, which [`Wish::inferred`] names;
/// everything else is `None` or empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// Kind of workload.
    pub template: Option<Template>,
    /// Container image as written.
    pub image: Option<String>,
    /// GPUs; `Some(None)` is not needed: [`Wish::no_gpu`] says "explicitly none".
    pub gpu: Option<GpuRequest>,
    /// The buyer said there shall be no GPU.
    pub no_gpu: bool,
    /// CPU of one replica.
    pub cpu: Option<CpuMilli>,
    /// Memory of one replica.
    pub memory: Option<Bytes>,
    /// Storage of one replica.
    pub storage: Option<Bytes>,
    /// Whether storage must survive restarts.
    pub persistent: Option<bool>,
    /// How many copies.
    pub replicas: Option<u32>,
    /// Ports to expose.
    pub ports: Vec<u16>,
    /// Environment of the container.
    pub env: BTreeMap<String, String>,
    /// How long it should run.
    pub duration: Option<Seconds>,
    /// Where.
    pub region: Option<Region>,
    /// Most the buyer pays for one GPU for one hour.
    pub max_per_gpu_hour: Option<Usd>,
    /// Most the buyer pays for one hour.
    pub max_per_hour: Option<Usd>,
    /// Most the buyer pays in all.
    pub budget: Option<Usd>,
    /// Kinds of price the buyer does not want.
    pub exclude_pricing: BTreeSet<PricingModel>,
    /// What to favour.
    pub priority: Option<Priority>,
    /// Deploy to Akash: automatic, always or never.
    pub deploy_to_akash: DeployToAkash,
    /// Filled fields that the buyer did not say, each with why it has its value. They count as
    /// assumptions until the buyer confirms or changes them.
    pub inferred: BTreeMap<String, String>,
}

/// What will be deployed: every field decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirements {
    /// Kind of workload; `None` for an image of the buyer's own.
    pub template: Option<Template>,
    /// Container image; `None` takes the template's.
    pub image: Option<String>,
    /// GPUs of one replica.
    pub gpu: Option<GpuRequest>,
    /// CPU of one replica.
    pub cpu: CpuMilli,
    /// Memory of one replica.
    pub memory: Bytes,
    /// Storage of one replica.
    pub storage: Bytes,
    /// Whether storage survives restarts.
    pub persistent: bool,
    /// How many copies, at least one.
    pub replicas: u32,
    /// Ports to expose, at least one.
    pub ports: Vec<u16>,
    /// Environment of the container.
    pub env: BTreeMap<String, String>,
    /// How long it runs.
    pub duration: Seconds,
    /// Where; `None` for anywhere.
    pub region: Option<Region>,
    /// Most the buyer pays for one GPU for one hour.
    pub max_per_gpu_hour: Option<Usd>,
    /// Most the buyer pays for one hour.
    pub max_per_hour: Option<Usd>,
    /// Most the buyer pays in all.
    pub budget: Option<Usd>,
    /// Kinds of price the buyer does not want.
    pub exclude_pricing: BTreeSet<PricingModel>,
    /// What to favour.
    pub priority: Priority,
    /// Deploy to Akash: automatic, always or never.
    pub deploy_to_akash: DeployToAkash,
}

/// One field that nobody stated, with the value taken and the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// The field's name as in [`Requirements`].
    pub field: String,
    /// The value taken, as text for people.
    pub value: String,
    /// Why this value.
    pub reason: String,
}

/// A wish that cannot be carried out as it stands.
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
        /// The field, as people say it.
        field: &'static str,
        /// What was asked.
        asked: String,
        /// Least that works.
        least: &'static str,
        /// Most that works.
        most: &'static str,
    },
}

/// How long a workload runs where the buyer did not say.
const DEFAULT_DURATION: Seconds = Seconds::hours(24);

impl Wish {
    /// Whether nothing at all was understood.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Decides every open field, saying which ones and why.
    ///
    /// # Errors
    /// When nothing says what to run, or a number is outside what the network accepts
    /// (Akash's `validation_config`: 10 m to 384 CPU, 1 MiB to 2 TiB memory, 5 MiB to 32 TiB
    /// storage, at most 24 GPUs per unit, 50 replicas).
    pub fn complete(&self) -> Result<(Requirements, Vec<Assumption>), WishError> {
        let mut assumed = Assumptions::default();
        let gpu = if self.no_gpu { None } else { self.gpu.clone() };
        let template = match (self.template, &self.image, &gpu) {
            (Some(template), _, _) => Some(template),
            (None, Some(_), _) => None,
            (None, None, Some(_)) => {
                assumed.note(
                    "template",
                    Template::MlTraining.title(),
                    "a GPU was asked for and no image named",
                );
                Some(Template::MlTraining)
            }
            (None, None, None) if self.is_compute_only() => {
                assumed.note(
                    "template",
                    Template::WebPython.title(),
                    "only sizes were named: a Python image runs most jobs",
                );
                Some(Template::WebPython)
            }
            (None, None, None) => return Err(WishError::NothingToRun),
        };
        let defaults = template.unwrap_or(Template::WebNode).defaults();
        let source = template.map_or("a container of this kind", Template::title);
        let gpu = match gpu {
            None if defaults.needs_gpu && !self.no_gpu => {
                assumed.note(
                    "gpu",
                    "1 × any GPU",
                    "training needs a GPU and no model was named",
                );
                Some(GpuRequest {
                    vendor: None,
                    model: None,
                    count: 1,
                    vram_gib: None,
                    interface: None,
                })
            }
            gpu => gpu,
        };
        let cards = u64::from(gpu.as_ref().map_or(0, |gpu| gpu.count));
        let cpu = self.cpu.unwrap_or_else(|| {
            let cpu = CpuMilli(defaults.cpu.0.max(cards * 4000));
            assumed.note("cpu", &format!("{cpu} vCPU"), &sizing_reason(source, cards));
            cpu
        });
        let memory = self.memory.unwrap_or_else(|| {
            let memory = Bytes(defaults.memory.0.max(cards * Bytes::gib(16).0));
            assumed.note("memory", &memory.to_string(), &sizing_reason(source, cards));
            memory
        });
        let storage = self.storage.unwrap_or_else(|| {
            assumed.note(
                "storage",
                &defaults.storage.to_string(),
                &sizing_reason(source, 0),
            );
            defaults.storage
        });
        let persistent = self.persistent.unwrap_or_else(|| {
            let keeps = template.is_some_and(Template::keeps_data);
            if keeps {
                assumed.note(
                    "persistent",
                    "yes",
                    "a database must keep its data over restarts",
                );
            }
            keeps
        });
        let replicas = self.replicas.unwrap_or(1);
        let ports = if self.ports.is_empty() {
            let port = if template.is_some() {
                defaults.port
            } else {
                80
            };
            assumed.note(
                "ports",
                &port.to_string(),
                &format!("the usual port of {source}"),
            );
            vec![port]
        } else {
            self.ports.clone()
        };
        let duration = self.duration.unwrap_or_else(|| {
            assumed.note(
                "duration",
                &DEFAULT_DURATION.in_words(),
                "no duration was named; what is not used comes back",
            );
            DEFAULT_DURATION
        });
        let priority = self.priority.unwrap_or_default();
        if self.priority.is_none() {
            assumed.note("priority", "price", "no priority was named");
        }
        let requirements = Requirements {
            template,
            image: self.image.clone(),
            gpu,
            cpu,
            memory,
            storage,
            persistent,
            replicas,
            ports,
            env: self.env.clone(),
            duration,
            region: self.region,
            max_per_gpu_hour: self.max_per_gpu_hour,
            max_per_hour: self.max_per_hour,
            budget: self.budget,
            exclude_pricing: self.exclude_pricing.clone(),
            priority,
            deploy_to_akash: self.deploy_to_akash,
        };
        requirements.within_limits()?;
        for (field, reason) in &self.inferred {
            if let Some(value) = requirements.in_words(field) {
                assumed.note(field, &value, reason);
            }
        }
        Ok((requirements, assumed.0))
    }

    /// The same wish with `field` as the buyer's own word: its value in `decided`, which was an
    /// assumption until now. A field without an assumption changes nothing.
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

    /// The same wish in the usual sizes of its template: what was named for them is taken back.
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

    fn is_compute_only(&self) -> bool {
        self.cpu.is_some()
            || self.memory.is_some()
            || self.storage.is_some()
            || !self.ports.is_empty()
    }
}

impl Requirements {
    /// A field's value for people; `None` for a field without one, or an unknown one.
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

    fn within_limits(&self) -> Result<(), WishError> {
        let check = |field, asked: String, ok, least, most| {
            if ok {
                Ok(())
            } else {
                Err(WishError::OutOfRange {
                    field,
                    asked,
                    least,
                    most,
                })
            }
        };
        // First what was asked for, then what was sized by it.
        let cards = self.gpu.as_ref().map_or(1, |gpu| gpu.count);
        check(
            "GPU count",
            cards.to_string(),
            (1..=24).contains(&cards),
            "1",
            "24",
        )?;
        let (cpu, memory, storage) = (self.cpu.0, self.memory.0, self.storage.0);
        check(
            "CPU",
            format!("{} vCPU", self.cpu),
            (10..=384_000).contains(&cpu),
            "0.01 vCPU",
            "384 vCPU",
        )?;
        check(
            "Memory",
            self.memory.to_string(),
            (1 << 20..=2 << 40).contains(&memory),
            "1 MiB",
            "2 TiB",
        )?;
        check(
            "Storage",
            self.storage.to_string(),
            (5 << 20..=32 << 40).contains(&storage),
            "5 MiB",
            "32 TiB",
        )?;
        check(
            "Replicas",
            self.replicas.to_string(),
            (1..=50).contains(&self.replicas),
            "1",
            "50",
        )?;
        let zero_port = self.ports.contains(&0);
        check("Port", "0".to_owned(), !zero_port, "1", "65535")?;
        let (least, most) = (Seconds::minutes(5).0, Seconds::days(366).0);
        let duration_fits = (least..=most).contains(&self.duration.0);
        check(
            "Duration",
            self.duration.in_words(),
            duration_fits,
            "5 minutes",
            "366 days",
        )
    }
}

#[derive(Default)]
struct Assumptions(Vec<Assumption>);

impl Assumptions {
    fn note(&mut self, field: &str, value: &str, reason: &str) {
        self.0.push(Assumption {
            field: field.to_owned(),
            value: value.to_owned(),
            reason: reason.to_owned(),
        });
    }
}

fn sizing_reason(source: &str, cards: u64) -> String {
    match cards {
        0 => format!("a usual size for {source}"),
        n => format!(
            "a usual size for {source} with {n} GPU{}",
            if n == 1 { "" } else { "s" }
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Region, Template, Wish, WishError};
    use crate::resources::{Bytes, CpuMilli, GpuRequest};
    use crate::time::Seconds;

    #[test]
    fn what_was_said_is_kept_and_the_rest_is_assumed_aloud() {
        let wish = Wish {
            template: Some(Template::Postgres),
            memory: Some(Bytes::gib(8)),
            ..Wish::default()
        };
        let (requirements, assumed) = wish.complete().unwrap();
        assert_eq!(requirements.memory, Bytes::gib(8));
        assert!(requirements.persistent);
        assert_eq!(requirements.ports, [5432]);
        let fields: Vec<_> = assumed.iter().map(|a| a.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "cpu",
                "storage",
                "persistent",
                "ports",
                "duration",
                "priority"
            ]
        );
    }

    #[test]
    fn what_a_model_proposed_is_an_assumption_with_its_reason() {
        let wish = Wish {
            template: Some(Template::Redis),
            memory: Some(Bytes::gib(16)),
            inferred: [("memory".to_owned(), "7B at 4 bit needs it".to_owned())].into(),
            ..Wish::default()
        };
        let (_, assumed) = wish.complete().unwrap();
        let memory = assumed.iter().find(|a| a.field == "memory").unwrap();
        assert_eq!(
            (memory.value.as_str(), memory.reason.as_str()),
            ("16Gi", "7B at 4 bit needs it")
        );
    }

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

    #[test]
    fn gpus_without_sizes_bring_cpu_and_memory_with_them() {
        let gpu = GpuRequest {
            vendor: None,
            model: None,
            count: 8,
            vram_gib: None,
            interface: None,
        };
        let (requirements, _) = Wish {
            gpu: Some(gpu),
            ..Wish::default()
        }
        .complete()
        .unwrap();
        assert_eq!(requirements.template, Some(Template::MlTraining));
        assert_eq!(requirements.cpu, CpuMilli(32_000));
        assert_eq!(requirements.memory, Bytes::gib(128));
    }

    #[test]
    fn nothing_to_run_is_one_clear_sentence() {
        assert_eq!(
            Wish::default().complete().unwrap_err(),
            WishError::NothingToRun
        );
    }

    #[test]
    fn numbers_outside_the_network_s_limits_are_refused_by_name() {
        let wish = Wish {
            template: Some(Template::Redis),
            cpu: Some(CpuMilli(400_000)),
            ..Wish::default()
        };
        assert_eq!(
            wish.complete().unwrap_err().to_string(),
            "CPU must be between 0.01 vCPU and 384 vCPU; you asked for 400 vCPU."
        );
        let wish = Wish {
            template: Some(Template::Redis),
            duration: Some(Seconds(10)),
            ..Wish::default()
        };
        assert!(
            wish.complete()
                .unwrap_err()
                .to_string()
                .starts_with("Duration must be")
        );
    }

    #[test]
    fn too_many_cards_are_refused_as_cards_and_not_by_the_cpu_sized_for_them() {
        let wish = Wish {
            template: Some(Template::MlTraining),
            gpu: Some(GpuRequest {
                vendor: None,
                model: None,
                count: 1000,
                vram_gib: None,
                interface: None,
            }),
            ..Wish::default()
        };
        let refused = wish.complete().unwrap_err().to_string();
        assert!(refused.starts_with("GPU count must be"), "{refused}");
    }

    #[test]
    fn a_coarse_region_contains_its_parts() {
        assert!(Region::Eu.contains("eu-west"));
        assert!(Region::Us.contains("us-east"));
        assert!(!Region::UsWest.contains("us-east"));
        assert!(Region::Asia.contains("ap-southeast"));
    }
}
