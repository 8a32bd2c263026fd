//! Compiles Rust to WASM and makes the JavaScript that loads it.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow};
use wasm_bindgen_cli_support::Bindgen;

use super::files::{create_folder, with_extension, write};
use super::flavour::Flavour;
use super::layout::{CHUNK_LOADER, CHUNK_MANIFEST, plain_name};
use crate::process;
use crate::tools;
use crate::workspace::{OUTPUT_NAME, Workspace};

const TARGET: &str = "wasm32-unknown-unknown";

/// Name of the note next to the bundle that identifies the module it was made for.
const BOUND_MODULE: &str = ".bound-module";

/// Compiles `frontend`, in a target directory of its own so that its flags do not evict the server's artefacts; returns
/// the path of the module.
pub(super) fn compile(workspace: &Workspace, flavour: Flavour) -> Result<PathBuf> {
    let (profile, folder) = match flavour {
        Flavour::Dev => ("dev", "debug"),
        Flavour::Release => ("wasm-release", "wasm-release"),
    };
    let target = workspace.target("front");
    process::run(
        process::cargo(workspace)
            .args([
                "rustc",
                "--package",
                "frontend",
                "--lib",
                "--target",
                TARGET,
            ])
            .args(["--profile", profile, "--target-dir"])
            .arg(&target)
            // Splitting follows every reference from one function to another.
            .args(["--", "-C", "link-arg=--emit-relocs"]),
    )?;
    Ok(target.join(TARGET).join(folder).join("frontend.wasm"))
}

/// Writes the module and its glue into `staging`, unless they already exist for this exact module.
pub(super) fn bind(
    workspace: &Workspace,
    module: &Path,
    staging: &Path,
    flavour: Flavour,
) -> Result<()> {
    let stamp = staging.join(BOUND_MODULE);
    let identity = identity_of(module)?;
    if fs::read_to_string(&stamp).is_ok_and(|bound| bound == identity) {
        return Ok(());
    }
    clear(staging)?;
    let main = split(workspace, module, staging)?;
    println!("Binding the WASM module to JavaScript");
    Bindgen::new()
        .input_path(main)
        // Chunks find what they share with the main module among its exports.
        .keep_lld_exports(true)
        .out_name(OUTPUT_NAME)
        .web(true)?
        .typescript(false)
        .remove_name_section(flavour == Flavour::Release)
        .remove_producers_section(flavour == Flavour::Release)
        .generate(staging)
        .context("wasm-bindgen failed")?;
    if flavour == Flavour::Release {
        optimise(workspace, staging)?;
    }
    write(&stamp, &identity)
}

/// Splits the functions marked `lazy`, along with what only they use, into chunks that are loaded when first called.
///
/// Writes the chunks, their loader and the list of chunks by function into `staging`; returns the path of the main
/// module.
fn split(workspace: &Workspace, module: &Path, staging: &Path) -> Result<PathBuf> {
    println!("Splitting the WASM module");
    let whole = fs::read(module).with_context(|| format!("cargo left no {}", module.display()))?;
    let main = workspace.target("front/main-module.wasm");
    let main_script = format!("./{}", plain_name("js"));
    let mut options = wasm_split_cli_support::Options::new(&whole);
    options.output_dir = staging;
    options.main_out_path = &main;
    options.link_name = CHUNK_LOADER;
    options.main_module = &main_script;
    let split = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("the WASM module cannot be split: {error:#}"))?;
    let manifest: BTreeMap<_, _> = split.prefetch_map.into_iter().collect();
    let manifest =
        serde_json::to_string(&manifest).context("the list of chunks cannot be written as JSON")?;
    write(&staging.join(CHUNK_MANIFEST), &manifest)?;
    Ok(main)
}

fn optimise(workspace: &Workspace, staging: &Path) -> Result<()> {
    println!("Optimising the WASM modules");
    shrink(workspace, with_extension(staging, "wasm")?, &[])?;
    minify_glue(workspace, &staging.join(plain_name("js")))
}

