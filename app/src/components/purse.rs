//! The connected account's token balance, read through its own wallet.

use domain::money::TokenAmount;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::chain::Chain;
use crate::wallet::{Wallet, balances};

/// Token balance of the account; unknown until its wallet has answered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purse {
    held: RwSignal<Option<TokenAmount>>,
    wallet: Wallet,
    chain: Chain,
}

impl Purse {
    /// Reads the balance now, and again whenever the account or chain changes.
    pub(crate) fn follow() -> Self {
        let purse = Self {
            held: RwSignal::new(None),
            wallet: expect_context(),
            chain: Chain::here(),
        };
        Effect::new(move |_| {
            purse.wallet.connected();
            purse.chain.view();
            purse.held.set(None);
            purse.look();
        });
        purse
    }

    /// The balance; `None` while unknown.
    pub(crate) fn held(self) -> Signal<Option<TokenAmount>> {
        self.held.into()
    }

    /// Reads the balance again.
    pub(crate) fn look(self) {
        let (Some(connected), Some(chain)) = (self.wallet.connected_now(), self.chain.view_now())
        else {
            return;
        };
        if connected.chain_id != chain.chain_id {
            return;
        }
        spawn_local(async move {
            // A failed read leaves the balance unknown; the token contract itself rejects an uncovered
            // transfer.
            let known = balances(&connected, &chain).await.ok();
            self.held.try_set(known.map(|known| known.token));
        });
    }
}
