//! An update of the running deployment, written next to the deployed SDL.

use domain::deployment::Updating;
use domain::ids::OrderId;
use domain::journey::OrderView;
use leptos::ev::SubmitEvent;
use leptos::lazy;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use sdl::Dialect;
use sdl::update::{CannotUpdate, update};

use crate::api::{self, DescribePlain};
use crate::browser;
use crate::components::busy_button::BusyButton;
use crate::components::notice::{Failure, Gravity, Notice};
use crate::components::secrets::Secrets;
use crate::components::workbench::{DraftForm, Findings, TextArea, Toolbar, Workbench};
use crate::live_order::{LiveOrder, Part};
use crate::request::Request;

/// The unsent text that was written for this order in this tab.
pub(super) fn kept_update(order: OrderId) -> Option<String> {
    browser::recall_in_tab(&key(order))
}

fn key(order: OrderId) -> String {
    format!("necto.update.{order}")
}

/// The update editor: a chunk of its own, loaded when the buyer wants to change the deployment.
#[lazy]
pub(super) fn update_view(live: LiveOrder, open: RwSignal<bool>) -> AnyView {
    view! { <Update live open/> }.into_any()
}

/// Effect of sending the current text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    /// It is the deployed text.
    Same,
    /// Only these keys would change.
    Changes(String),
    /// It cannot be sent, for this reason.
    Refused(String),
    /// It has errors, which the findings locate.
    Faulty,
}

fn verdict(deployed: &str, text: &str) -> Verdict {
    match update(deployed, text, Dialect::Console) {
        Ok(update) => {
            let changes: Vec<String> = update.changes.iter().map(ToString::to_string).collect();
            Verdict::Changes(changes.join(", "))
        }
        Err(CannotUpdate::Faulty(_)) => Verdict::Faulty,
        Err(CannotUpdate::Nothing) if deployed == text => Verdict::Same,
        Err(why) => Verdict::Refused(why.to_string()),
    }
}

#[component]
fn Update(
    /// Order whose deployment is changed.
    live: LiveOrder,
    /// `true` while the editor is on the page.
    open: RwSignal<bool>,
) -> impl IntoView {
    let deployed = live.part(|order| order.sdl.clone());
    let editable = live.part(|order| order.state.takes_updates().is_ok());
    let text = RwSignal::new(deployed.get_untracked());
    let report = Memo::new(move |_| sdl::check(&text.read()));
    let verdict = Memo::new(move |_| deployed.with(|deployed| verdict(deployed, &text.read())));
    let bench = Workbench::over(text, editable);
    let Workbench {
        words,
        shape,
        editor,
        ..
    } = bench;
    let comparing = RwSignal::new(true);
    keep(live.id(), deployed, text);
    Effect::new(|_| request_animation_frame(|| browser::focus("update")));
    let request = Request::new();
    let can_send = move || editable.get() && matches!(verdict.get(), Verdict::Changes(_));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if can_send() && !request.pending.get_untracked() {
            let change = api::update_deployment(live.id(), text.get_untracked());
            live.change(request, change);
        }
    };
    let is_changed = Memo::new(move |_| deployed.with(|deployed| *deployed != *text.read()));
    let editable = Signal::derive(move || editable.get());
    let stored = Signal::derive(move || deployed.get());
    view! {
        <section class="panel draft" id="update" tabindex="-1" aria-label="Change what runs" data-shape=move || shape.get().name()>
            <header class="panel-head">
                <h2>"Change what runs"</h2>
                <p class="dim">"The lease, its price and its address stay."</p>
            </header>
            <Toolbar editor text stored shape comparing editable/>
            <div class="draft-body">
                <form on:submit=on_submit>
                    <TextArea bench editable/>
                    <div class="draft-foot">
                        <Findings report text/>
                        <Secrets text=text.into()/>
                        <Standing live verdict/>
                        <Failure what=request.error/>
                        <div class="draft-end">
                            <div class="buttons">
                                <BusyButton label="Leave the editor" testid="leave-update" on_press=move || open.set(false)/>
                                <BusyButton label="Back to what runs" testid="discard-update" disabled=Signal::derive(move || !is_changed.get()) on_press=move || text.set(deployed.get_untracked())/>
                            </div>
                            <button
                                type="submit"
                                class="button primary"
                                data-testid="send-update"
                                disabled=move || request.pending.get() || !can_send()
                                aria-busy=move || request.pending.get().then_some("true")
                            >"Send the update"</button>
                        </div>
                    </div>
                </form>
                <DraftForm text words editable/>
            </div>
            <Show when=move || matches!(verdict.get(), Verdict::Refused(_))>
                <form class="draft-end" method="post" action=DescribePlain::url()>
                    <input type="hidden" name="sdl" prop:value=move || text.get()/>
                    <span class="dim">"What runs stays as it is. The new order has its own price and its own deposit."</span>
                    <button type="submit" class="button" data-testid="as-new-order">"Deploy this text as a new order"</button>
                </form>
            </Show>
        </section>
    }
}

