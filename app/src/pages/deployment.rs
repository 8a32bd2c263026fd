//! A single deployment, live: its timeline, the current phase, and the money.

mod bids;
mod close;
mod head;
mod logs;
mod meter;
mod no_bids;
mod own_exit;
mod receipt;
mod redeploy;
mod sdl;
mod services;
mod timeline;
mod top_up;

use bids::Bids;
use close::Close;
use domain::deployment::State;
use domain::ids::OrderId;
use domain::journey::OrderView;
use head::Head;
use leptos::lazy;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use logs::Logs;
use meter::Meter;
use no_bids::NoBids;
use own_exit::OwnExit;
use receipt::ReceiptPanel;
use redeploy::Redeploy;
use sdl::Sdl;
use services::Services;
use timeline::Timeline;
use top_up::TopUp;

use crate::api::{self, ApiError, SealedOrder};
use crate::components::delete_order::DeleteOrder;
use crate::components::notice::{Gravity, Notice};
use crate::components::order_notice::OrderNotice;
use crate::components::raw_text::PageTitle;
use crate::components::session_gate::SessionGate;
use crate::live_order::LiveOrder;
use crate::phase::Phase;
use crate::status;

/// The live page of one order, from its bids to its receipt.
#[component]
pub(crate) fn DeploymentPage() -> impl IntoView {
    let params = use_params_map();
    let wanted = Memo::new(move |_| params.with(|params| params.get("id").unwrap_or_default()));
    let order = Resource::new(move || wanted.get(), load);
    let page = move || {
        Suspend::new(async move {
            match order.await {
                Ok(order) => deployment_view(order).await,
                Err(error) => view! { <Missing error/> }.into_any(),
            }
        })
    };
    view! {
        <Transition fallback=|| view! { <div class="desk" aria-busy="true"><div class="skeleton tall"></div></div> }>{page}</Transition>
    }
}

/// The live page: a chunk of its own, loaded when there is a deployment to show.
#[lazy]
pub(crate) fn deployment_view(order: SealedOrder) -> AnyView {
    match order.open() {
        Ok(order) => view! { <Deployment order/> }.into_any(),
        Err(error) => view! { <Missing error/> }.into_any(),
    }
}

async fn load(wanted: String) -> Result<SealedOrder, ApiError> {
    let id: OrderId = wanted.parse().map_err(|error: domain::ids::IdError| {
        ApiError::new(404, format!("There is no such deployment: {error}."))
    })?;
    api::open_sealed_order(id).await
}

#[component]
fn Deployment(
    /// Order to show and to follow.
    order: OrderView,
) -> impl IntoView {
    let name = order.name.clone();
    let live = LiveOrder::follow(order);
    let phase = live.part(|order| Phase::of(order.state.name()));
    let settled = live.part(|order| matches!(order.state, State::Settled { .. }));
    let bidding =
        live.part(|order| !order.bids.is_empty() || matches!(order.state, State::Bidding { .. }));
    let bid_closed =
        live.part(|order| !order.bids.is_empty() && Phase::of(order.state.name()) > Phase::Bidding);
    let ran = live.part(|order| order.state.running().is_some());
    let is_draft = live.part(|order| order.state.paid().is_none() && !order.state.is_final());
    let erased = live.part(|order| order.erased_at.is_some());
    let draft = StoredValue::new(format!("/?order={}", live.id()));
    view! {
        <PageTitle text=name/>
        <SessionGate>
        <Head/>
        // Actions come first for the keyboard and on phones; wide screens put the timeline to the left.
        <div class="desk deployment">
            <section class="desk-middle" aria-label="Now">
                <OrderNotice/>
                <Show when=move || is_draft.get()>
                    <Notice gravity=Gravity::Note>
                        <p>"This is not paid yet. " <a href=draft.get_value()>"Go on with the draft"</a> "."</p>
                    </Notice>
                </Show>
                <NoBids/>
                <Show when=move || settled.get()><ReceiptPanel/></Show>
                <Show when=move || bidding.get() && phase.get() == Phase::Bidding><Bids/></Show>
                <Show when=move || ran.get() && phase.get() != Phase::Complete><Services/></Show>
                <Show when=move || ran.get() && !erased.get()><Logs/></Show>
                <Show when=move || bid_closed.get()>
                    <details class="fold"><summary>"Bids"</summary><Bids/></details>
                </Show>
                <Show when=move || !erased.get() fallback=|| view! { <p class="dim" data-testid="erased">"The SDL and the logs of this order were deleted. The receipt and the timeline stay."</p> }><Sdl/></Show>
            </section>
            <section class="desk-right" aria-label="Money">
                <Meter/>
                <Show when=move || phase.get() == Phase::Active><TopUp/></Show>
                <Close/>
                <Redeploy/>
                <DeleteOrder/>
                <OwnExit/>
            </section>
            <section class="desk-left" aria-label="Timeline"><Timeline/></section>
        </div>
        </SessionGate>
    }
}

#[component]
fn Missing(
    /// Error that determines the page's sentence and status.
    error: ApiError,
) -> impl IntoView {
    status::answer(error.status);
    view! {
        <PageTitle text="No such deployment"/>
        <section class="plain-page">
            <h1>"This deployment cannot be shown."</h1>
            <p>{error.sentence}</p>
            <p>"If you paid for it from another browser, sign in with that account on "<a href="/deployments">"your deployments"</a>"."</p>
        </section>
    }
}
