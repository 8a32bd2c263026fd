//! One field: shows the value in the text, and changes the text when the field is left or confirmed.

use leptos::prelude::*;
use sdl::edit::{Change, FormService};

use super::document::Document;
use crate::browser;
use crate::components::icon::{Glyph, Icon};
use crate::components::secrets::Revealed;

/// Display of a service's value in a field, and the effect of typing another one.
pub(super) struct Field {
    /// Id of the input, unique on the page.
    pub(super) id: String,
    /// Label of the field.
    pub(super) label: String,
    /// Example of a value, shown while the field is empty.
    pub(super) hint: &'static str,
    /// The `datalist` with proposals; empty for none.
    pub(super) proposals: &'static str,
    /// `true` if the value is hidden until secrets are shown.
    pub(super) is_secret: bool,
    /// Reads the field's value from the text of a service.
    pub(super) value: Box<Show>,
    /// Returns the change that a typed value makes, or a sentence on why it is invalid.
    pub(super) change: Box<Mean>,
}

type Show = dyn Fn(&FormService) -> String + Send + Sync;
type Mean = dyn Fn(&FormService, &str) -> Result<Change, String> + Send + Sync;

/// A labelled field of one service.
pub(super) fn field(document: Document, service: usize, field: Field) -> AnyView {
    let Field {
        id,
        label,
        hint,
        proposals,
        is_secret,
        value,
        change,
    } = field;
    let revealed = Revealed::here();
    let name = StoredValue::new(id.clone());
    let value = StoredValue::new(value);
    let shown = move || document.part(service, |it| value.with_value(|value| value(it)));
    let on_change =
        move |event: leptos::ev::Targeted<leptos::ev::Event, web_sys::HtmlInputElement>| {
            let input = event.target();
            let typed = input.value();
            let wanted = document.form.with_untracked(|form| {
                let service = form.as_ref().and_then(|form| form.services.get(service));
                service.map(|service| change(service, &typed))
            });
            let made =
                wanted.is_some_and(|wanted| name.with_value(|name| document.make(name, wanted)));
            if made {
                // Shows the value as the text has it, even if the text did not change.
                input.set_value(&untrack(shown));
            }
        };
    let wrong = Memo::new(move |_| {
        let wrong = document.wrong.get();
        wrong.and_then(|(field, sentence)| {
            name.with_value(|name| *name == field).then_some(sentence)
        })
    });
    let explained = format!("{id}-wrong");
    let described = explained.clone();
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{label}</label>
            <input
                id=id.clone()
                type=move || if is_secret && !revealed.get() { "password" } else { "text" }
                autocomplete=if is_secret { "new-password" } else { "off" }
                autocapitalize="off"
                spellcheck="false"
                placeholder=hint
                list=(!proposals.is_empty()).then_some(proposals)
                aria-invalid=move || wrong.get().is_some().then_some("true")
                aria-describedby=move || wrong.get().is_some().then(|| described.clone())
                prop:value=shown
                on:change:target=on_change
            />
            {move || {
                let explained = explained.clone();
                wrong.get().map(|sentence| view! { <p class="field-wrong" id=explained role="alert">{sentence}</p> })
            }}
        </div>
    }
    .into_any()
}

/// A field whose value is added to a list; it is cleared afterwards.
pub(super) fn adding(
    document: Document,
    service: usize,
    id: String,
    label: &'static str,
    hint: &'static str,
    change: fn(&FormService, &str) -> Result<Change, String>,
) -> AnyView {
    let added = move |service: &FormService, typed: &str| change(service, typed);
    field(
        document,
        service,
        Field {
            id,
            label: label.to_owned(),
            hint,
            proposals: "",
            is_secret: false,
            value: Box::new(|_| String::new()),
            change: Box::new(added),
        },
    )
}

/// A button that removes one thing from a service and moves focus to where it can be added again.
pub(super) fn removing(
    document: Document,
    what: String,
    then: String,
    change: impl Fn() -> Change + Send + Sync + 'static,
) -> AnyView {
    let remove = move |_| {
        if document.make(&then, Ok(untrack(&change))) {
            browser::focus(&then);
        }
    };
    view! {
        <button type="button" class="quiet" aria-label=format!("Remove {what}") on:click=remove>
            <Icon glyph=Glyph::Cross/>
        </button>
    }
    .into_any()
}
