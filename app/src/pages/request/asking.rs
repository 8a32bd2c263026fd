//! A request on its way: the stream of thoughts that answers it.

use domain::ids::OrderId;
use domain::journey::{RequestLine, ThinkingStep};
use futures::StreamExt;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError, Ask, SealedOrder};
use crate::browser;
use crate::stream::Lines;

/// The request that is being answered, if one is.
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
    /// Nothing is asked yet.
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

    /// Whether an answer is on its way.
    pub(crate) fn is_busy(self) -> bool {
        self.busy.get()
    }

    /// What was asked, for people.
    pub(crate) fn question(self) -> String {
        self.question.get()
    }

    /// What has been thought so far.
    pub(crate) fn steps(self) -> Vec<ThinkingStep> {
        self.steps.get()
    }

    /// Why nothing came of it.
    pub(crate) fn refused(self) -> Option<String> {
        self.refused.get()
    }

    /// The order that is ready to be shown.
    pub(crate) fn finished(self) -> Option<OrderId> {
        self.finished.get()
    }

    /// The finished order, already loaded.
    pub(crate) fn take_ready(self, id: OrderId) -> Option<SealedOrder> {
        let ready = self.ready.try_update_value(Option::take).flatten();
        ready.and_then(|(ready, order)| (ready == id).then_some(order))
    }

    /// The finished order is on the page: the thinking makes room for it. Whether there was any.
    pub(crate) fn shown(self) -> bool {
        let was_busy = self.busy.get_untracked();
        if was_busy {
            self.busy.set(false);
        }
        was_busy
    }

    /// Asks; `question` is shown meanwhile.
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
            // The buyer may have gone to another page, whose address is none of our business.
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
                        // From here on a reload finds the order, however long the thinking takes.
                        // A new entry: going back leads to what was here before, with the words
                        // that were said there.
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
