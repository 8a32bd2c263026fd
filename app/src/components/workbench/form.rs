//! A form for the document, kept in sync with the text in both directions.
//!
//! A change in the form becomes edits of the few lines that it concerns; a change of the text shows in the
//! form. The form has no state of its own except what is being typed.

mod document;
mod field;
mod read;
mod service;

use domain::journey::MarketWords;
use leptos::prelude::*;
use sdl::edit::{self, Form, FormPort, FormService};

use super::assistance::gpu_models;
use document::Document;
use service::{Service, ServiceShape};

/// The fields of every service.
#[component]
pub(crate) fn DraftForm(
    /// Text of the document.
    text: RwSignal<String>,
    /// Names known to the market, for proposals.
    words: RwSignal<MarketWords>,
    /// `true` while the document may be changed.
    editable: Signal<bool>,
) -> impl IntoView {
    let now = Memo::new(move |_| edit::form(&text.read()));
    let form =
        Memo::new(move |last: Option<&Option<Form>>| now.get().or_else(|| last.cloned().flatten()));
    let document = Document {
        text,
        form,
        wrong: RwSignal::new(None),
    };
    let readable = Memo::new(move |_| now.with(Option::is_some));
    // Fields are recreated only if the set of fields changes, so that typing is never interrupted.
    let shape =
        Memo::new(move |_| form.with(|form| form.as_ref().map(shape_of).unwrap_or_default()));
    view! {
        <section class="draft-form" id="draft-form" tabindex="0" aria-label="The draft as a form" data-testid="draft-form">
            <p class="form-notice" role="status" hidden=move || readable.get()>
                "The text cannot be read now. The form shows it as it was."
            </p>
            <fieldset class="form-fields" disabled=move || !(editable.get() && readable.get())>
                <legend class="visually-hidden">"The draft as a form"</legend>
                {move || {
                    let shape = shape.get();
                    let several = shape.len() > 1;
                    shape
                        .into_iter()
                        .enumerate()
                        .map(|(index, shape)| view! { <Service document index shape several/> }.into_any())
                        .collect_view()
                }}
            </fieldset>
            <datalist id="form-gpu-models">
                {move || words.with(gpu_models).into_iter().map(|model| view! { <option value=model></option> }).collect_view()}
            </datalist>
            <datalist id="form-regions">
                {move || words.get().regions.into_iter().map(|region| view! { <option value=region></option> }).collect_view()}
            </datalist>
        </section>
    }
}

fn port_name((number, port): (usize, &FormPort)) -> String {
    let protocol = if port.is_udp { " (UDP)" } else { "" };
    format!("Port {number}{protocol}")
}

fn shape_of(form: &Form) -> Vec<ServiceShape> {
    let shape = |service: &FormService| ServiceShape {
        name: service.name.clone(),
        placement: service.placement.clone(),
        variables: service.env.iter().map(|(name, _)| name.clone()).collect(),
        ports: (1..).zip(&service.ports).map(port_name).collect(),
        volumes: service
            .volumes
            .iter()
            .map(|volume| volume.name.clone())
            .collect(),
    };
    form.services.iter().map(shape).collect()
}
