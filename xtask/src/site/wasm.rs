//! From Rust to WASM and the JavaScript that loads it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::layout::{CHUNK_LOADER, CHUNK_MANIFEST, plain_name};
use super::{Flavour, create_folder, with_extension, write};
use crate::process;
use crate::tools;
use crate::workspace::{OUTPUT_NAME, Workspace};

const TARGET: &str = "wasm32-unknown-unknown";

/// Name of the note, beside the bundle, that says for which module it was made.
const BOUND_MODULE: &str = ".bound-module";

/// Features of the WASM that Rust emits, which the optimiser has to be told about.
const ENABLED: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// Compiles `frontend`, in a target directory of its own so that its flags do not evict the server's
/// artefacts, and says where the module is.
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

/// Writes the module and its glue into `staging`, unless they are there already for this very module.
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

/// Cuts the functions marked `lazy`, and what only they use, out into chunks that are loaded when first called.
///
/// Writes chunks, their loader and the list of which chunk belongs to which function into `staging`, and says where
/// the main module is.
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
    for module in with_extension(staging, "wasm")? {
        shrink(workspace, &module, &[])?;
    }
    minify_glue(workspace, &staging.join(plain_name("js")))
}

/// Makes a module smaller in its place.
fn shrink(workspace: &Workspace, module: &Path, options: &[&str]) -> Result<()> {
    let optimised = module.with_extension("optimised");
    let transcript = process::watch(
        Command::new(tools::packaged(workspace, "frontend", "wasm-opt"))
            .args(ENABLED)
            .arg("-Oz")
            .args(options)
            .arg(module)
            .arg("--output")
            .arg(&optimised),
        // Names that wasm-opt does not know are lost with all others, or kept as they are.
        |line| !line.contains("unknown name subsection"),
    )?;
    ensure!(transcript.status.success(), "wasm-opt failed");
    fs::rename(&optimised, module).context("could not replace a WASM module")
}

/// Binds a module that stands alone and makes it as small as the product's. The functions keep their names.
pub(crate) fn bind_alone(workspace: &Workspace, module: &Path, folder: &Path) -> Result<()> {
    clear(folder)?;
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .generate(folder)
        .context("wasm-bindgen failed")?;
    for module in with_extension(folder, "wasm")? {
        shrink(workspace, &module, &["--debuginfo"])?;
    }
    Ok(())
}

/// Shortens what wasm-bindgen wrote. White space stays: the layout finds the imports it renames by their text, and
/// compressed it weighs next to nothing.
fn minify_glue(workspace: &Workspace, script: &Path) -> Result<()> {
    process::run(
        Command::new(tools::packaged(workspace, "frontend", "esbuild"))
            .args(["--minify-identifiers", "--minify-syntax", "--format=esm"])
            .args([
                "--legal-comments=none",
                "--log-level=warning",
                // wasm-bindgen names one import object per chunk, several of them the same.
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

/// Tells one build of a module from the next without reading its megabytes.
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
