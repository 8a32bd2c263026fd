//! Forbids cyclic imports between modules, direct or through others. Files in such a cycle can be read, tested and
//! moved only together; what ties them usually belongs in a file of its own.
//!
//! A module may use what its enclosing modules define, and those may use what is in it: neither counts. Names are
//! followed through re-exports to the file that defines them. Tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Result, bail};

use self::imports::{Imports, imports};
use self::modules::Modules;
use super::tracked;
use crate::workspace::Workspace;

mod imports;
mod modules;

/// Checks every crate of the workspace.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let read = |name: &str| fs::read_to_string(workspace.path(name)).ok();
    let mut found = BTreeMap::new();
    for (root, _) in tracked::files(workspace, &["*/src/lib.rs", "*/src/main.rs"])? {
        found.append(&mut imports(&Modules::read(&root, &read)?));
    }
    let problems = problems(&found);
    if problems.is_empty() {
        return Ok(());
    }
    bail!(
        "move what ties them to a file of its own:\n  {}",
        problems.join("\n  ")
    )
}

fn problems(imports: &Imports) -> Vec<String> {
    let circles = circles(imports);
    circles
        .iter()
        .map(|circle| described(circle, imports))
        .collect()
}

/// Returns the groups of files in which every file is reachable from every other.
fn circles(imports: &Imports) -> Vec<BTreeSet<&str>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> = imports
        .keys()
        .map(|file| (file.as_str(), reached_from(file, imports)))
        .collect();
    let circles: BTreeSet<BTreeSet<&str>> = reached
        .iter()
        .filter(|(file, reached)| reached.contains(*file))
        .map(|(file, others)| {
            others
                .iter()
                .filter(|other| reached.get(*other).is_some_and(|back| back.contains(file)))
                .copied()
                .collect()
        })
        .collect();
    circles.into_iter().collect()
}

fn reached_from<'a>(file: &str, imports: &'a Imports) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        for next in imports.get(file).into_iter().flat_map(BTreeMap::keys) {
            if reached.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    reached
}

/// Describes a circle: one line per import, with the imported names.
fn described(circle: &BTreeSet<&str>, imports: &Imports) -> String {
    let mut lines = vec![format!("a circle of {} files:", circle.len())];
    for file in circle {
        for (other, names) in imports.get(*file).into_iter().flatten() {
            if circle.contains(other.as_str()) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                lines.push(format!("{file} -> {other}: {}", names.join(", ")));
            }
        }
    }
    lines.join("\n    ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks a crate that consists of these files.
    fn judged(files: &[(&str, &str)]) -> Vec<String> {
        let read = |name: &str| {
            files
                .iter()
                .find(|(file, _)| *file == name)
                .map(|(_, text)| (*text).to_owned())
        };
        let modules = Modules::read("a/src/lib.rs", &read).expect("reads");
        problems(&imports(&modules))
    }

    const BIDS_AND_LEASES: [(&str, &str); 3] = [
        ("a/src/lib.rs", "mod bids;\nmod leases;"),
        (
            "a/src/bids.rs",
            "use crate::leases::Lease;\npub struct Bid;",
        ),
        (
            "a/src/leases.rs",
            "pub struct Lease;\nfn of(bid: super::bids::Bid) {}",
        ),
    ];

    #[test]
    fn two_files_that_import_each_other_are_found_with_the_names() {
        assert_eq!(
            judged(&BIDS_AND_LEASES),
            ["a circle of 2 files:\
              \n    a/src/bids.rs -> a/src/leases.rs: Lease\
              \n    a/src/leases.rs -> a/src/bids.rs: Bid"]
        );
    }

    #[test]
    fn a_circle_through_a_third_file_and_a_re_export_is_found() {
        let files = [
            ("a/src/lib.rs", "mod b;\nmod c;\nmod d;"),
            ("a/src/b.rs", "use crate::c;\nfn f() { c::inner::g(); }"),
            ("a/src/c.rs", "pub mod inner { pub use crate::d::g; }"),
            (
                "a/src/d.rs",
                "pub fn g() { println!(\"{}\", crate::b::X); }",
            ),
        ];
        assert_eq!(
            judged(&files),
            ["a circle of 2 files:\
              \n    a/src/b.rs -> a/src/d.rs: g\
              \n    a/src/d.rs -> a/src/b.rs: X"]
        );
    }

    #[test]
    fn a_module_and_those_around_it_may_use_each_other() {
        let files = [
            ("a/src/lib.rs", "mod b;\npub struct Top;\npub use b::c::C;"),
            ("a/src/b.rs", "pub mod c;\npub struct B(c::C);"),
            (
                "a/src/b/c.rs",
                "use super::B;\nuse crate::Top;\npub struct C;",
            ),
        ];
        assert!(judged(&files).is_empty());
    }

    #[test]
    fn what_only_tests_import_does_not_count() {
        let files = [
            ("a/src/lib.rs", "mod b;\nmod c;"),
            (
                "a/src/b.rs",
                "use crate::c::C;\n#[cfg(test)]\nmod tests;\npub struct B;",
            ),
            (
                "a/src/c.rs",
                "pub struct C;\n#[cfg(test)]\nuse super::b::{B};\n#[cfg(test)]\nfn f<T, U>() { crate::b::g() }",
            ),
        ];
        assert!(judged(&files).is_empty());
    }
}
