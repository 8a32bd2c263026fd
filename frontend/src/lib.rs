//! Makes the server-rendered page interactive in the browser. Everything it shows is in `app`.

#![recursion_limit = "256"]

mod anew;
mod fields;
mod walk;

use app::shape::{ROOT, WOKEN};
use fields::Fields;
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Called by the page's script once the WASM module has loaded.
///
/// A page that is still as the server wrote it is hydrated. A page that something has modified on the way is
/// redrawn from the same data: hydration walks the nodes, and would attach to the wrong ones or miss some.
#[wasm_bindgen::prelude::wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    app::load_for_this_page().await;
    let root = document()
        .get_element_by_id(ROOT)
        .and_then(|root| root.dyn_into::<HtmlElement>().ok())
        .expect("every page has a root");
    let fields = Fields::of(&root);
    let woken = if anew::is_asked_for() || walk::is_changed(&root) {
        anew::draw(&root).await;
        "anew"
    } else {
        leptos::mount::hydrate_from(root.clone(), app::App).forget();
        "hydrated"
    };
    anew::has_worked();
    fields.give_back(&root);
    root.set_attribute(WOKEN, woken).unwrap_or_default();
}
