//! Whether an address answers, as the test says.

use std::sync::Mutex;

use async_trait::async_trait;

use crate::ports::Reach;

/// No address answers until the test says so.
#[derive(Debug, Default)]
pub(crate) struct FakeReach {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    answers: bool,
    serves: bool,
    asked: Vec<String>,
}

impl FakeReach {
    /// From now on every address answers, or none.
    pub(crate) fn answer(&self, answers: bool) {
        self.state.lock().unwrap().answers = answers;
    }

    /// From now on a workload answers at every address, or at none.
    pub(crate) fn serve(&self, serves: bool) {
        self.state.lock().unwrap().serves = serves;
    }

    /// Every address that was asked so far.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.clone()
    }
}

#[async_trait]
impl Reach for FakeReach {
    async fn answers(&self, address: &str) -> bool {
        let mut state = self.state.lock().unwrap();
        state.asked.push(address.to_owned());
        state.answers
    }

    async fn serves(&self, address: &str) -> bool {
        let mut state = self.state.lock().unwrap();
        state.asked.push(address.to_owned());
        state.serves
    }
}
