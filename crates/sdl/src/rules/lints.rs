//! Advice about mistakes that all tools accept.

use std::fmt;

use domain::offers::GpuKey;
use domain::offers::gpu::{VramMib, identify};

use super::secrets;
use crate::diagnostic::{Findings, Severity};
use crate::dialect::Dialect;
use crate::model::{Expose, Model, Part};
use crate::problem::{Advice, Remedy, Structure};
use crate::span::Span;
use crate::spec::Protocol;
use crate::yaml::Ref;

/// Most volumes of a service that providers bid on.
const VOLUMES: usize = 4;
/// Longest service name that Kubernetes accepts.
const SERVICE_NAME: usize = 63;

/// Gives advice on a document as Console reads it or, if Console cannot, as the command line does.
pub(crate) fn check(root: Ref<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    include(root, findings);
    services(root, model, findings);
    secrets::check(model, findings);
    gpu_models(root, model, findings);
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
            Advice::IncludeIgnored,
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
                Advice::DependenciesIgnored,
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
                Advice::LongServiceName,
            );
        }
        if let Some(image) = service.image
            && let Some(placeholder) = template_placeholder(image.text)
        {
            left_in(
                placeholder,
                format!("services.{name}.image"),
                image.span,
                findings,
            );
        } else if let Some(image) = service.image {
            image_tag(name, image.text, image.span, findings);
        }
        for (index, variable) in service.env.iter().flatten().enumerate() {
            let path = || format!("services.{name}.env[{index}]");
            if let Some(alias) = alias_as_text(variable.text, model) {
                findings.advise(
                    Severity::Warning,
                    "alias-in-text",
                    path(),
                    variable.span,
                    Advice::AliasInText {
                        alias: alias.to_owned(),
                    },
                );
            }
            if let Some(placeholder) = template_placeholder(variable.text) {
                left_in(placeholder, path(), variable.span, findings);
            }
        }
        for (index, expose) in service.expose.iter().enumerate() {
            let path = format_args!("services.{name}.expose[{index}]");
            if expose.to.is_empty() {
                findings.advise(
                    Severity::Warning,
                    "expose-without-to",
                    path,
                    expose.span,
                    Advice::ExposeWithoutTo,
                );
            }
            let names = expose
                .accept
                .as_ref()
                .is_some_and(|names| !names.is_empty());
            if names && !is_public_web(expose) {
                findings.advise(
                    Severity::Warning,
                    "accept-without-effect",
                    format!("{path}.accept"),
                    expose.accept_span,
                    Advice::AcceptWithoutEffect,
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
                        Advice::UnknownService {
                            service: target.to_owned(),
                        },
                    );
                }
            }
        }
    }
}

/// Whether a port is served under host names, by the rules of providers.
fn is_public_web(expose: &Expose<'_>) -> bool {
    let outside = expose.external.filter(|port| *port > 0);
    let is_web = expose.protocol == Protocol::Tcp && outside.unwrap_or(expose.port) == 80;
    is_web && expose.to.iter().any(|to| to.global)
}

/// Value of a variable that looks like an alias of an anchor in the document but that YAML reads as
/// text.
fn alias_as_text<'v>(variable: &'v str, model: &Model<'_>) -> Option<&'v str> {
    let (_, value) = variable.split_once('=')?;
    let name = value.strip_prefix('*')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(is_name) {
        return None;
    }
    let anchor = format!("&{name}");
    let ends = |at: usize| {
        let rest = &model.source[at + anchor.len()..];
        !rest.starts_with(is_name)
    };
    let mut places = model.source.match_indices(&anchor);
    places.any(|(at, _)| ends(at)).then_some(value)
}

/// A placeholder that must be replaced before the document is deployed: `{{NAME}}`, `<YOUR_NAME>`.
fn template_placeholder(text: &str) -> Option<String> {
    let between = |open: &str, close: &str| {
        let (_, rest) = text.split_once(open)?;
        let (inside, _) = rest.split_once(close)?;
        Some(inside)
    };
    if let Some(inside) = between("{{", "}}").filter(|inside| !inside.trim().is_empty()) {
        return Some(format!("{{{{{inside}}}}}"));
    }
    let inside = between("<", ">")?;
    let capitals = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let is_one = inside.len() >= 3 && inside.starts_with(|c: char| c.is_ascii_uppercase());
    (is_one && inside.chars().all(capitals)).then(|| format!("<{inside}>"))
}

fn left_in(placeholder: String, path: String, span: Span, findings: &mut Findings) {
    findings.advise(
        Severity::Warning,
        "template-placeholder",
        path,
        span,
        Structure::ValuePlaceholder { placeholder },
    );
}

