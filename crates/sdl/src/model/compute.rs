//! Reads compute profiles: CPU, memory and attributes.

use std::fmt;

use super::read::{Reader, name, named};
use super::{Compute, Cpu, Size, gpu, volume};
use crate::diagnostic::Who;
use crate::dialect::Dialect;
use crate::problem::Value;
use crate::quantity::{self, BadQuantity};
use crate::size::refuse_size;
use crate::spec::Attribute;
use crate::yaml::scalar::{self, Go, Js};
use crate::yaml::{Entry, Ref, Style};

impl<'a> Reader<'_> {
    pub(super) fn compute(&mut self, entry: Entry<'a, '_>) -> Compute<'a> {
        let name = name(entry);
        let resources = entry.value.get("resources");
        let get = |key: &str| resources.and_then(|node| node.get(key));
        let path = format_args!("profiles.compute.{}.resources", name.text);
        let compute = Compute {
            alike: false,
            name,
            span: resources.map_or(entry.key.span(), Ref::span),
            cpu: get("cpu")
                .filter(|node| self.is_something(*node))
                .map(|node| self.cpu(node, path)),
            memory: get("memory")
                .filter(|node| self.is_something(*node))
                .map(|node| self.size(node, format_args!("{path}.memory.size"), "memory-size")),
            volumes: get("storage")
                .map(|node| volume::read(self, node, path))
                .unwrap_or_default(),
            gpu: get("gpu").and_then(|node| gpu::read(self, node, path)),
        };
        let alike = entry.value.is_distinct()
            && resources.is_some_and(|node| has_simple_resources(node))
            && (compute.cpu.as_ref()).is_some_and(|cpu| cpu.milli.is_ok());
        Compute { alike, ..compute }
    }

    pub(super) fn is_something(&self, node: Ref<'a, '_>) -> bool {
        match self.dialect {
            Dialect::Console => node.is_mapping(),
            Dialect::Go => scalar::go(node) != Some(Go::Null),
        }
    }

    fn cpu(&mut self, node: Ref<'a, '_>, path: fmt::Arguments<'_>) -> Cpu {
        let units = node.get("units");
        let milli = match (self.dialect, units) {
            (_, None) => Ok(0),
            (Dialect::Console, Some(units)) => quantity::console_cpu(units),
            (Dialect::Go, Some(units)) => match scalar::go(units) {
                Some(Go::Null) => Ok(0),
                _ => quantity::go_cpu(units.scalar().unwrap_or_default()),
            },
        };
        let span = units.map_or(node.span(), Ref::span);
        if let Err(fault) = milli {
            let problem = match fault {
                BadQuantity::Unreadable => Value::CpuUnreadable,
                BadQuantity::Negative => Value::CpuNotPositive,
                BadQuantity::Fraction => Value::CpuFraction,
            };
            self.findings.refuse(
                self.who(),
                "cpu-units",
                format!("{path}.cpu.units"),
                span,
                problem,
            );
        }
        Cpu {
            span,
            milli,
            attributes: self.cpu_attributes(node.get("attributes"), path),
        }
    }

    fn cpu_attributes(
        &mut self,
        node: Option<Ref<'a, '_>>,
        path: fmt::Arguments<'_>,
    ) -> Vec<Attribute> {
        let Some(node) = node else {
            return Vec::new();
        };
        if self.dialect == Dialect::Go {
            for entry in node.entries().into_iter().flatten() {
                let key = entry.key.scalar().unwrap_or_default();
                if key != "arch" || entry.merged {
                    self.findings.refuse(
                        Who::CommandLine,
                        "cpu-attribute",
                        format!("{path}.cpu.attributes.{key}"),
                        entry.key.span(),
                        Value::CpuAttribute {
                            key: key.to_owned(),
                        },
                    );
                }
            }
        }
        self.attributes(node)
    }

    /// A mapping of attributes, in the order in which this dialect sorts them.
    pub(super) fn attributes(&self, node: Ref<'a, '_>) -> Vec<Attribute> {
        let mut attributes: Vec<Attribute> = named([node])
            .map(|entry| Attribute {
                key: entry.key.scalar().unwrap_or_default().to_owned(),
                value: self.attribute_value(entry.value),
            })
            .collect();
        match self.dialect {
            Dialect::Go => attributes.sort_by(|a, b| a.key.cmp(&b.key)),
            Dialect::Console => {
                attributes.sort_by(|a, b| crate::collate::compare(&a.key, &b.key));
            }
        }
        attributes
    }

    /// An attribute's value as the dialect reads it: Console prints it as JavaScript does.
    pub(super) fn attribute_value(&self, node: Ref<'a, '_>) -> String {
        let written = node.scalar().unwrap_or_default();
        match (self.dialect, scalar::js(node)) {
            (Dialect::Go, _) => self.word(Some(node)).unwrap_or_default().text.to_owned(),
            (Dialect::Console, Some(Js::Null)) => "null".to_owned(),
            (Dialect::Console, Some(Js::Bool(value))) => value.to_string(),
            (Dialect::Console, Some(Js::Number(number))) => number.js_text(),
            (Dialect::Console, _) => written.to_owned(),
        }
    }

    /// The `size` of memory or of a volume.
    pub(super) fn size(
        &mut self,
        node: Ref<'a, '_>,
        path: fmt::Arguments<'_>,
        code: &'static str,
    ) -> Size {
        let size = node.get("size");
        let span = size.map_or(node.span(), Ref::span);
        let bytes = match (self.dialect, size) {
            (_, None) => Ok(0),
            (Dialect::Go, Some(size)) => match scalar::go(size) {
                Some(Go::Null) => Ok(0),
                _ => quantity::go_bytes(size.scalar().unwrap_or_default()),
            },
            (Dialect::Console, Some(size)) => match scalar::js(size) {
                Some(Js::Text(text)) => quantity::console_bytes(text),
                _ => {
                    let text = size.scalar().unwrap_or_default().to_owned();
                    refuse_size(self.findings, Who::Console, code, path, span, &text);
                    Err(BadQuantity::Unreadable)
                }
            },
        };
        // Console reads a size only where a deployment uses it.
        if bytes.is_err() && self.dialect == Dialect::Go {
            let text = size.and_then(Ref::scalar).unwrap_or_default();
            refuse_size(self.findings, Who::CommandLine, code, path, span, text);
        }
        Size { span, bytes }
    }
}

