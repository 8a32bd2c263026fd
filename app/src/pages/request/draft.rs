//! The SDL, edited in place and checked while typing.

mod cost;
mod writing;

use domain::journey::SdlSource;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::api::SaveSdlPlain;
use crate::components::busy_button::BusyButton;
use crate::components::figures::HashText;
use crate::components::notice::{Failure, Gravity, Notice};
use crate::components::secrets::{Secrets, strong_secrets};
use crate::components::workbench::{DraftForm, Findings, TextArea, Toolbar, Workbench};
use crate::live_order::LiveOrder;
use cost::DraftCost;
use writing::Kept;
pub(super) use writing::{Standing, Writing};

/// The editor, the findings in the text, and the button that requests a price.
///
/// The text area works before WASM and without the editor's chunk; both edit the same text.
#[component]
pub(crate) fn Draft() -> impl IntoView {
    let live = LiveOrder::here();
    let writing = Writing::here();
    let Writing {
        text,
        checked,
        request,
        ..
    } = writing;
    let source = live.part(|order| order.sdl_source);
    let editable = live.part(|order| {
        order.state.is_editable()
            || matches!(
                order.state,
                domain::deployment::State::AwaitingDeposit { .. }
            )
    });
    let report = Memo::new(move |_| checked.with(|(report, _)| report.clone()));
    let bench = Workbench::over(text, editable);
    let Workbench {
        words,
        shape,
        editor,
        revealed,
        ..
    } = bench;
    let carries_generated = live.part(|order| {
        order.sdl_source == SdlSource::Generated && !strong_secrets(&order.sdl).is_empty()
    });
    revealed.show_once(live.id(), Memo::new(move |_| carries_generated.get()));
    let comparing = RwSignal::new(false);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        writing.update_price();
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "s" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            writing.update_price();
        }
    };
    let standing = Memo::new(move |_| writing.standing());
    // Until the page handles events, the button submits the form, whatever its content.
    let listens = RwSignal::new(false);
    Effect::new(move |_| listens.set(true));
    let is_off = move || listens.get() && !standing.get().can_be_priced();
    let hash = Memo::new(move |_| writing.hash());
    let editable = Signal::derive(move || editable.get());
    let priced = writing.priced();
    let changed = Memo::new(move |_| priced.with(|priced| *priced != *text.read()));
    let stored = Signal::derive(move || priced.get());
    view! {
        <section class="panel draft" id="draft" tabindex="-1" data-shape=move || shape.get().name() on:keydown=on_key>
            <header class="panel-head">
                <h2>"Draft"</h2>
                <p class="dim">{move || origin(source.get())} ", text " <span data-testid="text-hash">{move || view! { <HashText hash=hash.get()/> }}</span></p>
            </header>
            <Show when=move || writing.is_contested()>
                <Notice gravity=Gravity::Warn>
                    <p>"This draft was changed in another tab. What you wrote here is kept in this tab and nowhere else. Choose which text stays."</p>
                    <div class="buttons">
                        <BusyButton label="Keep my text" testid="keep-mine" on_press=move || writing.keep_mine()/>
                        <BusyButton label="Use the other text" testid="take-theirs" on_press=move || writing.take_theirs()/>
                    </div>
                </Notice>
            </Show>
            <Toolbar editor text stored shape comparing editable/>
            <div class="draft-body">
                <form method="post" action=SaveSdlPlain::url() on:submit=on_submit>
                    <input type="hidden" name="order" value=live.id().to_string()/>
                    <TextArea bench name="text" editable/>
                    <div class="draft-foot">
                        <Findings report text/>
                        <Secrets text=text.into()/>
                        <DraftCost checked words changed/>
                        <Failure what=request.error/>
                        <div class="draft-end" hidden=move || !editable.get()>
                            <span class="dim" role="status" id="draft-standing" data-testid="draft-standing">
                                {move || standing.get().sentence()} " " {move || kept(&writing.kept())}
                            </span>
                            <button
                                type="submit"
                                class="button"
                                data-testid="save-sdl"
                                aria-describedby="draft-standing"
                                disabled=is_off
                                aria-busy=move || request.pending.get().then_some("true")
                            >"Update price"</button>
                        </div>
                    </div>
                </form>
                <DraftForm text words editable/>
            </div>
        </section>
    }
}

/// Explains where the text is stored, if there is anything to say.
fn kept(kept: &Kept) -> String {
    match kept {
        Kept::WithOrder => String::new(),
        Kept::Soon => "Saving…".to_owned(),
        Kept::InTab(why) => format!("Saved in this tab only: {why}"),
    }
}

const fn origin(source: SdlSource) -> &'static str {
    match source {
        SdlSource::Generated => "written by Necto from what was understood",
        SdlSource::Edited => "written by Necto, changed by you",
        SdlSource::Imported => "your SDL",
    }
}
