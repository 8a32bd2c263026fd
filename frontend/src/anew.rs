//! Drawing the page anew where it cannot be hydrated.

use std::mem::forget;
use std::sync::Arc;

use hydration_context::{HydrateSharedContext, SharedContext as _};
use leptos::IntoView as _;
use leptos::prelude::{Owner, window};
use leptos::tachys::view::{Mountable as _, Render as _};
use leptos::task::tick;
use web_sys::Element;

/// Where the page's first script notes that hydrating it failed once: it then loads the page again.
const ASKED_FOR: &str = "necto.anew";

/// Where it notes for which page, so that it does so once.
const TRIED: &str = "necto.again";

/// How many turns of the browser's queue a page needs at most until it stands.
const TURNS: usize = 8;

/// Whether hydrating this page has failed before.
pub(crate) fn is_asked_for() -> bool {
    let Ok(Some(storage)) = window().session_storage() else {
        return false;
    };
    matches!(storage.get_item(ASKED_FOR), Ok(Some(_)))
}

/// The page stands: if hydrating one fails again, it may be tried again.
pub(crate) fn has_worked() {
    if let Ok(Some(storage)) = window().session_storage() {
        for note in [ASKED_FOR, TRIED] {
            storage.remove_item(note).unwrap_or_default();
        }
    }
}

/// Replaces what stands in the root by the application, made from the data that came with the page.
pub(crate) async fn draw(root: &Element) {
    // The executor is there already where the page loaded a part of its own.
    drop(any_spawner::Executor::init_wasm_bindgen());
    let data = Arc::new(HydrateSharedContext::new());
    let owner = Owner::new_root(Some(data.clone()));
    let mut page = owner.with(|| app::App().into_view().build());
    root.replace_children_with_node_0();
    page.mount(root, None);
    // It stays for as long as the page.
    forget(owner);
    forget(page);
    for _ in 0..TURNS {
        tick().await;
    }
    data.hydration_complete();
}
