//! Limits of the chain: the size of one replica, of a group, and the price.

use std::collections::BTreeMap;
use std::fmt;

use super::Used;
use crate::diagnostic::{Findings, Who};
use crate::dialect::Dialect;
use crate::model::{Model, gpu};
use crate::problem::{Limit, Structure, Total, Value};
use crate::size::refuse_size;

const MI: u64 = 1 << 20;
const TI: u64 = 1 << 40;
const CPU_MILLI: (u64, u64) = (10, 384_000);
const MEMORY: (u64, u64) = (MI, 2 * TI);
const STORAGE: (u64, u64) = (5 * MI, 32 * TI);
const GPUS: u64 = 24;
/// A group may have the resources of this many largest replicas.
const LARGEST_REPLICAS: u128 = 50;
/// The highest price per block and replica, in 10^-18 of the denomination.
const PRICE_ATTO: u128 = 10_000_000 * 1_000_000_000_000_000_000;

/// Checks the resources of one replica and its price.
pub(super) fn unit(used: &Used<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    let who: Who = model.dialect.into();
    let compute = used.compute;
    let path = format_args!("profiles.compute.{}.resources", compute.name.text);
    match &compute.cpu {
        None => missing(findings, who, path, "cpu", compute.span),
        Some(cpu) => {
            if let Ok(milli) = cpu.milli
                && !(CPU_MILLI.0..=CPU_MILLI.1).contains(&milli)
            {
                findings.refuse(
                    who,
                    "cpu-limit",
                    format!("{path}.cpu.units"),
                    cpu.span,
                    Limit::Cpu,
                );
            }
            for attribute in &cpu.attributes {
                if !gpu::is_attribute_key(&attribute.key) {
                    findings.refuse(
                        who,
                        "cpu-attribute",
                        format!("{path}.cpu.attributes.{}", attribute.key),
                        cpu.span,
                        Limit::AttributeName {
                            name: attribute.key.clone(),
                        },
                    );
                }
            }
        }
    }
    match compute.memory {
        None => missing(findings, who, path, "memory", compute.span),
        Some(size) => self::size(
            findings,
            model,
            "memory-size",
            format_args!("{path}.memory.size"),
            size,
            MEMORY,
            Limit::Memory,
        ),
    }
    if compute.volumes.is_empty() {
        missing(findings, who, path, "storage", compute.span);
    }
    for volume in &compute.volumes {
        size(
            findings,
            model,
            "storage-size",
            format_args!("{path}.{}.size", volume.path),
            volume.size,
            STORAGE,
            Limit::Volume,
        );
    }
    if let Some(gpu) = &compute.gpu {
        if gpu.units > GPUS {
            findings.refuse(
                who,
                "gpu-limit",
                format!("{path}.gpu.units"),
                gpu.span,
                Limit::Gpus,
            );
        }
        if gpu.units == 0 && !gpu.attributes.is_empty() {
            findings.refuse(
                who,
                "gpu-zero",
                format!("{path}.gpu.units"),
                gpu.span,
                Value::GpuAttributesWithoutGpu,
            );
        }
        gpu::check_keys(gpu, path, who, findings);
    }
    price(used, model, findings);
}

fn missing(
    findings: &mut Findings,
    who: Who,
    path: fmt::Arguments<'_>,
    key: &str,
    span: crate::span::Span,
) {
    findings.refuse(
        who,
        "missing",
        format!("{path}.{key}"),
        span,
        Structure::Missing {
            key: key.to_owned(),
            place: Some(path.to_string()),
        },
    );
}

fn size(
    findings: &mut Findings,
    model: &Model<'_>,
    code: &'static str,
    path: fmt::Arguments<'_>,
    size: crate::model::Size,
    (least, most): (u64, u64),
    limit: Limit,
) {
    match size.bytes {
        Ok(bytes) if (least..=most).contains(&bytes) => {}
        Ok(_) => {
            let code = if code == "memory-size" {
                "memory-limit"
            } else {
                "storage-limit"
            };
            findings.refuse(model.dialect.into(), code, path, size.span, limit);
        }
        Err(_) if model.dialect == Dialect::Console => {
            let text = model.text(size.span);
            refuse_size(findings, Who::Console, code, path, size.span, text);
        }
        // The command line has already refused it while reading.
        Err(_) => {}
    }
}

