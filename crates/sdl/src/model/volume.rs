//! Reads the volumes of a compute profile.

use super::read::{Reader, named};
use std::fmt;

use super::{Volume, VolumePath};
use crate::diagnostic::{Findings, Who};
use crate::dialect::Dialect;
use crate::problem::{Remedy, Structure, Value};
use crate::schema::STORAGE_CLASSES;
use crate::spec::Attribute;
use crate::yaml::Ref;
use crate::yaml::scalar::{self, Go, Js};

/// The volumes, in the order in which the dialect sends them.
pub(super) fn read<'a>(
    reader: &mut Reader<'_>,
    node: Ref<'a, '_>,
    resources: fmt::Arguments<'_>,
) -> Vec<Volume<'a>> {
    let mut volumes = Vec::new();
    match node.items() {
        Some(items) => {
            for (index, item) in items.enumerate() {
                volumes.push(volume(reader, item, resources, VolumePath(Some(index))));
            }
        }
        None if node.is_mapping() => {
            let mut single = volume(reader, node, resources, VolumePath(None));
            if reader.dialect == Dialect::Go {
                // The command line ignores the name of a single volume.
                single.name = "default";
            }
            volumes.push(single);
        }
        None => {}
    }
    if reader.dialect == Dialect::Go {
        refuse_double_names(&volumes, resources, reader.findings);
        sort_as_the_command_line(&mut volumes);
    }
    volumes
}

fn volume<'a>(
    reader: &mut Reader<'_>,
    node: Ref<'a, '_>,
    resources: fmt::Arguments<'_>,
    path: VolumePath,
) -> Volume<'a> {
    let written_name = reader.word(node.get("name")).map(|word| word.text);
    let size = reader.size(
        node,
        format_args!("{resources}.{path}.size"),
        "storage-size",
    );
    let attributes = node
        .get("attributes")
        .filter(|attributes| attributes.is_mapping());
    let (attributes, persistent) = match (attributes, reader.dialect) {
        (None, _) => (Vec::new(), false),
        (Some(attributes), dialect) => {
            let full = format!("{resources}.{path}");
            match dialect {
                Dialect::Console => console_attributes(reader, attributes, &full),
                Dialect::Go => go_attributes(reader, attributes, &full),
            }
        }
    };
    Volume {
        span: node.span(),
        path,
        written_name,
        name: written_name
            .filter(|name| !name.is_empty())
            .unwrap_or("default"),
        size,
        attributes,
        persistent,
    }
}

fn console_attributes(
    reader: &mut Reader<'_>,
    node: Ref<'_, '_>,
    volume: &str,
) -> (Vec<Attribute>, bool) {
    let persistent_node = node.get("persistent");
    let persistent = persistent_node.and_then(scalar::js);
    let path = format!("{volume}.attributes.persistent");
    if let (Some(node), Some(value)) = (persistent_node, persistent)
        && !matches!(value, Js::Bool(_) | Js::Text(_))
    {
        reader.findings.refuse(
            Who::Console,
            "persistent",
            path.clone(),
            node.span(),
            Structure::NotAFlag {
                key: "persistent".to_owned(),
            },
        );
    }
    let is_true = matches!(persistent, Some(Js::Bool(true) | Js::Text("true")));
    let class = node.get("class").and_then(Ref::scalar);
    match (class, persistent_node) {
        (Some("ram"), Some(_)) if is_true => refuse_persistent_ram(reader, node, volume),
        (Some(class @ ("beta1" | "beta2" | "beta3" | "default")), Some(value)) if !is_true => {
            let span = value.span();
            reader
                .findings
                .refuse(
                    Who::Console,
                    "persistent",
                    path,
                    span,
                    Value::MustBePersistent {
                        class: class.to_owned(),
                    },
                )
                .replace(Remedy::MakePersistent, span, "true");
        }
        _ => {}
    }
    for entry in named([node]) {
        if !reader.attribute_value(entry.value).is_empty() {
            continue;
        }
        reader.findings.refuse(
            Who::Console,
            "attribute-empty",
            format!(
                "{volume}.attributes.{}",
                entry.key.scalar().unwrap_or_default()
            ),
            entry.value.span(),
            Value::EmptyAttribute,
        );
    }
    let kept = match persistent {
        Some(Js::Bool(value)) => value,
        Some(Js::Text(text)) => !matches!(
            text.to_ascii_lowercase().as_str(),
            "false" | "no" | "0" | ""
        ),
        _ => false,
    };
    let mut attributes = reader.attributes(node);
    if class == Some("ram") && persistent_node.is_none() {
        attributes.push(Attribute::new("persistent", "false"));
    }
    (attributes, kept)
}

