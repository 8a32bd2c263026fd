//! Changes from a form, as edits of the text.
//!
//! A change touches only the lines it must: comments, order, quoting and line endings of the rest
//! stay as their authors wrote them. The text is never printed anew; edits are spliced in at the
//! positions that the parser recorded.

mod form;
mod splice;

use domain::money::UactPerBlock;
use serde::{Deserialize, Serialize};

pub use form::{Form, FormPort, FormService, FormVolume, REGION, form};
pub use splice::apply;

use crate::diagnostic::{Edit, Findings};
use crate::emit;
use crate::parse::parse;
use crate::quantity::{bytes_text, cpu_text};
use crate::span::Span;
use crate::yaml::Ref;
use splice::Splicer;

/// A change made in a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum Change {
    /// The image of a service.
    Image {
        /// Name of the service.
        service: String,
        /// Container image to run from now on.
        image: String,
    },
    /// A variable of a service: its value, or nothing to remove it.
    Variable {
        /// Name of the service.
        service: String,
        /// The variable's name.
        name: String,
        /// New value; `None` removes the variable.
        value: Option<String>,
    },
    /// CPU of a compute profile.
    Cpu {
        /// Name of the compute profile.
        profile: String,
        /// Thousandths of a core.
        milli: u64,
    },
    /// Memory of a compute profile.
    Memory {
        /// Name of the compute profile.
        profile: String,
        /// New size of the memory, in bytes.
        bytes: u64,
    },
    /// The size of a volume of a compute profile.
    Storage {
        /// Name of the compute profile.
        profile: String,
        /// Index of the volume within the profile, from 0.
        volume: usize,
        /// New size of the volume, in bytes.
        bytes: u64,
    },
    /// GPUs of a compute profile; none removes them.
    Gpu {
        /// Name of the compute profile.
        profile: String,
        /// Number of GPUs of one replica; 0 removes them.
        units: u32,
        /// Acceptable models; none means any.
        models: Vec<String>,
    },
    /// The port a service listens on.
    Port {
        /// Name of the service.
        service: String,
        /// Index of the port within the service, from 0.
        index: usize,
        /// The port the container listens on.
        port: u16,
        /// The port visible from outside; `None` leaves it as it is.
        external: Option<u16>,
    },
    /// One more port, open to the internet.
    AddPort {
        /// Name of the service.
        service: String,
        /// The port the container listens on.
        port: u16,
        /// The port visible from outside.
        external: u16,
    },
    /// Removes a port, and the leased addresses that only it used.
    RemovePort {
        /// Name of the service.
        service: String,
        /// Index of the port within the service, from 0.
        index: usize,
    },
    /// The number of replicas of a service in a placement.
    Replicas {
        /// Name of the service.
        service: String,
        /// Name of the placement.
        placement: String,
        /// Number of replicas.
        count: u32,
    },
    /// The price limit of a profile in a placement, per block and replica.
    Price {
        /// Name of the placement.
        placement: String,
        /// Name of the compute profile.
        profile: String,
        /// Most to pay for one replica, in uact per block.
        amount: UactPerBlock,
    },
    /// An attribute that the provider must declare; nothing removes it.
    Attribute {
        /// Name of the placement.
        placement: String,
        /// The attribute's key.
        key: String,
        /// New value; `None` removes the attribute.
        value: Option<String>,
    },
}

/// Reason why a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotEdit {
    /// The text cannot be read at all.
    Unreadable,
    /// The element to change does not exist.
    Missing(String),
    /// The element to change is used in several places.
    Shared(String),
    /// The element to change has another form than expected.
    Unexpected(String),
}

