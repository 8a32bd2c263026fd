//! Balances of the paying account.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::chain::Chain;
use crate::wallet::{Balances, Wallet, balances};

/// Balances of the account, read again when something may have changed them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holdings {
    known: RwSignal<Option<Balances>>,
}

impl Holdings {
    /// Follows the connected account, and reads again when it or its network changes.
    pub(super) fn follow(wallet: Wallet, chain: Chain) -> Self {
        let holdings = Self {
            known: RwSignal::new(None),
        };
        // Locking a wallet does not change its balances.
        let account = Memo::new(move |_| {
            let connected = wallet.connected()?;
            Some((connected.uuid, connected.address, connected.chain_id))
        });
        Effect::new(move |_| {
            let right_chain = account
                .get()
                .zip(chain.view())
                .is_some_and(|((.., chain_id), chain)| chain_id == chain.chain_id);
            holdings.known.set(None);
            if right_chain {
                holdings.ask(wallet, chain);
            }
        });
        holdings
    }

    /// Reads the balances (again).
    pub(super) fn ask(self, wallet: Wallet, chain: Chain) {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        spawn_local(async move {
            // A failed read leaves the balances unknown; the wallet itself rejects an uncovered payment.
            let known = balances(&connected, &chain).await.ok();
            self.known.try_set(known);
        });
    }

    /// The balances; `None` while unknown.
    pub(super) fn known(self) -> Option<Balances> {
        self.known.get()
    }
}
