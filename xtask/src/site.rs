//! The browser part: WASM and its glue, the stylesheet, the editor chunk and the static files, laid out as the server
//! serves them.
//!
//! | folder | made by | names | compressed beforehand |
//! |---|---|---|---|
//! | `target/site` | the dev profile | plain | no |
//! | `target/site-release` | the `wasm-release` profile | carry a hash | brotli and gzip |
//!
//! Everything is made in a staging folder, which survives from build to build, and then laid out afresh, so that no
//! file of an earlier build is ever served. The editor chunk keeps its plain name in both: the browser asks for it by
//! name when it is first needed.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::workspace::{OUTPUT_NAME, Workspace};

mod assets;
mod files;
mod flavour;
mod layout;
pub(crate) mod size;
pub(crate) mod wasm;

pub(crate) use flavour::Flavour;

/// A finished browser part.
#[derive(Debug)]
pub(crate) struct Site {
    /// Folder that the server serves.
    pub(crate) root: PathBuf,
    /// Flavour that the browser part was built in.
    pub(crate) flavour: Flavour,
}

impl Site {
    /// Returns the browser part that was built last.
    pub(crate) fn as_built(workspace: &Workspace, flavour: Flavour) -> Self {
        let root = workspace.target(match flavour {
            Flavour::Dev => "site",
            Flavour::Release => "site-release",
        });
        Self { root, flavour }
    }

    /// Makes a site without a browser part, for runs in which no browser opens a page. Its two files exist but are
    /// empty, because a server does not start without them.
    pub(crate) fn without_browser_part(workspace: &Workspace) -> Result<Self> {
        let site = Self {
            root: workspace.target("site-without-browser-part"),
            flavour: Flavour::Dev,
        };
        let package = site.root.join("pkg");
        fs::create_dir_all(&package).context("could not create the site's folder")?;
        for ending in [".js", "_bg.wasm"] {
            let file = package.join(format!("{OUTPUT_NAME}{ending}"));
            fs::write(&file, "").with_context(|| format!("could not write {}", file.display()))?;
        }
        Ok(site)
    }

    /// Environment with which a server serves this site.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let hashed = self.flavour == Flavour::Release;
        vec![
            ("NECTO_SITE_ROOT", self.root.display().to_string()),
            ("LEPTOS_HASH_FILES", hashed.to_string()),
        ]
    }
}

/// Builds the browser part.
///
/// In [`Flavour::Release`], the hashes are written next to the location of each server binary, where a server looks for
/// them.
pub(crate) fn build(workspace: &Workspace, flavour: Flavour) -> Result<Site> {
    let site = Site::as_built(workspace, flavour);
    let staging = workspace.target(match flavour {
        Flavour::Dev => "front/staging",
        Flavour::Release => "front/staging-release",
    });

    let module = wasm::compile(workspace, flavour)?;
    wasm::bind(workspace, &module, &staging, flavour)?;
    assets::bundle_stylesheet(workspace, &staging, flavour)?;
    assets::bundle_editor(workspace, &staging, flavour)?;

    let hashes = layout::lay_out(&staging, &workspace.path("public"), &site.root, flavour)?;
    if flavour == Flavour::Release {
        for profile in ["debug", "release"] {
            files::write(&workspace.target(profile).join("hash.txt"), &hashes)?;
        }
        assets::compress(workspace, &site.root)?;
    }
    Ok(site)
}
