//! Built-in templates with their default sizes.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::resources::{Bytes, CpuMilli};

/// Kind of workload with a predefined shape.
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
    /// Every template, in the order in which they are offered.
    pub const ALL: [Self; 6] = [
        Self::MlTraining,
        Self::WebNode,
        Self::WebPython,
        Self::StaticSite,
        Self::Postgres,
        Self::Redis,
    ];

    /// Id of the template in URLs, JSON and the command line.
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

    /// Name of the template, for display.
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

    /// Default sizes of a workload of this kind.
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

    /// Whether the workload exists to keep data, so that storage survives restarts by default.
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
    /// `true` if the workload makes no sense without a GPU.
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
