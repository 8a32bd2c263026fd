//! Determines the changes of an update to a running deployment, and whether they are allowed.
//!
//! A lease was made for groups that are on chain: resources, replicas, endpoints, the requirements
//! on the provider, and the price. An update replaces only the manifest and its hash, so everything
//! in the groups has to stay as it is. Providers compare resources by position; both texts are
//! therefore derived in the dialect that made the deployment.

use std::collections::BTreeSet;
use std::fmt;

use crate::check::derive;
use crate::derive::Derived;
use crate::dialect::Dialect;
use crate::manifest::{Expose, Service};
use crate::spec::{GroupSpec, Resources, SignedBy};

/// An update that may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Groups and manifest that run after the update.
    pub derived: Derived,
    /// Keys whose values differ from what runs now, in the order of the services.
    pub changes: Vec<Changed>,
}

/// A key of a service whose value changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Name of the service.
    pub service: String,
    /// The key, as the SDL names it.
    pub key: &'static str,
}

impl fmt::Display for Changed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.key, self.service)
    }
}

/// Reason why a text cannot replace the running one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotUpdate {
    /// The text cannot be deployed at all.
    Faulty(String),
    /// The running text can no longer be read, so nothing can be compared.
    Unreadable,
    /// The lease was made for another value.
    NeedsNewLease {
        /// The key that differs and what it belongs to, at the beginning of a sentence: `“memory”
        /// of web`.
        field: String,
    },
    /// The text is equivalent to what is already running.
    Nothing,
}

impl CannotUpdate {
    fn lease(key: &str, of: &str) -> Self {
        Self::NeedsNewLease {
            field: format!("“{key}” of {of}"),
        }
    }
}

/// The changes made by replacing the text `deployed` with `next` in a deployment made in this
/// dialect.
///
/// # Errors
/// The first reason why the text cannot be replaced.
pub fn update(deployed: &str, next: &str, dialect: Dialect) -> Result<Update, CannotUpdate> {
    let after = derive(next, dialect)
        .map_err(|report| CannotUpdate::Faulty(report.fault(dialect).unwrap_or_default()))?;
    let before = derive(deployed, dialect).map_err(|_| CannotUpdate::Unreadable)?;
    same_names(
        "deployment",
        "the document",
        before.groups.iter().map(|group| group.name.as_str()),
        after.groups.iter().map(|group| group.name.as_str()),
    )?;
    let mut changes = Vec::new();
    for (before, after) in before.manifest.groups.iter().zip(&after.manifest.groups) {
        same_names(
            "services",
            &after.name,
            before.services.iter().map(|service| service.name.as_str()),
            after.services.iter().map(|service| service.name.as_str()),
        )?;
        for (before, after) in before.services.iter().zip(&after.services) {
            same_lease(before, after)?;
            changes.extend(changed(before, after).map(|key| Changed {
                service: after.name.clone(),
                key,
            }));
        }
    }
    for (before, after) in before.groups.iter().zip(&after.groups) {
        same_group(before, after)?;
    }
    if before.manifest.hash() == after.manifest.hash() {
        return Err(CannotUpdate::Nothing);
    }
    Ok(Update {
        derived: after,
        changes,
    })
}

/// Checks that no name was added or removed.
fn same_names<'a>(
    key: &str,
    of: &str,
    before: impl Iterator<Item = &'a str>,
    after: impl Iterator<Item = &'a str>,
) -> Result<(), CannotUpdate> {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (before.collect(), after.collect());
    match before.symmetric_difference(&after).next() {
        Some(name) => Err(CannotUpdate::NeedsNewLease {
            field: format!("“{key}” of {of} (“{name}”)"),
        }),
        None => Ok(()),
    }
}

/// Checks that the parts of a service fixed by the lease are unchanged.
fn same_lease(before: &Service, after: &Service) -> Result<(), CannotUpdate> {
    let differs = resources(&before.resources, &after.resources)
        .or_else(|| (before.count != after.count).then_some("count"))
        .or_else(|| {
            let same = before
                .expose
                .iter()
                .map(door)
                .eq(after.expose.iter().map(door));
            (!same).then_some("expose")
        })
        .or_else(|| {
            let tee = |service: &Service| service.params.as_ref().and_then(|it| it.tee.clone());
            (tee(before) != tee(after)).then_some("tee")
        });
    match differs {
        Some(key) => Err(CannotUpdate::lease(key, &after.name)),
        None => Ok(()),
    }
}

fn resources(before: &Resources, after: &Resources) -> Option<&'static str> {
    let cpu = |it: &Resources| (it.cpu_milli, it.cpu_attributes.clone());
    if cpu(before) != cpu(after) {
        return Some("cpu");
    }
    if before.memory_bytes != after.memory_bytes {
        return Some("memory");
    }
    if before.gpu != after.gpu {
        return Some("gpu");
    }
    if before.storage != after.storage {
        return Some("storage");
    }
    (before.endpoints != after.endpoints).then_some("expose")
}

/// The parts of a port that the lease fixes: all but the host names and limits of the provider's
/// web proxy.
fn door(expose: &Expose) -> impl PartialEq + '_ {
    (
        (expose.port, expose.external_port, expose.protocol),
        (expose.service.as_str(), expose.global),
        (expose.ip.as_str(), expose.endpoint_sequence_number),
    )
}

/// Checks that a group is unchanged: the requirements on the provider, the prices and the
/// resources.
fn same_group(before: &GroupSpec, after: &GroupSpec) -> Result<(), CannotUpdate> {
    let signers = |group: &GroupSpec| {
        let SignedBy { all_of, any_of } = group.signed_by.clone();
        (all_of.unwrap_or_default(), any_of.unwrap_or_default())
    };
    let prices = |group: &GroupSpec| -> Vec<_> {
        let units = group.resources.iter();
        units
            .map(|unit| (unit.price.denom.clone(), unit.price.atto))
            .collect()
    };
    let units = |group: &GroupSpec| -> Vec<_> {
        let units = group.resources.iter();
        units
            .map(|unit| (unit.resources.clone(), unit.count))
            .collect()
    };
    let differs = if before.attributes != after.attributes {
        "attributes"
    } else if signers(before) != signers(after) {
        "signedBy"
    } else if prices(before) != prices(after) {
        "pricing"
    } else if units(before) != units(after) {
        // The same amounts, distributed differently among compute profiles.
        "profile"
    } else {
        return Ok(());
    };
    Err(CannotUpdate::lease(
        differs,
        &format!("the placement {}", after.name),
    ))
}

/// The keys of a service that are allowed to change and do.
fn changed(before: &Service, after: &Service) -> impl Iterator<Item = &'static str> {
    let expose = |pick: fn(&Expose, &Expose) -> bool| {
        let mut pairs = before.expose.iter().zip(&after.expose);
        pairs.any(|(before, after)| pick(before, after))
    };
    [
        ("image", before.image != after.image),
        ("command", before.command != after.command),
        ("args", before.args != after.args),
        ("env", before.env != after.env),
        ("accept", expose(|a, b| a.hosts != b.hosts)),
        (
            "http_options",
            expose(|a, b| a.http_options != b.http_options),
        ),
        ("params", before.params != after.params),
        ("credentials", before.credentials != after.credentials),
    ]
    .into_iter()
    .filter_map(|(key, differs)| differs.then_some(key))
}

#[cfg(test)]
mod tests;
