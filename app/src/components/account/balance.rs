//! The account's balance in the header, and its refresh policy.

use std::time::Duration;

use domain::journey::ChainView;
use leptos::ev;
use leptos::lazy;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::components::chain::Chain;
use crate::wallet::{Balances, Connected, Wallet, balances};

/// Minimum interval between queries to the wallet's node, unless the account itself has just paid or been
/// paid.
const PAUSE_MS: u64 = 15_000;

/// Balances of the connected account. They are read when it is connected, after each transaction that this
/// page sent, when an order on the page changes, and when the page becomes visible again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HeaderBalance {
    wallet: Wallet,
    chain: Chain,
    held: RwSignal<Option<Balances>>,
    asked_ms: StoredValue<Option<u64>>,
    is_due: StoredValue<bool>,
}

impl HeaderBalance {
    /// Provides the balance as context for every page's header.
    pub(crate) fn provide(wallet: Wallet, chain: Chain) {
        provide_context(Self {
            wallet,
            chain,
            held: RwSignal::new(None),
            asked_ms: StoredValue::new(None),
            is_due: StoredValue::new(false),
        });
    }

    /// Starts following the connected account.
    pub(super) fn follow(self) {
        let account = Memo::new(move |_| {
            let connected = self.wallet.connected()?;
            Some((connected.uuid, connected.address, connected.chain_id))
        });
        Effect::new(move |_| {
            let is_connected = account.get().is_some();
            // Nothing is known yet about another account or network.
            self.held.set(None);
            if is_connected {
                self.chain.need();
                if self.chain.view().is_some() {
                    self.ask();
                }
            }
        });
        Effect::new(move |_| {
            // The document's event bubbles up to its window.
            let looked =
                window_event_listener(ev::visibilitychange, move |_| self.may_have_changed());
            on_cleanup(move || looked.remove());
        });
    }

    /// Balances of the account; `None` while unknown.
    pub(super) fn held(self) -> Option<Balances> {
        self.held.get()
    }

    /// Reads the balances at once: the account has just paid or been paid, or its menu was opened.
    pub(crate) fn ask(self) {
        let (Some(connected), Some(chain)) = (self.wallet.connected_now(), self.chain.view_now())
        else {
            return;
        };
        if connected.chain_id != chain.chain_id {
            self.held.set(None);
            return;
        }
        self.asked_ms.set_value(Some(browser::now_ms()));
        spawn_local(async move {
            let known = read_balances(connected.clone(), chain).await;
            let still = self.wallet.connected_now().is_some_and(|now| {
                (now.address, now.chain_id) == (connected.address, connected.chain_id)
            });
            // Discards the answer if the account or network has changed meanwhile.
            if still {
                self.held.set(known);
            }
        });
    }

    /// Schedules a read after a possible change, limited to one per interval.
    pub(crate) fn may_have_changed(self) {
        if self.is_due.get_value() || browser::is_hidden() {
            return;
        }
        let wait = wait_ms(self.asked_ms.get_value(), browser::now_ms());
        if wait == 0 {
            return self.ask();
        }
        self.is_due.set_value(true);
        let look = move || {
            self.is_due.set_value(false);
            // While the page is hidden, the read waits until it is visible again.
            if !browser::is_hidden() {
                self.ask();
            }
        };
        set_timeout(look, Duration::from_millis(wait));
    }
}

/// Reads an account's balances; `None` if they cannot be read.
#[lazy]
async fn read_balances(connected: Connected, chain: ChainView) -> Option<Balances> {
    balances(&connected, &chain).await.ok()
}

/// Milliseconds until the next read is allowed.
const fn wait_ms(asked_ms: Option<u64>, now_ms: u64) -> u64 {
    match asked_ms {
        None => 0,
        Some(asked) => PAUSE_MS.saturating_sub(now_ms.saturating_sub(asked)),
    }
}

#[cfg(test)]
mod tests {
    use super::wait_ms;

    #[test]
    fn the_node_is_asked_at_most_every_fifteen_seconds() {
        let cases = [
            (None, 5, 0),
            (Some(1_000), 1_000, 15_000),
            (Some(1_000), 11_000, 5_000),
            (Some(1_000), 16_000, 0),
            (Some(1_000), 90_000, 0),
            // If the clock was set back, the next read is late but not lost.
            (Some(20_000), 1_000, 15_000),
        ];
        for (asked, now, wait) in cases {
            assert_eq!(wait_ms(asked, now), wait, "{asked:?} at {now}");
        }
    }
}
