//! `docs/asvs.csv`: the requirements of the OWASP Application Security Verification Standard 5.0 at levels 1 and 2,
//! whether each is met, and the evidence. Every requirement must be listed once, and everything it points to must
//! exist.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;

/// Path of the table, from the root of the checkout.
const FILE: &str = "docs/asvs.csv";
/// Its columns. Requirements are described in words of our own; the standard's are in the standard.
const COLUMNS: &str = "id,level,chapter,requirement,status,where,note";

/// Sections of ASVS 5.0, each with the levels of its requirements in order; `-` for level 3.
const SECTIONS: [(&str, &str); 80] = [
    ("1.1", "22"),
    ("1.2", "111112222-"),
    ("1.3", "11222222222-"),
    ("1.4", "222"),
    ("1.5", "12-"),
    ("2.1", "122"),
    ("2.2", "112"),
    ("2.3", "1222-"),
    ("2.4", "2-"),
    ("3.1", "-"),
    ("3.2", "11-"),
    ("3.3", "1222-"),
    ("3.4", "112222--"),
    ("3.5", "11122---"),
    ("3.6", "-"),
    ("3.7", "22---"),
    ("4.1", "122--"),
    ("4.2", "2----"),
    ("4.3", "22"),
    ("4.4", "1222"),
    ("5.1", "2"),
    ("5.2", "112---"),
    ("5.3", "11-"),
    ("5.4", "222"),
    ("6.1", "122"),
    ("6.2", "111111112222"),
    ("6.3", "1122----"),
    ("6.4", "1122--"),
    ("6.5", "22222---"),
    ("6.6", "222-"),
    ("6.7", "--"),
    ("6.8", "2222"),
    ("7.1", "222"),
    ("7.2", "1111"),
    ("7.3", "22"),
    ("7.4", "11222"),
    ("7.5", "22-"),
    ("7.6", "22"),
    ("8.1", "12--"),
    ("8.2", "112-"),
    ("8.3", "1--"),
    ("8.4", "2-"),
    ("9.1", "111"),
    ("9.2", "1222"),
    ("10.1", "22"),
    ("10.2", "22-"),
    ("10.3", "2222-"),
    ("10.4", "11111222222-----"),
    ("10.5", "22222"),
    ("10.6", "22"),
    ("10.7", "222"),
    ("11.1", "22--"),
    ("11.2", "222--"),
    ("11.3", "112--"),
    ("11.4", "1222"),
    ("11.5", "2-"),
    ("11.6", "2-"),
    ("11.7", "--"),
    ("12.1", "122--"),
    ("12.2", "11"),
    ("12.3", "2222-"),
    ("13.1", "2---"),
    ("13.2", "22222-"),
    ("13.3", "22--"),
    ("13.4", "12222--"),
    ("14.1", "22"),
    ("14.2", "1222----"),
    ("14.3", "122"),
    ("15.1", "122--"),
    ("15.2", "122--"),
    ("15.3", "1222222"),
    ("15.4", "----"),
    ("16.1", "2"),
    ("16.2", "22222"),
    ("16.3", "2222"),
    ("16.4", "222"),
    ("16.5", "222-"),
    ("17.1", "2-"),
    ("17.2", "2222----"),
    ("17.3", "22"),
];

/// Compares the file with the standard and with the checkout.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let text = fs::read_to_string(workspace.path(FILE))
        .with_context(|| format!("could not read {FILE}"))?;
    let problems = problems(&text, &required(), &|path| {
        fs::read_to_string(workspace.path(path)).ok()
    });
    if problems.is_empty() {
        return Ok(());
    }
    bail!("\n  {}", problems.join("\n  "))
}

/// Returns the ids of levels 1 and 2, each with its level.
fn required() -> BTreeMap<String, char> {
    let mut required = BTreeMap::new();
    for (section, levels) in SECTIONS {
        for (level, number) in levels.chars().zip(1..) {
            if level != '-' {
                required.insert(format!("{section}.{number}"), level);
            }
        }
    }
    required
}

/// Returns the problems in the file; `read` returns a file of the checkout.
fn problems(
    text: &str,
    required: &BTreeMap<String, char>,
    read: &dyn Fn(&str) -> Option<String>,
) -> Vec<String> {
    let mut lines = text.lines();
    if lines.next() != Some(COLUMNS) {
        return vec![format!("{FILE} does not begin with {COLUMNS}")];
    }
    let mut problems = Vec::new();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for line in lines {
        let cells = cells(line);
        let [id, level, _, requirement, status, places, note] = &cells[..] else {
            problems.push(format!("not seven columns: {line}"));
            continue;
        };
        let mut wrong = |what: String| problems.push(format!("{id}: {what}"));
        *seen.entry(id.clone()).or_default() += 1;
        match required.get(id) {
            None => wrong("is no requirement of level 1 or 2".to_owned()),
            Some(expected) if level.chars().ne([*expected]) => {
                wrong(format!("is of level {expected}, not {level}"));
            }
            Some(_) => {}
        }
        if requirement.is_empty() {
            wrong("says nothing of what it is about".to_owned());
        }
        match status.as_str() {
            "met" if places.is_empty() => wrong("is met nowhere".to_owned()),
            "gap" | "not applicable" if note.is_empty() => wrong("gives no reason".to_owned()),
            "met" | "gap" | "not applicable" => {}
            other => wrong(format!("has no such status as {other:?}")),
        }
        for place in places.split(';').map(str::trim) {
            if !place.is_empty() && !exists(place, read) {
                wrong(format!("{place} does not exist"));
            }
        }
    }
    for id in required.keys() {
        match seen.get(id) {
            Some(1) => {}
            Some(times) => problems.push(format!("{id}: stands there {times} times")),
            None => problems.push(format!("{id}: is missing")),
        }
    }
    problems
}