fn go_attributes(
    reader: &mut Reader<'_>,
    node: Ref<'_, '_>,
    volume: &str,
) -> (Vec<Attribute>, bool) {
    let path = format!("{volume}.attributes");
    let mut attributes = reader.attributes(node);
    if !attributes.iter().any(|pair| pair.key == "persistent") {
        attributes.push(Attribute::new("persistent", "false"));
    }
    let value = |attributes: &[Attribute], key: &str| {
        attributes
            .iter()
            .find(|pair| pair.key == key)
            .map(|pair| pair.value.clone())
            .unwrap_or_default()
    };
    // Compared before truth values are normalised, as the command line does.
    let persistent = value(&attributes, "persistent");
    let class = value(&attributes, "class");
    match class.as_str() {
        "" if persistent == "true" => {
            attributes.retain(|pair| pair.key != "class");
            attributes.push(Attribute::new("class", "default"));
        }
        "ram" if persistent != "false" => refuse_persistent_ram(reader, node, volume),
        "" | "ram" => {}
        _ if persistent == "false" => {
            let missing = node.get("persistent").is_none();
            let code = if missing { "missing" } else { "persistent" };
            reader.findings.refuse(
                Who::CommandLine,
                code,
                format!("{path}.persistent"),
                node.get("persistent").unwrap_or(node).span(),
                Value::MustBePersistent {
                    class: class.clone(),
                },
            );
        }
        _ => {}
    }
    for pair in &mut attributes {
        match pair.key.as_str() {
            "persistent" => match pair.value.as_str() {
                "true" | "on" | "yes" => "true".clone_into(&mut pair.value),
                "false" | "off" | "no" => "false".clone_into(&mut pair.value),
                _ => {
                    reader.findings.refuse(
                        Who::CommandLine,
                        "persistent",
                        format!("{path}.persistent"),
                        node.get("persistent").unwrap_or(node).span(),
                        Structure::NotAFlag {
                            key: "persistent".to_owned(),
                        },
                    );
                }
            },
            "class" if !STORAGE_CLASSES.contains(&pair.value.as_str()) => {
                let nothing = node
                    .get("class")
                    .is_some_and(|class| scalar::go(class) == Some(Go::Null));
                reader.findings.refuse(
                    Who::CommandLine,
                    if nothing { "type" } else { "storage-class" },
                    format!("{path}.class"),
                    node.get("class").unwrap_or(node).span(),
                    Value::StorageClass {
                        known: STORAGE_CLASSES,
                    },
                );
            }
            _ => {}
        }
    }
    attributes.sort_by(|a, b| a.key.cmp(&b.key));
    let persistent = value(&attributes, "persistent") == "true";
    (attributes, persistent)
}

fn refuse_persistent_ram(reader: &mut Reader<'_>, node: Ref<'_, '_>, volume: &str) {
    let span = node.get("persistent").unwrap_or(node).span();
    reader
        .findings
        .refuse(
            reader.dialect.into(),
            "persistent-ram",
            format!("{volume}.attributes.persistent"),
            span,
            Value::PersistentRam,
        )
        .replace(Remedy::MakeTemporary, span, "false");
}

fn refuse_double_names(
    volumes: &[Volume<'_>],
    resources: fmt::Arguments<'_>,
    findings: &mut Findings,
) {
    for (index, volume) in volumes.iter().enumerate() {
        if volumes[..index]
            .iter()
            .any(|other| other.name == volume.name)
        {
            findings.refuse(
                Who::CommandLine,
                "volume-name",
                format!("{resources}.{}.name", volume.path),
                volume.span,
                Value::VolumeNameTwice {
                    name: volume.name.to_owned(),
                },
            );
        }
    }
}

/// The command line's stable insertion sort with its comparison, which is not a total order: a
/// volume that is not persistent goes before every volume of the same size.
fn sort_as_the_command_line(volumes: &mut [Volume<'_>]) {
    for end in 1..volumes.len() {
        let mut at = end;
        while at > 0 && goes_before(&volumes[at], &volumes[at - 1]) {
            volumes.swap(at, at - 1);
            at -= 1;
        }
    }
}

fn goes_before(a: &Volume<'_>, b: &Volume<'_>) -> bool {
    let bytes = |volume: &Volume<'_>| volume.size.bytes.unwrap_or(0);
    if bytes(a) != bytes(b) {
        return bytes(a) < bytes(b);
    }
    let persistent = |volume: &Volume<'_>| {
        volume
            .attribute("persistent")
            .filter(|value| !value.is_empty())
            .map(ToOwned::to_owned)
    };
    match (persistent(a), persistent(b)) {
        (None, Some(_)) => return true,
        (Some(a), Some(b)) if a < b => return true,
        (Some(_), None) => return false,
        _ => {}
    }
    if !a.persistent {
        return true;
    }
    if !b.persistent {
        return false;
    }
    a.name < b.name
}
