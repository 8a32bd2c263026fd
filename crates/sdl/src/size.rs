//! Sizes that a tool cannot read, with a spelling that both tools can.

use std::fmt;

use crate::diagnostic::{Findings, Who};
use crate::problem::{Remedy, Value};
use crate::quantity::{bytes_text, go_bytes};
use crate::span::Span;

/// Refuses a size; the fix is the spelling that both tools read.
pub(crate) fn refuse_size(
    findings: &mut Findings,
    who: Who,
    code: &'static str,
    path: impl fmt::Display,
    span: Span,
    text: &str,
) {
    let better = better_size(text);
    let written = text.to_owned();
    let problem = match better.clone() {
        None if text.is_empty() => Value::SizeWithoutUnit,
        None => Value::NotASize { written },
        Some(better) => Value::SizeSpelling { written, better },
    };
    let finding = findings.refuse(who, code, path, span, problem);
    if let Some(better) = better {
        finding.replace(
            Remedy::ChangeTo {
                value: better.clone(),
            },
            span,
            better,
        );
    }
}

/// A spelling of the size that both tools read, if the intended size is clear.
fn better_size(text: &str) -> Option<String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let digits = compact.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number = digits
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.matches('.').count() <= 1
        && digits.bytes().any(|byte| byte.is_ascii_digit());
    if !number {
        return None;
    }
    let unit = compact[digits.len()..].to_ascii_lowercase();
    let unit = match unit.as_str() {
        "" => {
            return go_bytes(digits).ok().map(bytes_text);
        }
        "ki" | "kib" => "Ki",
        "mi" | "mib" | "m" | "mb" => "Mi",
        "gi" | "gib" | "g" | "gb" => "Gi",
        "ti" | "tib" | "t" | "tb" => "Ti",
        "k" | "kb" => "k",
        _ => return None,
    };
    Some(format!("{digits}{unit}"))
}
