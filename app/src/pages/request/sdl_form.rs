//! Form for the buyer's own SDL.

use domain::time::Seconds;
use leptos::ev::{Event, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::asking::Asking;
use crate::api::{Ask, DescribePlain};
use crate::components::notice::Failure;
use crate::components::raw_text::TextArea;

/// Maximum size of a file, in bytes.
const MOST_BYTES: u32 = 256 * 1024;

/// Field to paste the SDL into, and a file picker.
#[component]
pub(crate) fn SdlForm() -> impl IntoView {
    let asking = expect_context::<Asking>();
    let text = NodeRef::<html::Textarea>::new();
    let hours = NodeRef::<html::Input>::new();
    let wrong = RwSignal::new(None::<String>);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let (Some(text), Some(hours)) = (text.get_untracked(), hours.get_untracked()) else {
            return;
        };
        let text = text.value();
        if text.trim().is_empty() {
            wrong.set(Some("Paste an SDL or choose a file first.".to_owned()));
            return;
        }
        wrong.set(None);
        let duration = hours.value().trim().parse().ok().map(Seconds::hours);
        asking.ask(Ask::Sdl { text, duration }, "Your SDL".to_owned());
    };
    let on_file = move |event: Event| {
        let input: web_sys::HtmlInputElement = event_target(&event);
        let Some(file) = input.files().and_then(|files| files.get(0)) else {
            return;
        };
        if file.size() > f64::from(MOST_BYTES) {
            wrong.set(Some(
                "An SDL is at most 256 KiB; this file is larger.".to_owned(),
            ));
            return;
        }
        spawn_local(async move {
            let read = JsFuture::from(file.unchecked_ref::<web_sys::Blob>().text()).await;
            let content = read.ok().and_then(|content| content.as_string());
            wrong.set(
                content
                    .is_none()
                    .then(|| "The file could not be read.".to_owned()),
            );
            if let (Some(content), Some(field)) = (content, text.try_get_untracked().flatten()) {
                field.set_value(&content);
            }
        });
    };
    view! {
        <details class="fold" id="sdl-fold">
            <summary>"Bring your own SDL"</summary>
            <form class="sdl-form" method="post" action=DescribePlain::url() on:submit=on_submit>
                <label class="field">
                    <span>"Choose a file"</span>
                    <input type="file" accept=".yaml,.yml,.sdl,text/yaml" on:change=on_file/>
                </label>
                <label class="field">
                    <span>"or paste it"</span>
                    <TextArea initial="" element=text attr:class="mono" attr:name="sdl" attr:rows="8" attr:spellcheck="false" attr:data-testid="sdl-paste"/>
                </label>
                <div class="field-row">
                    <label class="field">
                        <span>"For how many hours"</span>
                        <input type="text" inputmode="numeric" name="fields[duration]" value="24" data-testid="sdl-hours" node_ref=hours/>
                    </label>
                    <input type="hidden" name="fields[duration_unit]" value="h"/>
                    <button type="submit" class="button" data-testid="sdl-send">"Check and price it"</button>
                </div>
                <Failure what=wrong/>
            </form>
        </details>
    }
}
