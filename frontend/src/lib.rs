//! Wakes the server-rendered page up in the browser. Everything it shows is in `app`.

#![recursion_limit = "256"]

/// Called by the page's script once the WASM module is there.
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::load_for_this_page().await;
    leptos::mount::hydrate_body(app::App);
}
