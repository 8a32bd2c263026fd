//! Scripted behaviour of the model, and a journal of its requests.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::answers::Question;
use super::fault::ModelFault;

/// Delay before the first token of an answer, unless configured otherwise.
pub(super) const FIRST_TOKEN_DELAY: Duration = Duration::from_millis(20);

/// The model's scripted behaviour, and the requests that it received.
#[derive(Debug)]
pub(crate) struct ScriptedModel(Mutex<Script>);

#[derive(Debug)]
pub(super) struct Script {
    pub(super) faults: Vec<(ModelFault, u32)>,
    pub(super) first_token: Duration,
    /// Body of every request, and the time of its first token, in milliseconds since the Unix
    /// epoch.
    pub(super) asked: Vec<(Value, Option<u64>)>,
}

impl Default for ScriptedModel {
    fn default() -> Self {
        Self(Mutex::new(Script {
            faults: Vec::new(),
            first_token: FIRST_TOKEN_DELAY,
            asked: Vec::new(),
        }))
    }
}

/// Number of requests that the journal keeps.
const MAX_REQUESTS_KEPT: usize = 2000;

impl ScriptedModel {
    pub(super) fn lock(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request; returns its position in the journal, and the fault that applies to it.
    pub(super) fn record(
        &self,
        body: &Value,
        question: &Question,
    ) -> (usize, Option<ModelFault>, Duration) {
        let mut script = self.lock();
        if script.asked.len() == MAX_REQUESTS_KEPT {
            script.asked.clear();
        }
        script.asked.push((body.clone(), None));
        let stage = question.stage();
        let met = script
            .faults
            .iter()
            .position(|(fault, _)| fault.strikes(stage));
        let fault = met.map(|at| {
            let (fault, left) = &mut script.faults[at];
            let fault = *fault;
            *left -= 1;
            if *left == 0 {
                script.faults.remove(at);
            }
            fault
        });
        (script.asked.len() - 1, fault, script.first_token)
    }

    pub(super) fn record_first_token(&self, at: usize) {
        #[expect(
            clippy::disallowed_methods,
            reason = "compared with the clock of a reader on the same machine"
        )]
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_millis());
        if let Some((_, left)) = self.lock().asked.get_mut(at) {
            *left = u64::try_from(now).ok();
        }
    }
}
