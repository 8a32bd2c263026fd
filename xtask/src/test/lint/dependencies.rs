//! Allowed dependencies between crates. The table is that of `docs/architecture.md`, which gives the reasons.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

/// Each of our crates with those of ours that it may use. A crate that is missing may use none and be used by none.
const ALLOWED: [(&str, &[&str]); 14] = [
    ("domain", &[]),
    ("sdl", &["domain"]),
    ("interpret", &["domain"]),
    ("evm-types", &[]),
    ("zerog-hash", &[]),
    ("akash-tx", &["domain", "sdl"]),
    ("akash-client", &["domain"]),
    ("chain-client", &["evm-types"]),
    (
        "backend",
        &[
            "domain",
            "sdl",
            "interpret",
            "evm-types",
            "akash-client",
            "chain-client",
        ],
    ),
    ("app", &["domain", "sdl", "evm-types", "backend"]),
    ("frontend", &["app"]),
    ("server", &["app", "backend", "domain", "sdl", "interpret"]),
    ("sandbox", &["domain", "sdl", "interpret"]),
    ("xtask", &["interpret"]),
];

/// Further crates that tests may use: the sandbox simulates the outside world for them.
const ALLOWED_IN_TESTS: [(&str, &[&str]); 4] = [
    ("akash-client", &["sandbox"]),
    ("backend", &["sandbox"]),
    ("server", &["sandbox"]),
    ("sandbox", &["akash-client"]),
];

/// Crates that must not reach the browser: they hold keys, or talk to databases or to the outside world.
const SERVER_SIDE: [&str; 9] = [
    "backend",
    "sqlx",
    "reqwest",
    "hyper",
    "rustls",
    "alloy-provider",
    "alloy-signer-local",
    "akash-client",
    "chain-client",
];

/// Compares the manifests with the table.
pub(super) fn between_crates(workspace: &Workspace) -> Result<()> {
    let printed = process::capture(process::cargo(workspace).args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
    ]))?;
    let metadata: Value = serde_json::from_str(&printed).context("cargo metadata is no JSON")?;
    let problems = violations(&edges(&metadata)?);
    if problems.is_empty() {
        return Ok(());
    }
    bail!("{}", problems.join("; "))
}

/// Looks for server-side crates below `frontend`.
pub(super) fn of_the_browser_part(workspace: &Workspace) -> Result<()> {
    let tree = process::capture(process::cargo(workspace).args([
        "tree",
        "--package",
        "frontend",
        "--target",
        "wasm32-unknown-unknown",
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let used: BTreeSet<&str> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    let smuggled: Vec<&str> = SERVER_SIDE
        .into_iter()
        .filter(|name| used.contains(name))
        .collect();
    if smuggled.is_empty() {
        return Ok(());
    }
    bail!("frontend depends on {}", smuggled.join(", "))
}

/// A dependency of one of our crates on another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edge {
    from: String,
    to: String,
    in_tests: bool,
    optional: bool,
}

fn edges(metadata: &Value) -> Result<Vec<Edge>> {
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata names no packages")?;
    let mut edges = Vec::new();
    for package in packages {
        let from = package["name"]
            .as_str()
            .context("a package without a name")?;
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            // Only packages in this checkout have a path.
            if dependency["path"].is_null() {
                continue;
            }
            edges.push(Edge {
                from: from.to_owned(),
                to: dependency["name"]
                    .as_str()
                    .context("a dependency without a name")?
                    .to_owned(),
                in_tests: dependency["kind"] == "dev",
                optional: dependency["optional"] == true,
            });
        }
    }
    Ok(edges)
}

fn violations(edges: &[Edge]) -> Vec<String> {
    let mut problems = Vec::new();
    for edge in edges {
        let Edge {
            from,
            to,
            in_tests,
            optional,
        } = edge;
        let allowed =
            contains(&ALLOWED, from, to) || (*in_tests && contains(&ALLOWED_IN_TESTS, from, to));
        if !allowed {
            let where_used = if *in_tests { " in its tests" } else { "" };
            problems.push(format!("{from} may not depend on {to}{where_used}"));
        }
        if from == "app" && to == "backend" && !optional {
            problems.push("app may depend on backend only with the feature ssr".to_owned());
        }
    }
    problems
}

fn contains(table: &[(&str, &[&str])], from: &str, to: &str) -> bool {
    table
        .iter()
        .any(|(name, uses)| *name == from && uses.contains(&to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str) -> Edge {
        Edge {
            from: from.to_owned(),
            to: to.to_owned(),
            in_tests: false,
            optional: false,
        }
    }

    #[test]
    fn the_arrows_point_inward() {
        assert!(violations(&[edge("sdl", "domain"), edge("server", "app")]).is_empty());
        assert_eq!(
            violations(&[edge("domain", "sdl")]),
            ["domain may not depend on sdl"]
        );
        assert_eq!(
            violations(&[edge("sandbox", "backend")]),
            ["sandbox may not depend on backend"]
        );
        assert_eq!(
            violations(&[edge("new-crate", "domain")]),
            ["new-crate may not depend on domain"]
        );
    }

    #[test]
    fn only_tests_may_use_the_sandbox() {
        let shipped = edge("server", "sandbox");
        let tested = Edge {
            in_tests: true,
            ..shipped.clone()
        };
        assert_eq!(violations(&[shipped]), ["server may not depend on sandbox"]);
        assert!(violations(&[tested]).is_empty());
    }

    #[test]
    fn the_browser_part_of_app_is_free_of_the_backend() {
        let always = edge("app", "backend");
        let optional = Edge {
            optional: true,
            ..always.clone()
        };
        assert_eq!(
            violations(&[always]),
            ["app may depend on backend only with the feature ssr"]
        );
        assert!(violations(&[optional]).is_empty());
    }
}
