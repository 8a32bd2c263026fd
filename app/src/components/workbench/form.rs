//! A form for the same document, kept in step with the text both ways.
//!
//! A change in the form becomes edits of the few lines it concerns; a change of the text shows in
//! the form. The form has no state of its own but what is being typed.

mod field;
mod read;
mod service;

use domain::journey::MarketWords;
use leptos::prelude::*;
use sdl::edit::{self, Change, Form, FormPort, FormService};

use super::assistance::gpu_models;
use service::Service;

/// The document behind the fields.
#[derive(Debug, Clone, Copy)]
struct Document {
    text: RwSignal<String>,
    /// Form that was read from the text; the last readable one while the text cannot be read, `None` before
    /// there was one.
    form: Memo<Option<Form>>,
    /// Field whose value does not fit, and the reason; `None` if all fit.
    wrong: RwSignal<Option<(String, String)>>,
}

impl Document {
    /// A part of one service; nothing of one that is gone.
    fn part<T: Default>(self, service: usize, pick: impl FnOnce(&FormService) -> T) -> T {
        self.form.with(|form| {
            let services = form.as_ref().map_or(&[][..], |form| &form.services);
            services.get(service).map(pick).unwrap_or_default()
        })
    }

    /// Makes a change, or says beside the field why not; whether it was made.
    fn make(self, field: &str, change: Result<Change, String>) -> bool {
        let edits = change.and_then(|change| {
            let text = self.text.read_untracked();
            edit::edits(&text, &change).map_err(|error| error.to_string())
        });
        match edits {
            Ok(edits) => {
                self.wrong.set(None);
                if !edits.is_empty() {
                    self.text.update(|text| *text = edit::apply(text, &edits));
                }
                true
            }
            Err(sentence) => {
                self.wrong.set(Some((field.to_owned(), sentence)));
                false
            }
        }
    }
}

/// The fields of every service.
#[component]
pub(crate) fn DraftForm(
    /// Text of the document.
    text: RwSignal<String>,
    /// Names that the market knows, for proposals.
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
    // Fields are made anew only when there are others, so that typing is never interrupted.
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

/// Which fields a service has.
#[derive(Debug, Clone, PartialEq, Eq)]
struct ServiceShape {
    name: String,
    placement: String,
    variables: Vec<String>,
    /// Labels of the ports, counted in their order: two ports may have the same number.
    ports: Vec<String>,
    volumes: Vec<String>,
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
