//! `cargo xtask sbom`: lists the packages in the shipped server and page, as CycloneDX.
//!
//! The same checkout yields the same bytes: there is no date or serial number. The file is made for a release and not
//! committed; see `docs/decisions/0008-dependencies-are-checked-offline.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{NpmPackage, licence, locked, metadata, npm_locked};
use crate::workspace::Workspace;

/// The shipped crates: the server, and the browser part that it serves.
const SHIPPED: [&str; 2] = ["server", "frontend"];
/// Folder of the npm packages that are part of the browser part or needed to build it.
const NPM_FOLDER: &str = "frontend";

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// File to write; `sbom.json` in Cargo's target folder where none is named.
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
}

/// Writes the list and reports its path.
pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let checksums: BTreeMap<(String, String), String> = locked(workspace)?
        .into_iter()
        .filter_map(|one| Some(((one.name, one.version), one.checksum?)))
        .collect();
    let metadata = metadata(workspace)?;
    let npm = npm_locked(workspace, NPM_FOLDER)?;
    let sbom = compose(&metadata, &checksums, &npm)?;
    let to = match &arguments.to {
        Some(named) => named.clone(),
        None => workspace.target("sbom.json"),
    };
    let mut text = serde_json::to_string_pretty(&sbom).context("no JSON of the list")?;
    text.push('\n');
    fs::write(&to, text).with_context(|| format!("could not write {}", to.display()))?;
    let count = sbom["components"].as_array().map_or(0, Vec::len);
    println!("{count} components: {}", to.display());
    Ok(ExitCode::SUCCESS)
}

fn compose(
    metadata: &Value,
    checksums: &BTreeMap<(String, String), String>,
    npm: &[NpmPackage],
) -> Result<Value> {
    let shipped = shipped(metadata)?;
    let mut components = Vec::new();
    let mut version = "";
    for package in elements(&metadata["packages"]) {
        let field = |name: &str| package[name].as_str().unwrap_or_default();
        if !shipped.contains(field("id")) {
            continue;
        }
        if package["source"].is_null() {
            version = field("version");
            continue;
        }
        let (name, number) = (field("name"), field("version"));
        let mut component = json!({
            "type": "library", "name": name, "version": number,
            "purl": format!("pkg:cargo/{name}@{number}"),
        });
        if let Some(declared) = package["license"].as_str() {
            let expression = licence::in_standard_form(declared);
            component["licenses"] = json!([{ "expression": expression }]);
        }
        if let Some(sum) = checksums.get(&(name.to_owned(), number.to_owned())) {
            component["hashes"] = json!([{ "alg": "SHA-256", "content": sum }]);
        }
        components.push(component);
    }
    for package in npm.iter().filter(|package| !package.optional) {
        let (name, number) = (package.name.replace('@', "%40"), &package.version);
        let mut component = json!({
            "type": "library", "name": package.name, "version": number,
            "purl": format!("pkg:npm/{name}@{number}"),
        });
        if let Some(declared) = &package.licence {
            component["licenses"] = json!([{ "expression": declared }]);
        }
        components.push(component);
    }
    components.sort_by(|one, other| one["purl"].as_str().cmp(&other["purl"].as_str()));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": { "type": "application", "name": "necto", "version": version } },
        "components": components,
    }))
}

/// Returns the ids of all packages that the shipped crates depend on, without those for tests only.
fn shipped(metadata: &Value) -> Result<BTreeSet<&str>> {
    let nodes: BTreeMap<&str, &Value> = elements(&metadata["resolve"]["nodes"])
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let mut waiting: Vec<&str> = elements(&metadata["packages"])
        .filter(|package| {
            let name = package["name"].as_str().unwrap_or_default();
            SHIPPED.contains(&name) && package["source"].is_null()
        })
        .filter_map(|package| package["id"].as_str())
        .collect();
    let mut found = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !found.insert(id) {
            continue;
        }
        let node = nodes
            .get(id)
            .with_context(|| format!("cargo resolved no {id}"))?;
        for dependency in elements(&node["deps"]) {
            let is_used = elements(&dependency["dep_kinds"]).any(|kind| kind["kind"] != "dev");
            if let (true, Some(id)) = (is_used, dependency["pkg"].as_str()) {
                waiting.push(id);
            }
        }
    }
    Ok(found)
}

fn elements(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_what_ships_and_nothing_of_the_tests() {
        let package = |name: &str, source: Option<&str>| json!({"id": name, "name": name, "version": "1.0.0", "source": source, "license": "MIT/ISC"});
        let uses =
            |name: &str, kind: Option<&str>| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [package("server", None), package("a", Some("r")), package("b", Some("r")), package("c", Some("r"))],
            "resolve": {"nodes": [
                {"id": "server", "deps": [uses("a", None), uses("c", Some("dev"))]},
                {"id": "a", "deps": [uses("b", Some("build"))]},
                {"id": "b", "deps": []}, {"id": "c", "deps": []}]},
        });
        let sums = [(("a".to_owned(), "1.0.0".to_owned()), "ff".to_owned())].into();
        let npm = NpmPackage {
            name: "@x/y".to_owned(),
            version: "2.0.0".to_owned(),
            licence: Some("MIT".to_owned()),
            integrity: None,
            optional: false,
            elsewhere: None,
        };
        let sbom = compose(&metadata, &sums, &[npm]).expect("composes");
        let listed: Vec<_> = elements(&sbom["components"])
            .map(|one| one["purl"].as_str().expect("has one"))
            .collect();
        let expected = [
            "pkg:cargo/a@1.0.0",
            "pkg:cargo/b@1.0.0",
            "pkg:npm/%40x/y@2.0.0",
        ];
        assert_eq!(listed, expected);
        assert_eq!(sbom["components"][0]["hashes"][0]["content"], "ff");
        assert_eq!(
            sbom["components"][0]["licenses"][0]["expression"],
            "MIT OR ISC"
        );
    }
}
