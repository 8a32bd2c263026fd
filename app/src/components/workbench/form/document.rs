//! The document that the fields show and change.

use leptos::prelude::*;
use sdl::edit::{self, Change, Form, FormService};

/// The document behind the fields.
#[derive(Debug, Clone, Copy)]
pub(super) struct Document {
    /// The text that the form was read from.
    pub(super) text: RwSignal<String>,
    /// Form that was read from the text: the last valid one while the text cannot be parsed, `None` before
    /// the first.
    pub(super) form: Memo<Option<Form>>,
    /// Id of the field with an invalid value, and the reason; `None` if all are valid.
    pub(super) wrong: RwSignal<Option<(String, String)>>,
}

impl Document {
    /// A part of one service; the default if the service is gone.
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

    /// Applies a change, or shows the error beside the field. Returns whether it was applied.
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
