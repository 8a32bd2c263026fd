//! What the editor over a draft and the one over what runs have in common: a text area that works
//! before the editor is there, the editor in its place, and the words it proposes.

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
    /// The text as it stands.
    pub(crate) text: RwSignal<String>,
    /// Names that the market knows, for proposals; empty until the server has told them.
    pub(crate) words: RwSignal<MarketWords>,
    /// Shape in which the document is shown.
    pub(crate) shape: RwSignal<Shape>,
    /// Editor of the text, in the text area's place once it runs.
    pub(crate) editor: Editor,
    /// Switch between hidden and readable secrets.
    pub(crate) revealed: Revealed,
    area: NodeRef<html::Textarea>,
    host: NodeRef<html::Div>,
}

impl Workbench {
    /// Over `text`, which may be changed while it is `editable`.
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
                // Without an answer there are fewer proposals, and the text is written all the same.
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

/// The text area, and the place that the editor takes.
#[component]
pub(crate) fn TextArea(
    /// State that the text area shares with the editor.
    bench: Workbench,
    /// Name of the field in a form that is sent without WASM; `None` to send none.
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
