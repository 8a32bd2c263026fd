//! Contents of a document as shown in a form.

use serde::Serialize;

use crate::diagnostic::Findings;
use crate::dialect::Dialect;
use crate::model::{self, Model};
use crate::parse::parse;
use crate::spec::Protocol;

/// A document as a form shows it: one entry for each service and placement.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Form {
    /// The services, in the order of the document.
    pub services: Vec<FormService>,
}

/// Attribute with which a placement names a region.
pub const REGION: &str = "location-region";

/// A deployed service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormService {
    /// Name of the service.
    pub name: String,
    /// Container image; empty if the document names none.
    pub image: String,
    /// Environment variables, names with values.
    pub env: Vec<(String, String)>,
    /// Ports that the service exposes.
    pub ports: Vec<FormPort>,
    /// Name of the placement in which it runs.
    pub placement: String,
    /// Region that the placement asks for; `None` if it asks for none.
    pub region: Option<String>,
    /// Name of the compute profile.
    pub profile: String,
    /// Number of replicas.
    pub count: u32,
    /// CPU in thousandths of a core; `None` if it cannot be read.
    pub cpu_milli: Option<u64>,
    /// Memory in bytes; `None` if it cannot be read.
    pub memory_bytes: Option<u64>,
    /// Volumes of one replica.
    pub volumes: Vec<FormVolume>,
    /// Number of GPUs of one replica; 0 for none.
    pub gpu_units: u64,
    /// Acceptable GPU models; none means any.
    pub gpu_models: Vec<String>,
    /// Price limit per block and replica, as written; `None` if the document has none.
    pub price: Option<String>,
    /// Denomination of the price limit: `uact`; `None` if the document has no price limit.
    pub denom: Option<String>,
}

/// A port of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormPort {
    /// The port the container listens on.
    pub port: u32,
    /// The port visible from outside; `None` if the document names none.
    pub external: Option<u32>,
    /// `true` if the port takes UDP and not TCP.
    pub is_udp: bool,
    /// `true` if the internet may connect.
    pub is_global: bool,
}

/// A volume of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FormVolume {
    /// Name of the volume.
    pub name: String,
    /// Size of the volume in bytes; `None` if it cannot be read.
    pub bytes: Option<u64>,
    /// `true` if the volume survives restarts.
    pub is_persistent: bool,
}

/// Reads a form from a document: as much as possible from a broken one, `None` if it is not YAML.
#[must_use]
pub fn form(text: &str) -> Option<Form> {
    let mut findings = Findings::default();
    let tree = parse(text, &mut findings)?;
    let model = model::read(tree.root()?, Dialect::Console, text, None, &mut findings)?;
    let mut form = Form::default();
    for deployed in &model.deployments {
        for placed in &deployed.placements {
            form.services
                .push(service(&model, deployed.service.text, placed));
        }
    }
    Some(form)
}

fn service(model: &Model<'_>, name: &str, placed: &model::Deployed<'_>) -> FormService {
    let service = model.service(name);
    let compute = model.compute(placed.profile.text);
    let gpu = compute.and_then(|compute| compute.gpu.as_ref());
    let placement = model.placement(placed.placement.text);
    let price = placement.and_then(|placement| placement.price(placed.profile.text));
    let region = placement.and_then(|placement| {
        let mut attributes = placement.attributes.iter();
        attributes.find(|attribute| attribute.key == REGION)
    });
    FormService {
        region: region.map(|region| region.value.clone()),
        name: name.to_owned(),
        image: service
            .and_then(|service| service.image)
            .map_or_else(String::new, |image| image.text.to_owned()),
        env: service
            .and_then(|service| service.env.as_ref())
            .into_iter()
            .flatten()
            .map(|variable| {
                let (name, value) = variable.text.split_once('=').unwrap_or((variable.text, ""));
                (name.to_owned(), value.to_owned())
            })
            .collect(),
        ports: service
            .into_iter()
            .flat_map(|service| &service.expose)
            .map(|expose| FormPort {
                port: expose.port,
                external: expose.external,
                is_udp: expose.protocol == Protocol::Udp,
                is_global: expose.to.iter().any(|to| to.global),
            })
            .collect(),
        placement: placed.placement.text.to_owned(),
        profile: placed.profile.text.to_owned(),
        count: placed.count,
        cpu_milli: compute
            .and_then(|compute| compute.cpu.as_ref())
            .and_then(|cpu| cpu.milli.ok()),
        memory_bytes: compute
            .and_then(|compute| compute.memory)
            .and_then(|memory| memory.bytes.ok()),
        volumes: compute
            .into_iter()
            .flat_map(|compute| &compute.volumes)
            .map(|volume| FormVolume {
                name: volume.name.to_owned(),
                bytes: volume.size.bytes.ok(),
                is_persistent: volume.persistent,
            })
            .collect(),
        gpu_units: gpu.map_or(0, |gpu| gpu.units),
        gpu_models: gpu
            .into_iter()
            .flat_map(|gpu| &gpu.attributes)
            .filter_map(|attribute| attribute.key.split('/').nth(3))
            .filter(|model| *model != "*")
            .map(ToOwned::to_owned)
            .collect(),
        price: price.map(|price| price.amount.clone()),
        denom: price.map(|price| price.denom.text.to_owned()),
    }
}
