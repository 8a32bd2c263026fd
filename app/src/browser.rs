//! Small wrappers around browser APIs. Only effects and event handlers may call them: the server has no
//! window.

mod events;

pub(crate) use events::Events;

use domain::time::UnixSeconds;
use leptos::prelude::{document, window};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlAnchorElement;

/// Current time by the browser's clock.
pub(crate) fn now() -> UnixSeconds {
    UnixSeconds(now_ms() / 1000)
}

/// Current time by the browser's clock, in milliseconds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds since 1970 are positive and far below 2^53"
)]
pub(crate) fn now_ms() -> u64 {
    js_sys::Date::now() as u64
}

/// UTC offset of the reader's clock at that instant, in minutes; negative where it is behind.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a whole number of minutes, less than a day of them; instants are far below 2^53"
)]
pub(crate) fn minutes_ahead_of_utc(at: UnixSeconds) -> i32 {
    let milliseconds = at.0.saturating_mul(1000) as f64;
    let date = js_sys::Date::new(&JsValue::from_f64(milliseconds));
    -date.get_timezone_offset() as i32
}

/// Whether the page is hidden.
pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

/// Reads `key` from local storage; `None` if nothing was stored or storage is not allowed.
pub(crate) fn recall(key: &str) -> Option<String> {
    window().local_storage().ok()??.get_item(key).ok()?
}

/// Writes `value` to local storage. If storage is not allowed, the page works without memory.
pub(crate) fn remember(key: &str, value: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        storage.set_item(key, value).unwrap_or_default();
    }
}

/// Removes `key` from local storage.
pub(crate) fn forget(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        storage.remove_item(key).unwrap_or_default();
    }
}

/// Reads `key` from session storage, which survives a reload but not the tab.
pub(crate) fn recall_in_tab(key: &str) -> Option<String> {
    window().session_storage().ok()??.get_item(key).ok()?
}

/// Writes `value` to session storage, or removes the key. If storage is not allowed, the page works without
/// memory.
pub(crate) fn remember_in_tab(key: &str, value: Option<&str>) {
    let Ok(Some(storage)) = window().session_storage() else {
        return;
    };
    match value {
        Some(value) => storage.set_item(key, value).unwrap_or_default(),
        None => storage.remove_item(key).unwrap_or_default(),
    }
}

/// Notifies this page's own listeners of a storage change: a browser only notifies other pages.
pub(crate) fn tell_of_storage() {
    if let Ok(event) = web_sys::Event::new("storage") {
        // No handler needs to cancel the event, so the result is irrelevant.
        window().dispatch_event(&event).unwrap_or_default();
    }
}

/// Unique name of this page load.
pub(crate) fn page_name() -> String {
    format!("{}-{}", js_sys::Date::now(), js_sys::Math::random())
}

/// Clears session storage.
pub(crate) fn forget_tab() {
    if let Ok(Some(storage)) = window().session_storage() {
        storage.clear().unwrap_or_default();
    }
}

/// Copies `text` to the clipboard. Returns whether that worked.
pub(crate) async fn copy(text: &str) -> bool {
    let promise = window().navigator().clipboard().write_text(text);
    JsFuture::from(promise).await.is_ok()
}

/// Replaces the address with `path` without leaving the page, so that a reload finds it.
pub(crate) fn show_url(path: &str) {
    if let Ok(history) = window().history() {
        history
            .replace_state_with_url(&JsValue::NULL, "", Some(path))
            .unwrap_or_default();
    }
}

/// Pushes `path` to the history without leaving the page.
pub(crate) fn enter_url(path: &str) {
    if let Ok(history) = window().history() {
        history
            .push_state_with_url(&JsValue::NULL, "", Some(path))
            .unwrap_or_default();
    }
}

/// Address of the start page with these words in its field.
pub(crate) fn saying(words: &str) -> String {
    let words = js_sys::encode_uri_component(words);
    format!("/?say={}", String::from(words))
}

/// Whether the address is `path`.
pub(crate) fn is_at(path: &str) -> bool {
    let location = window().location();
    let shown = location
        .pathname()
        .and_then(|name| Ok(name + &location.search()?));
    shown.is_ok_and(|shown| shown == path)
}

/// Fetches text from `path` on this server; `None` if that fails.
pub(crate) async fn fetch_text(path: &str) -> Option<String> {
    let response = JsFuture::from(window().fetch_with_str(path)).await.ok()?;
    let response: web_sys::Response = response.dyn_into().ok()?;
    let text = response.ok().then(|| response.text())?.ok()?;
    JsFuture::from(text).await.ok()?.as_string()
}

/// Calls `handle` whenever the visitor returns to this page, for the page's lifetime.
pub(crate) fn on_return(handle: impl Fn() + 'static) {
    let handler = Closure::<dyn FnMut()>::new(handle);
    let listening =
        window().add_event_listener_with_callback("focus", handler.as_ref().unchecked_ref());
    if listening.is_ok() {
        handler.forget();
    }
}

/// Vertical position of an element in the viewport, and the viewport's width and height, in pixels.
pub(crate) fn place_in_view(element: &web_sys::Element) -> Option<(i32, i32, i32)> {
    let pixels = |value: JsValue| whole(value.as_f64()?);
    let view = window();
    Some((
        whole(element.get_bounding_client_rect().top())?,
        pixels(view.inner_width().ok()?)?,
        pixels(view.inner_height().ok()?)?,
    ))
}

/// Scrolls the page at once by a number of pixels; negative values scroll up.
pub(crate) fn scroll_by(pixels: i32) {
    window().scroll_by_with_x_and_y(0.0, f64::from(pixels));
}

/// Value of the attribute `name` of the closest ancestor of an event's target that has it.
pub(crate) fn around(event: &web_sys::Event, name: &str) -> Option<String> {
    let target: web_sys::Element = event.target()?.dyn_into().ok()?;
    let around = target.closest(&format!("[{name}]")).ok()??;
    around.get_attribute(name)
}

/// Whether no element has focus.
pub(crate) fn focus_is_lost() -> bool {
    document()
        .active_element()
        .is_none_or(|element| element.tag_name() == "BODY")
}

/// Focuses the button in the child of `parent` whose attribute `name` is `value`, without scrolling.
pub(crate) fn focus_within(parent: &web_sys::Element, name: &str, value: &str) {
    let children = parent.children();
    let child = (0..children.length())
        .filter_map(|at| children.item(at))
        .find(|child| child.get_attribute(name).as_deref() == Some(value));
    let button = child.and_then(|child| child.query_selector("button").ok().flatten());
    if let Some(Ok(button)) = button.map(JsCast::dyn_into::<web_sys::HtmlElement>) {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        button.focus_with_options(&options).unwrap_or_default();
    }
}

/// Rounds to whole pixels.
fn whole(pixels: f64) -> Option<i32> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the value is finite and saturates; no page is two billion pixels tall"
    )]
    let whole = pixels as i32;
    pixels.is_finite().then_some(whole)
}

/// Offers `text` for download as a file.
pub(crate) fn download(name: &str, text: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    let blob = web_sys::Blob::new_with_str_sequence(&parts)?;
    let address = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&address)
}

/// Focuses an element and scrolls to it, opening the `details` around it.
pub(crate) fn focus(id: &str) {
    let Some(element) = document().get_element_by_id(id) else {
        return;
    };
    if let Ok(Some(fold)) = element.closest("details") {
        fold.set_attribute("open", "").unwrap_or_default();
    }
    element.scroll_into_view();
    if let Ok(element) = element.dyn_into::<web_sys::HtmlElement>() {
        element.focus().unwrap_or_default();
    }
}
