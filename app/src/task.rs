//! Work that goes on in the browser while the page is used.
//!
//! A page can end while work that it began still waits: for the server, for the wallet, for a block. Its signals end
//! with it, and reading one of them then stops the whole application. So what is only shown runs with
//! [`while_shown`]. What is signed, paid or stored goes on to its end, with a [`Request`](crate::request::Request) to
//! the server or a `WalletRequest`, otherwise with `spawn_local`: it takes along what it needs, and writes signals,
//! which is without effect on those that are gone, but reads none. `cargo xtask test lint` looks for that.

use leptos::task::spawn_local_scoped_with_cancellation;

/// Runs `work` until it is done, or until what began it leaves the page.
pub(crate) fn while_shown(work: impl Future<Output = ()> + 'static) {
    spawn_local_scoped_with_cancellation(work);
}
