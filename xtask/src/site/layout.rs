//! The location and the names of the site's files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};

use super::files::{create_folder, with_extension};
use super::flavour::Flavour;
use crate::workspace::OUTPUT_NAME;

/// Number of hexadecimal digits of the hash in a name.
const DIGITS: usize = 16;

/// Name of the script that loads chunks. The server and the main module know it by this exact name; in a release the
/// underscores are replaced by a hash.
pub(super) const CHUNK_LOADER: &str = "./__wasm_split.______________________.js";

/// Name of the list of chunks that each lazy function needs, which the server uses to have them loaded early.
pub(super) const CHUNK_MANIFEST: &str = "__wasm_split_manifest.json";

/// Returns the name of one of the bundle's files without a hash: `necto.css` for `css`.
pub(super) fn plain_name(extension: &str) -> String {
    match extension {
        "wasm" => format!("{OUTPUT_NAME}_bg.wasm"),
        other => format!("{OUTPUT_NAME}.{other}"),
    }
}

/// Lays the site out afresh from the staged files and from `public`.
///
/// Returns the text of the hash file that the server reads, one `part: hash` per line; it is empty if names have no
/// hash.
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
    match flavour {
        Flavour::Dev => Ok(String::new()),
        Flavour::Release => put_hashes_into_names(&package),
    }
}

/// Gives the bundle's files names with a hash, so that browsers may cache them for ever.
///
/// Script, modules and loader name each other and only work together, so they share one hash over all of them.
fn put_hashes_into_names(package: &Path) -> Result<String> {
    let style = plain_name("css");
    let style_hash = hash_of(&[read(package, &style)?]);
    rename(package, &style, &format!("{OUTPUT_NAME}.{style_hash}.css"))?;

    let loader = CHUNK_LOADER.trim_start_matches("./");
    let (script, module) = (plain_name("js"), plain_name("wasm"));
    let chunks: Vec<String> = with_extension(package, "wasm")?
        .iter()
        .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
        .filter(|name| *name != module)
        .collect();
    let parts = [&*script, &*module, loader];
    let contents: Vec<Vec<u8>> = chunks
        .iter()
        .map(String::as_str)
        .chain(parts)
        .map(|name| read(package, name))
        .collect::<Result<_>>()?;
    let hash = hash_of(&contents);

    let hashed_script = format!("{OUTPUT_NAME}.{hash}.js");
    let hashed_loader = format!("__wasm_split.{hash}.js");
    // Only in imports: the module itself refers to its imports by the plain name.
    let import = |path: &str| format!("from \"{path}\"");
    let hashed_import = import(&format!("./{hashed_loader}"));
    replace(package, &script, &import(CHUNK_LOADER), &hashed_import)?;
    replace(package, loader, &quoted(&script), &quoted(&hashed_script))?;
    for chunk in &chunks {
        let stem = chunk.trim_end_matches(".wasm");
        let hashed = format!("{stem}.{hash}.wasm");
        replace(package, loader, &quoted(chunk), &quoted(&hashed))?;
        let entry = |stem: &str| format!("\"{stem}\"");
        let hashed_entry = entry(hashed.trim_end_matches(".wasm"));
        replace(package, CHUNK_MANIFEST, &entry(stem), &hashed_entry)?;
        rename(package, chunk, &hashed)?;
    }
    rename(package, &script, &hashed_script)?;
    rename(package, &module, &format!("{OUTPUT_NAME}.{hash}.wasm"))?;
    rename(package, loader, &hashed_loader)?;
    Ok(format!(
        "js: {hash}\nwasm: {hash}\nsplit: {hash}\ncss: {style_hash}\n"
    ))
}

/// Returns a file name next to the naming file, as a JavaScript literal.
fn quoted(name: &str) -> String {
    format!("\"./{name}\"")
}

fn hash_of(contents: &[Vec<u8>]) -> String {
    let mut digest = Sha256::new();
    for content in contents {
        digest.update(content);
    }
    let mut hash = hex::encode(digest.finalize());
    hash.truncate(DIGITS);
    hash
}

