//! The current problem of an order, on every page that shows the order.

use leptos::prelude::*;

use super::notice::{Gravity, Notice};
use super::session::Session;
use crate::live_order::{Link, LiveOrder};

/// Shows a temporary problem, or a lost connection: the state is then unknown, and never shown as failed.
#[component]
pub(crate) fn OrderNotice() -> impl IntoView {
    let live = LiveOrder::here();
    let session = expect_context::<Session>();
    let notice = live.part(|order| order.notice.clone());
    move || {
        let lost = (live.link() == Link::Lost && !session.has_left()).then(|| {
            "The connection to Necto is lost. What you see may be old; it is being tried again."
                .to_owned()
        });
        let left = session.has_left().then(|| {
            "You signed in while this page was loading, and it missed that. Sign in again to go on: the draft below is as it was.".to_owned()
        });
        [left, notice.get(), lost]
            .into_iter()
            .flatten()
            .map(|sentence| view! { <Notice gravity=Gravity::Warn><p>{sentence}</p></Notice> })
            .collect_view()
    }
}
