//! The list of this visitor's orders, newest first.

use domain::journey::{OrderList, OrderSummary};
use domain::time::UnixSeconds;
use leptos::lazy;
use leptos::leptos_dom::helpers::set_interval_with_handle;
use leptos::prelude::*;
use std::time::Duration;

use crate::api::{self, ApiError};
use crate::components::chain::Chain;
use crate::components::figures::{When, usd4};
use crate::components::notice::{Gravity, Notice};
use crate::components::raw_text::PageTitle;
use crate::components::session::Session;
use crate::components::wallet_panel::{SignIn, WalletPicker};
use crate::components::web_address::is_web_address;
use crate::phase;
use crate::server_clock::ServerClock;
use crate::wallet::Wallet;

/// Refresh interval while the list is open.
const EVERY: Duration = Duration::from_secs(5);

/// The page with the list of the visitor's orders.
#[component]
pub(crate) fn DeploymentsPage() -> impl IntoView {
    let session = expect_context::<Session>();
    let orders = Resource::new(
        move || (session.address(), session.turns()),
        |_| api::list_orders(),
    );
    // Another tab may have signed in or out, so the list may be another visitor's.
    Effect::new(move |_| {
        if let Some(Ok(list)) = orders.get()
            && !session.shows(list.account)
        {
            session.look_again();
        }
    });
    Effect::new(move |_| {
        if let Ok(handle) = set_interval_with_handle(move || orders.refetch(), EVERY) {
            on_cleanup(move || handle.clear());
        }
    });
    let list = move || {
        Suspend::new(async move {
            match orders.await {
                Ok(list) => deployments_view(list).await,
                Err(error) => view! { <Unanswered error/> }.into_any(),
            }
        })
    };
    view! {
        <PageTitle text="Deployments"/>
        <section class="list-page">
            <header class="panel-head">
                <h1>"Deployments"</h1>
                <a class="button" href="/">"New request"</a>
            </header>
            <Transition fallback=|| view! { <Skeleton/> }>{list}</Transition>
        </section>
    }
}

/// The list: a chunk of its own.
#[lazy]
pub(crate) fn deployments_view(list: OrderList) -> AnyView {
    let session = expect_context::<Session>();
    let whose = list.account;
    // The previous account's orders must not be shown under the next one's address.
    let list = move || match &list {
        _ if !session.shows(whose) => view! { <Skeleton/> }.into_any(),
        list if list.orders.is_empty() => view! { <Nothing/> }.into_any(),
        list => view! { <Table list=list.clone()/> }.into_any(),
    };
    list.into_any()
}

#[component]
fn Skeleton() -> impl IntoView {
    view! { <div class="skeleton tall" aria-busy="true"></div> }
}

#[component]
fn Table(
    /// Orders to list, with the server's time.
    list: OrderList,
) -> impl IntoView {
    let OrderList { orders, now, .. } = list;
    let now = ServerClock::start(now).now();
    view! {
        <table class="table cards">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"State"</th>
                    <th scope="col" class="num">"Cost per hour"</th>
                    <th scope="col" class="num">"Time left"</th>
                    <th scope="col">"Address"</th>
                    <th scope="col" class="num">"Changed"</th>
                </tr>
            </thead>
            <tbody>{orders.into_iter().map(|order| view! { <Row order now/> }).collect_view()}</tbody>
        </table>
    }
}

#[component]
fn Row(
    /// Order of the row.
    order: OrderSummary,
    /// The server's time now, ticking.
    now: ReadSignal<UnixSeconds>,
) -> impl IntoView {
    let (label, tone) = phase::label(&order.state, order.readiness);
    let page = match order.state.as_str() {
        "drafted" | "quoted" | "awaiting_deposit" => format!("/?order={}", order.id),
        _ => format!("/deployments/{}", order.id),
    };
    let running = order.state == "active";
    let left = move || match order.paid_until.filter(|_| running) {
        Some(until) => until.since(now.get()).in_words(),
        None => "–".to_owned(),
    };
    let uri = order.uri.filter(|uri| running && is_web_address(uri));
    view! {
        <tr>
            <th scope="row" data-label="Name"><span><a href=page>{order.name}</a> " " <span class="dim mono">{order.id.short()}</span></span></th>
            <td data-label="State"><span class="state" data-tone=tone.as_str()>{label}</span></td>
            <td data-label="Cost per hour" class="num">{order.usd_per_hour.map_or_else(|| "–".to_owned(), usd4)}</td>
            <td data-label="Time left" class="num words">{left}</td>
            <td data-label="Address" class="uri">
                {match uri {
                    Some(uri) => view! { <a href=uri.clone() target="_blank" rel="noopener noreferrer">{uri.clone()}</a> }.into_any(),
                    None => "–".into_any(),
                }}
            </td>
            <td data-label="Changed" class="num words dim"><When at=order.changed_at now/></td>
        </tr>
    }
}

/// Shown for an empty list: explains the first step, and how to find orders paid from another browser.
#[component]
fn Nothing() -> impl IntoView {
    let wallet = expect_context::<Wallet>();
    let session = expect_context::<Session>();
    let chain = Chain::here();
    let sign_in = move || match (wallet.connected(), session.address()) {
        (None, _) => view! { <WalletPicker/> }.into_any(),
        (Some(_), None) if chain.view().is_some() => view! { <SignIn/> }.into_any(),
        _ => ().into_any(),
    };
    view! {
        <div class="plain-page">
            <p>"Nothing is deployed from this browser yet. " <a href="/">"Say what you want to run"</a> ": a price costs nothing and needs no wallet."</p>
            <p>"Paid for something in another browser? Sign in with the account that paid."</p>
            {sign_in}
        </div>
    }
}

#[component]
fn Unanswered(
    /// Error whose sentence is shown in place of the list.
    error: ApiError,
) -> impl IntoView {
    view! {
        <Notice gravity=Gravity::Bad>
            <p>{error.sentence}</p>
            <p>"What runs goes on running. This page tries again by itself."</p>
        </Notice>
    }
}
