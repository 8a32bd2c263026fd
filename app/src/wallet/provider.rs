//! The wallets' JavaScript objects, and requests to them.

use std::cell::RefCell;
use std::collections::HashMap;

use js_sys::{Function, JSON, Object, Promise, Reflect};
use serde_json::Value;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::WalletError;
use super::error::Layer;

thread_local! {
    /// Wallet objects by uuid. The browser has one thread; the server never uses this.
    static PROVIDERS: RefCell<HashMap<String, JsValue>> = RefCell::default();
}

/// Registers a wallet's object.
pub(super) fn keep(uuid: &str, provider: JsValue) {
    PROVIDERS.with_borrow_mut(|providers| providers.insert(uuid.to_owned(), provider));
}

/// Sends a request to a wallet (EIP-1193 `request`).
pub(super) async fn request(uuid: &str, method: &str, params: Value) -> Result<Value, WalletError> {
    let promise = start(uuid, method, &params).map_err(|error| describe(&error))?;
    let answer = JsFuture::from(promise)
        .await
        .map_err(|error| describe(&error))?;
    Ok(to_json(&answer))
}

/// Calls `handle` at each event of this name, for the page's lifetime.
pub(super) fn on(uuid: &str, event: &str, handle: impl Fn() + 'static) {
    let Some(provider) = find(uuid) else {
        return;
    };
    let Ok(on) = Reflect::get(&provider, &"on".into()).and_then(JsCast::dyn_into::<Function>)
    else {
        return;
    };
    let handler = Closure::<dyn FnMut()>::new(handle);
    // A wallet without working events is still usable; changes are noticed at the next request.
    if on.call2(&provider, &event.into(), handler.as_ref()).is_ok() {
        handler.forget();
    }
}

fn start(uuid: &str, method: &str, params: &Value) -> Result<Promise, JsValue> {
    let provider = find(uuid).ok_or(JsValue::UNDEFINED)?;
    let asked = Object::new();
    Reflect::set(&asked, &"method".into(), &method.into())?;
    Reflect::set(&asked, &"params".into(), &JSON::parse(&params.to_string())?)?;
    let request: Function = Reflect::get(&provider, &"request".into())?.dyn_into()?;
    Ok(Promise::resolve(&request.call1(&provider, &asked)?))
}

fn find(uuid: &str) -> Option<JsValue> {
    PROVIDERS.with_borrow(|providers| providers.get(uuid).cloned())
}

fn describe(error: &JsValue) -> WalletError {
    if error.is_undefined() {
        return WalletError::Gone;
    }
    let mut layers = Vec::new();
    unwrap(error, &mut layers);
    WalletError::from_layers(&layers)
}

/// Properties in which wallets and libraries nest errors.
const WRAPPED_IN: [&str; 6] = ["data", "originalError", "cause", "error", "info", "reason"];
/// Limits the depth, because an error may be nested very deeply or in itself.
const MOST_LAYERS: usize = 12;

fn unwrap(error: &JsValue, layers: &mut Vec<Layer>) {
    if layers.len() == MOST_LAYERS || error.is_null() || error.is_undefined() {
        return;
    }
    let get = |name: &str| Reflect::get(error, &name.into()).unwrap_or(JsValue::UNDEFINED);
    layers.push(match error.as_string() {
        Some(message) => Layer {
            code: None,
            message,
        },
        None => Layer {
            code: code(&get("code")),
            message: get("message").as_string().unwrap_or_default(),
        },
    });
    if error.is_object() {
        for name in WRAPPED_IN {
            unwrap(&get(name), layers);
        }
    }
}

/// An error's code, which some wallets write as text and some libraries as a name.
fn code(value: &JsValue) -> Option<i64> {
    if let Some(text) = value.as_string() {
        return match text.as_str() {
            "ACTION_REJECTED" => Some(4001),
            "UNSUPPORTED_OPERATION" => Some(4200),
            digits => digits.parse().ok(),
        };
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "error codes are small whole numbers"
    )]
    let code = value.as_f64()? as i64;
    Some(code)
}

fn to_json(value: &JsValue) -> Value {
    JSON::stringify(value)
        .ok()
        .and_then(|text| text.as_string())
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or(Value::Null)
}