/// Advises on GPU names: providers are matched by the exact name, and other spellings match none.
fn gpu_models(root: Ref<'_, '_>, whole: &Model<'_>, findings: &mut Findings) {
    let computes = root.get("profiles").and_then(|it| it.get("compute"));
    for compute in computes.and_then(Ref::entries).into_iter().flatten() {
        let profile = compute.key.scalar().unwrap_or_default();
        let gpu = compute.value.get("resources").and_then(|it| it.get("gpu"));
        let vendor = gpu
            .and_then(|it| it.get("attributes"))
            .and_then(|it| it.get("vendor"));
        let models = vendor.and_then(|it| it.get("nvidia")).and_then(Ref::items);
        for (index, item) in models.into_iter().flatten().enumerate() {
            let Some(entry) = item.entry("model") else {
                continue;
            };
            let text = entry.value.scalar().unwrap_or_default();
            let Some(meant) = other_spelling(text) else {
                continue;
            };
            let name = meant.model.as_str();
            // Memory that was part of the name becomes a key of its own.
            let ram = item.get("ram").is_none().then_some(meant.vram).flatten();
            let ram = ram.filter(|_| says_memory(text)).map(VramMib::to_gib);
            let span = entry.value.span();
            let insert = ram.map_or_else(
                || name.to_owned(),
                |gib| {
                    beside(
                        whole.source,
                        entry.key.span(),
                        name,
                        &format!("ram: {gib}Gi"),
                    )
                },
            );
            findings
                .advise(
                    Severity::Warning,
                    "gpu-model-name",
                    format!("profiles.compute.{profile}.resources.gpu.attributes.vendor.nvidia[{index}].model"),
                    span,
                    Advice::GpuModelName {
                        name: name.to_owned(),
                        ram_gib: ram,
                        written: text.to_owned(),
                    },
                )
                .replace(
                    Remedy::ChangeToGpu {
                        name: name.to_owned(),
                        ram_gib: ram,
                    },
                    span,
                    insert,
                );
        }
    }
}

/// The card meant by a spelling that cannot be a provider's: theirs are lower-case letters and
/// digits and begin with a letter.
fn other_spelling(text: &str) -> Option<GpuKey> {
    let is_odd = |c: char| c.is_ascii_uppercase() || matches!(c, '-' | '_' | ' ');
    if !text.contains(is_odd) && !text.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let meant = identify(text)?;
    (meant.slice_milli == 1000 && meant.key.model.as_str() != text).then_some(meant.key)
}

/// Whether a spelling includes gigabytes.
fn says_memory(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let mut places = lower.match_indices("gb").chain(lower.match_indices("gib"));
    places.any(|(at, _)| {
        lower[..at]
            .trim_end()
            .ends_with(|c: char| c.is_ascii_digit())
    })
}

/// The value of a key followed by another entry, written in the style of the key's mapping.
fn beside(source: &str, key: Span, value: &str, other: &str) -> String {
    let line = source[..key.from].rfind('\n').map_or(0, |end| end + 1);
    let before = &source[line..key.from];
    if before.chars().all(|c| matches!(c, ' ' | '-')) {
        format!("{value}\n{}{other}", " ".repeat(before.len()))
    } else {
        format!("{value}, {other}")
    }
}

fn image_tag(service: &str, image: &str, span: Span, findings: &mut Findings) {
    let last = image.rsplit('/').next().unwrap_or(image);
    let tag = last.split_once(':').map(|(_, tag)| tag);
    let advice = match tag {
        _ if image.contains('@') => return,
        None => Advice::NoTag,
        Some("latest") => Advice::LatestTag,
        Some(_) => return,
    };
    findings.advise(
        Severity::Hint,
        "image-tag",
        format!("services.{service}.image"),
        span,
        advice,
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
        // Sizes that both dialects read the same way are spelled as intended.
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
                Advice::ManyVolumes,
            );
        }
        for attribute in compute.gpu.iter().flat_map(|gpu| &gpu.attributes) {
            if attribute.key.ends_with("/undefined") || attribute.key.ends_with('/') {
                findings.advise(
                    Severity::Warning,
                    "gpu-model-missing",
                    format!("{path}.gpu.attributes"),
                    compute.gpu.as_ref().map_or(compute.span, |gpu| gpu.span),
                    Advice::GpuModelMissing,
                );
            }
        }
        if !is_used {
            findings.advise(
                Severity::Hint,
                "profile-unused",
                format!("profiles.compute.{}", compute.name.text),
                compute.name.span,
                Advice::UnusedProfile {
                    profile: compute.name.text.to_owned(),
                },
            );
        }
    }
}

/// `512m` of memory is 512 million bytes to Console and invalid to the command line; the author
/// meant mebibytes.
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
    let better = format!("{digits}{better}");
    let advice = Advice::SizeInThousands {
        written: text.to_owned(),
        better: better.clone(),
    };
    let remedy = Remedy::ChangeTo {
        value: better.clone(),
    };
    findings
        .advise(Severity::Warning, "size-in-thousands", path, span, advice)
        .replace(remedy, span, better);
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
                        Advice::DenomNotUact,
                    )
                    .replace(
                        Remedy::ChangeTo {
                            value: "uact".to_owned(),
                        },
                        span,
                        "uact",
                    );
            }
            if price.atto == Some(0) && model.dialect == Dialect::Console {
                findings.advise(
                    Severity::Warning,
                    "price-zero",
                    format!("{path}.amount"),
                    price.amount_span,
                    Advice::FreePrice,
                );
            }
        }
    }
}
