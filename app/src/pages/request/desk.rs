//! The desk: what was understood on the left, the draft in the middle, the money on the right.

use domain::deployment::State;
use domain::journey::OrderView;
use domain::templates::TemplateRef;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::asking::Asking;
use super::auto_sign::{AutoSign, AutoSignOff};
use super::composer::Composer;
use super::deposit::DepositPanel;
use super::draft::{Draft, Writing};
use super::keep::KeepTemplate;
use super::money::{Money, MoneyBar};
use super::question::QuestionPanel;
use super::quote::QuoteTable;
use super::refusal::RefusalPanel;
use super::routing::Routing;
use super::sdl_form::SdlForm;
use super::thinking::Thinking;
use super::understood::Understood;
use super::wish_form::ChangeWish;
use crate::api::template_page;
use crate::browser;
use crate::components::delete_order::DeleteOrder;
use crate::components::notice::{Gravity, Notice};
use crate::components::order_notice::OrderNotice;
use crate::components::raw_text::PageTitle;
use crate::components::session_gate::SessionGate;
use crate::live_order::{LiveOrder, Part};

/// What the request started from.
#[component]
fn Asked(
    /// The buyer's words; `None` if there were none.
    #[prop(optional_no_strip)]
    sentence: Option<String>,
    /// The template; `None` if there was none.
    #[prop(optional_no_strip)]
    template: Option<TemplateRef>,
) -> impl IntoView {
    match template {
        Some(template) => view! {
            <p class="eyebrow">"You began with"</p>
            <h1 class="asked" id="asked" tabindex="-1">"Template: " <a href=template_page(&template.id)>{template.title}</a></h1>
        }
        .into_any(),
        None => view! {
            <p class="eyebrow">"Your request"</p>
            <h1 class="asked" id="asked" tabindex="-1">{sentence.unwrap_or_else(|| "Your SDL".to_owned())}</h1>
        }
        .into_any(),
    }
}

/// An order that is being drafted and paid.
#[component]
pub(crate) fn Desk(
    /// Order to show and to follow.
    order: OrderView,
) -> impl IntoView {
    let sentence = StoredValue::new(order.sentence.clone().unwrap_or_default());
    let asked = order.sentence.clone();
    // The page was opened while the interpretation was running: its steps are all there is to see.
    let unfinished = order.sdl.is_empty() && order.refusal.is_none();
    let template = order.template.clone();
    let live = LiveOrder::follow(order);
    Writing::begin(live);
    let asking = expect_context::<Asking>();
    Effect::new(move |_| {
        if asking.shown() {
            // The focused button is gone, so focus moves to the request.
            request_animation_frame(|| browser::focus("asked"));
        }
    });
    let steps = live.part(|order| order.steps.clone());
    let name = live.part(|order| order.name.clone());
    // Nothing is priced, checked or sold until the request is understood.
    let is_drafted = live.part(|order| !order.sdl.is_empty() || order.working_sdl.is_some());
    let paid = live.part(|order| order.state.paid().is_some());
    let editable = live.part(|order| {
        order.state.is_editable() || matches!(order.state, State::AwaitingDeposit { .. })
    });
    // A question about the whole request is shown together with the words and their field.
    let asks_anew = live.part(|order| {
        order.question.is_some() && order.wish.is_empty() && order.state.is_editable()
    });
    let origin = live.part(|order| order.origin);
    follow_to_deployment(live, paid);
    view! {
        // The title is rendered once more after its page is gone.
        <PageTitle text=move || name.try_get().unwrap_or_default()/>
        <SessionGate>
        <div class="desk">
            <a class="skip-link" href="#money" rel="external">"Skip to the deposit"</a>
            <section class="desk-left" aria-label="Your request">
                <Asked sentence=asked.clone() template=template.clone()/>
                <Show when=move || !asks_anew.get()>
                    <details class="fold">
                        <summary>"Rephrase"</summary>
                        <Composer initial=sentence.get_value() origin=origin.get() examples=false/>
                    </details>
                </Show>
                <Understood/>
                <Show when=move || editable.get()><ChangeWish/></Show>
                <SdlForm/>
                <Show when=move || is_drafted.get()><KeepTemplate/></Show>
                <DeleteOrder/>
            </section>
            <section class="desk-middle" aria-label="Draft">
                <Paid paid/>
                <OrderNotice/>
                <Thinking steps=Signal::derive(move || steps.get()) open=unfinished/>
                <QuestionPanel/>
                <RefusalPanel/>
                <Show when=move || is_drafted.get()>
                    <Routing/>
                    <QuoteTable/>
                    <Draft/>
                </Show>
            </section>
            <section class="desk-right" aria-label="Money" id="money" tabindex="-1">
                <h2 class="visually-hidden">{move || format!("What {} costs", name.get())}</h2>
                <Show
                    when=move || is_drafted.get()
                    fallback=|| view! { <p class="dim">"The price and the deposit follow once it is clear what to run."</p> }
                >
                    <Money/>
                    <AutoSign/>
                    <DepositPanel/>
                    <AutoSignOff/>
                </Show>
            </section>
            <MoneyBar/>
        </div>
        </SessionGate>
    }
}

/// Moves on to the order's own page once it is paid.
fn follow_to_deployment(live: LiveOrder, paid: Part<bool>) {
    let navigate = use_navigate();
    let page = format!("/deployments/{}", live.id());
    Effect::new(move |_| {
        if paid.get() {
            let options = NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            };
            navigate(&page, options);
        }
    });
}

#[component]
fn Paid(
    /// `true` once the order is paid.
    paid: Part<bool>,
) -> impl IntoView {
    let page = StoredValue::new(format!("/deployments/{}", LiveOrder::here().id()));
    view! {
        <Show when=move || paid.get()>
            <Notice gravity=Gravity::Note>
                <p>"This order is paid. " <a href=page.get_value()>"Follow it live"</a> "."</p>
            </Notice>
        </Show>
    }
}
