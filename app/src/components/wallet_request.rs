//! How a part of a page asks the wallet for something: what is open in it, and what went wrong the last time.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::wallet_trouble::Trouble;
use crate::wallet::Asking;

/// One thing that can be asked for, again and again. It belongs to the component that made it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WalletRequest {
    /// Question that is open in the wallet, if one is.
    pub(crate) asking: Asking,
    /// `true` from the press of the button until it is done or has failed.
    pub(crate) pending: RwSignal<bool>,
    /// Trouble of the last try; `None` if there was none, or it is still under way.
    pub(crate) trouble: RwSignal<Option<Trouble>>,
}

impl WalletRequest {
    /// Nothing was asked yet.
    pub(crate) fn new() -> Self {
        Self {
            asking: Asking::new(),
            pending: RwSignal::new(false),
            trouble: RwSignal::new(None),
        }
    }

    /// Runs `work` to its end, also after the page: it reads no signals but with `try_…`.
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
