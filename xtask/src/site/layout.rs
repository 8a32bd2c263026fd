//! Where the files of the site go and what they are called.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::{Flavour, create_folder};
use crate::workspace::OUTPUT_NAME;

/// Hexadecimal digits of the hash that a name carries.
const DIGITS: usize = 16;

/// Parts of the bundle whose names carry a hash in a release, so that browsers may keep them for ever.
const HASHED: [&str; 3] = ["js", "wasm", "css"];

/// Name of one of the bundle's files without a hash: `necto.css` for `css`.
pub(super) fn plain_name(extension: &str) -> String {
    match extension {
        "wasm" => format!("{OUTPUT_NAME}_bg.wasm"),
        other => format!("{OUTPUT_NAME}.{other}"),
    }
}

/// Lays the site out anew from what was staged and from `public`.
///
/// Returns the text of the hash file that the server reads, one `extension: hash` a line; it is empty where names
/// carry none.
pub(super) fn lay_out(
    staging: &Path,
    public: &Path,
    root: &Path,
    flavour: Flavour,
) -> Result<String> {
    if root.exists() {
        fs::remove_dir_all(root).with_context(|| format!("could not clear {}", root.display()))?;
    }
    copy_folder(public, root)?;
    let package = root.join("pkg");
    copy_folder(staging, &package)?;
    let mut hashes = String::new();
    if flavour == Flavour::Release {
        for extension in HASHED {
            let plain = package.join(plain_name(extension));
            let content =
                fs::read(&plain).with_context(|| format!("could not read {}", plain.display()))?;
            let hash = hash_of(&content);
            let named = package.join(format!("{OUTPUT_NAME}.{hash}.{extension}"));
            fs::rename(&plain, &named)
                .with_context(|| format!("could not rename {}", plain.display()))?;
            hashes.push_str(&format!("{extension}: {hash}\n"));
        }
    }
    Ok(hashes)
}

fn hash_of(content: &[u8]) -> String {
    let mut hash = hex::encode(Sha256::digest(content));
    hash.truncate(DIGITS);
    hash
}

/// Copies a folder with all below it, except files whose names begin with a dot: those are notes of the build.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    create_folder(to)?;
    let entries =
        fs::read_dir(from).with_context(|| format!("could not read {}", from.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("could not read {}", from.display()))?;
        let (source, copy) = (entry.path(), to.join(entry.file_name()));
        if source.is_dir() {
            copy_folder(&source, &copy)?;
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            fs::copy(&source, &copy)
                .with_context(|| format!("could not copy {}", source.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// A folder for one test, removed at its end.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            fs::create_dir_all(path.join("staging/snippets")).expect("can be created");
            fs::create_dir_all(path.join("public/fonts")).expect("can be created");
            for file in [
                "necto.js",
                "necto_bg.wasm",
                "necto.css",
                "editor.js",
                ".note",
            ] {
                fs::write(path.join("staging").join(file), file).expect("can be written");
            }
            fs::write(path.join("staging/snippets/inline0.js"), "0").expect("can be written");
            fs::write(path.join("public/fonts/sans.woff2"), "f").expect("can be written");
            Self(path)
        }

        fn lay_out(&self, flavour: Flavour) -> String {
            let path = |name: &str| self.0.join(name);
            lay_out(&path("staging"), &path("public"), &path("site"), flavour).expect("lays out")
        }

        fn has(&self, file: &str) -> bool {
            self.0.join("site").join(file).exists()
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            fs::remove_dir_all(&self.0).expect("can be removed");
        }
    }

    #[test]
    fn a_dev_site_has_plain_names() {
        let scratch = Scratch::new("dev");
        assert_eq!(scratch.lay_out(Flavour::Dev), "");
        for file in [
            "pkg/necto.js",
            "pkg/necto_bg.wasm",
            "pkg/necto.css",
            "pkg/editor.js",
            "pkg/snippets/inline0.js",
            "fonts/sans.woff2",
        ] {
            assert!(scratch.has(file), "{file}");
        }
        assert!(!scratch.has("pkg/.note"));
    }

    #[test]
    fn a_release_site_has_the_hashes_it_tells_the_server() {
        let scratch = Scratch::new("release");
        let hashes = scratch.lay_out(Flavour::Release);
        let lines: Vec<(&str, &str)> = hashes
            .lines()
            .filter_map(|line| line.split_once(": "))
            .collect();
        assert_eq!(lines.len(), HASHED.len());
        for (extension, hash) in lines {
            assert!(
                scratch.has(&format!("pkg/necto.{hash}.{extension}")),
                "{extension}"
            );
            assert!(
                !scratch.has(&format!("pkg/{}", plain_name(extension))),
                "{extension}"
            );
        }
        assert!(scratch.has("pkg/editor.js"), "the editor keeps its name");
    }

    #[test]
    fn nothing_of_an_earlier_build_remains() {
        let scratch = Scratch::new("again");
        scratch.lay_out(Flavour::Release);
        fs::write(scratch.0.join("site/pkg/necto.0000000000000000.js"), "old")
            .expect("can be written");
        scratch.lay_out(Flavour::Release);
        assert!(!scratch.has("pkg/necto.0000000000000000.js"));
    }

    #[test]
    fn the_hash_follows_the_content() {
        assert_eq!(hash_of(b"a"), hash_of(b"a"));
        assert_ne!(hash_of(b"a"), hash_of(b"b"));
        assert_eq!(hash_of(b"a").len(), DIGITS);
    }
}
