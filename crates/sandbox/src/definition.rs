//! The meaning of an SDL: groups to bid on, a manifest to deliver, services to run.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::batch::EXIT_LINE;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::amount::DENOM;
use crate::group::Group;
use crate::providers::AUDITOR;

/// An SDL as the Console interpreted it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    /// Groups in order; the first has `gseq` 1.
    pub(crate) groups: Vec<Group>,
    /// Manifest as sorted JSON, as it is returned and must be sent back.
    pub(crate) manifest: String,
    /// Base64 SHA-256 of the manifest.
    pub(crate) hash: String,
    /// Services to run, by group.
    pub(crate) services: Vec<Vec<ServiceSpec>>,
}

/// A service of the SDL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceSpec {
    pub(crate) name: String,
    pub(crate) image: String,
    pub(crate) replicas: u32,
    /// `true` if it answers HTTP requests from outside.
    pub(crate) web: bool,
    /// Host names that the SDL requests.
    pub(crate) hosts: Vec<String>,
    /// Ports forwarded to the outside, with their protocol.
    pub(crate) ports: Vec<(u16, String)>,
    /// Ports on a leased IP address.
    pub(crate) ip_ports: Vec<(u16, String)>,
    /// `true` if its pods keep their names across restarts and updates.
    pub(crate) stateful: bool,
    /// `true` if its command ends by printing a line with its exit code.
    #[serde(default)]
    pub(crate) tells_its_end: bool,
    /// Values of the environment variable `SIM_SCENARIO`.
    pub(crate) scenarios: Vec<String>,
}

impl Definition {
    /// Parses an SDL as the Console does.
    ///
    /// # Errors
    /// The faults of the SDL, one sentence each.
    pub(crate) fn read(sdl_text: &str) -> Result<Self, Vec<String>> {
        let derived = sdl::derive(sdl_text, sdl::Dialect::Console).map_err(|report| {
            report
                .errors(sdl::Dialect::Console)
                .map(|diagnostic| diagnostic.message.clone())
                .collect::<Vec<_>>()
        })?;
        let groups = serde_json::to_value(&derived.groups)
            .map_err(|error| vec![format!("the groups cannot be written: {error}")])?;
        let groups: Vec<Group> = serde_json::from_value(groups)
            .map_err(|error| vec![format!("the groups cannot be read: {error}")])?;
        Self::of(
            groups.into_iter().map(as_the_console_rewrites).collect(),
            derived.manifest.sorted_json(),
        )
    }

    fn of(groups: Vec<Group>, manifest: String) -> Result<Self, Vec<String>> {
        let parsed: Vec<ManifestGroup> = serde_json::from_str(&manifest)
            .map_err(|error| vec![format!("the manifest cannot be read: {error}")])?;
        Ok(Self {
            groups,
            hash: hash_of(&manifest),
            services: parsed.into_iter().map(ManifestGroup::services).collect(),
            manifest,
        })
    }

    /// Whether an update from `self` to `next` leaves resources and placements unchanged.
    pub(crate) fn has_same_resources(&self, next: &Self) -> bool {
        let shape = |definition: &Self| -> Vec<_> {
            definition
                .groups
                .iter()
                .map(|group| {
                    let units = group
                        .resources
                        .iter()
                        .map(|unit| (unit.resource.clone(), unit.count));
                    (group.name.clone(), units.collect::<Vec<_>>())
                })
                .collect()
        };
        shape(self) == shape(next)
    }
}

/// Returns the base64 SHA-256 of a manifest.
pub(crate) fn hash_of(manifest: &str) -> String {
    STANDARD.encode(Sha256::digest(manifest))
}

/// Rewrites a group as the Console does: prices in `uact`, and its auditor required in every
/// placement.
fn as_the_console_rewrites(mut group: Group) -> Group {
    for unit in &mut group.resources {
        unit.price.denom = DENOM.to_owned();
    }
    let any_of = &mut group.requirements.signed_by.any_of;
    if !any_of.iter().any(|auditor| auditor == AUDITOR) {
        any_of.push(AUDITOR.to_owned());
    }
    group
}

#[derive(Deserialize)]
struct ManifestGroup {
    #[serde(default)]
    services: Vec<ManifestService>,
}

#[derive(Deserialize)]
struct ManifestService {
    name: String,
    #[serde(default)]
    image: String,
    #[serde(default)]
    count: u32,
    #[serde(default)]
    command: Option<Vec<String>>,
    #[serde(default)]
    args: Option<Vec<String>>,
    #[serde(default)]
    env: Option<Vec<String>>,
    #[serde(default)]
    expose: Option<Vec<ManifestExpose>>,
    #[serde(default)]
    params: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManifestExpose {
    #[serde(default)]
    port: u16,
    #[serde(default)]
    external_port: u16,
    #[serde(default)]
    proto: String,
    #[serde(default)]
    global: bool,
    #[serde(default)]
    ip: String,
    #[serde(default)]
    hosts: Option<Vec<String>>,
}

impl ManifestExpose {
    /// Whether this is shared HTTP: global TCP on port 80 as seen from outside.
    fn is_web(&self) -> bool {
        let outside = if self.external_port == 0 {
            self.port
        } else {
            self.external_port
        };
        self.global && self.proto.eq_ignore_ascii_case("tcp") && outside == 80
    }
}

impl ManifestGroup {
    fn services(self) -> Vec<ServiceSpec> {
        self.services
            .into_iter()
            .map(ManifestService::spec)
            .collect()
    }
}

impl ManifestService {
    fn spec(self) -> ServiceSpec {
        let expose = self.expose.unwrap_or_default();
        let web = |e: &&ManifestExpose| e.is_web();
        let named_port = |e: &ManifestExpose| (e.port, e.proto.to_uppercase());
        ServiceSpec {
            web: expose.iter().any(|e| e.is_web()),
            hosts: expose
                .iter()
                .filter(web)
                .flat_map(|e| e.hosts.clone().unwrap_or_default())
                .collect(),
            ports: expose
                .iter()
                .filter(|e| e.global && e.ip.is_empty() && !e.is_web())
                .map(named_port)
                .collect(),
            ip_ports: expose
                .iter()
                .filter(|e| e.global && !e.ip.is_empty())
                .map(named_port)
                .collect(),
            stateful: self.params.is_some_and(|params| {
                params
                    .get("storage")
                    .and_then(Value::as_array)
                    .is_some_and(|volumes| !volumes.is_empty())
            }),
            tells_its_end: [&self.command, &self.args]
                .into_iter()
                .flatten()
                .flatten()
                .any(|word| word.contains(EXIT_LINE)),
            scenarios: self
                .env
                .unwrap_or_default()
                .iter()
                .filter_map(|line| line.strip_prefix("SIM_SCENARIO="))
                .map(str::to_owned)
                .collect(),
            name: self.name,
            image: self.image,
            replicas: self.count,
        }
    }
}
