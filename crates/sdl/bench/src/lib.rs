//! The SDL crate alone in a WASM module, so that a browser can time it beside other readers.

use domain::pricing::BlockTime;
use sdl::{Dialect, cost, edit};
use wasm_bindgen::prelude::wasm_bindgen;

/// What the editor does for a keystroke: parse, schema, rules, price. Says how many findings there
/// are and what the text costs at most in micro-dollars a month.
#[wasm_bindgen]
pub fn check(text: &[u8]) -> Vec<u64> {
    let Ok(text) = std::str::from_utf8(text) else {
        return Vec::new();
    };
    let (report, derived) = sdl::check_and_derive(text, Dialect::Console);
    let priced = derived.map(|derived| cost::of(&derived, BlockTime::CONSOLE, |_| None));
    let cap = priced.map_or(0, |cost| cost.cap.per_month.micros());
    vec![report.diagnostics.len() as u64, cap]
}

/// What was read, as JSON, to compare with what others read.
#[wasm_bindgen]
pub fn read(text: &str) -> String {
    serde_json::to_string(&edit::form(text)).unwrap_or_default()
}
