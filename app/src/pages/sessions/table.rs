//! The sessions, with what ends them.

use domain::journey::{SessionEntry, SessionList};
use domain::time::UnixSeconds;
use leptos::prelude::*;

use crate::api::{self, ApiError};
use crate::components::busy_button::{BusyButton, Weight};
use crate::components::figures::When;
use crate::components::notice::Failure;
use crate::components::session::Session;
use crate::request::Request;
use crate::server_clock::ServerClock;

/// Every session of the account.
#[component]
pub(super) fn SessionTable(
    /// Sessions of the account, and how long one lasts.
    list: SessionList,
) -> impl IntoView {
    let session = expect_context::<Session>();
    let now = ServerClock::start(list.now).now();
    let request = Request::new();
    let everywhere = move || end(request, session, api::end_all_sessions());
    let one = Callback::new(move |id: String| end(request, session, api::end_session(id)));
    let (idle, lasts) = (list.idle.in_words(), list.lasts.in_words());
    view! {
        <p>
            {format!("A session ends {idle} after it was last used, and {lasts} after it began. Signing out stops nothing that runs and moves no money.")}
        </p>
        <Failure what=request.error/>
        <table class="table cards">
            <thead>
                <tr>
                    <th scope="col">"Browser"</th>
                    <th scope="col" class="num">"Signed in"</th>
                    <th scope="col" class="num">"Last used"</th>
                    <th scope="col"><span class="visually-hidden">"Sign out"</span></th>
                </tr>
            </thead>
            <tbody>
                {list.sessions.into_iter().map(|entry| view! { <Row entry now busy=request.pending one/> }).collect_view()}
            </tbody>
        </table>
        <BusyButton label="Sign out everywhere" weight=Weight::Danger testid="sign-out-everywhere" busy=request.pending on_press=everywhere/>
        <p class="dim">"Use this when you lost a device or do not know one of these browsers."</p>
    }
}

/// Ends sessions, and asks again who is signed in whether that worked or not.
fn end(
    request: Request,
    session: Session,
    ending: impl Future<Output = Result<(), ApiError>> + 'static,
) {
    request.run(async move {
        let ended = ending.await;
        session.changed_elsewhere();
        ended
    });
}

#[component]
fn Row(
    /// Session of the row.
    entry: SessionEntry,
    /// The server's time now, ticking.
    now: ReadSignal<UnixSeconds>,
    /// `true` while a session is being ended.
    busy: RwSignal<bool>,
    /// Ends the session whose id it is called with.
    one: Callback<String>,
) -> impl IntoView {
    let browser = entry
        .browser
        .unwrap_or_else(|| "Unknown browser".to_owned());
    let label = format!("Sign out {browser}");
    let id = StoredValue::new(entry.id);
    view! {
        <tr>
            <th scope="row" data-label="Browser">
                <span>{browser} {entry.is_this.then(|| view! { " " <span class="state" data-tone="good">"This browser"</span> })}</span>
            </th>
            <td data-label="Signed in" class="num words"><When at=entry.created_at now/></td>
            <td data-label="Last used" class="num words"><When at=entry.seen_at now/></td>
            <td>
                <button
                    type="button"
                    class="button"
                    aria-label=label
                    disabled=move || busy.get()
                    on:click=move |_| one.run(id.get_value())
                >
                    "Sign out"
                </button>
            </td>
        </tr>
    }
}
