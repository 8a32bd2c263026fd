//! Asynchronous work in the browser that may outlive its page.
//!
//! A page can be left while work that it started still waits: for the server, for the wallet, for a block.
//! Its signals are disposed of with it, and reading one of them then panics, which stops the whole
//! application. So work that only updates the page runs with [`while_shown`]. Work that signs, pays or stores
//! runs to its end, with a [`Request`](crate::request::Request) to the server or a `WalletRequest`, otherwise
//! with `spawn_local`: it owns what it needs, and may write signals, which has no effect if they are gone,
//! but reads none. `cargo xtask test lint` checks that.

use leptos::task::spawn_local_scoped_with_cancellation;

/// Runs `work` until it is done, or until the component that started it is gone.
pub(crate) fn while_shown(work: impl Future<Output = ()> + 'static) {
    spawn_local_scoped_with_cancellation(work);
}
