//! The chain the money is on, asked for once, when something first needs it.

use domain::journey::ChainView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};

/// The chain. Provided once, by the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chain {
    answer: RwSignal<Option<Result<ChainView, ApiError>>>,
    asked: StoredValue<bool>,
}

impl Chain {
    /// Nothing is known yet.
    pub(crate) fn new() -> Self {
        Self {
            answer: RwSignal::new(None),
            asked: StoredValue::new(false),
        }
    }

    /// The chain, asked for if nobody has yet.
    pub(crate) fn here() -> Self {
        let chain = expect_context::<Self>();
        Effect::new(move |_| chain.need());
        chain
    }

    /// Asks for the chain if nobody has yet. Only effects and handlers call it.
    pub(crate) fn need(self) {
        if !self.asked.get_value() {
            self.ask();
        }
    }

    /// The chain, once it is known.
    pub(crate) fn view(self) -> Option<ChainView> {
        self.answer
            .with(|answer| answer.as_ref()?.as_ref().ok().cloned())
    }

    /// The same, outside of a reactive context.
    pub(crate) fn view_now(self) -> Option<ChainView> {
        self.answer
            .with_untracked(|answer| answer.as_ref()?.as_ref().ok().cloned())
    }

    /// Why it is not known.
    pub(crate) fn error(self) -> Option<ApiError> {
        self.answer
            .with(|answer| answer.as_ref()?.as_ref().err().cloned())
    }

    /// Address of its explorer, if it has one.
    pub(crate) fn explorer(self) -> Option<String> {
        self.view()?.explorer_url
    }

    /// Asks (again).
    pub(crate) fn ask(self) {
        self.asked.set_value(true);
        spawn_local(async move {
            let answer = api::chain_view().await;
            self.answer.set(Some(answer));
        });
    }
}
