//! The gate for third-party packages: none with a known defect, none under a licence that was not reviewed, none from
//! outside a registry, and none whose bytes are not pinned. What is allowed is in `xtask/dependencies.json`, with a
//! reason for each exception; an exception that is no longer needed is a problem, too.
//! `docs/decisions/0008-dependencies-are-checked-offline.md` gives the reasons for this design.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde_json::Value;

use crate::clock;
use crate::packages::advisories::{self, Advisories};
use crate::packages::policy::{self, Policy};
use crate::packages::{self, Locked, NPM_FOLDERS, NpmPackage, licence};
use crate::workspace::Workspace;

/// Age in days from which the copy of the advisories is reported as old.
const OLD_AFTER_DAYS: i64 = 90;

/// Compares `Cargo.lock` with the advisories.
pub(super) fn advisories(workspace: &Workspace) -> Result<()> {
    let locked = packages::locked(workspace)?;
    let known = advisories::read(workspace)?;
    let policy = policy::read(workspace)?;
    conclude(&defects(&locked, &known, &policy)?)
}

/// Compares every package's licence with those allowed.
pub(super) fn licences(workspace: &Workspace) -> Result<()> {
    let policy = policy::read(workspace)?;
    let mut declared = declared_by_crates(&packages::metadata(workspace)?);
    for folder in NPM_FOLDERS {
        for package in packages::npm_locked(workspace, folder)? {
            declared.push((package.name, package.licence));
        }
    }
    conclude(&unlicensed(&declared, &policy)?)
}

/// Checks where packages come from, and that their bytes are pinned.
pub(super) fn sources(workspace: &Workspace) -> Result<()> {
    let mut problems = unfixed_crates(&packages::locked(workspace)?);
    for folder in NPM_FOLDERS {
        for problem in unfixed_npm(&packages::npm_locked(workspace, folder)?) {
            problems.push(format!("{folder}: {problem}"));
        }
    }
    conclude(&problems)
}

/// Returns a line about the copy's age, if it is old.
pub(super) fn remark_on_age(workspace: &Workspace) -> Result<Option<String>> {
    let known = advisories::read(workspace)?;
    remark(&known.date, clock::today())
}

fn conclude(problems: &[String]) -> Result<()> {
    if problems.is_empty() {
        return Ok(());
    }
    bail!("\n  {}", problems.join("\n  "))
}

fn defects(locked: &[Locked], known: &Advisories, policy: &Policy) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    let mut needed = BTreeSet::new();
    for package in locked.iter().filter(|package| package.source.is_some()) {
        let Locked { name, version, .. } = package;
        if !known.looked_up.contains(name) {
            problems.push(format!(
                "{name} {version} was never looked up: run `cargo xtask advisories --from DIR`"
            ));
        }
        for advisory in &known.found {
            if !advisory.concerns(package)? {
                continue;
            }
            let excepted = policy
                .advisory_exceptions
                .iter()
                .position(|one| one.id == advisory.id && one.package == *name);
            match excepted {
                Some(at) => {
                    needed.insert(at);
                }
                None => problems.push(format!(
                    "{name} {version} has {} ({})",
                    advisory.id, advisory.kind
                )),
            }
        }
    }
    for (at, exception) in policy.advisory_exceptions.iter().enumerate() {
        if !needed.contains(&at) {
            problems.push(format!("nothing needs the exception for {}", exception.id));
        }
        if exception.reason.trim().is_empty() {
            problems.push(format!("the exception for {} has no reason", exception.id));
        }
    }
    Ok(problems)
}

