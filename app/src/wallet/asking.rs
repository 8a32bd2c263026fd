//! Cancellable wallet requests: a wallet's window may be hidden, its answer may never come, and an answer
//! that comes after the buyer has moved on must not count.

use std::sync::atomic::{AtomicU64, Ordering};

use futures::channel::oneshot;
use futures::future::{AbortHandle, abortable};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::WalletError;

/// Time after which the page says where else to look.
const LONG_AFTER_MS: u32 = 10_000;

/// Numbers the requests, so that they can be told apart.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// An open wallet request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiting {
    /// Name of the wallet. Text from outside.
    pub(crate) wallet: String,
    /// `true` if the answer is taking long.
    pub(crate) is_long: bool,
    question: u64,
}

/// The one wallet request that a part of the page can have open. It is given up when that part goes away,
/// when the buyer cancels it, and when another request replaces it.
///
/// Everything that opens the wallet's window takes one of these, so that every request can be cancelled.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asking {
    waiting: RwSignal<Option<Waiting>>,
    stop: StoredValue<Option<AbortHandle>>,
}

impl Asking {
    /// Creates it without an open request. It belongs to the part of the page that creates it.
    pub(crate) fn new() -> Self {
        let asking = Self {
            waiting: RwSignal::new(None),
            stop: StoredValue::new(None),
        };
        on_cleanup(move || asking.cancel());
        asking
    }

    /// The open request, if there is one.
    pub(crate) fn waiting(self) -> Option<Waiting> {
        self.waiting.get()
    }

    /// Gives up the request: its caller gets [`WalletError::Cancelled`] at once.
    pub(crate) fn cancel(self) {
        if let Some(stop) = self.stop.try_update_value(Option::take).flatten() {
            stop.abort();
        }
        self.waiting.try_set(None);
    }

    /// Waits for the answer of `wallet` until the request is given up; a later answer is dropped.
    pub(super) async fn wait<T: 'static>(
        self,
        wallet: &str,
        answer: impl Future<Output = Result<T, WalletError>> + 'static,
    ) -> Result<T, WalletError> {
        self.wait_or(wallet, answer, drop).await
    }

    /// The same for an answer that has effects even if nobody waits: `late` gets one that comes after the
    /// request was given up.
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
        // Runs in a task of its own: a request cannot be taken back, and its answer must go somewhere.
        spawn_local(async move {
            let answer = answer.await;
            if !given_up.is_aborted() {
                // The receiver is only gone if its part of the page is.
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

    /// Updates the open request, unless another one has replaced it.
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
