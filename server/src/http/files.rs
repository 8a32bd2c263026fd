//! Static files, which are the same for everyone.

use std::path::Path;

use leptos::config::LeptosOptions;
use tower_http::services::ServeDir;

/// Serves static files, precompressed where the build did so.
pub(super) fn static_files(options: &LeptosOptions, folder: &str) -> ServeDir {
    ServeDir::new(Path::new(&*options.site_root).join(folder))
        .precompressed_br()
        .precompressed_gzip()
}

/// Whether the path is that of a static file.
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
