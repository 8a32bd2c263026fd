//! The settings of the Leptos server exist twice: in `Leptos.toml`, which the shipped server reads, and in
//! `Cargo.toml`, which cargo-leptos reads. Both must agree.

use std::fs;

use anyhow::{Context, Result, bail, ensure};

use crate::workspace::{OUTPUT_NAME, Workspace};

const HEADER: &str = "[[workspace.metadata.leptos]]";

/// Compares the two, and the name compiled into xtask.
pub(super) fn check(workspace: &Workspace) -> Result<()> {
    let read = |file: &str| {
        fs::read_to_string(workspace.path(file)).with_context(|| format!("could not read {file}"))
    };
    let (leptos, cargo) = (read("Leptos.toml")?, read("Cargo.toml")?);
    let shipped = settings(&leptos).context("in Leptos.toml")?;
    let declared = settings(&cargo).context("in Cargo.toml")?;
    ensure!(
        shipped == declared,
        "Leptos.toml says {shipped:?} where Cargo.toml says {declared:?}"
    );
    let name = format!("output-name = \"{OUTPUT_NAME}\"");
    ensure!(
        shipped.contains(&name.as_str()),
        "xtask builds with {name}, which is not in Leptos.toml"
    );
    Ok(())
}

/// Returns the lines after the header. The server takes all lines to the end of the file, so no other table may follow.
fn settings(text: &str) -> Result<Vec<&str>> {
    let Some((_, block)) = text.split_once(HEADER) else {
        bail!("{HEADER} is missing");
    };
    let lines: Vec<&str> = block
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    if let Some(table) = lines.iter().find(|line| line.starts_with('[')) {
        bail!("{table} follows {HEADER}, which has to be the last table");
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_spaces_do_not_matter() {
        let text = "[workspace]\n\n[[workspace.metadata.leptos]]\n# why\nname = \"necto\"\n\n  env = \"DEV\"\n";
        assert_eq!(
            settings(text).expect("reads"),
            ["name = \"necto\"", "env = \"DEV\""]
        );
    }

    #[test]
    fn a_table_after_the_settings_is_an_error() {
        let text = "[[workspace.metadata.leptos]]\nname = \"necto\"\n[profile.dev]\n";
        assert_eq!(
            settings(text).expect_err("has one").to_string(),
            "[profile.dev] follows [[workspace.metadata.leptos]], which has to be the last table"
        );
    }
}