fn price(used: &Used<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    let placement = used.placement.name.text;
    let profile = used.placed.profile.text;
    let Some(price) = used.placement.price(profile) else {
        return;
    };
    let path = || format!("profiles.placement.{placement}.pricing.{profile}.amount");
    match price.atto {
        Some(atto) if atto > PRICE_ATTO => {
            findings.refuse(
                model.dialect.into(),
                "price-limit",
                path(),
                price.amount_span,
                Limit::Price,
            );
        }
        None if model.dialect == Dialect::Go => {
            findings.refuse(
                Who::CommandLine,
                "amount",
                path(),
                price.amount_span,
                Limit::PriceIncomplete,
            );
        }
        _ => {}
    }
}

#[derive(Default)]
struct Totals<'m, 'a> {
    cpu: u128,
    gpu: u128,
    memory: u128,
    name: crate::model::Word<'a>,
    /// A service with no replicas.
    none_of: Option<Used<'m, 'a>>,
}

/// Checks the totals of each group, its name, and that the document has one denomination.
pub(super) fn groups(uses: &[Used<'_, '_>], model: &Model<'_>, findings: &mut Findings) {
    let who: Who = model.dialect.into();
    let mut totals: BTreeMap<&str, Totals<'_, '_>> = BTreeMap::new();
    let mut denom: Option<&str> = None;
    for used in uses {
        let group = totals.entry(used.placement.name.text).or_default();
        let count = u128::from(used.placed.count);
        let compute = used.compute;
        let cpu = compute.cpu.as_ref().and_then(|cpu| cpu.milli.ok());
        let memory = compute.memory.and_then(|memory| memory.bytes.ok());
        group.name = used.placement.name;
        group.cpu += count * u128::from(cpu.unwrap_or(0));
        group.memory += count * u128::from(memory.unwrap_or(0));
        group.gpu += count * u128::from(compute.gpu.as_ref().map_or(0, |gpu| gpu.units));
        if used.placed.count == 0 {
            group.none_of = Some(*used);
        }
        let Some(price) = used.placement.price(used.placed.profile.text) else {
            continue;
        };
        if *denom.get_or_insert(price.denom.text) != price.denom.text {
            findings.refuse(
                who,
                "denoms-differ",
                format!(
                    "profiles.placement.{}.pricing.{}.denom",
                    used.placement.name.text, price.profile.text
                ),
                price.denom.span,
                Limit::DenomsDiffer,
            );
        }
    }
    for (name, total) in totals {
        let path = format_args!("profiles.placement.{name}");
        if name.is_empty() {
            findings.refuse(
                who,
                "placement-name",
                path,
                total.name.span,
                Limit::PlacementName,
            );
        }
        // The chain adds up replicas and objects only if there are none.
        if let Some(used) = total.none_of.filter(|_| total.cpu == 0) {
            findings.refuse(
                who,
                "number",
                format!(
                    "deployment.{}.{}.count",
                    used.service.name.text, used.placed.placement.text
                ),
                used.placed.count_span,
                Structure::NotWhole {
                    key: "count".to_owned(),
                    least: 1,
                    most: None,
                },
            );
        }
        for (what, value, most) in [
            (Total::Cpu, total.cpu, CPU_MILLI.1),
            (Total::Gpus, total.gpu, GPUS),
            (Total::Memory, total.memory, MEMORY.1),
        ] {
            if value > u128::from(most) * LARGEST_REPLICAS {
                findings.refuse(
                    who,
                    "group-limit",
                    path,
                    total.name.span,
                    Limit::Group { total: what },
                );
            }
        }
    }
}
