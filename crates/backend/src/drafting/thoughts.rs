//! The visible thinking steps, each with its evidence and its time.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::OrderId;

use domain::journey::{RequestLine, ThinkingKind, ThinkingStep};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::orders::changes;
use crate::ports::Clock;
use crate::{Backend, observe};

/// Minimum interval at which steps are stored as they arrive: a model thinks for seconds, and a
/// reload meanwhile finds the steps so far.
const STORED_EVERY: Duration = Duration::from_millis(300);

/// Collects steps, and reports them to a listener as they happen.
#[derive(Debug)]
pub(crate) struct Thoughts {
    clock: Arc<dyn Clock>,
    started_ms: u64,
    steps: Vec<ThinkingStep>,
    listener: Option<UnboundedSender<RequestLine>>,
    keeper: Option<UnboundedSender<Vec<ThinkingStep>>>,
}

impl Thoughts {
    /// Makes a collection without a listener; its steps are stored with the order.
    pub(crate) fn unheard(clock: Arc<dyn Clock>) -> Self {
        Self {
            started_ms: clock.now_ms(),
            clock,
            steps: Vec::new(),
            listener: None,
            keeper: None,
        }
    }

    /// Makes a collection whose steps are reported as they happen.
    pub(crate) fn told_to(clock: Arc<dyn Clock>, listener: UnboundedSender<RequestLine>) -> Self {
        Self {
            listener: Some(listener),
            ..Self::unheard(clock)
        }
    }

    /// Stores the steps with the order as they arrive. Once the thinking ends, all of them are
    /// stored.
    pub(crate) fn keep_with(&mut self, backend: &Backend, order: OrderId) {
        let (keeper, steps) = mpsc::unbounded_channel();
        self.keeper = Some(keeper);
        tokio::spawn(keep(backend.clone(), order, steps));
    }

    /// Starts with the steps of an earlier round that still hold.
    pub(crate) fn continue_from(&mut self, earlier: Vec<ThinkingStep>) {
        self.steps = earlier;
    }

    /// Adds a step.
    pub(crate) fn add(
        &mut self,
        kind: ThinkingKind,
        text: impl Into<String>,
        evidence: Option<String>,
    ) {
        let step = ThinkingStep {
            kind,
            text: text.into(),
            evidence,
            after_ms: self.clock.now_ms().saturating_sub(self.started_ms),
        };
        self.tell(RequestLine::Step(step.clone()));
        self.steps.push(step);
        if let Some(keeper) = &self.keeper {
            let _is_kept = keeper.send(self.steps.clone()).is_ok();
        }
    }

    /// Sends the listener a line that is not a step.
    pub(crate) fn tell(&self, line: RequestLine) {
        if let Some(listener) = &self.listener {
            // A closed tab is no reason to stop: the result is stored and available after a reload.
            let _tab_is_open = listener.send(line).is_ok();
        }
    }

    /// All steps so far.
    pub(crate) fn steps(&self) -> &[ThinkingStep] {
        &self.steps
    }
}

/// Runs until the thinking ends, and then stores the rest.
async fn keep(backend: Backend, order: OrderId, mut thought: UnboundedReceiver<Vec<ThinkingStep>>) {
    while let Some(mut steps) = thought.recv().await {
        backend.ports().clock.sleep(STORED_EVERY).await;
        while let Ok(later) = thought.try_recv() {
            steps = later;
        }
        if thought.is_closed() {
            return;
        }
        let stored = changes::edit(&backend, order, |order| {
            // The stored steps may already be the final ones: never replace them with fewer.
            if steps.len() > order.steps.len() && steps.starts_with(&order.steps) {
                order.steps = steps.clone();
            }
            Ok(Vec::new())
        });
        if let Err(error) = stored.await {
            observe::steps_not_kept(order, &error);
        }
    }
}
