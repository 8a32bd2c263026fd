//! A part of the page's request to the wallet: the open request and the last error.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::wallet_trouble::Trouble;
use crate::wallet::Asking;

/// A repeatable wallet request. It belongs to the component that created it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WalletRequest {
    /// The open wallet request, if there is one.
    pub(crate) asking: Asking,
    /// `true` from the press of the button until the work is done or has failed.
    pub(crate) pending: RwSignal<bool>,
    /// Problem of the last attempt; `None` if there was none, or one is in progress.
    pub(crate) trouble: RwSignal<Option<Trouble>>,
}

impl WalletRequest {
    /// Creates a request that is not open.
    pub(crate) fn new() -> Self {
        Self {
            asking: Asking::new(),
            pending: RwSignal::new(false),
            trouble: RwSignal::new(None),
        }
    }

    /// Runs `work` to its end, even if the page is gone: it must read signals only with `try_…`.
    pub(crate) fn run(self, work: impl Future<Output = Result<(), Trouble>> + 'static) {
        self.pending.set(true);
        self.trouble.set(None);
        spawn_local(async move {
            if let Err(trouble) = work.await {
                self.trouble.try_set(Some(trouble));
            }
            self.pending.try_set(false);
        });
    }
}
