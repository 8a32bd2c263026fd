//! The SDL, edited in place and checked as the buyer types.

mod assistance;
mod cost;
mod editor;
mod findings;
mod form;
mod offsets;
mod toolbar;
mod update;
mod workbench;

use domain::deployment::State;
use domain::journey::SdlSource;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use sdl::Dialect;

use crate::api::{self, SaveSdlPlain};
use crate::components::notice::Failure;
use crate::components::secrets::{Secrets, strong_secrets};
use crate::live_order::LiveOrder;
use cost::DraftCost;
use findings::Findings;
use form::DraftForm;
use toolbar::Toolbar;
pub(in crate::pages) use update::{kept_update, update_view};
use workbench::{TextArea, Workbench};

/// The editor, what is wrong with the text, and the button that stores it.
///
/// The text area works before WASM and without the editor's chunk; both edit the same text.
#[component]
pub(crate) fn Draft() -> impl IntoView {
    let live = LiveOrder::here();
    let stored = live.part(|order| order.sdl.clone());
    let source = live.part(|order| order.sdl_source);
    let editable = live.part(|order| {
        order.state.is_editable() || matches!(order.state, State::AwaitingDeposit { .. })
    });
    let text = RwSignal::new(stored.get_untracked());
    let checked = Memo::new(move |_| sdl::check_and_groups(&text.read(), Dialect::Console));
    let report = Memo::new(move |_| checked.with(|(report, _)| report.clone()));
    let changed = Memo::new(move |_| stored.with(|stored| *stored != *text.read()));
    let bench = Workbench::over(text, editable);
    let Workbench {
        words,
        shape,
        editor,
        revealed,
        ..
    } = bench;
    revealed.show_once(
        live.id(),
        Memo::new(move |_| {
            source.get() == SdlSource::Generated
                && stored.with(|stored| !strong_secrets(stored).is_empty())
        }),
    );
    let comparing = RwSignal::new(false);
    // What the server writes (a new draft after a change of the wish) replaces the text here.
    Effect::new(move |_| text.set(stored.get()));
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let save = move || {
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            match api::save_sdl(live.id(), text.get_untracked()).await {
                Ok(order) => live.set(order),
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.set(false);
        });
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        save();
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "s" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            save();
        }
    };
    let editable = Signal::derive(move || editable.get());
    let stored = Signal::derive(move || stored.get());
    view! {
        <section class="panel draft" data-shape=move || shape.get().name() on:keydown=on_key>
            <header class="panel-head">
                <h2>"Draft"</h2>
                <p class="dim">{move || origin(source.get())}</p>
            </header>
            <Toolbar editor text stored shape comparing editable/>
            <div class="draft-body">
                <form method="post" action=SaveSdlPlain::url() on:submit=on_submit>
                    <input type="hidden" name="order" value=live.id().to_string()/>
                    <TextArea bench name="text" editable/>
                    <div class="draft-foot">
                        <Findings report text/>
                        <Secrets text=text.into()/>
                        <DraftCost checked words/>
                        <Failure what=wrong/>
                        <div class="draft-end" hidden=move || !editable.get()>
                            <span class="dim" role="status">
                                {move || if changed.get() { "Changed: the price above is for the text before." } else { "Stored. The price is for this text." }}
                            </span>
                            <button
                                type="submit"
                                class="button"
                                data-testid="save-sdl"
                                aria-busy=move || busy.get().then_some("true")
                            >"Store and price it"</button>
                        </div>
                    </div>
                </form>
                <DraftForm text words editable/>
            </div>
        </section>
    }
}

const fn origin(source: SdlSource) -> &'static str {
    match source {
        SdlSource::Generated => "written by Necto from what was understood",
        SdlSource::Edited => "written by Necto, changed by you",
        SdlSource::Imported => "brought by you",
    }
}