fn read(package: &Path, name: &str) -> Result<Vec<u8>> {
    fs::read(package.join(name)).with_context(|| format!("the bundle lacks {name}"))
}

fn rename(package: &Path, from: &str, to: &str) -> Result<()> {
    fs::rename(package.join(from), package.join(to))
        .with_context(|| format!("could not rename {from}"))
}

/// Replaces every occurrence. It is an error if there is none, because the file would then name one that is gone.
fn replace(package: &Path, name: &str, from: &str, to: &str) -> Result<()> {
    let path = package.join(name);
    let text = fs::read_to_string(&path).with_context(|| format!("the bundle lacks {name}"))?;
    ensure!(text.contains(from), "{name} does not mention {from}");
    fs::write(&path, text.replace(from, to)).with_context(|| format!("could not write {name}"))
}

/// Copies a folder recursively, except files whose names begin with a dot, which are notes of the build.
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

    /// A folder for one test, removed when the test ends.
    struct Scratch(PathBuf);

    impl Scratch {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            fs::create_dir_all(path.join("staging/snippets")).expect("can be created");
            fs::create_dir_all(path.join("public/fonts")).expect("can be created");
            let script = format!("import * as loader from \"{CHUNK_LOADER}\"");
            let loader = "import { initSync } from \"./necto.js\"; fetch(\"./split_desk_1.wasm\")";
            for (file, content) in [
                ("necto.js", script.as_str()),
                ("necto_bg.wasm", "main"),
                ("split_desk_1.wasm", "desk"),
                (CHUNK_LOADER, loader),
                (CHUNK_MANIFEST, "{\"desk_1\":[\"split_desk_1\"]}"),
                ("necto.css", "css"),
                ("editor.js", "editor"),
                (".note", "note"),
            ] {
                fs::write(path.join("staging").join(file), content).expect("can be written");
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
        let hash = |part: &str| {
            let start = format!("{part}: ");
            let line = hashes.lines().find_map(|line| line.strip_prefix(&start));
            line.expect("the part has a hash").to_owned()
        };
        let (bundle, style) = (hash("js"), hash("css"));
        assert_eq!(
            (hash("wasm"), hash("split")),
            (bundle.clone(), bundle.clone())
        );
        for file in [
            format!("necto.{bundle}.js"),
            format!("necto.{bundle}.wasm"),
            format!("__wasm_split.{bundle}.js"),
            format!("split_desk_1.{bundle}.wasm"),
            format!("necto.{style}.css"),
            "editor.js".to_owned(),
        ] {
            assert!(scratch.has(&format!("pkg/{file}")), "{file}");
        }
        for plain in [
            "necto.js",
            "necto_bg.wasm",
            "necto.css",
            "split_desk_1.wasm",
            CHUNK_LOADER,
        ] {
            assert!(!scratch.has(&format!("pkg/{plain}")), "{plain}");
        }
    }

    #[test]
    fn files_of_a_release_name_each_other_by_their_new_names() {
        let scratch = Scratch::new("names");
        let hashes = scratch.lay_out(Flavour::Release);
        let hash = hashes.lines().find_map(|line| line.strip_prefix("js: "));
        let hash = hash.expect("the script has a hash");
        let text = |file: String| {
            fs::read_to_string(scratch.0.join("site/pkg").join(file)).expect("can be read")
        };
        assert_eq!(
            text(format!("necto.{hash}.js")),
            format!("import * as loader from \"./__wasm_split.{hash}.js\"")
        );
        assert_eq!(
            text(format!("__wasm_split.{hash}.js")),
            format!(
                "import {{ initSync }} from \"./necto.{hash}.js\"; fetch(\"./split_desk_1.{hash}.wasm\")"
            )
        );
        assert_eq!(
            text(CHUNK_MANIFEST.to_owned()),
            format!("{{\"desk_1\":[\"split_desk_1.{hash}\"]}}")
        );
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
        let hash = |content: &[u8]| hash_of(&[content.to_vec()]);
        assert_eq!(hash(b"a"), hash(b"a"));
        assert_ne!(hash(b"a"), hash(b"b"));
        assert_eq!(hash(b"a").len(), DIGITS);
    }
}
