//! Parses the text of single fields; each error is a sentence for the buyer.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

use domain::akash::ProviderAddress;
use domain::money::parse_decimal;
use domain::requirements::Priority;
use domain::resources::{Bytes, CpuMilli, GpuModel};
use domain::time::Seconds;

use super::field_error::FieldError;

pub(crate) type Read<T> = Result<T, FieldError>;

/// The text; `None` if it is blank.
pub(super) fn said(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// Parses a type whose parse error is already a sentence.
pub(super) fn parsed<T>(field: &'static str, text: &str) -> Read<Option<T>>
where
    T: FromStr,
    T::Err: Display,
{
    let amount = said(text).map(|text| text.trim_start_matches('$'));
    amount
        .map(|text| text.parse().map_err(|error: T::Err| fail(field, error)))
        .transpose()
}

/// Parses a whole number.
pub(super) fn whole(field: &'static str, name: &str, text: &str) -> Read<Option<u32>> {
    said(text)
        .map(|text| {
            text.parse()
                .map_err(|_| fail(field, format!("{name} is a whole number, not “{text}”.")))
        })
        .transpose()
}

/// Parses vCPUs with up to three decimals.
pub(crate) fn cpu(text: &str) -> Read<Option<CpuMilli>> {
    let Some(text) = said(text) else {
        return Ok(None);
    };
    let milli = parse_decimal(text, 3)
        .ok()
        .and_then(|milli| u64::try_from(milli).ok());
    milli.map(|milli| Some(CpuMilli(milli))).ok_or_else(|| {
        fail(
            "cpu",
            format!("CPU is a number of vCPUs like 4 or 0.5, not “{text}”."),
        )
    })
}

/// Parses a size like `16Gi`, `512 MB` or `100`; a bare number is in gibibytes.
pub(crate) fn bytes(field: &'static str, text: &str) -> Read<Option<Bytes>> {
    let Some(text) = said(text) else {
        return Ok(None);
    };
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit: u128 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "gi" | "gib" | "g" => 1 << 30,
        "mi" | "mib" | "m" => 1 << 20,
        "ti" | "tib" | "t" => 1 << 40,
        "ki" | "kib" | "k" => 1 << 10,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "b" => 1,
        _ => 0,
    };
    let bytes = parse_decimal(number, 3)
        .ok()
        .and_then(|milli| u64::try_from(milli.checked_mul(unit)? / 1000).ok())
        .filter(|bytes| *bytes > 0);
    bytes.map(|bytes| Some(Bytes(bytes))).ok_or_else(|| {
        fail(
            field,
            format!("A size is a number and a unit like 16Gi or 512Mi, not “{text}”."),
        )
    })
}

/// Parses a GPU model as people write it: `RTX 4090`, `h100`.
pub(super) fn gpu_model(text: &str) -> Read<Option<GpuModel>> {
    let canonical = text
        .split_whitespace()
        .collect::<String>()
        .to_ascii_lowercase();
    parsed(
        "gpu_model",
        if canonical == "any" { "" } else { &canonical },
    )
}

/// Parses ports separated by commas or spaces.
pub(super) fn ports(text: &str) -> Read<Vec<u16>> {
    text.split([',', ' ', ';'])
        .filter_map(said)
        .map(|port| {
            port.parse().ok().filter(|port| *port > 0).ok_or_else(|| {
                fail(
                    "ports",
                    format!("A port is a number from 1 to 65535, not “{port}”."),
                )
            })
        })
        .collect()
}

/// Parses addresses of providers separated by commas or spaces.
pub(super) fn providers(text: &str) -> Read<BTreeSet<ProviderAddress>> {
    text.split([',', ' ', ';', '\n'])
        .filter_map(said)
        .map(|address| {
            address.parse().map_err(|_| {
                fail(
                    "providers",
                    format!("A provider is named by its Akash address, akash1…, not “{address}”."),
                )
            })
        })
        .collect()
}

/// Parses `NAME=value`, one per line.
pub(super) fn env(text: &str) -> Read<BTreeMap<String, String>> {
    let mut env = BTreeMap::new();
    for line in text.lines().filter_map(said) {
        match line.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                env.insert(name.trim().to_owned(), value.to_owned());
            }
            _ => {
                let sentence = format!("Write each variable as NAME=value; “{line}” is not.");
                return Err(fail("env", sentence));
            }
        }
    }
    Ok(env)
}

/// Parses a number in the chosen unit.
pub(super) fn duration(number: &str, unit: &str) -> Read<Option<Seconds>> {
    let Some(text) = said(number) else {
        return Ok(None);
    };
    let unit: u128 = match unit {
        "min" => 60,
        "d" => 86_400,
        "w" => 604_800,
        _ => 3600,
    };
    let seconds = parse_decimal(text, 3)
        .ok()
        .and_then(|milli| u64::try_from(milli.checked_mul(unit)? / 1000).ok())
        .filter(|seconds| *seconds > 0);
    seconds
        .map(|seconds| Some(Seconds(seconds)))
        .ok_or_else(|| {
            fail(
                "duration",
                format!("The duration is a number like 3 or 1.5, not “{text}”."),
            )
        })
}

/// Parses the priority: what to favour.
pub(super) fn priority(text: &str) -> Read<Option<Priority>> {
    let all = [
        Priority::Price,
        Priority::Latency,
        Priority::Uptime,
        Priority::Performance,
    ];
    said(text)
        .map(|text| {
            all.into_iter()
                .find(|priority| priority.id() == text)
                .ok_or_else(|| fail("priority", format!("There is no priority “{text}”.")))
        })
        .transpose()
}

fn fail(field: &'static str, sentence: impl Display) -> FieldError {
    FieldError {
        field,
        sentence: sentence.to_string(),
    }
}
