//! The form that is equivalent to a sentence.

mod fields;

use fields::Fields;
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement};

use super::asking::Asking;
use super::composer::PriceFirst;
use crate::api::{self, Ask, DescribePlain};
use crate::browser;
use crate::components::notice::Failure;
use crate::live_order::LiveOrder;
use crate::request::Request;
use crate::wish_fields::{FieldError, WishFields};
use domain::journey::ThinkingKind;
use domain::requirements::Wish;

/// The form for a new order, folded below the sentence.
#[component]
pub(crate) fn NewWish() -> impl IntoView {
    let asking = expect_context::<Asking>();
    let wrong = RwSignal::new(None::<String>);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        match read(&event) {
            Ok(wish) => {
                wrong.set(None);
                asking.ask(
                    Ask::Form {
                        wish: Box::new(wish),
                    },
                    "What the form says".to_owned(),
                );
            }
            Err(error) => show(&error, wrong),
        }
    };
    view! {
        <details class="fold" id="form-fold">
            <summary>"Fill in a form instead"</summary>
            <form class="wish-form" method="post" action=DescribePlain::url() on:submit=on_submit>
                <Fields initial=WishFields::default()/>
                <Failure what=wrong/>
                <PriceFirst/>
                <button type="submit" class="button" data-testid="form-send">"Get a price"</button>
            </form>
        </details>
    }
}

/// The form for the order on the page, filled with what was understood.
#[component]
pub(crate) fn ChangeWish() -> impl IntoView {
    let live = LiveOrder::here();
    let wish = live.part(|order| order.wish.clone());
    let routed = live.part(|order| {
        let routed = order
            .steps
            .iter()
            .rfind(|step| step.kind == ThinkingKind::Routed);
        routed.map(|step| step.text.clone())
    });
    let request = Request::new();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        match read(&event) {
            Ok(wish) => live.change(request, api::change_wish(live.id(), wish)),
            Err(error) => show(&error, request.error),
        }
    };
    view! {
        <details class="fold" id="form-fold">
            <summary>"Change it in a form"</summary>
            <form class="wish-form" method="post" action=DescribePlain::url() on:submit=on_submit>
                {move || view! { <Fields initial=WishFields::from(&wish.get()) routed=routed.get()/> }}
                <Failure what=request.error/>
                <button type="submit" class="button" data-testid="apply-wish" aria-busy=move || request.pending.get().then_some("true")>
                    "Apply and price again"
                </button>
            </form>
        </details>
    }
}

fn read(event: &SubmitEvent) -> Result<Wish, FieldError> {
    let fields = event
        .target()
        .and_then(|target| target.dyn_into::<HtmlFormElement>().ok())
        .and_then(|form| FormData::new_with_form(&form).ok())
        .map(|data| WishFields::from_form(|name| data.get(&format!("fields[{name}]")).as_string()))
        .unwrap_or_default();
    fields.parse()
}

fn show(error: &FieldError, wrong: RwSignal<Option<String>>) {
    wrong.set(Some(error.sentence.clone()));
    browser::focus(&format!("wish-{}", error.field));
}
