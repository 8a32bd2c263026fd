//! A question to the wallet that can be given up: a wallet's window may be hidden, its answer may
//! never come, and one that comes after the buyer has moved on must not count.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::channel::oneshot;
use futures::future::{AbortHandle, abortable};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::WalletError;

/// After how long the page says where else to look.
const LONG_AFTER_MS: u32 = 10_000;

/// Tells one question from the next.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// What is being waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// The wallet's name. Text from outside.
    pub(crate) wallet: String,
    /// `true` once the answer takes long.
    pub(crate) is_long: bool,
    question: u64,
}

/// The one question that a part of the page has for the wallet; it is given up when that part goes
/// away, when the buyer cancels it and when another one takes its place.
///
/// Everything that opens the wallet's window takes one of these, so that no question can be put
/// without a way out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking {
    waiting: RwSignal<Option<Waiting>>,
    stop: StoredValue<Option<AbortHandle>>,
}

impl Asking {
    /// No question yet. Belongs to the part of the page that makes it.
    pub(crate) fn new() -> Self {
        let asking = Self {
            waiting: RwSignal::new(None),
            stop: StoredValue::new(None),
        };
        on_cleanup(move || asking.cancel());
        asking
    }

    /// What is being waited for, if anything.
    pub(crate) fn waiting(self) -> Option<Waiting> {
        self.waiting.get()
    }

    /// Gives the question up: whoever asked gets [`WalletError::Cancelled`] at once.
    pub(crate) fn cancel(self) {
        if let Some(stop) = self.stop.try_update_value(Option::take).flatten() {
            stop.abort();
        }
        self.waiting.try_set(None);
    }

    /// Waits for the answer of `wallet`, or until the question is given up; an answer after that is
    /// dropped.
    pub(super) async fn wait<T: 'static>(
        self,
        wallet: &str,
        answer: impl Future<Output = Result<T, WalletError>> + 'static,
    ) -> Result<T, WalletError> {
        self.wait_or(wallet, answer, drop).await
    }

    /// The same where an answer cannot be undone by not listening: `late` gets what came after the
    /// question was given up.
    pub(super) async fn wait_or<T: 'static>(
        self,
        wallet: &str,
        answer: impl Future<Output = Result<T, WalletError>> + 'static,
        late: impl FnOnce(T) + 'static,
    ) -> Result<T, WalletError> {
        self.cancel();
        let (tell, told) = oneshot::channel();
        let (told, stop) = abortable(told);
        let given_up = stop.clone();
        let question = NEXT.fetch_add(1, Ordering::Relaxed);
        self.stop.try_set_value(Some(stop));
        self.waiting.try_set(Some(Waiting {
            wallet: wallet.to_owned(),
            is_long: false,
            question,
        }));
        // In a task of its own: what was asked cannot be taken back, and its answer must go
        // somewhere.
        spawn_local(async move {
            let answer = answer.await;
            if !given_up.is_aborted() {
                // Whoever waited is gone only together with its part of the page.
                drop(tell.send(answer));
            } else if let Ok(answer) = answer {
                late(answer);
            }
        });
        spawn_local(async move {
            TimeoutFuture::new(LONG_AFTER_MS).await;
            self.change(question, |waiting| {
                if let Some(waiting) = waiting {
                    waiting.is_long = true;
                }
            });
        });
        match told.await {
            Ok(Ok(answer)) => {
                self.change(question, |waiting| *waiting = None);
                answer
            }
            Ok(Err(_)) | Err(_) => Err(WalletError::Cancelled),
        }
    }

    /// Changes what is waited for, unless another question has taken its place.
    fn change(self, question: u64, change: impl FnOnce(&mut Option<Waiting>)) {
        let is_this = self.waiting.try_with_untracked(|waiting| {
            waiting
                .as_ref()
                .is_some_and(|waiting| waiting.question == question)
        });
        if is_this == Some(true) {
            self.waiting.try_update(change);
        }
    }
}
