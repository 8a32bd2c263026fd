//! Rules about meaning: faults that the tools, the chain and the providers refuse in a document
//! whose structure is correct.
//!
//! Each rule runs on the model of one dialect and records its findings for that dialect; a fault
//! found in both becomes one finding.

mod addresses;
mod limits;
pub(crate) mod lints;
pub(crate) mod running;
mod secrets;
mod storage;

use std::collections::BTreeMap;

use crate::diagnostic::{Findings, Who};
use crate::dialect::Dialect;
use crate::model::{Compute, Deployed, DeployedService, Model, Placement, Service};
use crate::problem::{self, Reference, Remedy};
use crate::span::Span;

/// Runs every rule on the model of a dialect.
pub(crate) fn check(model: &Model<'_>, findings: &mut Findings) {
    let uses = references(model, findings);
    for used in &uses {
        credentials(used, model, findings);
        storage::check(used, model, findings);
        limits::unit(used, model, findings);
    }
    confidential(&uses, model, findings);
    addresses::check(model, findings);
    limits::groups(&uses, model, findings);
    running::check(model, findings);
}

/// A service in a placement, with everything that it refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Used<'m, 'a> {
    pub(crate) service: &'m Service<'a>,
    pub(crate) placed: &'m Deployed<'a>,
    pub(crate) compute: &'m Compute<'a>,
    pub(crate) placement: &'m Placement<'a>,
}

/// Follows every reference of the deployment section and refuses those that lead nowhere.
fn references<'m, 'a>(model: &'m Model<'a>, findings: &mut Findings) -> Vec<Used<'m, 'a>> {
    let mut uses = Vec::new();
    let mut unknown_services = Vec::new();
    for deployed in &model.deployments {
        let service = model.service(deployed.service.text);
        if service.is_none() {
            unknown_services.push(deployed);
        }
        for placed in &deployed.placements {
            uses.extend(reference(service, placed, model, findings));
        }
    }
    for deployed in unknown_services {
        unknown_service(deployed, &uses, model, findings);
    }
    not_deployed(model, findings);
    // A reference that leads nowhere is itself the fault.
    if uses.is_empty() && !findings.refuses(model.dialect) {
        findings.refuse(
            model.dialect.into(),
            "nothing-deployed",
            "deployment".to_owned(),
            Span::default(),
            Reference::NothingDeployed,
        );
    }
    uses
}

/// Resolves the references of a service in a placement; `None` if a part is missing.
fn reference<'m, 'a>(
    service: Option<&'m Service<'a>>,
    placed: &'m Deployed<'a>,
    model: &'m Model<'a>,
    findings: &mut Findings,
) -> Option<Used<'m, 'a>> {
    let who = model.dialect.into();
    // Console stops here if the service is unknown.
    let is_followed = service.is_some() || model.dialect == Dialect::Go;
    let profile = placed.profile.text;
    let compute = model.compute(profile);
    if compute.is_none() && is_followed {
        let known = model.computes.iter().map(|compute| compute.name.text);
        refuse_unknown(
            findings,
            who,
            "compute-profile",
            format!("profiles.compute.{profile}"),
            placed.profile.span,
            problem::Named::ComputeProfile,
            known,
            profile,
        );
    }
    let name = placed.placement.text;
    let placement = model.placement(name);
    if placement.is_none() && is_followed {
        let known = model.placements.iter().map(|placement| placement.name.text);
        refuse_unknown(
            findings,
            who,
            "placement",
            format!("profiles.placement.{name}"),
            placed.placement.span,
            problem::Named::Placement,
            known,
            name,
        );
    }
    let placement = placement?;
    if placement.price(profile).is_none() && is_followed {
        // If a profile is missing, its price is not the first fault.
        let span = match compute {
            Some(_) => placement.name.span,
            None => placed.profile.span,
        };
        findings.refuse(
            who,
            "price",
            format!("profiles.placement.{name}.pricing.{profile}"),
            span,
            Reference::NoPrice {
                placement: name.to_owned(),
                profile: profile.to_owned(),
            },
        );
    }
    Some(Used {
        service: service?,
        placed,
        compute: compute?,
        placement,
    })
}

