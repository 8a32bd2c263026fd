//! What the account that pays holds.

use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::chain::Chain;
use crate::wallet::{Balances, Wallet, balances};

/// What the account holds, asked for when something may have changed it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holdings {
    known: RwSignal<Option<Balances>>,
}

impl Holdings {
    /// Of the connected account, asked for again when it or its network changes.
    pub(super) fn follow(wallet: Wallet, chain: Chain) -> Self {
        let holdings = Self {
            known: RwSignal::new(None),
        };
        // What a wallet holds does not change by being locked.
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

    /// Asks (again).
    pub(super) fn ask(self, wallet: Wallet, chain: Chain) {
        let (Some(connected), Some(chain)) = (wallet.connected_now(), chain.view_now()) else {
            return;
        };
        spawn_local(async move {
            // What cannot be read stays unknown; the wallet itself refuses what cannot be paid.
            let known = balances(&connected, &chain).await.ok();
            self.known.try_set(known);
        });
    }

    /// What the account holds, where it is known.
    pub(super) fn known(self) -> Option<Balances> {
        self.known.get()
    }
}
