//! Advice: what everyone accepts and nobody means.

use std::fmt;

use crate::Dialect;
use crate::diagnostic::{Edit, Findings, Severity, Span};
use crate::model::{Model, Part};
use crate::secrets;
use crate::yaml::Ref;

/// Providers bid on services with at most this many volumes.
const VOLUMES: usize = 4;
/// Kubernetes takes service names up to this length.
const SERVICE_NAME: usize = 63;

/// Advises on a document as Console (or, where Console cannot read it, the command line) reads it.
pub(crate) fn check(root: Ref<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    include(root, findings);
    services(root, model, findings);
    secrets::check(model, findings);
    resources(model, findings);
    prices(model, findings);
}

fn include(root: Ref<'_, '_>, findings: &mut Findings) {
    if let Some(entry) = root.entry("include") {
        findings.advise(
            Severity::Warning,
            "include-ignored",
            "include".to_owned(),
            entry.key.span(),
            "No tool reads “include”: the files named here change nothing. Remove it.",
        );
    }
}

fn services(root: Ref<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    let section = root.get("services").and_then(Ref::entries);
    for service in section.into_iter().flatten() {
        if let Some(entry) = service.value.entry("dependencies") {
            let name = service.key.scalar().unwrap_or_default();
            findings.advise(
                Severity::Hint,
                "dependencies-ignored",
                format!("services.{name}.dependencies"),
                entry.key.span(),
                "No tool reads “dependencies”; services start in any order.",
            );
        }
    }
    for service in &model.services {
        let name = service.name.text;
        if name.len() > SERVICE_NAME {
            findings.advise(
                Severity::Warning,
                "service-name-long",
                format!("services.{name}"),
                service.name.span,
                "Kubernetes, which providers run, takes service names of at most 63 characters.",
            );
        }
        if let Some(image) = service.image {
            image_tag(name, image.text, image.span, findings);
        }
        for (index, expose) in service.expose.iter().enumerate() {
            let path = format_args!("services.{name}.expose[{index}]");
            if expose.to.is_empty() {
                findings.advise(
                    Severity::Warning,
                    "expose-without-to",
                    path,
                    expose.span,
                    "Nobody can reach this port through Console: it drops a port without “to”.",
                );
            }
            for (at, to) in expose.to.iter().enumerate() {
                let target = to.service.text;
                if !target.is_empty() && model.service(target).is_none() {
                    findings.advise(
                        Severity::Warning,
                        "to-unknown-service",
                        format!("{path}.to[{at}].service"),
                        to.service.span,
                        format!("There is no service “{target}”, so nobody can connect. Nothing else checks this name."),
                    );
                }
            }
        }
    }
}

fn image_tag(service: &str, image: &str, span: Span, findings: &mut Findings) {
    let last = image.rsplit('/').next().unwrap_or(image);
    let tag = last.split_once(':').map(|(_, tag)| tag);
    let message = match tag {
        _ if image.contains('@') => return,
        None => {
            "The image has no tag, so a provider may run any version, or an old copy it still has. Name one."
        }
        Some("latest") => {
            "A provider may run an old copy it still has of “latest”. Name a version."
        }
        Some(_) => return,
    };
    findings.advise(
        Severity::Hint,
        "image-tag",
        format!("services.{service}.image"),
        span,
        message,
    );
}

fn resources(model: &Model<'_>, findings: &mut Findings) {
    let mut used = vec![false; model.computes.len()];
    for placed in model.deployments.iter().flat_map(|it| &it.placements) {
        if let Some(at) = model.computes.place(placed.profile.text) {
            used[at] = true;
        }
    }
    for (compute, is_used) in model.computes.iter().zip(used) {
        let path = format_args!("profiles.compute.{}.resources", compute.name.text);
        // Sizes that both dialects read alike are spelt as they are meant.
        if let Some(memory) = compute.memory.filter(|_| !compute.is_alike()) {
            thousand_fold(
                format_args!("{path}.memory.size"),
                memory.span,
                model,
                findings,
            );
        }
        for volume in compute.volumes.iter().filter(|_| !compute.is_alike()) {
            thousand_fold(
                format_args!("{path}.{}.size", volume.path),
                volume.size.span,
                model,
                findings,
            );
        }
        if compute.volumes.len() > VOLUMES {
            findings.advise(
                Severity::Warning,
                "many-volumes",
                format!("{path}.storage"),
                compute.span,
                "Providers do not bid on a service with more than 4 volumes.",
            );
        }
        for attribute in compute.gpu.iter().flat_map(|gpu| &gpu.attributes) {
            if attribute.key.ends_with("/undefined") || attribute.key.ends_with('/') {
                findings.advise(
                    Severity::Warning,
                    "gpu-model-missing",
                    format!("{path}.gpu.attributes"),
                    compute.gpu.as_ref().map_or(compute.span, |gpu| gpu.span),
                    "A GPU entry without a model matches no provider. Name one, or leave nvidia empty for any.",
                );
            }
        }
        if !is_used {
            findings.advise(
                Severity::Hint,
                "profile-unused",
                format!("profiles.compute.{}", compute.name.text),
                compute.name.span,
                format!(
                    "No service uses the compute profile “{}”.",
                    compute.name.text
                ),
            );
        }
    }
}

/// `512m` of memory is 512 million bytes to Console and nothing to the command line; whoever
/// wrote it meant mebibytes.
fn thousand_fold(path: fmt::Arguments<'_>, span: Span, model: &Model<'_>, findings: &mut Findings) {
    let text = model.text(span);
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let suffix = &text[digits.len()..];
    let better = match suffix {
        "m" | "MB" | "mb" | "Mb" | "M" => "Mi",
        "g" | "GB" | "gb" | "Gb" | "G" => "Gi",
        "KiB" | "kib" => "Ki",
        "MiB" | "mib" => "Mi",
        "GiB" | "gib" => "Gi",
        _ => return,
    };
    findings
        .advise(
            Severity::Warning,
            "size-in-thousands",
            path,
            span,
            format!("Console counts “{text}” in thousands, not in 1024s. {digits}{better} is likely meant."),
        )
        .fix(
            format!("Change to {digits}{better}"),
            vec![Edit {
                from: span.from,
                to: span.to,
                insert: format!("{digits}{better}"),
            }],
        );
}

fn prices(model: &Model<'_>, findings: &mut Findings) {
    for placement in &model.placements {
        for price in &placement.prices {
            let path = format_args!(
                "profiles.placement.{}.pricing.{}",
                placement.name.text, price.profile.text
            );
            if price.denom.text != "uact" && !price.denom.text.is_empty() {
                let span = price.denom.span;
                findings
                    .advise(
                        Severity::Warning,
                        "denom-not-uact",
                        format!("{path}.denom"),
                        span,
                        "The chain takes prices in uact only. Console replaces other denominations; the command line fails.",
                    )
                    .fix(
                        "Change to uact",
                        vec![Edit {
                            from: span.from,
                            to: span.to,
                            insert: "uact".to_owned(),
                        }],
                    );
            }
            if price.atto == Some(0) && model.dialect == Dialect::Console {
                findings.advise(
                    Severity::Warning,
                    "price-zero",
                    format!("{path}.amount"),
                    price.amount_span,
                    "No provider bids at a price of zero.",
                );
            }
        }
    }
}