/// Whether both dialects certainly read the resources the same way: CPU, memory and one volume in
/// plain spellings, without attributes.
fn has_simple_resources(node: Ref<'_, '_>) -> bool {
    let volume = |node: Ref<'_, '_>| match node.items() {
        None => only(node, "size").is_some_and(is_simple_size),
        Some(mut items) => {
            let first = items.next().filter(|_| items.len() == 0);
            first
                .and_then(|node| only(node, "size"))
                .is_some_and(is_simple_size)
        }
    };
    node.is_distinct()
        && node.get("gpu").is_none()
        && (node.get("cpu").and_then(|node| only(node, "units"))).is_some_and(is_simple_share)
        && (node.get("memory").and_then(|node| only(node, "size"))).is_some_and(is_simple_size)
        && node.get("storage").is_some_and(volume)
}

/// The value of a mapping's only key, if that is its name.
fn only<'a, 't>(node: Ref<'a, 't>, key: &str) -> Option<Ref<'a, 't>> {
    let mut entries = node.entries()?;
    let entry = entries.next().filter(|_| entries.next().is_none())?;
    (entry.key.scalar() == Some(key)).then_some(entry.value)
}

/// Whether a size is written like `512Mi`.
fn is_simple_size(node: Ref<'_, '_>) -> bool {
    let text = node.scalar().unwrap_or_default();
    let digits = text
        .strip_suffix('i')
        .and_then(|text| text.strip_suffix(['K', 'M', 'G', 'T']));
    node.tag().is_none() && digits.is_some_and(is_small_number)
}

/// Whether a CPU share is written like `2`, `0.5` or `500m`.
fn is_simple_share(node: Ref<'_, '_>) -> bool {
    let text = node.scalar().unwrap_or_default();
    let bytes = text.as_bytes();
    let tenths = matches!(bytes, [b'0'..=b'9', b'.', b'1'..=b'9']);
    node.tag().is_none()
        && node.style() == Some(Style::Plain)
        && (tenths || is_small_number(text.strip_suffix('m').unwrap_or(text)))
}

/// Whether a text has one to six digits without a leading zero.
fn is_small_number(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= 6
        && matches!(bytes.first(), Some(b'1'..=b'9'))
        && bytes.iter().all(u8::is_ascii_digit)
}
