//! The policy for packages: `xtask/dependencies.json`, written by hand, with a reason for each exception.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::workspace::Workspace;

/// Path of the file.
const FILE: &str = "xtask/dependencies.json";

/// The policy for packages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Policy {
    /// Licences that any package may have, each with its obligations.
    pub(crate) licences: BTreeMap<String, String>,
    /// Packages with another licence, or with no declared licence.
    pub(crate) licence_exceptions: Vec<LicenceException>,
    /// Advisories that we accept.
    pub(crate) advisory_exceptions: Vec<AdvisoryException>,
}

/// A package whose licence is not among those that any package may have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LicenceException {
    /// Name of the package.
    pub(crate) package: String,
    /// Licence that the package declares; `None` if it declares none.
    pub(crate) declares: Option<String>,
    /// Reason why the package is kept in spite of its licence.
    pub(crate) reason: String,
}

/// An advisory about a package that is kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AdvisoryException {
    /// Id of the advisory.
    pub(crate) id: String,
    /// Name of the package.
    pub(crate) package: String,
    /// Reason why the package is kept in spite of the advisory.
    pub(crate) reason: String,
}

/// Reads the policy.
pub(crate) fn read(workspace: &Workspace) -> Result<Policy> {
    let text = fs::read_to_string(workspace.path(FILE))
        .with_context(|| format!("could not read {FILE}"))?;
    serde_json::from_str(&text).with_context(|| format!("{FILE} is not as it should be"))
}