/// Preserves the text over a reload, and follows the deployed text while nothing is written.
fn keep(order: OrderId, deployed: Part<String>, text: RwSignal<String>) {
    Effect::new(move |before: Option<String>| {
        let now = deployed.get();
        let written = match &before {
            None => kept_update(order),
            Some(before) => (text.read_untracked() != *before).then(|| text.get_untracked()),
        };
        text.set(written.unwrap_or_else(|| now.clone()));
        now
    });
    Effect::new(move |_| {
        let text = text.read();
        let is_written = deployed.with(|deployed| *deployed != *text);
        browser::remember_in_tab(&key(order), is_written.then_some(text.as_str()));
    });
}

/// State of the update: what sending would change, what is in progress, what was refused.
#[component]
fn Standing(
    /// Order whose deployment is changed.
    live: LiveOrder,
    /// Effect of sending the text, or the reason why it cannot be sent.
    verdict: Memo<Verdict>,
) -> impl IntoView {
    let takes = live.part(|order| order.state.takes_updates().err());
    let updating = live.part(|order| order.state.updating().cloned());
    let refused = live.part(last_refusal);
    let sentence = move || {
        if let Some(update) = updating.get() {
            return ("busy", on_its_way(&update));
        }
        if let Some(why) = takes.get() {
            return ("warn", why.to_owned());
        }
        match verdict.get() {
            Verdict::Same => (
                "neutral",
                "This is what runs. Change it, and see here what that would update.".to_owned(),
            ),
            Verdict::Changes(what) => ("good", format!("Can be sent. Changes: {what}.")),
            Verdict::Refused(why) => ("bad", why),
            Verdict::Faulty => (
                "bad",
                "Put right what is listed above, then it can be sent.".to_owned(),
            ),
        }
    };
    let standing = Memo::new(move |_| sentence());
    view! {
        {move || refused.get().map(|why| view! {
            <Notice gravity=Gravity::Warn><p>"The last update was not taken; what ran before runs on. " {why}</p></Notice>
        })}
        <p class="update-standing" data-testid="update-standing" role="status" data-tone=move || standing.get().0>
            {move || standing.get().1}
        </p>
    }
}

fn on_its_way(update: &Updating) -> String {
    format!(
        "On its way: {}. Until Akash confirms it, what ran before runs on.",
        update.changes.join(", ")
    )
}

/// Reason why the last update was refused, if it was.
fn last_refusal(order: &OrderView) -> Option<String> {
    let mut updates = order.timeline.iter().rev();
    let last = updates.find(|entry| entry.event.starts_with("update"))?;
    (last.event == "update_refused").then(|| last.detail.clone().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::{Verdict, verdict};

    #[test]
    fn what_runs_is_told_from_a_remark_on_it_and_from_a_fault() {
        let text = &sdl::templates::by_id("redis").unwrap().sdl();
        assert_eq!(verdict(text, text), Verdict::Same);
        let remarked = verdict(text, &format!("{text}# mine\n"));
        assert!(matches!(remarked, Verdict::Refused(why) if why.starts_with("Nothing to update")));
        assert_eq!(verdict(text, "services: ["), Verdict::Faulty);
    }
}