/// Refuses a deployed service that the document does not define. Console fails only if another
/// service runs in the same placement.
fn unknown_service(
    deployed: &DeployedService<'_>,
    uses: &[Used<'_, '_>],
    model: &Model<'_>,
    findings: &mut Findings,
) {
    let name = deployed.service.text;
    let met = deployed.placements.iter().any(|placed| {
        uses.iter()
            .any(|used| used.placed.placement.text == placed.placement.text)
    });
    if (model.dialect == Dialect::Go && !deployed.placements.is_empty()) || met {
        let known = model.services.iter().map(|service| service.name.text);
        refuse_unknown(
            findings,
            model.dialect.into(),
            "service",
            format!("deployment.{name}"),
            deployed.service.span,
            problem::Named::Service,
            known,
            name,
        );
    }
}

/// Console refuses a service that is not deployed; the command line drops it.
fn not_deployed(model: &Model<'_>, findings: &mut Findings) {
    if model.dialect != Dialect::Console {
        return;
    }
    let mut is_deployed = vec![false; model.services.len()];
    for deployed in &model.deployments {
        if let Some(at) = model.services.place(deployed.service.text) {
            is_deployed[at] = true;
        }
    }
    for (service, is_deployed) in model.services.iter().zip(is_deployed) {
        let name = service.name.text;
        if !is_deployed {
            findings.refuse(
                Who::Console,
                "not-deployed",
                format!("deployment.{name}"),
                service.name.span,
                Reference::NotDeployed {
                    service: name.to_owned(),
                },
            );
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "the parts of one finding")]
fn refuse_unknown<'k>(
    findings: &mut Findings,
    who: Who,
    code: &'static str,
    path: String,
    span: Span,
    what: problem::Named,
    known: impl Iterator<Item = &'k str>,
    wanted: &str,
) {
    let known: Vec<&str> = known.collect();
    let unknown = Reference::Unknown {
        what,
        name: wanted.to_owned(),
        known: known.iter().map(|name| (*name).to_owned()).collect(),
    };
    let finding = findings.refuse(who, code, path, span, unknown);
    let near = known
        .iter()
        .find(|name| name.eq_ignore_ascii_case(wanted))
        .or_else(|| (known.len() == 1).then(|| &known[0]));
    if let Some(near) = near {
        let name = (*near).to_owned();
        finding.replace(Remedy::ChangeToName { name }, span, *near);
    }
}

/// The command line requires credentials that are more than spaces.
fn credentials(used: &Used<'_, '_>, model: &Model<'_>, findings: &mut Findings) {
    let Some(credentials) = &used.service.credentials else {
        return;
    };
    if model.dialect != Dialect::Go {
        return;
    }
    for (key, value) in [
        ("host", credentials.host),
        ("username", credentials.username),
        ("password", credentials.password),
    ] {
        if value.trim().is_empty() {
            findings.refuse(
                Who::CommandLine,
                "missing",
                format!("services.{}.credentials.{key}", used.service.name.text),
                credentials.span,
                Reference::MissingCredential { key },
            );
        }
    }
}

/// Confidential computing: a GPU where the kind requires one, and one kind for each placement.
fn confidential(uses: &[Used<'_, '_>], model: &Model<'_>, findings: &mut Findings) {
    let who = model.dialect.into();
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for used in uses {
        let Some(tee) = used.service.params.as_ref().and_then(|params| params.tee) else {
            continue;
        };
        let path = format!("services.{}.params.tee", used.service.name.text);
        let has_gpu = used.compute.gpu.as_ref().is_some_and(|gpu| gpu.units > 0);
        if tee.text == "cpu-gpu" && !has_gpu {
            findings.refuse(
                who,
                "tee-gpu",
                path.clone(),
                tee.span,
                Reference::TeeWithoutGpu,
            );
        }
        let placement = used.placed.placement.text;
        let first = *kinds.entry(placement).or_insert(tee.text);
        if first != tee.text {
            findings.refuse(
                who,
                "tee-conflict",
                path,
                tee.span,
                Reference::TeeConflict {
                    placement: placement.to_owned(),
                    first: first.to_owned(),
                    second: tee.text.to_owned(),
                },
            );
        }
    }
}
