//! Checks the size of a first visit, and that nothing secret or server-side is in it.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result};

use crate::process::is_watched;
use crate::site::size::{BUDGET_BYTES, Weight};
use crate::site::{self, Flavour, Site};
use crate::tally::Tally;
use crate::tools;
use crate::workspace::Workspace;

/// Texts that can only be in the module if server-side code or a setting of the server got into it.
const SERVER_SIDE: [&str; 8] = [
    "NECTO_CONSOLE_KEY",
    "NECTO_OPERATOR_KEY",
    "NECTO_DATABASE_URL",
    "ac.sk.",
    "x-api-key",
    "sqlite",
    "rustls",
    "eth_sendRawTransaction",
];

/// Builds the browser part as shipped and measures it.
pub(super) fn run(workspace: &Workspace) -> Result<Tally> {
    tools::require_basics()?;
    tools::require_wasm_target(workspace)?;
    tools::require_packages(workspace, "frontend")?;
    let site = site::build(workspace, Flavour::Release)?;
    let weight = Weight::of(&site)?;
    let mut tally = Tally::default();
    let within = weight.is_within_budget();
    if is_watched() || !within {
        println!("\n{}", weight.table());
    }
    println!(
        "{}  the first visit loads {} of at most {BUDGET_BYTES} bytes",
        if within { "ok    " } else { "FAILED" },
        weight.initial_bytes(),
    );
    tally.count("the first visit's weight", within);

    let found = server_side_text(&site)?;
    if found.is_empty() {
        println!("ok      the browser part holds nothing of the server's");
    } else {
        println!(
            "FAILED  the browser part holds text of the server's: {}",
            found.join(", ")
        );
    }
    tally.count(
        "the browser part holds nothing of the server's",
        found.is_empty(),
    );
    Ok(tally)
}

fn server_side_text(site: &Site) -> Result<Vec<&'static str>> {
    let package = site.root.join("pkg");
    let entries =
        fs::read_dir(&package).with_context(|| format!("could not read {}", package.display()))?;
    let mut found = BTreeSet::new();
    for entry in entries {
        let path = entry
            .with_context(|| format!("could not read {}", package.display()))?
            .path();
        if path.is_file() {
            let content =
                fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
            found.extend(
                SERVER_SIDE
                    .into_iter()
                    .filter(|text| contains(&content, text.as_bytes())),
            );
        }
    }
    Ok(found.into_iter().collect())
}

fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_canary_is_found_wherever_it_lies() {
        assert!(contains(b"\0\0ac.sk.live\0", b"ac.sk."));
        assert!(contains(b"ac.sk.", b"ac.sk."));
        assert!(!contains(b"ac.sk", b"ac.sk."));
    }
}
