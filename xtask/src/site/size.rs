//! Size of a first visit to `/`, in bytes on the wire.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Site;

/// Maximum size of a first visit, brotli-compressed: 400 kB.
pub(crate) const BUDGET_BYTES: u64 = 400_000;

/// One file of the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// Path below the site's root.
    pub(crate) path: String,
    /// Size on disk, in bytes.
    pub(crate) raw_bytes: u64,
    /// Size on the wire, in bytes: with brotli if that is smaller.
    pub(crate) wire_bytes: u64,
}

/// Files loaded by the first visit, and those loaded later on demand.
#[derive(Debug)]
pub(crate) struct Weight {
    /// Module, glue with its snippets, stylesheet and fonts.
    pub(crate) initial: Vec<Loaded>,
    /// Chunks of the module, and the editor.
    pub(crate) lazy: Vec<Loaded>,
}

impl Weight {
    /// Measures a release site.
    pub(crate) fn of(site: &Site) -> Result<Self> {
        let mut files = Vec::new();
        list(&site.root, &mut files)?;
        files.sort();
        let (mut initial, mut lazy) = (Vec::new(), Vec::new());
        for file in files {
            let path = file
                .strip_prefix(&site.root)
                .expect("a listed file lies below its root")
                .to_string_lossy()
                .into_owned();
            match role_of(&path) {
                Role::Initial => initial.push(weigh(&file, path)?),
                Role::Lazy => lazy.push(weigh(&file, path)?),
                Role::Unused => {}
            }
        }
        Ok(Self { initial, lazy })
    }

    /// Size of the first visit in bytes.
    pub(crate) fn initial_bytes(&self) -> u64 {
        self.initial.iter().map(|file| file.wire_bytes).sum()
    }

    /// Whether the first visit stays within [`BUDGET_BYTES`].
    pub(crate) fn is_within_budget(&self) -> bool {
        self.initial_bytes() <= BUDGET_BYTES
    }

    /// Returns the figures as a Markdown table.
    pub(crate) fn table(&self) -> String {
        let mut text = String::from("| file | raw bytes | brotli bytes |\n|---|--:|--:|\n");
        let mut row = |name: &str, raw: u64, wire: u64| {
            text.push_str(&format!("| {name} | {raw} | {wire} |\n"));
        };
        for file in &self.initial {
            row(&file.path, file.raw_bytes, file.wire_bytes);
        }
        let raw = self.initial.iter().map(|file| file.raw_bytes).sum();
        row("**first visit to `/`**", raw, self.initial_bytes());
        for file in &self.lazy {
            row(
                &format!("{} (later, when asked for)", file.path),
                file.raw_bytes,
                file.wire_bytes,
            );
        }
        text
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Role {
    Initial,
    Lazy,
    /// Compressed forms of other files, and files that only some pages need.
    Unused,
}

fn role_of(path: &str) -> Role {
    let loaded = [".js", ".wasm", ".css", ".woff2"];
    let lazy = ["pkg/editor.", "pkg/split_", "pkg/chunk_"];
    if !loaded.iter().any(|ending| path.ends_with(ending)) {
        Role::Unused
    } else if lazy.iter().any(|start| path.starts_with(start)) {
        Role::Lazy
    } else {
        Role::Initial
    }
}

fn weigh(file: &Path, path: String) -> Result<Loaded> {
    let raw_bytes = length(file)?;
    let mut compressed = file.as_os_str().to_owned();
    compressed.push(".br");
    let compressed = PathBuf::from(compressed);
    let wire_bytes = if compressed.exists() {
        length(&compressed)?
    } else {
        raw_bytes
    };
    Ok(Loaded {
        path,
        raw_bytes,
        wire_bytes,
    })
}

fn length(file: &Path) -> Result<u64> {
    Ok(fs::metadata(file)
        .with_context(|| format!("could not look at {}", file.display()))?
        .len())
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    for entry in entries {
        let path = entry
            .with_context(|| format!("could not read {}", folder.display()))?
            .path();
        if path.is_dir() {
            list(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(bytes: u64) -> Loaded {
        Loaded {
            path: "pkg/necto.js".to_owned(),
            raw_bytes: bytes * 3,
            wire_bytes: bytes,
        }
    }

    #[test]
    fn the_first_visit_loads_the_hashed_bundle_its_snippets_and_the_fonts() {
        let cases = [
            ("pkg/necto.0123456789abcdef.wasm", Role::Initial),
            ("pkg/snippets/some-crate-0/inline0.js", Role::Initial),
            ("fonts/sans.woff2", Role::Initial),
            ("pkg/__wasm_split.0123456789abcdef.js", Role::Initial),
            ("pkg/split_desk_1.0123456789abcdef.wasm", Role::Lazy),
            ("pkg/chunk_3.0123456789abcdef.wasm", Role::Lazy),
            ("pkg/chunk_3.0123456789abcdef.wasm.br", Role::Unused),
            ("pkg/editor.js", Role::Lazy),
            ("pkg/necto.0123456789abcdef.wasm.br", Role::Unused),
            ("favicon.svg", Role::Unused),
        ];
        for (path, expected) in cases {
            assert_eq!(role_of(path), expected, "{path}");
        }
    }

    #[test]
    fn one_byte_over_the_budget_is_too_much() {
        let weigh = |bytes| Weight {
            initial: vec![loaded(bytes), loaded(1)],
            lazy: vec![loaded(9)],
        };
        assert!(weigh(BUDGET_BYTES - 1).is_within_budget());
        assert!(!weigh(BUDGET_BYTES).is_within_budget());
    }
}
