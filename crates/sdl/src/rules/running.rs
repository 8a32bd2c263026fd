//! Faults for which a provider refuses a manifest: names, images, variables, ports and host names.

use std::collections::BTreeSet;

use crate::diagnostic::{Findings, Who};
use crate::dialect::Dialect;
use crate::model::{Expose, Model, Service};
use crate::problem::{Running, Structure};

/// Checks every deployed service.
pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    let mut hosts = BTreeSet::new();
    let mut any_global = false;
    let mut first = None;
    for deployed in &model.deployments {
        let Some(used) = model.service(deployed.service.text) else {
            continue;
        };
        // A service runs once for each placement, with the same host names.
        for _ in &deployed.placements {
            service(used, model, findings);
            for (index, expose) in used.expose.iter().enumerate() {
                any_global |= expose.to.iter().any(|to| to.global);
                host_names(used, index, expose, &mut hosts, model, findings);
            }
            first.get_or_insert(used);
        }
    }
    if !any_global && let Some(first) = first {
        let span = first
            .expose
            .first()
            .map_or(first.name.span, |expose| expose.span);
        findings.refuse(
            model.dialect.into(),
            "nothing-global",
            format!("services.{}.expose", first.name.text),
            span,
            Running::NothingGlobal,
        );
    }
}

fn service(service: &Service<'_>, model: &Model<'_>, findings: &mut Findings) {
    let who: Who = model.dialect.into();
    let name = service.name.text;
    if !is_service_name(name) {
        findings.refuse(
            who,
            "service-name",
            format!("services.{name}"),
            service.name.span,
            Running::ServiceName {
                name: name.to_owned(),
            },
        );
    }
    if service.image.is_none_or(|image| image.text.is_empty()) {
        let missing = service.image.is_none();
        findings.refuse(
            who,
            if missing { "missing" } else { "too-short" },
            format!("services.{name}.image"),
            service.image.map_or(service.name.span, |image| image.span),
            Running::NoImage {
                service: name.to_owned(),
            },
        );
    }
    for (index, variable) in service.env.iter().flatten().enumerate() {
        let equals = variable.text.bytes().position(|byte| byte == b'=');
        let variable_name = &variable.text[..equals.unwrap_or(variable.text.len())];
        if !is_variable_name(variable_name) {
            findings.refuse(
                who,
                "env-name",
                format!("services.{name}.env[{index}]"),
                variable.span,
                Running::VariableName {
                    name: variable_name.to_owned(),
                },
            );
        }
    }
    for (index, expose) in service.expose.iter().enumerate() {
        let dropped = expose.to.is_empty() && model.dialect == Dialect::Console;
        if !dropped && !(1..=65_535).contains(&expose.port) {
            let missing = expose.port_span == expose.span;
            findings.refuse(
                who,
                if missing { "missing" } else { "number" },
                format!("services.{name}.expose[{index}].port"),
                expose.port_span,
                Structure::NotWhole {
                    key: "port".to_owned(),
                    least: 1,
                    most: Some(65_535),
                },
            );
        }
    }
    if model.dialect == Dialect::Console {
        not_repeatable(service, findings);
    }
}

/// Finds the two characters that Console writes unescaped and providers escape, so that the hashes
/// differ.
fn not_repeatable(service: &Service<'_>, findings: &mut Findings) {
    let image = service.image.iter().map(|word| (word.text, word.span));
    let env = service.env.iter().flatten();
    let env = env.map(|word| (word.text, word.span));
    let lists = [&service.command, &service.args].into_iter().flatten();
    let lists = lists.flatten().map(|text| (*text, service.name.span));
    for (text, span) in image.chain(env).chain(lists) {
        if !text.is_ascii() && text.contains(['\u{2028}', '\u{2029}']) {
            findings.refuse(
                Who::Console,
                "line-separator",
                format!("services.{}", service.name.text),
                span,
                Running::LineSeparator,
            );
        }
    }
}

fn host_names<'a>(
    service: &Service<'a>,
    index: usize,
    expose: &Expose<'a>,
    hosts: &mut BTreeSet<&'a str>,
    model: &Model<'_>,
    findings: &mut Findings,
) {
    if expose.accept.is_none() {
        return;
    }
    let rules = match model.dialect {
        Dialect::Console => expose.to.len(),
        Dialect::Go => expose.to.len().max(1),
    };
    let path = format!("services.{}.expose[{index}].accept", service.name.text);
    for (at, host) in expose.accept.iter().flatten().enumerate() {
        let fits = is_host_name(host.text);
        // The command line reads the names even if no one may connect.
        if !fits && rules > 0 {
            findings.refuse(
                model.dialect.into(),
                "host-name",
                format!("{path}[{at}]"),
                host.span,
                Running::HostName {
                    host: host.text.to_owned(),
                },
            );
        }
        let repeated = (0..rules).filter(|_| !hosts.insert(host.text)).count() > 0;
        if repeated && fits {
            let problem = if rules > 1 {
                Running::HostNamesRepeated
            } else {
                Running::HostTwice {
                    host: host.text.to_owned(),
                }
            };
            findings.refuse(
                model.dialect.into(),
                "host-twice",
                format!("{path}[{at}]"),
                if rules > 1 {
                    expose.accept_span
                } else {
                    host.span
                },
                problem,
            );
        }
    }
}

/// Whether a name matches `[a-z]([-a-z0-9]*[a-z0-9])?`.
fn is_service_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Whether Kubernetes accepts the name for an environment variable.
#[must_use]
pub fn is_variable_name(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || b"-._".contains(&byte);
    !name.is_empty()
        && name != "."
        && !name.starts_with("..")
        && name.bytes().next().is_some_and(letter)
        && name
            .bytes()
            .all(|byte| letter(byte) || byte.is_ascii_digit())
}

/// Whether Kubernetes accepts the text as a DNS name.
fn is_host_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 253
        && name.split('.').all(|label| {
            let word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            label.bytes().next().is_some_and(word)
                && label.bytes().last().is_some_and(word)
                && label.bytes().all(|byte| word(byte) || byte == b'-')
        })
}