/// Whether a place exists: a file, or `file::test`, where the test is a function in Rust or a title in TypeScript.
fn exists(place: &str, read: &dyn Fn(&str) -> Option<String>) -> bool {
    let (path, test) = match place.split_once("::") {
        Some((path, test)) => (path, Some(test)),
        None => (place, None),
    };
    let Some(text) = read(path) else {
        return false;
    };
    let Some(test) = test else {
        return true;
    };
    let sought = if path.ends_with(".rs") {
        format!("fn {test}(")
    } else {
        format!("test(\"{test}\"")
    };
    text.lines().any(|line| {
        line.trim_start()
            .trim_start_matches("async ")
            .starts_with(&sought)
    })
}

/// Splits a line into cells; a cell in quotes may contain commas, and quotes doubled.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut rest = line.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' if quoted && rest.peek() == Some(&'"') => {
                rest.next();
                push(&mut cells, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => push(&mut cells, other),
        }
    }
    cells
}

fn push(cells: &mut [String], character: char) {
    if let Some(cell) = cells.last_mut() {
        cell.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rows: &[&str]) -> Vec<String> {
        let required = [("1.1.1".to_owned(), '2'), ("1.1.2".to_owned(), '1')].into();
        let text = format!("{COLUMNS}\n{}\n", rows.join("\n"));
        problems(&text, &required, &|path| match path {
            "a.rs" => {
                Some("#[test]\n    fn holds() {}\n    async fn waits() {}\n// fn gone()".to_owned())
            }
            "b.spec.ts" => Some("test(\"a link, and more\", async () => {".to_owned()),
            _ => None,
        })
    }

    const FIRST: &str = "1.1.1,2,Chapter,Holds,met,a.rs::holds; a.rs,";
    const SECOND: &str = "1.1.2,1,Chapter,Holds,not applicable,,there is none";

    #[test]
    fn a_whole_file_has_no_problem() {
        assert!(check(&[FIRST, SECOND]).is_empty());
        let quoted =
            "1.1.2,1,Chapter,\"Holds, really\",met,\"b.spec.ts::a link, and more; a.rs::waits\",";
        assert!(check(&[FIRST, quoted]).is_empty());
    }

    #[test]
    fn a_link_to_what_is_not_there_is_found() {
        for (place, expected) in [
            ("c.rs", "c.rs"),
            ("a.rs::hold", "a.rs::hold"),
            ("a.rs::gone", "a.rs::gone"),
            ("a.rs; b.spec.ts::a link", "b.spec.ts::a link"),
        ] {
            let row = format!("1.1.2,1,Chapter,Holds,met,{place},");
            assert_eq!(
                check(&[FIRST, &row]),
                [format!("1.1.2: {expected} does not exist")]
            );
        }
    }

    #[test]
    fn every_requirement_stands_there_once_and_nothing_else_does() {
        assert_eq!(check(&[FIRST]), ["1.1.2: is missing"]);
        assert_eq!(
            check(&[FIRST, FIRST, SECOND]),
            ["1.1.1: stands there 2 times"]
        );
        let other = "1.1.3,1,Chapter,Holds,met,a.rs,";
        assert_eq!(
            check(&[FIRST, SECOND, other]),
            ["1.1.3: is no requirement of level 1 or 2"]
        );
    }

    #[test]
    fn status_level_and_reasons_are_checked() {
        for (row, expected) in [
            ("1.1.2,2,C,Holds,met,a.rs,", "is of level 1, not 2"),
            (
                "1.1.2,1,C,Holds,nearly,a.rs,",
                "has no such status as \"nearly\"",
            ),
            ("1.1.2,1,C,Holds,gap,a.rs,", "gives no reason"),
            ("1.1.2,1,C,Holds,met,,", "is met nowhere"),
            ("1.1.2,1,C,,met,a.rs,", "says nothing of what it is about"),
        ] {
            assert_eq!(check(&[FIRST, row]), [format!("1.1.2: {expected}")]);
        }
    }

    #[test]
    fn the_standard_has_so_many_requirements_of_these_levels() {
        assert_eq!(required().len(), 253);
        assert_eq!(
            required().values().filter(|level| **level == '1').count(),
            70
        );
    }
}
