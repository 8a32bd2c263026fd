//! A page's requests to the server: the pending state, and the error of the last attempt.
//!
//! A request runs to its end even if the page is left, as explained in [`task`](crate::task): it may have
//! stored or paid something. Only the handling of the response ends with the page.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::ApiError;

/// A repeatable request. It belongs to the component that created it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request {
    /// `true` while a response is awaited.
    pub(crate) pending: RwSignal<bool>,
    /// Sentence on why the last attempt failed; `None` if it did not, or is still pending.
    pub(crate) error: RwSignal<Option<String>>,
}

impl Request {
    /// Creates a request that is not pending.
    pub(crate) fn new() -> Self {
        Self {
            pending: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    /// Sends the request, and passes the answer to `then` if the page is still there.
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

    /// Runs `work` to its end, even if the page is gone: it must read signals only with `try_…`.
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