/// The edits that make a change; empty if the text already has the value.
///
/// # Errors
/// If the text cannot be read, or lacks the element to change.
pub fn edits(text: &str, change: &Change) -> Result<Vec<Edit>, CannotEdit> {
    let mut findings = Findings::default();
    let tree = parse(text, &mut findings).ok_or(CannotEdit::Unreadable)?;
    let root = tree.root().ok_or(CannotEdit::Unreadable)?;
    if is_said(text, change) {
        return Ok(Vec::new());
    }
    let splicer = Splicer::new(text);
    let mut edits = changed(root, &splicer, change)?;
    edits.retain(|edit| text.get(edit.from..edit.to) != Some(edit.insert.as_str()));
    let place = |edit: &Edit| Span {
        from: edit.from,
        to: edit.to,
    };
    if edits.iter().any(|edit| tree.is_shared(place(edit))) {
        return Err(CannotEdit::Shared("This".to_owned()));
    }
    Ok(edits)
}

/// Whether the text already has the value, in any notation: a quarter of a core may be `0.25`.
fn is_said(text: &str, change: &Change) -> bool {
    let form = form(text).unwrap_or_default();
    let services = form.services.iter();
    let of = |profile: &str| services.clone().find(|service| service.profile == profile);
    match change {
        Change::Cpu { profile, milli } => {
            of(profile).is_some_and(|service| service.cpu_milli == Some(*milli))
        }
        Change::Memory { profile, bytes } => {
            of(profile).is_some_and(|service| service.memory_bytes == Some(*bytes))
        }
        Change::Storage {
            profile,
            volume,
            bytes,
        } => {
            let volume = of(profile).and_then(|service| service.volumes.get(*volume));
            volume.is_some_and(|volume| volume.bytes == Some(*bytes))
        }
        _ => false,
    }
}

fn changed(
    root: Ref<'_, '_>,
    splicer: &Splicer<'_>,
    change: &Change,
) -> Result<Vec<Edit>, CannotEdit> {
    match change {
        Change::Image { service, image } => {
            let service = find(root, &["services", service])?;
            splicer.set(service, "image", image, Written::Text)
        }
        Change::Variable {
            service,
            name,
            value,
        } => variable(root, splicer, service, name, value.as_deref()),
        Change::Cpu { profile, milli } => {
            let cpu = find(root, &["profiles", "compute", profile, "resources", "cpu"])?;
            splicer.set(cpu, "units", &cpu_text(*milli), Written::Number)
        }
        Change::Memory { profile, bytes } => {
            let path = ["profiles", "compute", profile, "resources", "memory"];
            splicer.set(
                find(root, &path)?,
                "size",
                &bytes_text(*bytes),
                Written::Text,
            )
        }
        Change::Storage {
            profile,
            volume,
            bytes,
        } => storage(root, splicer, profile, *volume, *bytes),
        Change::Gpu {
            profile,
            units,
            models,
        } => gpu(root, splicer, profile, *units, models),
        Change::Port {
            service,
            index,
            port,
            external,
        } => {
            let expose = port_of(root, service, *index)?;
            set_port(splicer, expose, *port, *external)
        }
        Change::AddPort {
            service,
            port,
            external,
        } => add_port(root, splicer, service, *port, *external),
        Change::RemovePort { service, index } => remove_port(root, splicer, service, *index),
        Change::Replicas {
            service,
            placement,
            count,
        } => {
            let placed = find(root, &["deployment", service, placement])?;
            splicer.set(placed, "count", &count.to_string(), Written::Number)
        }
        Change::Price {
            placement,
            profile,
            amount,
        } => {
            let path = ["profiles", "placement", placement, "pricing", profile];
            let price = find(root, &path)?;
            splicer.set(price, "amount", &amount.to_string(), Written::Number)
        }
        Change::Attribute {
            placement,
            key,
            value,
        } => {
            let placement = find(root, &["profiles", "placement", placement])?;
            attribute(splicer, placement, key, value.as_deref())
        }
    }
}

/// Way in which a new value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// As text, quoted if necessary.
    Text,
    /// Unchanged, as a number.
    Number,
}

fn find<'a, 't>(root: Ref<'a, 't>, path: &[&str]) -> Result<Ref<'a, 't>, CannotEdit> {
    let mut node = root;
    for (at, key) in path.iter().enumerate() {
        let here = || path[..=at].join(".");
        let entry = node.entry(key).ok_or_else(|| CannotEdit::Missing(here()))?;
        let aliased = entry.value.span().from < entry.key.span().to;
        if entry.merged || aliased {
            return Err(CannotEdit::Shared(here()));
        }
        node = entry.value;
    }
    if node.is_mapping() || node.is_sequence() {
        Ok(node)
    } else {
        Err(CannotEdit::Unexpected(path.join(".")))
    }
}

