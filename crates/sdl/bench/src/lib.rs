//! The SDL crate alone in a WASM module, so that a browser can time it against other readers.

use domain::pricing::BlockTime;
use sdl::{Dialect, cost, edit};
use wasm_bindgen::prelude::wasm_bindgen;

/// What the editor does for a keystroke: parse, schema, rules, price. Returns the number of
/// findings in the upper 16 bits, and the most that the text can cost, in micro-dollars a month.
#[wasm_bindgen]
pub fn check(text: &str) -> u64 {
    let (report, groups) = sdl::check_and_groups(text, Dialect::Console);
    let priced = groups.map(|groups| cost::of(&groups, BlockTime::CONSOLE, |_| None));
    let cap = priced.map_or(0, |cost| cost.cap.per_month.micros());
    (report.diagnostics.len() as u64) << 48 | cap
}

/// What was read, as JSON, to compare with what others read.
#[wasm_bindgen]
pub fn read(text: &str) -> String {
    serde_json::to_string(&edit::form(text)).unwrap_or_default()
}
