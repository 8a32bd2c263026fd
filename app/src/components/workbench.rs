//! Shared parts of the draft editor and the editor of a running deployment: a text area that works before the
//! editor loads, the editor that replaces it, and the words that it proposes.

mod assistance;
mod editor;
mod findings;
mod form;
mod offsets;
mod toolbar;

use domain::journey::MarketWords;
use leptos::html;
use leptos::prelude::*;

use crate::api;
use crate::components::raw_text;
use crate::components::secrets::Revealed;
use crate::live_order::Part;
use crate::task::while_shown;
use editor::Editor;
use toolbar::Shape;

pub(crate) use findings::Findings;
pub(crate) use form::DraftForm;
pub(crate) use toolbar::Toolbar;

/// The state that text area, editor, toolbar and form share.
#[derive(Clone, Copy)]
pub(crate) struct Workbench {
    /// Current text.
    pub(crate) text: RwSignal<String>,
    /// Names known to the market, for proposals; empty until the server has sent them.
    pub(crate) words: RwSignal<MarketWords>,
    /// Shape in which the document is shown.
    pub(crate) shape: RwSignal<Shape>,
    /// Editor of the text, which replaces the text area once it runs.
    pub(crate) editor: Editor,
    /// Switch between hidden and readable secrets.
    pub(crate) revealed: Revealed,
    area: NodeRef<html::Textarea>,
    host: NodeRef<html::Div>,
}

impl Workbench {
    /// Creates a workbench over `text`, which can be changed while `editable` is `true`.
    pub(crate) fn over(text: RwSignal<String>, editable: Part<bool>) -> Self {
        let words = RwSignal::new(MarketWords::default());
        let shape = RwSignal::new(Shape::default());
        let area = NodeRef::new();
        let host = NodeRef::new();
        let revealed = Revealed::provide();
        let editor = Editor::mount(host, area, text, words, editable, revealed);
        Effect::new(move |_| {
            shape.set(Shape::that_fits());
            while_shown(async move {
                // Without an answer there are fewer proposals, but editing works all the same.
                if let Ok(known) = api::read_market_words().await {
                    words.set(known);
                }
            });
        });
        Self {
            text,
            words,
            shape,
            editor,
            revealed,
            area,
            host,
        }
    }
}

/// The text area, and the element that the editor is mounted in.
#[component]
pub(crate) fn TextArea(
    /// State that the text area shares with the editor.
    bench: Workbench,
    /// Name of the field in a form sent without WASM; `None` to leave it out.
    #[prop(optional)]
    name: Option<&'static str>,
    /// `true` while the text may be changed.
    editable: Signal<bool>,
) -> impl IntoView {
    let text = bench.text;
    view! {
        <div class="editor" data-testid="sdl-editor" node_ref=bench.host>
            <raw_text::TextArea
                initial=text.get_untracked()
                element=bench.area
                attr:class="mono"
                attr:name=name
                attr:rows="18"
                attr:spellcheck="false"
                attr:aria-label="SDL"
                attr:readonly=move || !editable.get()
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            />
        </div>
        <p class="editor-hint dim" aria-hidden="true">"Esc, then Tab to leave the editor"</p>
    }
}
