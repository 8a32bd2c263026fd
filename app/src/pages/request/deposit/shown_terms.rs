//! The terms that were shown for a deposit.

use domain::ids::EscrowId;
use leptos::prelude::*;

use crate::live_order::LiveOrder;

/// The terms that this page showed last. They outlive the panel that shows them, which does not exist while a
/// draft is being priced.
#[derive(Debug, Clone, Copy)]
pub(super) struct ShownTerms {
    /// Escrow of the terms; `None` before any were shown, and once they are void.
    escrow: RwSignal<Option<EscrowId>>,
    /// `true` once the terms are void, until others are shown.
    are_void: RwSignal<bool>,
}

impl ShownTerms {
    /// Follows the order: a draft that was priced again has other terms, which void those shown before.
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
            // Includes terms that were already void when the answer arrived.
            let shown = terms.escrow.try_get().flatten();
            if shown.is_some() && shown != current {
                terms.escrow.set(None);
                terms.are_void.set(true);
            }
        });
        terms
    }

    /// Records that the terms of this escrow are about to be shown.
    pub(super) fn show(self, escrow: EscrowId) {
        self.are_void.try_set(false);
        self.escrow.try_set(Some(escrow));
    }

    /// Records that the buyer cancelled the terms, and so knows that they are void.
    pub(super) fn give_up(self) {
        self.escrow.set(None);
    }

    /// Whether terms were shown that are now void.
    pub(super) fn are_void(self) -> bool {
        self.are_void.get()
    }
}
