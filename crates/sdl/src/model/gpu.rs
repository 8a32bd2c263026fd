//! Reads the GPUs of a compute profile.

use std::fmt;

use super::Gpu;
use super::read::Reader;
use crate::diagnostic::{Findings, Who};
use crate::dialect::Dialect;
use crate::problem::{Structure, Value};
use crate::quantity;
use crate::schema::GPU_INTERFACES;
use crate::span::Span;
use crate::spec::Attribute;
use crate::yaml::Ref;
use crate::yaml::scalar::{self, Go, Js};

const ANY_NVIDIA: &str = "vendor/nvidia/model/*";

/// Reads the GPUs; `None` if the profile has none.
pub(super) fn read(
    reader: &mut Reader<'_>,
    node: Ref<'_, '_>,
    resources: fmt::Arguments<'_>,
) -> Option<Gpu> {
    let path = format!("{resources}.gpu");
    match reader.dialect {
        Dialect::Console => console(reader, node, &path),
        Dialect::Go => command_line(reader, node, &path),
    }
}

fn console(reader: &mut Reader<'_>, node: Ref<'_, '_>, path: &str) -> Option<Gpu> {
    if !node.is_mapping() {
        return None;
    }
    let units_node = node.get("units");
    let attributes = node.get("attributes");
    let span = units_node.unwrap_or(node).span();
    let mut refuse = |code, below: &str, span: Span, problem: Value| {
        reader
            .findings
            .refuse(Who::Console, code, format!("{path}{below}"), span, problem);
    };
    let units = console_units(units_node);
    if units.is_none() {
        refuse("gpu-units", ".units", span, Value::GpuUnits);
    }
    let says_none = says_zero(units_node);
    match attributes {
        None if units_node.is_some() && !is_number_zero(units_node) => refuse(
            "gpu-attributes",
            ".attributes",
            span,
            Value::GpuWithoutAttributes,
        ),
        Some(attributes) if says_none => {
            let at = units_node.unwrap_or(attributes).span();
            refuse("gpu-zero", ".units", at, Value::GpuAttributesWithoutGpu);
        }
        _ => {}
    }
    let vendor = attributes.and_then(|attributes| attributes.get("vendor"));
    let lacks_vendor = match vendor {
        None => attributes.filter(|node| node.is_mapping() && !says_none),
        Some(vendor) => Some(vendor).filter(|node| is_empty_mapping(*node)),
    };
    if let Some(node) = lacks_vendor {
        let at = node.span();
        refuse(
            "gpu-vendor",
            ".attributes.vendor",
            at,
            Value::GpuWithoutVendor,
        );
    }
    let keys = match vendor.and_then(|vendor| vendor.get("nvidia")) {
        None => Vec::new(),
        Some(models) => match models.items() {
            None => vec![ANY_NVIDIA.to_owned()],
            Some(items) => items.map(console_model).collect(),
        },
    };
    Some(Gpu {
        span,
        units: units.unwrap_or(0),
        attributes: keys.iter().map(|key| Attribute::new(key, "true")).collect(),
    })
}

/// The number of GPUs as Console counts them; `None` if it refuses the number.
fn console_units(node: Option<Ref<'_, '_>>) -> Option<u64> {
    let Some(node) = node else {
        return Some(0);
    };
    match scalar::js(node)? {
        Js::Number(number) => u64::try_from(number.to_integer()?).ok(),
        // Console reads the leading digits of text.
        Js::Text(text) => {
            let trimmed = text.trim_start();
            let trimmed = trimmed.strip_prefix('+').unwrap_or(trimmed);
            let rest = trimmed.trim_start_matches(|c: char| c.is_ascii_digit());
            let digits = &trimmed[..trimmed.len() - rest.len()];
            (!digits.is_empty()).then(|| digits.parse().unwrap_or(0))
        }
        _ => None,
    }
}

/// Whether Console's schema treats the number of GPUs, or its absence, as zero.
fn says_zero(node: Option<Ref<'_, '_>>) -> bool {
    match node.and_then(scalar::js) {
        None => true,
        Some(Js::Text(text)) => is_zero_text(text),
        Some(_) => is_number_zero(node),
    }
}

fn is_number_zero(node: Option<Ref<'_, '_>>) -> bool {
    matches!(node.and_then(scalar::js), Some(Js::Number(number)) if number.is_zero())
}

fn is_empty_mapping(node: Ref<'_, '_>) -> bool {
    node.entries()
        .is_some_and(|mut entries| entries.next().is_none())
}

/// Whether Console's schema treats the text as zero: `0`, `00`, `0.0`.
fn is_zero_text(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let zeros = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte == b'0');
    zeros(whole) && zeros(fraction)
}

fn console_model(item: Ref<'_, '_>) -> String {
    let text = |key| item.get(key).and_then(Ref::scalar);
    // Console uses this word for a model that is not named.
    let mut key = format!(
        "vendor/nvidia/model/{}",
        text("model").unwrap_or("undefined")
    );
    if let Some(ram) = text("ram").filter(|ram| !ram.is_empty()) {
        key.push_str("/ram/");
        key.push_str(ram);
    }
    if let Some(interface) = text("interface").filter(|interface| !interface.is_empty()) {
        key.push_str("/interface/");
        key.push_str(interface);
    }
    key
}