fn port_of<'a, 't>(
    root: Ref<'a, 't>,
    service: &str,
    index: usize,
) -> Result<Ref<'a, 't>, CannotEdit> {
    find(root, &["services", service, "expose"])?
        .items()
        .and_then(|mut items| items.nth(index))
        .filter(|item| item.is_mapping())
        .ok_or_else(|| CannotEdit::Missing(format!("services.{service}.expose[{index}]")))
}

fn storage(
    root: Ref<'_, '_>,
    splicer: &Splicer<'_>,
    profile: &str,
    volume: usize,
    bytes: u64,
) -> Result<Vec<Edit>, CannotEdit> {
    let path = ["profiles", "compute", profile, "resources", "storage"];
    let storage = find(root, &path)?;
    let volume = match storage.items() {
        Some(mut items) => items.nth(volume),
        None => (volume == 0).then_some(storage),
    };
    let volume = volume.ok_or_else(|| CannotEdit::Missing("such volume".to_owned()))?;
    splicer.set(volume, "size", &bytes_text(bytes), Written::Text)
}

fn set_port(
    splicer: &Splicer<'_>,
    expose: Ref<'_, '_>,
    port: u16,
    external: Option<u16>,
) -> Result<Vec<Edit>, CannotEdit> {
    let mut edits = splicer.set(expose, "port", &port.to_string(), Written::Number)?;
    if let Some(external) = external {
        let external = external.to_string();
        edits.extend(splicer.set(expose, "as", &external, Written::Number)?);
    }
    edits.sort_by_key(|edit| edit.from);
    Ok(edits)
}

fn add_port(
    root: Ref<'_, '_>,
    splicer: &Splicer<'_>,
    service: &str,
    port: u16,
    external: u16,
) -> Result<Vec<Edit>, CannotEdit> {
    let lines = [
        format!("port: {port}"),
        format!("as: {external}"),
        "to:".to_owned(),
        "  - global: true".to_owned(),
    ];
    let flow = format!("{{port: {port}, as: {external}, to: [{{global: true}}]}}");
    splicer.push(find(root, &["services", service])?, "expose", &lines, &flow)
}

fn remove_port(
    root: Ref<'_, '_>,
    splicer: &Splicer<'_>,
    service: &str,
    index: usize,
) -> Result<Vec<Edit>, CannotEdit> {
    let port = port_of(root, service, index)?;
    let service = find(root, &["services", service])?;
    let mut edits = splicer.remove_item(service, "expose", index)?;
    edits.extend(unused_endpoints(root, splicer, port)?);
    edits.sort_by_key(|edit| edit.from);
    Ok(edits)
}

fn attribute(
    splicer: &Splicer<'_>,
    placement: Ref<'_, '_>,
    key: &str,
    value: Option<&str>,
) -> Result<Vec<Edit>, CannotEdit> {
    let attributes = placement.get("attributes").filter(|node| node.is_mapping());
    match (attributes, value) {
        (Some(attributes), Some(value)) => splicer.set(attributes, key, value, Written::Text),
        (None, Some(value)) => {
            let line = format!("{}: {}", emit::text(key), emit::text(value));
            splicer.set_block(placement, "attributes", &[line])
        }
        (Some(attributes), None) if attributes.get(key).is_some() => {
            if attributes.entries().into_iter().flatten().count() == 1 {
                splicer.remove_entry(placement, "attributes")
            } else {
                splicer.remove_entry(attributes, key)
            }
        }
        (_, None) => Ok(Vec::new()),
    }
}

