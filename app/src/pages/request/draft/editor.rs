//! The lazy JavaScript editor over the plain text area.
//!
//! The chunk's `mount(options)` answers `{ setText(text), setReadOnly(bool), destroy() }`. It asks
//! `check(text)` for findings (JSON, in UTF-16 offsets) and calls `changed(text)`. Where the chunk
//! does not load, the text area stays.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sdl::{Diagnostic, Severity};
use serde_json::{Value, json};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::offsets::utf16;
use crate::live_order::Part;

/// Where the chunk is.
const CHUNK: &str = "/pkg/editor.js";

/// The running editor, closed when dropped.
struct Editor {
    handle: JsValue,
    _check: Closure<dyn Fn(String) -> String>,
    _changed: Closure<dyn Fn(String)>,
}

impl Editor {
    fn call(&self, method: &str, argument: &JsValue) {
        let function =
            Reflect::get(&self.handle, &method.into()).and_then(JsCast::dyn_into::<Function>);
        let called = function.and_then(|function| function.call1(&self.handle, argument));
        if called.is_err() {
            leptos::logging::warn!("the editor does not know {method}");
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        self.call("destroy", &JsValue::UNDEFINED);
    }
}

/// Loads the chunk once the page runs in a browser and keeps the editor and `text` the same.
pub(super) fn mount(
    host: NodeRef<html::Div>,
    area: NodeRef<html::Textarea>,
    text: RwSignal<String>,
    editable: Part<bool>,
) {
    Effect::new(move |mounted: Option<bool>| {
        let (Some(host), Some(area)) = (host.get(), area.get()) else {
            return false;
        };
        if mounted == Some(true) {
            return true;
        }
        let editor = StoredValue::new_local(None::<Editor>);
        spawn_local(async move {
            match load(&host, &area, text).await {
                Ok(loaded) => {
                    loaded.call(
                        "setReadOnly",
                        &JsValue::from_bool(!editable.get_untracked()),
                    );
                    // When the page is gone already the value comes back and is dropped: closed.
                    drop(editor.try_set_value(Some(loaded)));
                }
                Err(_) => {
                    leptos::logging::warn!("the editor did not load; the plain text area stays")
                }
            }
        });
        Effect::new(move |_| {
            let now = text.get();
            editor.with_value(|editor| {
                if let Some(editor) = editor {
                    editor.call("setText", &JsValue::from_str(&now));
                }
            });
        });
        Effect::new(move |_| {
            let read_only = JsValue::from_bool(!editable.get());
            editor.with_value(|editor| {
                if let Some(editor) = editor {
                    editor.call("setReadOnly", &read_only);
                }
            });
        });
        true
    });
}

async fn load(
    host: &web_sys::HtmlDivElement,
    area: &web_sys::HtmlTextAreaElement,
    text: RwSignal<String>,
) -> Result<Editor, JsValue> {
    let import: Function = Reflect::get(&window(), &"nectoImport".into())?.dyn_into()?;
    let chunk: Promise = import
        .call1(&JsValue::UNDEFINED, &CHUNK.into())?
        .dyn_into()?;
    let chunk = JsFuture::from(chunk).await?;
    let mount: Function = Reflect::get(&chunk, &"mount".into())?.dyn_into()?;
    let check = Closure::<dyn Fn(String) -> String>::new(|text: String| {
        let findings: Vec<Value> = sdl::check(&text)
            .diagnostics
            .iter()
            .map(|found| finding(&text, found))
            .collect();
        Value::from(findings).to_string()
    });
    let changed = Closure::<dyn Fn(String)>::new(move |now: String| {
        if text.with_untracked(|text| *text != now) {
            text.set(now);
        }
    });
    let options = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&options, &name.into(), value);
    set("host", host)?;
    set("textarea", area)?;
    set("text", &text.get_untracked().into())?;
    set("nonce", &page_nonce().into())?;
    set("check", check.as_ref())?;
    set("changed", changed.as_ref())?;
    let handle = mount.call1(&JsValue::UNDEFINED, &options)?;
    Ok(Editor {
        handle,
        _check: check,
        _changed: changed,
    })
}

/// The nonce this page's scripts were allowed with; the editor's styles need it too.
fn page_nonce() -> String {
    let script = document().query_selector("script[nonce]").ok().flatten();
    script
        .and_then(|script| Reflect::get(&script, &"nonce".into()).ok())
        .and_then(|nonce| nonce.as_string())
        .unwrap_or_default()
}

fn finding(text: &str, found: &Diagnostic) -> Value {
    let severity = match found.severity {
        Severity::Error | Severity::ConsoleRefuses => "error",
        Severity::CliRefuses | Severity::Warning => "warning",
        Severity::Hint => "info",
    };
    let fix = found.fix.as_ref().map(|fix| {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| json!({ "from": utf16(text, edit.from), "to": utf16(text, edit.to), "insert": edit.insert }))
            .collect();
        json!({ "title": fix.title, "edits": edits })
    });
    json!({
        "from": utf16(text, found.span.from),
        "to": utf16(text, found.span.to),
        "severity": severity,
        "message": found.message,
        "source": found.code,
        "fix": fix,
    })
}