fn declared_by_crates(metadata: &Value) -> Vec<(String, Option<String>)> {
    let listed = metadata["packages"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    listed
        .filter(|package| !package["source"].is_null())
        .filter_map(|package| Some((text(&package["name"])?, text(&package["license"]))))
        .collect()
}

fn unlicensed(declared: &[(String, Option<String>)], policy: &Policy) -> Result<Vec<String>> {
    let mut problems = BTreeSet::new();
    let mut needed = BTreeSet::new();
    let is_allowed = |licence: &str| policy.licences.contains_key(licence);
    for (package, expression) in declared {
        let satisfied = match expression {
            Some(expression) => licence::is_satisfied(expression, &is_allowed).unwrap_or(false),
            None => false,
        };
        if satisfied {
            continue;
        }
        let excepted = policy
            .licence_exceptions
            .iter()
            .position(|one| one.package == *package && one.declares == *expression);
        match excepted {
            Some(at) => {
                needed.insert(at);
            }
            None => {
                let said = expression.as_deref().unwrap_or("no licence");
                problems.insert(format!("{package} declares {said}, which nobody allowed"));
            }
        }
    }
    for (at, exception) in policy.licence_exceptions.iter().enumerate() {
        let package = &exception.package;
        if !needed.contains(&at) {
            problems.insert(format!("nothing needs the exception for {package}"));
        }
        if exception.reason.trim().is_empty() {
            problems.insert(format!("the exception for {package} has no reason"));
        }
    }
    Ok(problems.into_iter().collect())
}

fn unfixed_crates(locked: &[Locked]) -> Vec<String> {
    let mut problems = Vec::new();
    for Locked {
        name,
        version,
        source,
        checksum,
    } in locked
    {
        match source {
            None => {}
            Some(source) if !source.starts_with("registry+") => {
                problems.push(format!("{name} {version} comes from {source}"));
            }
            Some(_) if checksum.is_none() => {
                problems.push(format!("{name} {version} has no checksum"));
            }
            Some(_) => {}
        }
    }
    problems
}

fn unfixed_npm(locked: &[NpmPackage]) -> Vec<String> {
    let mut problems = Vec::new();
    for package in locked {
        let NpmPackage { name, version, .. } = package;
        if let Some(elsewhere) = &package.elsewhere {
            problems.push(format!("{name} {version} comes from {elsewhere}"));
        }
        let fixed = package.integrity.as_deref();
        // npm leaves out packages for other platforms, and then records no hash of them.
        let left_out = fixed.is_none() && package.optional;
        if !left_out && !fixed.is_some_and(|hash| hash.starts_with("sha512-")) {
            problems.push(format!("{name} {version} has no SHA-512"));
        }
    }
    problems
}

/// Returns the line about the age; `today` is in days since 1970.
fn remark(date: &str, today: i64) -> Result<Option<String>> {
    let age = today - clock::days_of(date)?;
    Ok((age > OLD_AFTER_DAYS).then(|| {
        format!(
            "OLD     the advisories are {age} days old ({date}): run `cargo xtask advisories --from DIR` with a fresh database"
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packages::advisories::Advisory;

    fn package(name: &str, version: &str) -> Locked {
        Locked {
            name: name.to_owned(),
            version: version.to_owned(),
            source: Some("registry+somewhere".to_owned()),
            checksum: Some("ff".to_owned()),
        }
    }

    fn known(looked_up: &[&str], patched: &[&str]) -> Advisories {
        Advisories {
            date: "2030-01-02".to_owned(),
            commit: "c0".to_owned(),
            looked_up: looked_up.iter().map(ToString::to_string).collect(),
            found: vec![Advisory {
                id: "RUSTSEC-2030-0001".to_owned(),
                package: "a".to_owned(),
                kind: "vulnerability".to_owned(),
                patched: patched.iter().map(ToString::to_string).collect(),
                unaffected: Vec::new(),
            }],
        }
    }

    fn policy(text: &str) -> Policy {
        serde_json::from_str(text).expect("is a policy")
    }

    const STRICT: &str =
        r#"{"licences": {"MIT": "-"}, "licence_exceptions": [], "advisory_exceptions": []}"#;

    #[test]
    fn a_package_with_a_known_defect_is_refused_until_it_is_mended() {
        let found = |version: &str| {
            let locked = [package("a", version)];
            defects(&locked, &known(&["a"], &[">=1.0.1"]), &policy(STRICT)).expect("compares")
        };
        assert_eq!(
            found("1.0.0"),
            ["a 1.0.0 has RUSTSEC-2030-0001 (vulnerability)"]
        );
        assert!(found("1.0.1").is_empty());
    }

    #[test]
    fn an_exception_needs_a_reason_and_something_that_needs_it() {
        let text = |reason: &str| {
            policy(&STRICT.replace(
                "\"advisory_exceptions\": []",
                &format!(
                    r#""advisory_exceptions": [{{"id": "RUSTSEC-2030-0001", "package": "a", "reason": "{reason}"}}]"#
                ),
            ))
        };
        let known = known(&["a"], &[">=1.0.1"]);
        let found = |version: &str, reason: &str| {
            defects(&[package("a", version)], &known, &text(reason)).expect("compares")
        };
        assert!(found("1.0.0", "only tests use it").is_empty());
        assert_eq!(
            found("1.0.0", " "),
            ["the exception for RUSTSEC-2030-0001 has no reason"]
        );
        assert_eq!(
            found("1.0.1", "only tests use it"),
            ["nothing needs the exception for RUSTSEC-2030-0001"]
        );
    }

    #[test]
    fn a_package_that_nobody_looked_up_is_refused() {
        let found = defects(
            &[package("b", "1.0.0")],
            &known(&["a"], &[]),
            &policy(STRICT),
        );
        assert_eq!(
            found.expect("compares"),
            ["b 1.0.0 was never looked up: run `cargo xtask advisories --from DIR`"]
        );
    }

    #[test]
    fn a_licence_that_nobody_allowed_is_refused() {
        let declared = |expression: Option<&str>| {
            let declared = [("a".to_owned(), expression.map(str::to_owned))];
            unlicensed(&declared, &policy(STRICT)).expect("compares")
        };
        assert!(declared(Some("MIT OR GPL-3.0-only")).is_empty());
        assert_eq!(
            declared(Some("GPL-3.0-only")),
            ["a declares GPL-3.0-only, which nobody allowed"]
        );
        assert_eq!(
            declared(Some("see the file")),
            ["a declares see the file, which nobody allowed"]
        );
        assert_eq!(
            declared(None),
            ["a declares no licence, which nobody allowed"]
        );
    }

    #[test]
    fn what_comes_from_elsewhere_or_has_no_hash_is_refused() {
        let mut from_git = package("a", "1.0.0");
        from_git.source = Some("git+https://example.org/a".to_owned());
        let mut unfixed = package("b", "1.0.0");
        unfixed.checksum = None;
        assert_eq!(
            unfixed_crates(&[from_git, unfixed, package("c", "1.0.0")]),
            [
                "a 1.0.0 comes from git+https://example.org/a",
                "b 1.0.0 has no checksum"
            ]
        );
        let npm = |integrity: Option<&str>, optional: bool, elsewhere: Option<&str>| NpmPackage {
            name: "n".to_owned(),
            version: "1.0.0".to_owned(),
            licence: Some("MIT".to_owned()),
            integrity: integrity.map(str::to_owned),
            optional,
            elsewhere: elsewhere.map(str::to_owned),
        };
        assert!(
            unfixed_npm(&[npm(Some("sha512-x"), false, None), npm(None, true, None)]).is_empty()
        );
        assert_eq!(
            unfixed_npm(&[
                npm(Some("sha1-x"), true, None),
                npm(None, false, None),
                npm(Some("sha512-x"), false, Some("git+ssh://example.org/n"))
            ]),
            [
                "n 1.0.0 has no SHA-512",
                "n 1.0.0 has no SHA-512",
                "n 1.0.0 comes from git+ssh://example.org/n"
            ]
        );
    }

    #[test]
    fn an_old_copy_is_said_aloud() {
        let day = clock::days_of("2030-01-02").expect("is a day");
        assert_eq!(remark("2030-01-02", day + 90).expect("compares"), None);
        let said = remark("2030-01-02", day + 91).expect("compares");
        assert!(said.is_some_and(|line| line.contains("91 days old")));
        assert!(remark("yesterday", day).is_err());
    }
}
