//! State of a deposit in flight.

use leptos::prelude::RwSignal;

/// Whether a deposit was sent and may still arrive.
#[derive(Debug, Clone, Copy)]
pub(super) struct DepositSent(pub(super) RwSignal<bool>);
