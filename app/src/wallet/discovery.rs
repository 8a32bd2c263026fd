//! Wallet discovery: wallets announce themselves (EIP-6963) on request and when they load.

use gloo_timers::future::TimeoutFuture;
use js_sys::Reflect;
use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, Event};

use super::info::WalletInfo;
use super::provider;

/// Time for wallets to announce themselves before `window.ethereum` is used instead.
const LEGACY_AFTER_MS: u32 = 300;

/// Calls `found` for every wallet that is present or appears later.
pub(super) fn discover(found: impl Fn(WalletInfo) + Clone + 'static) {
    let announced = found.clone();
    let handler = Closure::<dyn FnMut(CustomEvent)>::new(move |event: CustomEvent| {
        if let Some(wallet) = read(&event.detail()) {
            announced(wallet);
        }
    });
    let listening = window().add_event_listener_with_callback(
        "eip6963:announceProvider",
        handler.as_ref().unchecked_ref(),
    );
    handler.forget();
    if listening.is_err() {
        return;
    }
    if let Ok(event) = Event::new("eip6963:requestProvider") {
        window().dispatch_event(&event).unwrap_or_default();
    }
    spawn_local(async move {
        TimeoutFuture::new(LEGACY_AFTER_MS).await;
        if let Some(wallet) = legacy() {
            found(wallet);
        }
    });
}

fn read(detail: &JsValue) -> Option<WalletInfo> {
    let info = Reflect::get(detail, &"info".into()).ok()?;
    let object = Reflect::get(detail, &"provider".into()).ok()?;
    let text = |name: &str| Reflect::get(&info, &name.into()).ok()?.as_string();
    let wallet = WalletInfo {
        uuid: text("uuid")?,
        rdns: text("rdns").unwrap_or_default(),
        name: text("name")?.chars().take(60).collect(),
        // Shown only by `img`, where an SVG cannot run scripts; nothing but data URIs is loaded.
        icon: text("icon").filter(|icon| icon.starts_with("data:image/")),
        legacy: false,
    };
    provider::keep(&wallet.uuid, object);
    Some(wallet)
}

/// The legacy wallet, for browsers in which none announces itself.
fn legacy() -> Option<WalletInfo> {
    let object = Reflect::get(&window(), &"ethereum".into()).ok()?;
    if object.is_undefined() || object.is_null() {
        return None;
    }
    provider::keep("window.ethereum", object);
    Some(WalletInfo {
        uuid: "window.ethereum".to_owned(),
        rdns: "window.ethereum".to_owned(),
        name: "Browser wallet".to_owned(),
        icon: None,
        legacy: true,
    })
}
