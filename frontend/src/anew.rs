//! Redraws the page from scratch when it cannot be hydrated.

use std::mem::forget;
use std::sync::Arc;

use hydration_context::{HydrateSharedContext, SharedContext as _};
use leptos::IntoView as _;
use leptos::prelude::{Owner, window};
use leptos::tachys::view::{Mountable as _, Render as _};
use leptos::task::tick;
use web_sys::Element;

/// Storage key under which the page's first script records that hydration failed once, before it reloads the
/// page.
const ASKED_FOR: &str = "necto.anew";

/// Storage key for the page that has already been retried, so that each is reloaded only once.
const TRIED: &str = "necto.again";

/// Maximum number of turns of the browser's event queue until a page is complete.
const TURNS: usize = 8;

/// Whether an earlier attempt to hydrate this page failed.
pub(crate) fn is_asked_for() -> bool {
    let Ok(Some(storage)) = window().session_storage() else {
        return false;
    };
    matches!(storage.get_item(ASKED_FOR), Ok(Some(_)))
}

/// Records that the page works: if hydration fails again, one more retry is allowed.
pub(crate) fn has_worked() {
    if let Ok(Some(storage)) = window().session_storage() {
        for note in [ASKED_FOR, TRIED] {
            storage.remove_item(note).unwrap_or_default();
        }
    }
}

/// Replaces the root's content with the application, rendered from the data that came with the page.
pub(crate) async fn draw(root: &Element) {
    // The executor already exists if the page has loaded a chunk.
    drop(any_spawner::Executor::init_wasm_bindgen());
    let data = Arc::new(HydrateSharedContext::new());
    let owner = Owner::new_root(Some(data.clone()));
    let mut page = owner.with(|| app::App().into_view().build());
    root.replace_children_with_node_0();
    page.mount(root, None);
    // The owner lives as long as the page.
    forget(owner);
    forget(page);
    for _ in 0..TURNS {
        tick().await;
    }
    data.hydration_complete();
}
