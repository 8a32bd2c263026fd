//! Actions on the draft as a whole, and the choice between its two shapes.

use leptos::prelude::*;

use super::editor::{Command, Editor};
use crate::browser;
use crate::components::figures::CopyButton;
use crate::components::icon::{Glyph, Icon};
use crate::components::secrets::{Revealed, strong_secrets};

/// The shape in which the document is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Shape {
    /// Text and form side by side; only the text if there is no room for both.
    #[default]
    Both,
    /// Only the text.
    Text,
    /// Only the form.
    Form,
}

/// Minimum width of the window, in pixels, for both shapes side by side.
const ROOM_FOR_BOTH: f64 = 720.0;

impl Shape {
    /// Returns `Both`, or `Text` if there is no room for both.
    pub(super) fn that_fits() -> Self {
        let width = window().inner_width().ok().and_then(|width| width.as_f64());
        match width {
            Some(width) if width < ROOM_FOR_BOTH => Self::Text,
            _ => Self::Both,
        }
    }

    /// Name of the shape in the stylesheet.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Both => "both",
            Self::Text => "text",
            Self::Form => "form",
        }
    }
}

/// Buttons above the draft.
#[component]
pub(crate) fn Toolbar(
    /// The editor of the text.
    editor: Editor,
    /// Current text on the page.
    text: RwSignal<String>,
    /// Stored text.
    stored: Signal<String>,
    /// Shape in which the document is shown.
    shape: RwSignal<Shape>,
    /// `true` while the differences from the stored text are shown.
    comparing: RwSignal<bool>,
    /// `true` while the text may be changed.
    editable: Signal<bool>,
) -> impl IntoView {
    let wrong = RwSignal::new(None::<String>);
    let revealed = Revealed::here();
    let secrets = Memo::new(move |_| strong_secrets(&text.read()));
    Effect::new(move |_| {
        editor.ready.track();
        // Secrets that the current text no longer contains stay hidden in the original.
        let original = comparing.get().then(|| {
            let stored = stored.read();
            let is_known = |secret: &str| {
                revealed.get()
                    || secrets.with(|secrets| secrets.iter().any(|it| it.value == secret))
            };
            sdl::secrets::hidden(&stored, is_known)
        });
        editor.compare(original.as_deref());
    });
    let command = move |label: &'static str, does: Command| {
        view! { <button type="button" class="tool" on:click=move |_| editor.run(does)>{label}</button> }
    };
    let show = move |label: &'static str, which: Shape| {
        view! {
            <button
                type="button"
                class="tool"
                data-shape=which.name()
                aria-pressed=move || (shape.get() == which).to_string()
                on:click=move |_| shape.set(which)
            >
                {label}
            </button>
        }
    };
    let format = move |_| match sdl::format(&text.read_untracked()) {
        Ok(formatted) => {
            wrong.set(None);
            text.set(formatted);
        }
        Err(error) => wrong.set(Some(error.to_string())),
    };
    let download = move |_| {
        let saved = browser::download("deploy.yaml", &text.read_untracked());
        let sentence = "The browser did not save the file. Copy the text instead.";
        wrong.set(saved.is_err().then(|| sentence.to_owned()));
    };
    view! {
        <div class="draft-tools" hidden=move || !editor.ready.get()>
            <div class="segments" role="group" aria-label="Show">
                {show("Both", Shape::Both)} {show("Text", Shape::Text)} {show("Form", Shape::Form)}
            </div>
            <div class="tools" role="group" aria-label="Text">
                <span class="text-tools" hidden=move || shape.get() == Shape::Form>
                    {command("Undo", Command::Undo)} {command("Redo", Command::Redo)}
                    {command("Find", Command::Find)} {command("Fold", Command::Fold)}
                    {command("Unfold", Command::Unfold)}
                    <button
                        type="button"
                        class="tool"
                        data-testid="compare"
                        aria-pressed=move || comparing.get().to_string()
                        on:click=move |_| comparing.update(|comparing| *comparing = !*comparing)
                    >
                        "Compare"
                    </button>
                </span>
                <button type="button" class="tool" data-testid="format" disabled=move || !editable.get() on:click=format>"Format"</button>
                {move || view! { <CopyButton text=text.get() what="SDL"/> }}
                <button type="button" class="quiet" aria-label="Download the SDL" on:click=download><Icon glyph=Glyph::Download/></button>
            </div>
            {move || wrong.get().map(|sentence| view! { <p class="tool-wrong" role="alert">{sentence}</p> })}
        </div>
    }
}
