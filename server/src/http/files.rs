//! Files beside the pages, which everybody gets alike.

use std::path::Path;

use leptos::config::LeptosOptions;
use tower_http::services::ServeDir;

/// Files beside the pages, already compressed where the build did so.
pub(super) fn static_files(options: &LeptosOptions, folder: &str) -> ServeDir {
    ServeDir::new(Path::new(&*options.site_root).join(folder))
        .precompressed_br()
        .precompressed_gzip()
}

/// Whether it is a file that everybody gets alike.
pub(super) fn is_static(path: &str) -> bool {
    [
        "/pkg/",
        "/fonts/",
        "/icons/",
        "/favicon",
        "/robots.txt",
        "/site.webmanifest",
    ]
    .iter()
    .any(|prefix| path.starts_with(prefix))
}
