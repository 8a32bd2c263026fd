//! The request in progress, and the stream of thinking steps that answers it.

use domain::ids::OrderId;
use domain::journey::{RequestLine, ThinkingStep};
use futures::StreamExt;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError, Ask, SealedOrder};
use crate::browser;
use crate::stream::Lines;

/// State of the request in progress, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking {
    busy: RwSignal<bool>,
    question: RwSignal<String>,
    steps: RwSignal<Vec<ThinkingStep>>,
    refused: RwSignal<Option<String>>,
    finished: RwSignal<Option<OrderId>>,
    ready: StoredValue<Option<(OrderId, SealedOrder)>>,
}

impl Asking {
    /// Creates the state without a request.
    pub(crate) fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            question: RwSignal::new(String::new()),
            steps: RwSignal::new(Vec::new()),
            refused: RwSignal::new(None),
            finished: RwSignal::new(None),
            ready: StoredValue::new(None),
        }
    }

    /// Whether an answer is still being streamed or loaded.
    pub(crate) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// The request in words, for people.
    pub(crate) fn question(self) -> String {
        self.question.get()
    }

    /// The thinking steps so far.
    pub(crate) fn steps(self) -> Vec<ThinkingStep> {
        self.steps.get()
    }

    /// The reason why no order came of the request.
    pub(crate) fn refused(self) -> Option<String> {
        self.refused.get()
    }

    /// Id of the finished order.
    pub(crate) fn finished(self) -> Option<OrderId> {
        self.finished.get()
    }

    /// Takes the finished order, if it is already loaded.
    pub(crate) fn take_ready(self, id: OrderId) -> Option<SealedOrder> {
        let ready = self.ready.try_update_value(Option::take).flatten();
        ready.and_then(|(ready, order)| (ready == id).then_some(order))
    }

    /// Ends the request once the finished order is on the page. Returns whether one was in progress.
    pub(crate) fn shown(self) -> bool {
        let was_busy = self.busy.get_untracked();
        if was_busy {
            self.busy.set(false);
        }
        was_busy
    }

    /// Sends the request; `question` is shown meanwhile.
    pub(crate) fn ask(self, ask: Ask, question: String) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.question.set(question);
        self.steps.set(Vec::new());
        self.refused.set(None);
        self.finished.set(None);
        spawn_local(async move {
            match self.follow(ask).await {
                Ok(Some((id, order))) => {
                    self.ready.set_value(Some((id, order)));
                    self.finished.set(Some(id));
                }
                Ok(None) => self.busy.set(false),
                Err(error) => {
                    self.refused.set(Some(error.sentence));
                    self.busy.set(false);
                }
            }
        });
    }

    async fn follow(self, ask: Ask) -> Result<Option<(OrderId, SealedOrder)>, ApiError> {
        let said = match &ask {
            Ask::Words { text, .. } => Some(text.clone()),
            Ask::Form { .. } | Ask::Sdl { .. } => None,
        };
        let mut pieces = api::describe(ask).await?.into_inner();
        let mut lines = Lines::default();
        let mut order = None;
        while let Some(piece) = pieces.next().await {
            // The buyer may have gone to another page, whose address must not be changed.
            if self.busy.is_disposed() {
                return Ok(None);
            }
            for line in lines.push(&piece?) {
                let line = serde_json::from_str(&line).map_err(|error| {
                    ApiError::new(0, format!("The answer could not be read: {error}."))
                })?;
                match line {
                    RequestLine::Order { id } => {
                        order = Some(id);
                        // From here on a reload finds the order, however long the thinking takes. The order
                        // gets a new history entry, so that going back leads to the start page with the same
                        // words.
                        if let Some(said) = said.as_ref().filter(|_| browser::is_at("/")) {
                            browser::show_url(&browser::saying(said));
                        }
                        browser::enter_url(&format!("/?order={id}"));
                    }
                    RequestLine::Step(step) => self.steps.update(|steps| steps.push(step)),
                    RequestLine::Refused { message } => self.refused.set(Some(message)),
                    RequestLine::Done => {}
                }
            }
        }
        match order {
            Some(id) => Ok(Some((id, api::open_sealed_order(id).await?))),
            None => Ok(None),
        }
    }
}
