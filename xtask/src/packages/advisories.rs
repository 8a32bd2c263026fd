//! Known defects of the packages in `Cargo.lock`: a committed copy of the facts, and the command that makes it from a
//! checkout of the RustSec advisory database.
//!
//! The checks run without a network. The copy holds ids, dates and ranges of versions in a format of our own; the text
//! of an advisory is left to its publisher.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use semver::{Version, VersionReq};
use serde::{Deserialize, Serialize};

use super::Locked;
use crate::process;
use crate::workspace::Workspace;

/// Path of the copy.
const FILE: &str = "xtask/advisories.json";

/// The committed copy of the database's facts about our packages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advisories {
    /// Day of the database's last change, such as `2026-08-21`.
    pub(crate) date: String,
    /// Commit of the database from which the copy was made.
    pub(crate) commit: String,
    /// Packages that were looked up, whether anything was found or not.
    pub(crate) looked_up: BTreeSet<String>,
    /// Advisories about those packages, sorted by id.
    pub(crate) found: Vec<Advisory>,
}

/// The facts in one advisory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advisory {
    /// Id of the advisory, such as `RUSTSEC-2024-0388`.
    pub(crate) id: String,
    /// Package that it is about.
    pub(crate) package: String,
    /// Kind of advisory: `vulnerability`, `unmaintained`, `unsound` or `notice`.
    pub(crate) kind: String,
    /// Ranges of versions in which the defect is fixed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) patched: Vec<String>,
    /// Ranges of versions that never had the defect.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) unaffected: Vec<String>,
}

impl Advisory {
    /// Whether it concerns this package in this version.
    pub(crate) fn concerns(&self, package: &Locked) -> Result<bool> {
        if self.package != package.name {
            return Ok(false);
        }
        let version: Version = package.version.parse().with_context(|| {
            format!(
                "{} {} is not versioned as usual",
                package.name, package.version
            )
        })?;
        for range in self.patched.iter().chain(&self.unaffected) {
            let range: VersionReq = range
                .parse()
                .with_context(|| format!("{} has an unreadable range {range:?}", self.id))?;
            if range.matches(&version) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Reads the copy.
pub(crate) fn read(workspace: &Workspace) -> Result<Advisories> {
    let text = fs::read_to_string(workspace.path(FILE))
        .with_context(|| format!("could not read {FILE}"))?;
    serde_json::from_str(&text).with_context(|| format!("{FILE} is not as it should be"))
}

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A checkout of the advisory database, or its Git directory.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
}

/// Makes the copy afresh.
pub(crate) fn update(workspace: &Workspace, arguments: &Arguments) -> Result<ExitCode> {
    let looked_up: BTreeSet<String> = super::locked(workspace)?
        .into_iter()
        .filter(|package| package.source.is_some())
        .map(|package| package.name)
        .collect();
    let database = Database(&arguments.from);
    let mut found = Vec::new();
    for path in database.files()? {
        let package = path.split('/').nth(1).unwrap_or_default();
        if !looked_up.contains(package) {
            continue;
        }
        let text = database.git(&["show", &format!("HEAD:{path}")])?;
        let advisory = read_advisory(&text).with_context(|| format!("in {path}"))?;
        found.extend(advisory);
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    let advisories = Advisories {
        date: database
            .git(&["log", "-1", "--format=%cs"])?
            .trim()
            .to_owned(),
        commit: database.git(&["rev-parse", "HEAD"])?.trim().to_owned(),
        looked_up,
        found,
    };
    println!(
        "{} packages looked up, {} advisories, as of {}",
        advisories.looked_up.len(),
        advisories.found.len(),
        advisories.date
    );
    let mut text = serde_json::to_string_pretty(&advisories).context("no JSON of the copy")?;
    text.push('\n');
    fs::write(workspace.path(FILE), text).with_context(|| format!("could not write {FILE}"))?;
    Ok(ExitCode::SUCCESS)
}

/// The advisory database in Git.
struct Database<'a>(&'a Path);

impl Database<'_> {
    fn git(&self, arguments: &[&str]) -> Result<String> {
        process::capture(Command::new("git").arg("-C").arg(self.0).args(arguments))
    }

    /// Lists the advisories about crates, as `crates/NAME/ID.md`.
    fn files(&self) -> Result<Vec<String>> {
        let listed = self.git(&["ls-tree", "-r", "--name-only", "HEAD", "--", "crates"])?;
        let files: Vec<String> = listed
            .lines()
            .filter(|path| path.ends_with(".md"))
            .map(str::to_owned)
            .collect();
        ensure!(!files.is_empty(), "that is no advisory database");
        Ok(files)
    }
}

/// Parses the facts at the head of an advisory: TOML, of which only texts and lists of texts matter. `None` if it was
/// withdrawn.
fn read_advisory(text: &str) -> Result<Option<Advisory>> {
    let (_, rest) = text
        .split_once("```toml")
        .context("it has no head in TOML")?;
    let (head, _) = rest.split_once("```").context("its head does not end")?;
    let head: String = head
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .flat_map(|line| [line, "\n"])
        .collect();
    // `[affected.functions]` has keys of its own, none of which is needed.
    let section = |name: &str| {
        let title = format!("[{name}]\n");
        let rest = head.split(&title).nth(1)?;
        Some(rest.split("\n[").next().unwrap_or(rest))
    };
    let advisory = section("advisory").context("it has no section of its own")?;
    let versions = section("versions").unwrap_or_default();
    let text = |name: &str| value(advisory, name).and_then(|rest| texts(rest, '\n').pop());
    if text("withdrawn").is_some() {
        return Ok(None);
    }
    let ranges = |name: &str| {
        let list = value(versions, name).unwrap_or_default();
        texts(list, ']')
    };
    Ok(Some(Advisory {
        id: text("id").context("it has no id")?,
        package: text("package").context("it names no package")?,
        kind: text("informational").unwrap_or_else(|| "vulnerability".to_owned()),
        patched: ranges("patched"),
        unaffected: ranges("unaffected"),
    }))
}

/// Returns what follows `name =` at the start of a line.
fn value<'a>(section: &'a str, name: &str) -> Option<&'a str> {
    section
        .match_indices(name)
        .filter(|(at, _)| *at == 0 || section[..*at].ends_with('\n'))
        .find_map(|(at, _)| {
            let rest = section[at + name.len()..].trim_start_matches(' ');
            rest.strip_prefix('=')
        })
}

