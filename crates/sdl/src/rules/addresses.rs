//! Leased IP addresses.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Findings;
use crate::dialect::Dialect;
use crate::model::Model;
use crate::problem::{Reference, Structure};
use crate::schema::ENDPOINT_KINDS;

/// Checks the endpoints of the document and every rule that uses one.
pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    declarations(model, findings);
    let used = uses(model, findings);
    for endpoint in &model.endpoints {
        let name = endpoint.name.text;
        if !used.contains(name) {
            findings.refuse(
                model.dialect.into(),
                "endpoint-unused",
                format!("endpoints.{name}"),
                endpoint.name.span,
                Reference::UnusedEndpoint {
                    name: name.to_owned(),
                },
            );
        }
    }
}

fn declarations(model: &Model<'_>, findings: &mut Findings) {
    for endpoint in &model.endpoints {
        let name = endpoint.name.text;
        if !is_endpoint_name(name) {
            findings.refuse(
                model.dialect.into(),
                "endpoint-name",
                format!("endpoints.{name}"),
                endpoint.name.span,
                Reference::EndpointName {
                    name: name.to_owned(),
                },
            );
        }
        if model.dialect == Dialect::Go && endpoint.kind.text != "ip" {
            let missing = endpoint.kind.span == crate::span::Span::default();
            let span = if missing {
                endpoint.name.span
            } else {
                endpoint.kind.span
            };
            findings.refuse(
                model.dialect.into(),
                if missing { "missing" } else { "choice" },
                format!("endpoints.{name}.kind"),
                span,
                Structure::Choice {
                    key: "kind".to_owned(),
                    known: ENDPOINT_KINDS,
                },
            );
        }
    }
}

/// Checks every rule with an address; returns the names of the addresses.
fn uses<'a>(model: &Model<'a>, findings: &mut Findings) -> BTreeSet<&'a str> {
    let mut used = BTreeSet::new();
    let mut ports: BTreeMap<String, &str> = BTreeMap::new();
    // The command line processes the services by name, Console in the order of the document.
    let mut services: Vec<_> = model.services.iter().collect();
    if model.dialect == Dialect::Go {
        services.sort_by_key(|service| service.name.text);
    }
    for service in services {
        let name = service.name.text;
        let mut rules = service.expose.iter().flat_map(|expose| &expose.to);
        if rules.all(|to| to.ip.text.is_empty()) {
            continue;
        }
        let placements = model
            .deployments
            .iter()
            .find(|deployed| deployed.service.text == name)
            .map_or(0, |deployed| deployed.placements.len());
        // The command line checks a service once for each placement in which it is deployed.
        let rounds = match model.dialect {
            Dialect::Console => 1,
            Dialect::Go => placements,
        };
        for _ in 0..rounds {
            for (index, expose) in service.expose.iter().enumerate() {
                for (at, to) in expose.to.iter().enumerate() {
                    let address = to.ip.text;
                    if address.is_empty() {
                        continue;
                    }
                    let path = format!("services.{name}.expose[{index}].to[{at}]");
                    if !to.global {
                        findings.refuse(
                            model.dialect.into(),
                            "ip-not-global",
                            format!("{path}.global"),
                            to.span,
                            Reference::AddressNotGlobal,
                        );
                    }
                    let declared = model
                        .endpoints
                        .iter()
                        .any(|endpoint| endpoint.name.text == address);
                    if !declared {
                        findings.refuse(
                            model.dialect.into(),
                            "endpoint-missing",
                            format!("endpoints.{address}"),
                            to.ip.span,
                            Reference::NoEndpoint {
                                name: address.to_owned(),
                            },
                        );
                    }
                    used.insert(address);
                    let key = port_key(model.dialect, address, expose);
                    if let Some(other) = ports.insert(key, name) {
                        findings.refuse(
                            model.dialect.into(),
                            "ip-port-taken",
                            format!("{path}.ip"),
                            to.ip.span,
                            Reference::AddressPortTaken {
                                service: other.to_owned(),
                                endpoint: address.to_owned(),
                            },
                        );
                    }
                }
            }
        }
    }
    used
}

/// Key that must be unique for each use of an address. The command line compares the text and
/// ignores that a port without “as” has a number.
fn port_key(dialect: Dialect, address: &str, expose: &crate::model::Expose<'_>) -> String {
    match dialect {
        Dialect::Console => {
            let port = expose.external.unwrap_or(expose.port);
            format!("{address}-{port}-{}", expose.protocol.name())
        }
        Dialect::Go => {
            let port = expose.external.unwrap_or(0);
            format!("{address}-{port}-{}", expose.protocol_text)
        }
    }
}

/// Whether a name matches `[a-z]+[-_0-9a-z]+`.
fn is_endpoint_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte))
}
