//! File names that carry a hash of their content, so that browsers may keep the files for ever.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::plain_name;
use crate::workspace::OUTPUT_NAME;

/// Hexadecimal digits of the hash that a name carries.
const DIGITS: usize = 16;

/// Renames script, module and stylesheet to `necto.<hash>.<extension>` and returns the text of the hash file
/// the server reads: one `extension: hash` a line.
pub(super) fn rename(package: &Path) -> Result<String> {
    let mut lines = String::new();
    for extension in ["js", "wasm", "css"] {
        remove_earlier(package, extension)?;
        let plain = package.join(plain_name(extension));
        let content =
            fs::read(&plain).with_context(|| format!("could not read {}", plain.display()))?;
        let hash = hash_of(&content);
        let named = package.join(format!("{OUTPUT_NAME}.{hash}.{extension}"));
        fs::copy(&plain, &named).with_context(|| format!("could not write {}", named.display()))?;
        lines.push_str(&format!("{extension}: {hash}\n"));
    }
    Ok(lines)
}

fn hash_of(content: &[u8]) -> String {
    let mut hash = hex::encode(Sha256::digest(content));
    hash.truncate(DIGITS);
    hash
}

/// Whether a name is `necto.<hash>.<extension>`, with or without a compression's ending.
fn is_hashed(name: &str, extension: &str) -> bool {
    let name = name
        .strip_suffix(".br")
        .or(name.strip_suffix(".gz"))
        .unwrap_or(name);
    name.strip_prefix(OUTPUT_NAME)
        .and_then(|rest| rest.strip_prefix('.'))
        .and_then(|rest| rest.strip_suffix(extension))
        .and_then(|rest| rest.strip_suffix('.'))
        .is_some_and(|hash| {
            hash.len() == DIGITS && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

fn remove_earlier(package: &Path, extension: &str) -> Result<()> {
    let entries =
        fs::read_dir(package).with_context(|| format!("could not read {}", package.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("could not read {}", package.display()))?;
        if is_hashed(&entry.file_name().to_string_lossy(), extension) {
            fs::remove_file(entry.path())
                .with_context(|| format!("could not remove {}", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_taken_for_earlier_builds() {
        let hash = hash_of(b"content");
        assert!(is_hashed(&format!("necto.{hash}.js"), "js"));
        assert!(is_hashed(&format!("necto.{hash}.wasm.br"), "wasm"));
        for kept in ["necto.js", "necto_bg.wasm", "editor.js", "necto.short.js"] {
            assert!(!is_hashed(kept, "js"), "{kept}");
        }
        assert!(!is_hashed(&format!("necto.{hash}.css"), "js"));
    }

    #[test]
    fn the_hash_follows_the_content() {
        assert_eq!(hash_of(b"a"), hash_of(b"a"));
        assert_ne!(hash_of(b"a"), hash_of(b"b"));
        assert_eq!(hash_of(b"a").len(), DIGITS);
    }
}
