//! The visible steps of thinking, each with its evidence and its time.

use std::sync::Arc;

use domain::journey::{RequestLine, ThinkingKind, ThinkingStep};
use tokio::sync::mpsc::UnboundedSender;

use crate::ports::Clock;

/// Collects steps, and tells a listener as they happen.
#[derive(Debug)]
pub(crate) struct Thoughts {
    clock: Arc<dyn Clock>,
    started_ms: u64,
    steps: Vec<ThinkingStep>,
    listener: Option<UnboundedSender<RequestLine>>,
}

impl Thoughts {
    /// Steps nobody listens to; they are stored with the order.
    pub(crate) fn unheard(clock: Arc<dyn Clock>) -> Self {
        Self {
            started_ms: clock.now_ms(),
            clock,
            steps: Vec::new(),
            listener: None,
        }
    }

    /// Steps that are told as they happen.
    pub(crate) fn told_to(clock: Arc<dyn Clock>, listener: UnboundedSender<RequestLine>) -> Self {
        Self {
            listener: Some(listener),
            ..Self::unheard(clock)
        }
    }

    /// Begins with the steps of an earlier round that still hold.
    pub(crate) fn continue_from(&mut self, earlier: Vec<ThinkingStep>) {
        self.steps = earlier;
    }

    /// One more step.
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
    }

    /// A line for the listener that is no step.
    pub(crate) fn tell(&self, line: RequestLine) {
        if let Some(listener) = &self.listener {
            // A closed tab is no reason to stop: what is found is stored and there after a reload.
            let _tab_is_open = listener.send(line).is_ok();
        }
    }

    /// All steps so far.
    pub(crate) fn steps(&self) -> &[ThinkingStep] {
        &self.steps
    }
}
