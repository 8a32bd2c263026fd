//! The files of the browser part: their names, and the markup that loads them.
//!
//! Leptos has components for this, but they write the page's nonce into `crossorigin`, where styles and
//! injected markup can read it; and under `strict-dynamic` a preloaded script needs a real `nonce` attribute.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::OnceLock;

use http::request::Parts;
use leptos::config::LeptosOptions;
use leptos::nonce::use_nonce;
use leptos::prelude::*;

use crate::chunks::Chunk;

/// File names as the build left them, relative to the bundle's folder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Bundle {
    script: String,
    module: String,
    /// Name of the script that loads chunks.
    loader: String,
    /// File names of each lazy function, without extensions.
    chunks: BTreeMap<String, Vec<String>>,
}

impl Bundle {
    /// The bundle that this server serves. It is read once, because bundle and server come from one build.
    fn of(options: &LeptosOptions) -> &'static Self {
        static BUNDLE: OnceLock<Bundle> = OnceLock::new();
        BUNDLE.get_or_init(|| {
            let folder = Path::new(&*options.site_root).join(&*options.site_pkg_dir);
            let chunks = std::fs::read_to_string(folder.join("__wasm_split_manifest.json"));
            let hashes = options.hash_files.then(|| hashes(options));
            // Without a bundle, as in tests, pages work as they do without scripts.
            Self::named(
                &options.output_name,
                hashes.as_deref(),
                chunks.as_deref().unwrap_or("{}"),
            )
        })
    }

    fn named(name: &str, hashes: Option<&str>, chunks: &str) -> Self {
        let hash = |part: &str| {
            let lines = hashes.unwrap_or_default().lines();
            let pairs = lines.filter_map(|line| line.split_once(':'));
            let mut of_part = pairs.filter(|(known, _)| known.trim() == part);
            of_part.next().map(|(_, hash)| hash.trim().to_owned())
        };
        Self {
            script: hash("js")
                .map_or_else(|| format!("{name}.js"), |hash| format!("{name}.{hash}.js")),
            module: hash("wasm").map_or_else(
                || format!("{name}_bg.wasm"),
                |hash| format!("{name}.{hash}.wasm"),
            ),
            loader: format!(
                "__wasm_split.{}.js",
                hash("split").unwrap_or_else(|| "______________________".to_owned())
            ),
            chunks: serde_json::from_str(chunks).unwrap_or_default(),
        }
    }

    /// The modules of the chunk that a page was rendered with.
    fn modules(&self, chunk: Option<Chunk>) -> Vec<String> {
        let Some(chunk) = chunk else {
            return Vec::new();
        };
        let begins = format!("{}_", chunk.function());
        let parts = self
            .chunks
            .iter()
            .filter(|(name, _)| name.starts_with(&begins));
        parts
            .flat_map(|(_, files)| files)
            .map(|file| format!("{file}.wasm"))
            .collect()
    }
}

/// The hashes in the file names, as the build recorded them beside the program.
fn hashes(options: &LeptosOptions) -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let file = program.with_file_name(&*options.hash_file);
    std::fs::read_to_string(&file).unwrap_or_else(|error| {
        leptos::logging::error!(
            "the bundle's names are not known: {}: {error}",
            file.display()
        );
        String::new()
    })
}

/// Loads the browser part and hydrates the page.
#[component]
pub(super) fn Hydration(
    /// Settings of the build, with the folder of the bundle and the names of its files.
    options: LeptosOptions,
) -> impl IntoView {
    let bundle = Bundle::of(&options);
    let folder = format!("/{}", options.site_pkg_dir);
    let chunk = use_context::<Parts>().and_then(|parts| {
        let uri = parts.uri;
        Chunk::of(uri.path(), uri.query().unwrap_or_default())
    });
    let modules = bundle.modules(chunk);
    let loader = (!modules.is_empty()).then(|| {
        view! { <link rel="modulepreload" href=format!("{folder}/{}", bundle.loader) nonce=use_nonce()/> }
    });
    let preloads = std::iter::once(bundle.module.clone()).chain(modules).map(|module| {
        view! { <link rel="preload" href=format!("{folder}/{module}") r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/> }
    });
    let wake = format!(
        "import(\"{folder}/{}\").then(m=>m.default({{module_or_path:\"{folder}/{}\"}}).then(()=>m.hydrate()))",
        bundle.script, bundle.module
    );
    view! {
        <link rel="modulepreload" href=format!("{folder}/{}", bundle.script) nonce=use_nonce()/>
        {loader}
        {preloads.collect_view()}
        <script type="module" nonce=use_nonce()>{wake}</script>
    }
}

#[cfg(test)]
mod tests {
    use super::{Bundle, Chunk};

    const CHUNKS: &str =
        r#"{"desk_view_12":["split_desk","chunk_1"],"market_view_3":["split_market"]}"#;

    #[test]
    fn a_release_names_its_files_by_their_hashes() {
        let plain = Bundle::named("necto", None, "{}");
        assert_eq!(plain.script, "necto.js");
        assert_eq!(plain.module, "necto_bg.wasm");
        assert_eq!(plain.loader, "__wasm_split.______________________.js");
        let hashed = Bundle::named(
            "necto",
            Some("js: aa\nwasm: bb\nsplit: cc\ncss: dd\n"),
            "{}",
        );
        assert_eq!(hashed.script, "necto.aa.js");
        assert_eq!(hashed.module, "necto.bb.wasm");
        assert_eq!(hashed.loader, "__wasm_split.cc.js");
    }

    #[test]
    fn a_page_has_the_modules_loaded_that_it_was_rendered_with() {
        let bundle = Bundle::named("necto", None, CHUNKS);
        assert_eq!(
            bundle.modules(Some(Chunk::Desk)),
            ["split_desk.wasm", "chunk_1.wasm"]
        );
        assert_eq!(bundle.modules(Some(Chunk::Market)), ["split_market.wasm"]);
        assert_eq!(bundle.modules(None), [""; 0]);
    }
}