/// Also removes the declarations of addresses that no other port uses: an unused one fails the
/// deployment.
fn unused_endpoints(
    root: Ref<'_, '_>,
    splicer: &Splicer<'_>,
    removed: Ref<'_, '_>,
) -> Result<Vec<Edit>, CannotEdit> {
    let Some(endpoints) = root.get("endpoints").filter(|node| node.is_mapping()) else {
        return Ok(Vec::new());
    };
    let all: Vec<Ref<'_, '_>> = root
        .get("services")
        .and_then(Ref::entries)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.value.get("expose")?.items())
        .flatten()
        .collect();
    let others = all
        .into_iter()
        .filter(|port| port.span() != removed.span())
        .flat_map(addresses);
    let others: Vec<&str> = others.collect();
    let mut unused: Vec<&str> = addresses(removed)
        .into_iter()
        .filter(|name| !others.contains(name) && endpoints.get(name).is_some())
        .collect();
    unused.sort_unstable();
    unused.dedup();
    let declared = endpoints.entries().into_iter().flatten().count();
    if !unused.is_empty() && unused.len() == declared {
        return splicer.remove_entry(root, "endpoints");
    }
    let removals = unused
        .into_iter()
        .map(|name| splicer.remove_entry(endpoints, name));
    Ok(removals.collect::<Result<Vec<_>, _>>()?.concat())
}

/// The leased addresses that a port is reached under.
fn addresses<'a>(port: Ref<'a, '_>) -> Vec<&'a str> {
    let rules = port.get("to").and_then(Ref::items).into_iter().flatten();
    rules
        .filter_map(|to| to.get("ip").and_then(Ref::scalar))
        .collect()
}

fn variable(
    root: Ref<'_, '_>,
    splicer: &Splicer<'_>,
    service: &str,
    name: &str,
    value: Option<&str>,
) -> Result<Vec<Edit>, CannotEdit> {
    let node = find(root, &["services", service])?;
    let is_it = |item: Ref<'_, '_>| {
        let text = item.scalar().unwrap_or_default();
        text.split('=').next() == Some(name)
    };
    let found = node
        .get("env")
        .and_then(Ref::items)
        .and_then(|mut items| items.position(is_it));
    match (found, value) {
        (Some(index), Some(value)) => {
            let item = node
                .get("env")
                .and_then(Ref::items)
                .and_then(|mut items| items.nth(index))
                .ok_or_else(|| CannotEdit::Missing(name.to_owned()))?;
            Ok(vec![splicer.replace(
                item,
                &format!("{name}={value}"),
                Written::Text,
            )])
        }
        (Some(index), None) => splicer.remove_item(node, "env", index),
        (None, Some(value)) => {
            let text = emit::text(&format!("{name}={value}"));
            splicer.push(node, "env", std::slice::from_ref(&text), &text)
        }
        (None, None) => Ok(Vec::new()),
    }
}

fn gpu(
    root: Ref<'_, '_>,
    splicer: &Splicer<'_>,
    profile: &str,
    units: u32,
    models: &[String],
) -> Result<Vec<Edit>, CannotEdit> {
    let resources = find(root, &["profiles", "compute", profile, "resources"])?;
    if units == 0 {
        return match resources.get("gpu") {
            Some(_) => splicer.remove_entry(resources, "gpu"),
            None => Ok(Vec::new()),
        };
    }
    let current: Option<Vec<&str>> = resources
        .get("gpu")
        .and_then(|gpu| gpu.get("attributes")?.get("vendor")?.get("nvidia"))
        .map(|nvidia| {
            let items = nvidia.items().into_iter().flatten();
            items
                .filter_map(|item| item.get("model").and_then(Ref::scalar))
                .collect()
        });
    // Details of the models, such as their memory, are kept if the models stay the same.
    if current.is_some_and(|current| current == models)
        && let Some(gpu) = resources.get("gpu")
    {
        return splicer.set(gpu, "units", &units.to_string(), Written::Number);
    }
    let mut lines = vec![
        format!("units: {units}"),
        "attributes:".to_owned(),
        "  vendor:".to_owned(),
        "    nvidia:".to_owned(),
    ];
    lines.extend(
        models
            .iter()
            .map(|model| format!("      - model: {}", emit::text(model))),
    );
    splicer.set_block(resources, "gpu", &lines)
}
