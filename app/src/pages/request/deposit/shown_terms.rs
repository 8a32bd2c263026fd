//! The terms that were shown for a deposit.

use domain::ids::EscrowId;
use leptos::prelude::*;

use crate::live_order::LiveOrder;

/// The terms that this page showed last. They outlive the panel that shows them: while a draft is priced anew there is
/// no such panel.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownTerms {
    /// Escrow of the terms; `None` before any were shown, and once they are void.
    escrow: RwSignal<Option<EscrowId>>,
    /// `true` once the terms are void, until others are shown.
    are_void: RwSignal<bool>,
}

impl ShownTerms {
    /// A draft that was priced anew has other terms: those shown for the old ones are void.
    pub(super) fn follow(live: LiveOrder) -> Self {
        let terms = Self {
            escrow: RwSignal::new(None),
            are_void: RwSignal::new(false),
        };
        let current = live.part(|order| order.state.escrow());
        Effect::new(move |_| {
            let Some(current) = current.try_get() else {
                return;
            };
            // Also those that were void already when their answer came.
            let shown = terms.escrow.try_get().flatten();
            if shown.is_some() && shown != current {
                terms.escrow.set(None);
                terms.are_void.set(true);
            }
        });
        terms
    }

    /// The terms of this escrow are about to be shown.
    pub(super) fn show(self, escrow: EscrowId) {
        self.are_void.try_set(false);
        self.escrow.try_set(Some(escrow));
    }

    /// The buyer gave the terms up, and knows it.
    pub(super) fn give_up(self) {
        self.escrow.set(None);
    }

    /// Whether terms were shown that are void now.
    pub(super) fn are_void(self) -> bool {
        self.are_void.get()
    }
}
