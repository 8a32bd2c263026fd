//! How a page asks the server for something: what is on its way, and why the last try failed.
//!
//! What was asked goes on to its end when the page ends meanwhile, as [`task`](crate::task) says: it may have stored or
//! paid something. Only what the page makes of the answer ends with the page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;

/// One thing that a page can ask for, again and again. It belongs to the component that made it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// `true` while an answer is awaited.
    pub(crate) pending: RwSignal<bool>,
    /// Sentence on why the last try failed; `None` if it did not, or is still under way.
    pub(crate) error: RwSignal<Option<String>>,
}

impl Request {
    /// Nothing was asked yet.
    pub(crate) fn new() -> Self {
        Self {
            pending: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    /// Asks, and hands the answer to `then` if the page is still there.
    pub(crate) fn send<T: 'static>(
        self,
        question: impl Future<Output = Result<T, ApiError>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        self.run(async move {
            let answer = question.await?;
            if !self.pending.is_disposed() {
                then(answer);
            }
            Ok(())
        });
    }

    /// Runs `work` to its end, also after the page: it reads no signals but with `try_…`.
    pub(crate) fn run(self, work: impl Future<Output = Result<(), ApiError>> + 'static) {
        self.pending.set(true);
        self.error.set(None);
        spawn_local(async move {
            if let Err(error) = work.await {
                self.error.try_set(Some(error.sentence));
            }
            self.pending.try_set(false);
        });
    }
}