/// Makes modules smaller in place, on all cores.
fn shrink(workspace: &Workspace, modules: Vec<PathBuf>, options: &[&str]) -> Result<()> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        let running: Vec<_> = shares(modules, cores)?
            .into_iter()
            .map(|share| {
                scope.spawn(move || {
                    process::run(
                        Command::new("node")
                            .current_dir(workspace.path("frontend"))
                            .arg("shrink.mjs")
                            .args(options)
                            .args(share),
                    )
                })
            })
            .collect();
        running.into_iter().try_for_each(|one| {
            one.join()
                .map_err(|_| anyhow!("making WASM modules smaller panicked"))?
        })
    })
}

/// Distributes the modules over `number` shares of similar size, none of them empty.
fn shares(modules: Vec<PathBuf>, number: usize) -> Result<Vec<Vec<PathBuf>>> {
    let mut sized = Vec::new();
    for module in modules {
        let facts =
            fs::metadata(&module).with_context(|| format!("there is no {}", module.display()))?;
        sized.push((facts.len(), module));
    }
    sized.sort_by(|one, other| other.cmp(one));
    let mut shares: Vec<(u64, Vec<PathBuf>)> = vec![(0, Vec::new()); number];
    for (bytes, module) in sized {
        if let Some((sum, share)) = shares.iter_mut().min_by_key(|(sum, _)| *sum) {
            *sum += bytes;
            share.push(module);
        }
    }
    let shares = shares.into_iter().map(|(_, share)| share);
    Ok(shares.filter(|share| !share.is_empty()).collect())
}

/// Binds a standalone module and makes it as small as the product's. The functions keep their names.
pub(crate) fn bind_alone(workspace: &Workspace, module: &Path, folder: &Path) -> Result<()> {
    clear(folder)?;
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .generate(folder)
        .context("wasm-bindgen failed")?;
    shrink(workspace, with_extension(folder, "wasm")?, &["--names"])
}

/// Shortens the output of wasm-bindgen. White space is kept: the layout finds the imports that it renames by their
/// text, and white space compresses to next to nothing.
fn minify_glue(workspace: &Workspace, script: &Path) -> Result<()> {
    process::run(
        Command::new(tools::packaged(workspace, "frontend", "esbuild"))
            .args(["--minify-identifiers", "--minify-syntax", "--format=esm"])
            .args([
                "--legal-comments=none",
                "--log-level=warning",
                // wasm-bindgen names one import object per chunk, several of which are the same.
                "--log-override:duplicate-object-key=silent",
                "--allow-overwrite",
            ])
            .arg(script)
            .arg(format!("--outfile={}", script.display())),
    )
}

/// Empties the folder, so that nothing of an earlier module remains.
fn clear(staging: &Path) -> Result<()> {
    if staging.exists() {
        fs::remove_dir_all(staging)
            .with_context(|| format!("could not clear {}", staging.display()))?;
    }
    create_folder(staging)
}

/// Returns a text that tells one build of a module from the next without reading its megabytes.
fn identity_of(module: &Path) -> Result<String> {
    let facts =
        fs::metadata(module).with_context(|| format!("cargo left no {}", module.display()))?;
    let changed = facts
        .modified()
        .context("the file system keeps no times")?
        .duration_since(UNIX_EPOCH)
        .context("the module is from before 1970")?;
    Ok(format!("{} bytes, {} ns", facts.len(), changed.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_dealt_out_evenly_and_none_is_lost() {
        let folder = std::env::temp_dir().join(format!("necto-shares-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let modules: Vec<PathBuf> = [5, 90, 40, 45]
            .iter()
            .map(|bytes| {
                let path = folder.join(format!("{bytes}.wasm"));
                fs::write(&path, vec![0; *bytes]).expect("a module");
                path
            })
            .collect();
        let name = |path: &PathBuf| {
            path.file_stem()
                .map(|name| name.to_string_lossy().into_owned())
        };
        let dealt = shares(modules, 2).expect("they are there");
        let names: Vec<Vec<_>> = dealt
            .iter()
            .map(|share| share.iter().filter_map(name).collect())
            .collect();
        assert_eq!(names, [vec!["90"], vec!["45", "40", "5"]]);
        let few = shares(vec![folder.join("5.wasm")], 4).expect("it is there");
        assert_eq!(few.len(), 1, "nobody is started for nothing");
        fs::remove_dir_all(&folder).expect("removed");
    }
}
