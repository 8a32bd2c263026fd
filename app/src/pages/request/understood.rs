//! Everything that was understood and assumed, as chips that link to the field that changes them.

mod chips;

use domain::alternatives::Alternative;
use domain::journey::{SdlSource, ThinkingKind};
use domain::requirements::{Requirements, Wish};
use leptos::prelude::*;

use super::draft::Writing;
use crate::api;
use crate::browser;
use crate::components::notice::Failure;
use crate::live_order::{LiveOrder, Part};
use crate::request::Request;
use chips::{Chip, chips, following};

/// The decided fields as chips, with the assumptions to confirm and the alternatives.
#[component]
pub(crate) fn Understood() -> impl IntoView {
    let live = LiveOrder::here();
    let decided = live.part(chips);
    let writing = Writing::here();
    // A field that was changed in the text is shown as the text has it.
    let chips = Memo::new(move |_| {
        let form = sdl::edit::form(&writing.text());
        decided.with(|decided| following(decided, form.as_ref()))
    });
    let change = Change::of(live);
    view! {
        <div class="understood">
            <h2 class="eyebrow">"Understood"</h2>
            {move || {
                let chips = chips.get();
                if chips.is_empty() {
                    view! { <Unread/> }.into_any()
                } else {
                    view! { <ul class="chips">{chips.into_iter().map(|chip| view! { <ChipView chip change/> }).collect_view()}</ul> }.into_any()
                }
            }}
            <Alternatives change/>
            <Failure what=change.request.error/>
        </div>
    }
}

/// Shown without decided fields: the whole SDL, or the little that was understood.
#[component]
fn Unread() -> impl IntoView {
    let live = LiveOrder::here();
    let is_imported = live.part(|order| order.sdl_source == SdlSource::Imported);
    let said = live.part(|order| {
        let steps = order.steps.iter();
        let understood = steps.filter(|step| step.kind == ThinkingKind::Understood);
        understood.map(|step| step.text.clone()).collect::<Vec<_>>()
    });
    move || {
        if is_imported.get() {
            return view! { <p class="dim">"Your SDL says what to deploy."</p> }.into_any();
        }
        let said = said.get();
        if said.is_empty() {
            return view! { <p class="dim">"We could not read a workload from that."</p> }
                .into_any();
        }
        let said = said
            .into_iter()
            .map(|text| view! { <li class="chip">{text}</li> });
        view! { <ul class="chips">{said.collect_view()}</ul> }.into_any()
    }
}

/// A change of the request by one press.
#[derive(Clone, Copy)]
struct Change {
    live: LiveOrder,
    possible: Part<bool>,
    wish: Part<Wish>,
    decided: Part<Option<Requirements>>,
    request: Request,
}

impl Change {
    fn of(live: LiveOrder) -> Self {
        Self {
            live,
            possible: live.part(|order| order.state.is_editable()),
            wish: live.part(|order| order.wish.clone()),
            decided: live.part(|order| order.requirements.clone()),
            request: Request::new(),
        }
    }

    /// Changes the wish, unless another change is in progress.
    fn make(self, changed: impl FnOnce(&Wish, &Requirements) -> Wish) {
        let decided = self.decided.get_untracked();
        let Some(decided) = decided.filter(|_| !self.request.pending.get_untracked()) else {
            return;
        };
        let wish = changed(&self.wish.get_untracked(), &decided);
        let change = api::change_wish(self.live.id(), wish);
        self.live.change(self.request, change);
    }
}

/// Offers the template that is an alternative to this configuration.
#[component]
fn Alternatives(
    /// Applies the alternative.
    change: Change,
) -> impl IntoView {
    let offered = change
        .live
        .part(|order| Alternative::to(&order.wish, order.requirements.as_ref()?));
    move || {
        let offer = offered.get().filter(|_| change.possible.get())?;
        let take = move |_| change.make(|wish, _| offer.taken(wish));
        Some(view! {
            <p class="alternative">
                {offer.sentence()} " "
                <button type="button" data-testid="take-alternative" disabled=move || change.request.pending.get() on:click=take>
                    {offer.action()}
                </button>
            </p>
        })
    }
}

#[component]
fn ChipView(
    /// Field to show.
    chip: Chip,
    /// Confirms an assumed value.
    change: Change,
) -> impl IntoView {
    let target = match chip.in_text {
        true => "draft-form".to_owned(),
        false => format!("wish-{}", chip.field),
    };
    let link = format!("#{target}");
    let is_assumed = chip.assumed.is_some();
    let requirement = chip.requirement;
    let label = format!("Keep {}: {}", chip.label, chip.value);
    let keep = is_assumed.then(|| {
        let label = StoredValue::new(label);
        let keep = move |_| change.make(|wish, decided| wish.confirming(requirement, decided));
        view! {
            <Show when=move || change.possible.get()>
                <button
                    type="button"
                    class="chip-keep"
                    data-testid=format!("keep-{requirement}")
                    aria-label=label.get_value()
                    disabled=move || change.request.pending.get()
                    on:click=keep
                >"Keep"</button>
            </Show>
        }
    });
    let hint = chip
        .assumed
        .as_ref()
        .map(|reason| format!("Assumed: {reason}"));
    view! {
        <li>
            <a
                class="chip"
                class:assumed=is_assumed
                href=link
                title=hint
                rel="external"
                on:click=move |event| {
                    event.prevent_default();
                    browser::focus(&target);
                }
            >
                <span class="chip-label">{chip.label}</span>
                <span class="chip-value">{chip.value}</span>
                {chip.in_text.then(|| view! { <span class="chip-why">"from your draft"</span> })}
                {chip.assumed.map(|reason| view! { <span class="chip-why">{format!("assumed: {reason}")}</span> })}
            </a>
            {keep}
        </li>
    }
}