/// Returns the texts in double quotes up to the first `end` outside of quotes.
fn texts(rest: &str, end: char) -> Vec<String> {
    let mut texts = Vec::new();
    for (number, piece) in rest.split('"').enumerate() {
        if number % 2 == 1 {
            texts.push(piece.to_owned());
        } else if piece.contains(end) {
            break;
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "```toml\n[advisory]\nid = \"RUSTSEC-2030-0001\"\npackage = \"example\"\n\
        date = \"2030-01-02\"\naliases = [\"CVE-1\"]\n# informational = \"notice\"\n\n\
        [affected.functions]\n\"example::id\" = [\"< 1.0.0\"]\n\n\
        [versions]\npatched = [\n    \">= 1.2.3, < 2.0.0\",\n    \">= 2.1.0\",\n]\nunaffected = [\"< 0.5.0\"]\n```\n\n# Words\n\npatched = [\"*\"]\n";

    fn package(version: &str) -> Locked {
        Locked {
            name: "example".to_owned(),
            version: version.to_owned(),
            source: Some("registry".to_owned()),
            checksum: None,
        }
    }

    #[test]
    fn the_facts_of_an_advisory_are_read_and_its_words_are_not() {
        let advisory = read_advisory(TEXT).expect("reads").expect("stands");
        assert_eq!(advisory.id, "RUSTSEC-2030-0001");
        assert_eq!(advisory.package, "example");
        assert_eq!(advisory.kind, "vulnerability");
        assert_eq!(advisory.patched, [">= 1.2.3, < 2.0.0", ">= 2.1.0"]);
        assert_eq!(advisory.unaffected, ["< 0.5.0"]);
    }

    #[test]
    fn a_withdrawn_advisory_is_none() {
        let text = TEXT.replace("date =", "withdrawn = \"2030-02-01\"\ndate =");
        assert_eq!(read_advisory(&text).expect("reads"), None);
    }

    #[test]
    fn an_advisory_concerns_the_versions_between() {
        let advisory = read_advisory(TEXT).expect("reads").expect("stands");
        for (version, expected) in [
            ("0.4.9", false),
            ("0.5.0", true),
            ("1.2.2", true),
            ("1.2.3", false),
            ("2.0.5", true),
            ("2.1.0", false),
        ] {
            let found = advisory.concerns(&package(version)).expect("compares");
            assert_eq!(found, expected, "{version}");
        }
        let other = Locked {
            name: "examples".to_owned(),
            ..package("1.0.0")
        };
        assert!(!advisory.concerns(&other).expect("compares"));
    }
}
