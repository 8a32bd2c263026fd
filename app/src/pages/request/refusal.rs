//! The reason why there is no price, and changes that would help.

use domain::journey::Relaxation;
use leptos::prelude::*;

use crate::api;
use crate::components::busy_button::BusyButton;
use crate::components::notice::{Failure, Gravity, Notice};
use crate::live_order::LiveOrder;
use crate::request::Request;

/// The reason, and a button for each change that would help.
#[component]
pub(crate) fn RefusalPanel() -> impl IntoView {
    let live = LiveOrder::here();
    // A question that stops everything is shown only where it can be answered.
    let refusal = live.part(|order| {
        let asked = order.question.as_ref().map(|question| &question.text);
        let refusal = order.refusal.clone();
        refusal.filter(|refusal| Some(&refusal.message) != asked)
    });
    let request = Request::new();
    let relax = move |relaxation: Relaxation| {
        let label = match relaxation.providers {
            1 => format!("{} (1 provider)", relaxation.title),
            n => format!("{} ({n} providers)", relaxation.title),
        };
        let apply = move || {
            let change = api::change_wish(live.id(), relaxation.wish.clone());
            live.change(request, change);
        };
        view! { <li><BusyButton label=Signal::stored(label) busy=request.pending testid="relax" on_press=apply/></li> }
    };
    move || {
        refusal.get().map(|refusal| {
            view! {
                <Notice gravity=Gravity::Warn>
                    <p>{refusal.message}</p>
                    <ul class="relaxations">{refusal.relaxations.into_iter().map(relax).collect_view()}</ul>
                    <Failure what=request.error/>
                </Notice>
            }
        })
    }
}
