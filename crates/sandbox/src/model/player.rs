//! What the model was told to do, and what it was asked.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::answers::Question;
use super::fault::ModelFault;

/// The first token of an answer comes after this, unless configured otherwise.
pub(super) const FIRST_TOKEN: Duration = Duration::from_millis(20);

/// The model's instructions, and the requests it received.
#[derive(Debug)]
pub(crate) struct Player(Mutex<Told>);

#[derive(Debug)]
pub(super) struct Told {
    pub(super) faults: Vec<(ModelFault, u32)>,
    pub(super) first_token: Duration,
    /// Every request's body, and when its first token left, in milliseconds since the Unix epoch.
    pub(super) asked: Vec<(Value, Option<u64>)>,
}

impl Default for Player {
    fn default() -> Self {
        Self(Mutex::new(Told {
            faults: Vec::new(),
            first_token: FIRST_TOKEN,
            asked: Vec::new(),
        }))
    }
}

/// The journal forgets nothing below this many requests.
const MOST_KEPT: usize = 2000;

impl Player {
    pub(super) fn lock(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records a request; returns its position in the journal, and the fault that applies to it.
    pub(super) fn meet(
        &self,
        body: &Value,
        question: &Question,
    ) -> (usize, Option<ModelFault>, Duration) {
        let mut told = self.lock();
        if told.asked.len() == MOST_KEPT {
            told.asked.clear();
        }
        told.asked.push((body.clone(), None));
        let stage = question.stage();
        let met = told
            .faults
            .iter()
            .position(|(fault, _)| fault.strikes(stage));
        let fault = met.map(|at| {
            let (fault, left) = &mut told.faults[at];
            let fault = *fault;
            *left -= 1;
            if *left == 0 {
                told.faults.remove(at);
            }
            fault
        });
        (told.asked.len() - 1, fault, told.first_token)
    }

    pub(super) fn first_token_left(&self, at: usize) {
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
