//! The chain that holds the money, fetched once when it is first needed.

use domain::journey::ChainView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};

/// The page's view of the chain. Provided once, by the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain {
    answer: RwSignal<Option<Result<ChainView, ApiError>>>,
    asked: StoredValue<bool>,
}

impl Chain {
    /// Creates an empty view.
    pub(crate) fn new() -> Self {
        Self {
            answer: RwSignal::new(None),
            asked: StoredValue::new(false),
        }
    }

    /// Returns the view from context, and fetches it unless that was already done.
    pub(crate) fn here() -> Self {
        let chain = expect_context::<Self>();
        Effect::new(move |_| chain.need());
        chain
    }

    /// Fetches the chain unless that was already done. Only called by effects and event handlers.
    pub(crate) fn need(self) {
        if !self.asked.get_value() {
            self.ask();
        }
    }

    /// The chain; `None` until it is known.
    pub(crate) fn view(self) -> Option<ChainView> {
        self.answer
            .with(|answer| answer.as_ref()?.as_ref().ok().cloned())
    }

    /// Untracked variant of [`Self::view`].
    pub(crate) fn view_now(self) -> Option<ChainView> {
        self.answer
            .with_untracked(|answer| answer.as_ref()?.as_ref().ok().cloned())
    }

    /// Error of the last request, if it failed.
    pub(crate) fn error(self) -> Option<ApiError> {
        self.answer
            .with(|answer| answer.as_ref()?.as_ref().err().cloned())
    }

    /// URL of the chain's explorer, if it has one.
    pub(crate) fn explorer(self) -> Option<String> {
        self.view()?.explorer_url
    }

    /// Fetches the chain, or fetches it again.
    pub(crate) fn ask(self) {
        self.asked.set_value(true);
        spawn_local(async move {
            let answer = api::chain_view().await;
            self.answer.set(Some(answer));
        });
    }
}
