//! Third-party packages in Necto: those in `Cargo.lock` and in the npm lock files.
//!
//! This module only reads; what is allowed is decided in `test::lint::supply`.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

pub(crate) mod advisories;
pub(crate) mod licence;
pub(crate) mod policy;
pub(crate) mod sbom;

/// Folders with an npm lock file.
pub(crate) const NPM_FOLDERS: [&str; 3] = ["contracts", "end2end", "frontend"];

/// Platforms that Necto is built for: the server's and the browser's.
const PLATFORMS: [&str; 2] = ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"];

/// A package of `Cargo.lock`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Locked {
    /// Name of the package.
    pub(crate) name: String,
    /// Exact version of the package.
    pub(crate) version: String,
    /// Registry or repository that it comes from, in Cargo's form; `None` for packages of this workspace.
    pub(crate) source: Option<String>,
    /// SHA-256 of its archive in hexadecimal; `None` for packages that come from no registry.
    pub(crate) checksum: Option<String>,
}

/// Reads the packages from the checkout's `Cargo.lock`.
pub(crate) fn locked(workspace: &Workspace) -> Result<Vec<Locked>> {
    let text =
        fs::read_to_string(workspace.path("Cargo.lock")).context("could not read Cargo.lock")?;
    read_lock(&text)
}

/// Parses the lines of the form `name = "value"`, one each, which are all that is needed.
fn read_lock(text: &str) -> Result<Vec<Locked>> {
    let mut packages = Vec::new();
    for block in text.split("[[package]]").skip(1) {
        let value = |name: &str| {
            block.lines().find_map(|line| {
                let quoted = line.strip_prefix(name)?.strip_prefix(" = \"")?;
                Some(quoted.strip_suffix('"')?.to_owned())
            })
        };
        packages.push(Locked {
            name: value("name").context("a package of Cargo.lock without a name")?,
            version: value("version").context("a package of Cargo.lock without a version")?,
            source: value("source"),
            checksum: value("checksum"),
        });
    }
    ensure!(!packages.is_empty(), "Cargo.lock names no package");
    Ok(packages)
}

/// Returns cargo's metadata of all packages built for [`PLATFORMS`], including those for tests.
pub(crate) fn metadata(workspace: &Workspace) -> Result<Value> {
    let mut command = process::cargo(workspace);
    command.args(["metadata", "--locked", "--format-version", "1"]);
    for platform in PLATFORMS {
        command.args(["--filter-platform", platform]);
    }
    serde_json::from_str(&process::capture(&mut command)?).context("cargo metadata is no JSON")
}

/// A package of an npm lock file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NpmPackage {
    /// Name of the package, with its scope if it has one.
    pub(crate) name: String,
    /// Exact version of the package.
    pub(crate) version: String,
    /// Licence that it declares, in its own form; `None` if the lock file names none.
    pub(crate) licence: Option<String>,
    /// Hash of its archive in npm's form, `sha512-` and base64; `None` if the lock file has none.
    pub(crate) integrity: Option<String>,
    /// `true` if npm may leave it out because it is only for some platforms.
    pub(crate) optional: bool,
    /// Address of its archive, if the lock file names one; `None` for the registry configured in npm.
    pub(crate) elsewhere: Option<String>,
}

/// Reads the packages from a folder's npm lock file.
pub(crate) fn npm_locked(workspace: &Workspace, folder: &str) -> Result<Vec<NpmPackage>> {
    let path = workspace.path(folder).join("package-lock.json");
    let text = fs::read_to_string(&path)
        .with_context(|| format!("could not read {}", workspace.shown(&path)))?;
    read_npm_lock(&text).with_context(|| format!("in {}", workspace.shown(&path)))
}

fn read_npm_lock(text: &str) -> Result<Vec<NpmPackage>> {
    let lock: Value = serde_json::from_str(text).context("it is no JSON")?;
    ensure!(lock["lockfileVersion"] == 3, "its version is not 3");
    let listed = lock["packages"]
        .as_object()
        .context("it lists no packages")?;
    let mut packages = Vec::new();
    for (path, one) in listed {
        // An entry without a path is the folder itself.
        let Some((_, name)) = path.rsplit_once("node_modules/") else {
            continue;
        };
        let text = |field: &str| one[field].as_str().map(str::to_owned);
        packages.push(NpmPackage {
            name: text("name").unwrap_or_else(|| name.to_owned()),
            version: text("version").with_context(|| format!("{path} has no version"))?,
            licence: text("license"),
            integrity: text("integrity"),
            optional: one["optional"] == true,
            elsewhere: text("resolved"),
        });
    }
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_is_read_package_by_package() {
        let text = "version = 4\n\n[[package]]\nname = \"ours\"\nversion = \"0.1.0\"\ndependencies = [\n \"theirs\",\n]\n\n\
                    [[package]]\nname = \"theirs\"\nversion = \"1.2.3\"\nsource = \"registry+x\"\nchecksum = \"ab\"\n";
        let packages = read_lock(text).expect("reads");
        assert_eq!(packages.len(), 2);
        assert_eq!(packages[0].source, None);
        assert_eq!(packages[1].version, "1.2.3");
        assert_eq!(packages[1].checksum.as_deref(), Some("ab"));
        assert!(read_lock("version = 4").is_err());
    }

    #[test]
    fn an_npm_lock_file_is_read_with_nested_packages_and_without_itself() {
        let text = r#"{"lockfileVersion": 3, "packages": {
            "": {"name": "ours", "license": "Apache-2.0"},
            "node_modules/a": {"version": "1.0.0", "license": "MIT", "integrity": "sha512-x"},
            "node_modules/a/node_modules/@b/c": {"version": "2.0.0", "optional": true}}}"#;
        let packages = read_npm_lock(text).expect("reads");
        let names: Vec<_> = packages.iter().map(|one| one.name.as_str()).collect();
        assert_eq!(names, ["a", "@b/c"]);
        assert!(packages[1].optional && packages[1].licence.is_none());
        assert!(read_npm_lock(r#"{"lockfileVersion": 1}"#).is_err());
    }
}
