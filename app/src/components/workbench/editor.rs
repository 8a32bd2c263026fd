//! The lazily loaded JavaScript editor over the plain text area.
//!
//! The chunk's `mount(options)` returns `{ setText, setReadOnly, reveal, compare, run, destroy }`. It queries
//! `check`, `secrets`, `help` and `complete` (JSON, in UTF-16 units) and calls `changed(text)`. If the chunk
//! does not load, the text area stays.

use domain::journey::MarketWords;
use js_sys::{Function, Object, Promise, Reflect};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::assistance;
use crate::components::secrets::Revealed;
use crate::live_order::Part;

/// Path of the chunk.
const CHUNK: &str = "/pkg/editor.js";

/// The editor on the page, once it has loaded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Editor {
    // Not in local storage: the server creates this value too, and may drop it on any thread.
    running: StoredValue<Option<SendWrapper<Running>>>,
    /// `true` once the editor has replaced the text area.
    pub(super) ready: RwSignal<bool>,
    text: RwSignal<String>,
    words: RwSignal<MarketWords>,
}

/// A built-in command of the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Undo,
    Redo,
    Find,
    Fold,
    Unfold,
}

impl Command {
    const fn name(self) -> &'static str {
        match self {
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::Find => "find",
            Self::Fold => "fold",
            Self::Unfold => "unfold",
        }
    }
}

/// The running editor; dropping it closes it.
#[derive(Debug)]
struct Running {
    handle: JsValue,
    _check: Closure<dyn Fn(String) -> String>,
    _secrets: Closure<dyn Fn(String) -> String>,
    _help: Closure<dyn Fn(String, usize) -> String>,
    _complete: Closure<dyn Fn(String, usize) -> String>,
    _changed: Closure<dyn Fn(String)>,
}

impl Running {
    fn call(&self, method: &str, argument: &JsValue) {
        let function =
            Reflect::get(&self.handle, &method.into()).and_then(JsCast::dyn_into::<Function>);
        let called = function.and_then(|function| function.call1(&self.handle, argument));
        if called.is_err() {
            leptos::logging::warn!("the editor cannot do {method}");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.call("destroy", &JsValue::UNDEFINED);
    }
}

impl Editor {
    /// Loads the chunk in the browser, and keeps the editor and `text` in sync.
    pub(super) fn mount(
        host: NodeRef<html::Div>,
        area: NodeRef<html::Textarea>,
        text: RwSignal<String>,
        words: RwSignal<MarketWords>,
        editable: Part<bool>,
        revealed: Revealed,
    ) -> Self {
        let editor = Self {
            running: StoredValue::new(None),
            ready: RwSignal::new(false),
            text,
            words,
        };
        Effect::new(move |mounted: Option<bool>| {
            let (Some(host), Some(area)) = (host.get(), area.get()) else {
                return false;
            };
            if mounted != Some(true) {
                editor.start(host, area);
            }
            true
        });
        Effect::new(move |_| {
            editor.ready.track();
            editor.call("setText", &JsValue::from_str(&text.read()));
        });
        Effect::new(move |_| {
            editor.ready.track();
            editor.call("setReadOnly", &JsValue::from_bool(!editable.get()));
        });
        Effect::new(move |_| {
            editor.ready.track();
            editor.call("reveal", &JsValue::from_bool(revealed.get()));
        });
        editor
    }

    /// Runs a built-in command of the editor.
    pub(super) fn run(self, command: Command) {
        self.call("run", &command.name().into());
    }

    /// Shows the differences from `original`; none if it is `None`.
    pub(super) fn compare(self, original: Option<&str>) {
        self.call(
            "compare",
            &original.map_or(JsValue::NULL, JsValue::from_str),
        );
    }

    fn call(self, method: &str, argument: &JsValue) {
        self.running.try_with_value(|running| {
            if let Some(running) = running {
                running.call(method, argument);
            }
        });
    }

    fn start(self, host: web_sys::HtmlDivElement, area: web_sys::HtmlTextAreaElement) {
        spawn_local(async move {
            match self.load(&host, &area).await {
                Ok(running) => {
                    // If the page is already gone, the value is returned and dropped, which closes the
                    // editor.
                    drop(self.running.try_set_value(Some(SendWrapper::new(running))));
                    self.ready.try_set(true);
                }
                Err(_) if self.ready.is_disposed() => {}
                Err(_) => {
                    leptos::logging::warn!("the editor did not load; the plain text area stays")
                }
            }
        });
    }

    async fn load(
        self,
        host: &web_sys::HtmlDivElement,
        area: &web_sys::HtmlTextAreaElement,
    ) -> Result<Running, JsValue> {
        let import: Function = Reflect::get(&window(), &"nectoImport".into())?.dyn_into()?;
        let chunk: Promise = import
            .call1(&JsValue::UNDEFINED, &CHUNK.into())?
            .dyn_into()?;
        let chunk = JsFuture::from(chunk).await?;
        let mount: Function = Reflect::get(&chunk, &"mount".into())?.dyn_into()?;
        let Self { text, words, .. } = self;
        let check =
            Closure::<dyn Fn(String) -> String>::new(|text: String| assistance::findings(&text));
        let secrets =
            Closure::<dyn Fn(String) -> String>::new(|text: String| assistance::secrets(&text));
        let help = Closure::<dyn Fn(String, usize) -> String>::new(|text: String, unit| {
            assistance::help(&text, unit)
        });
        let complete =
            Closure::<dyn Fn(String, usize) -> String>::new(move |text: String, unit| {
                words
                    .try_with_untracked(|words| assistance::completions(&text, unit, words))
                    .unwrap_or_default()
            });
        let changed = Closure::<dyn Fn(String)>::new(move |now: String| {
            if text.try_with_untracked(|text| *text != now) == Some(true) {
                text.set(now);
            }
        });
        let options = Object::new();
        let set = |name: &str, value: &JsValue| Reflect::set(&options, &name.into(), value);
        set("host", host)?;
        set("textarea", area)?;
        // The page may be gone by now; then there is nothing to edit.
        let shown = text.try_get_untracked().ok_or(JsValue::UNDEFINED)?;
        set("text", &shown.into())?;
        set("nonce", &page_nonce().into())?;
        set("check", check.as_ref())?;
        set("secrets", secrets.as_ref())?;
        set("help", help.as_ref())?;
        set("complete", complete.as_ref())?;
        set("changed", changed.as_ref())?;
        let handle = mount.call1(&JsValue::UNDEFINED, &options)?;
        Ok(Running {
            handle,
            _check: check,
            _secrets: secrets,
            _help: help,
            _complete: complete,
            _changed: changed,
        })
    }
}

/// The nonce of this page's scripts; the editor's styles need it too.
fn page_nonce() -> String {
    let script = document().query_selector("script[nonce]").ok().flatten();
    script
        .and_then(|script| Reflect::get(&script, &"nonce".into()).ok())
        .and_then(|nonce| nonce.as_string())
        .unwrap_or_default()
}