fn command_line(reader: &mut Reader<'_>, node: Ref<'_, '_>, path: &str) -> Option<Gpu> {
    if scalar::go(node) == Some(Go::Null) {
        return None;
    }
    let units_node = node.get("units");
    let attributes_node = node.get("attributes");
    let span = units_node.unwrap_or(node).span();
    let written = units_node.filter(|units| scalar::go(*units) != Some(Go::Null));
    let units = match written {
        None => 0,
        Some(units) => {
            let count = units.scalar().and_then(quantity::go_unsigned);
            if count.is_none() {
                reader.findings.refuse(
                    Who::CommandLine,
                    "gpu-units",
                    format!("{path}.units"),
                    units.span(),
                    Value::GpuUnits,
                );
            }
            count.unwrap_or(0)
        }
    };
    let attributes = attributes_node
        .filter(|node| scalar::go(*node) != Some(Go::Null))
        .map(|node| command_line_attributes(reader, node, path));
    if units > 0 && attributes.is_none() {
        reader.findings.refuse(
            Who::CommandLine,
            "gpu-attributes",
            format!("{path}.attributes"),
            span,
            Value::GpuWithoutAttributes,
        );
    }
    Some(Gpu {
        span,
        units,
        attributes: attributes.unwrap_or_default(),
    })
}

fn command_line_attributes(
    reader: &mut Reader<'_>,
    node: Ref<'_, '_>,
    path: &str,
) -> Vec<Attribute> {
    let vendor = node
        .get("vendor")
        .filter(|vendor| scalar::go(*vendor) != Some(Go::Null));
    let Some(vendor) = vendor else {
        reader.findings.refuse(
            Who::CommandLine,
            "gpu-vendor",
            format!("{path}.attributes.vendor"),
            node.span(),
            Value::GpuWithoutVendor,
        );
        return Vec::new();
    };
    let mut keys = Vec::new();
    let models = vendor.get("nvidia").and_then(|list| reader.items(list));
    for (index, item) in models.into_iter().flatten() {
        let place = format!("{path}.attributes.vendor.nvidia[{index}]");
        keys.push(command_line_model(reader, item, &place));
    }
    if keys.is_empty() {
        keys.push(ANY_NVIDIA.to_owned());
    }
    keys.sort();
    keys.iter().map(|key| Attribute::new(key, "true")).collect()
}

fn command_line_model(reader: &mut Reader<'_>, item: Ref<'_, '_>, path: &str) -> String {
    let model = reader.word(item.get("model")).unwrap_or_default();
    let mut key = format!("vendor/nvidia/model/{}", model.text);
    let present = |name| {
        item.get(name)
            .filter(|node| scalar::go(*node) != Some(Go::Null))
    };
    if let Some(ram) = present("ram") {
        let text = ram.scalar().unwrap_or_default();
        match quantity::go_gpu_memory(text) {
            Ok(bytes) => key.push_str(&format!("/ram/{}Gi", bytes >> 30)),
            Err(_) => {
                reader.findings.refuse(
                    Who::CommandLine,
                    "gpu-ram",
                    format!("{path}.ram"),
                    ram.span(),
                    Value::GpuMemory {
                        written: text.to_owned(),
                    },
                );
            }
        }
    }
    if let Some(interface) = present("interface") {
        let text = interface.scalar().unwrap_or_default();
        if !GPU_INTERFACES.contains(&text) {
            reader.findings.refuse(
                Who::CommandLine,
                "choice",
                format!("{path}.interface"),
                interface.span(),
                Structure::Choice {
                    key: "interface".to_owned(),
                    known: GPU_INTERFACES,
                },
            );
        }
        key.push_str("/interface/");
        key.push_str(text);
    }
    key
}

/// Refuses attribute keys that the chain refuses, once per position.
pub(crate) fn check_keys(gpu: &Gpu, path: fmt::Arguments<'_>, who: Who, findings: &mut Findings) {
    let mut seen: Vec<&str> = Vec::new();
    for attribute in &gpu.attributes {
        let key = attribute.key.as_str();
        let problem = if seen.contains(&key) {
            Value::GpuTwice {
                key: key.to_owned(),
            }
        } else if !is_attribute_key(key) {
            Value::GpuKey {
                key: key.to_owned(),
            }
        } else {
            seen.push(key);
            continue;
        };
        findings.refuse(
            who,
            "gpu-key",
            format!("{path}.gpu.attributes"),
            gpu.span,
            problem,
        );
    }
}

/// Whether a key matches `[a-zA-Z][\w/.-]{1,126}[\w*]?`.
pub(crate) fn is_attribute_key(key: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let middle = |byte: u8| word(byte) || b"/.-".contains(&byte);
    let bytes = key.as_bytes();
    let Some((first, rest)) = bytes.split_first() else {
        return false;
    };
    if !first.is_ascii_alphabetic() || rest.is_empty() {
        return false;
    }
    let (body, starred) = match rest.split_last() {
        Some((b'*', body)) => (body, true),
        _ => (rest, false),
    };
    let fits = if starred {
        (1..=126).contains(&body.len())
    } else {
        // The last character may be the optional one.
        (1..=127).contains(&body.len())
    };
    let last_is_word = body.len() < 127 || body.last().is_some_and(|byte| word(*byte));
    fits && last_is_word && body.iter().all(|byte| middle(*byte))
}
