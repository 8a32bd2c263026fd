//! Recorded vectors. They lie outside the repository; `NECTO_SHARED` names the folder that holds `keplr/` and `sdl/`.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// Reads the vectors, and returns the folder that holds them too; `None`, with a message, without that folder.
pub(crate) fn vectors_in_folder() -> Option<(PathBuf, Value)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds its optional vectors through the environment"
    )]
    let shared = PathBuf::from(std::env::var("NECTO_SHARED").unwrap_or_default());
    let Ok(text) = fs::read_to_string(shared.join("keplr/vectors.json")) else {
        println!("skipped: NECTO_SHARED names no folder with keplr/vectors.json");
        return None;
    };
    let vectors = serde_json::from_str(&text).expect("the vectors have this shape");
    Some((shared, vectors))
}

/// Reads the vectors; `None`, with a message, without their folder.
pub(crate) fn vectors() -> Option<Value> {
    vectors_in_folder().map(|(_, vectors)| vectors)
}
