//! The document that the fields show and change.

use leptos::prelude::*;
use sdl::edit::{self, Change, Form, FormService};

/// The document behind the fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    /// The text that the form was read from.
    pub(super) text: RwSignal<String>,
    /// Form that was read from the text; the last readable one while the text cannot be read, `None` before
    /// there was one.
    pub(super) form: Memo<Option<Form>>,
    /// Field whose value does not fit, and the reason; `None` if all fit.
    pub(super) wrong: RwSignal<Option<(String, String)>>,
}

impl Document {
    /// A part of one service; nothing of one that is gone.
    pub(super) fn part<T: Default>(
        self,
        service: usize,
        pick: impl FnOnce(&FormService) -> T,
    ) -> T {
        self.form.with(|form| {
            let services = form.as_ref().map_or(&[][..], |form| &form.services);
            services.get(service).map(pick).unwrap_or_default()
        })
    }

    /// Makes a change, or says beside the field why not; whether it was made.
    pub(super) fn make(self, field: &str, change: Result<Change, String>) -> bool {
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
