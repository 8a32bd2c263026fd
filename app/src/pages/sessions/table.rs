//! The sessions, with the plain forms that end them.

use domain::journey::{SessionEntry, SessionList};
use domain::time::UnixSeconds;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::api::{EndAllSessions, EndSession};
use crate::components::figures::When;
use crate::server_clock::ServerClock;

/// Every session of the account.
#[component]
pub(super) fn SessionTable(
    /// Sessions of the account, and their lifetime.
    list: SessionList,
) -> impl IntoView {
    let now = ServerClock::start(list.now).now();
    let (idle, lasts) = (list.idle.in_words(), list.lasts.in_words());
    view! {
        <p>
            {format!("A session ends {idle} after it was last used, and {lasts} after it began. Signing out stops nothing that runs and moves no money.")}
        </p>
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
                {list.sessions.into_iter().map(|entry| view! { <Row entry now/> }).collect_view()}
            </tbody>
        </table>
        <form method="post" action=EndAllSessions::url()>
            <button type="submit" class="button danger" data-testid="sign-out-everywhere">"Sign out everywhere"</button>
        </form>
        <p class="dim">"Use this when you lost a device or do not know one of these browsers."</p>
    }
}

#[component]
fn Row(
    /// Session of the row.
    entry: SessionEntry,
    /// The server's time now, ticking.
    now: ReadSignal<UnixSeconds>,
) -> impl IntoView {
    let browser = entry
        .browser
        .unwrap_or_else(|| "Unknown browser".to_owned());
    let label = format!("Sign out {browser}");
    view! {
        <tr>
            <th scope="row" data-label="Browser">
                <span>{browser} {entry.is_this.then(|| view! { " " <span class="state" data-tone="good">"This browser"</span> })}</span>
            </th>
            <td data-label="Signed in" class="num words"><When at=entry.created_at now/></td>
            <td data-label="Last used" class="num words"><When at=entry.seen_at now/></td>
            <td>
                <form method="post" action=EndSession::url()>
                    <input type="hidden" name="session" value=entry.id/>
                    <button type="submit" class="button" aria-label=label>"Sign out"</button>
                </form>
            </td>
        </tr>
    }
}
