//! Whether addresses answer, as scripted by the test.

use std::sync::Mutex;

use async_trait::async_trait;

use crate::ports::Reach;

/// Addresses do not answer until the test says so.
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
    /// Sets whether addresses answer.
    pub(crate) fn answer(&self, answers: bool) {
        self.state.lock().unwrap().answers = answers;
    }

    /// Sets whether a workload answers at every address.
    pub(crate) fn serve(&self, serves: bool) {
        self.state.lock().unwrap().serves = serves;
    }

    /// Returns every address that was asked so far.
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
