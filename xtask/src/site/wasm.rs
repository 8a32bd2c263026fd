//! From Rust to WASM and the JavaScript that loads it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use super::layout::plain_name;
use super::{Flavour, create_folder, write};
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
                "build",
                "--package",
                "frontend",
                "--lib",
                "--target",
                TARGET,
            ])
            .args(["--profile", profile, "--target-dir"])
            .arg(&target),
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
    println!("Binding the WASM module to JavaScript");
    Bindgen::new()
        .input_path(module)
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

fn optimise(workspace: &Workspace, staging: &Path) -> Result<()> {
    println!("Optimising the WASM module");
    let module = staging.join(plain_name("wasm"));
    let optimised = module.with_extension("optimised");
    process::run(
        Command::new(tools::packaged(workspace, "frontend", "wasm-opt"))
            .args(ENABLED)
            .arg("-Oz")
            .arg(&module)
            .arg("--output")
            .arg(&optimised),
    )?;
    fs::rename(&optimised, &module).context("could not replace the WASM module")
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
