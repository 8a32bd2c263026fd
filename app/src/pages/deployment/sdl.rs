//! The deployed SDL, to read, to copy and, while it runs, to change.

mod update;

use domain::deployment::State;
use leptos::prelude::*;
use sdl::text_hash;

use crate::browser;
use crate::components::busy_button::BusyButton;
use crate::components::figures::HashText;
use crate::components::secrets::{Revealed, Secrets};
use crate::live_order::LiveOrder;
use update::{kept_update, update_view};

/// The text, and the editor once the buyer wants to change the deployment.
#[component]
pub(super) fn Sdl() -> impl IntoView {
    let live = LiveOrder::here();
    let sdl = live.part(|order| order.sdl.clone());
    let runs = live.part(|order| matches!(order.state, State::Active { .. }));
    let changing = RwSignal::new(false);
    // An unsent text is restored after a reload.
    Effect::new(move |_| {
        if kept_update(live.id()).is_some() {
            changing.set(true);
        }
    });
    // Focus returns to where it was.
    Effect::new(move |before: Option<bool>| {
        let now = changing.get();
        if before == Some(true) && !now {
            request_animation_frame(|| browser::focus("change-what-runs"));
        }
        now
    });
    let reading = move || {
        let revealed = Revealed::provide();
        let shown = move || sdl.with(|text| sdl::secrets::hidden(text, |_| revealed.get()));
        view! {
            <Secrets text=Signal::derive(move || sdl.get())/>
            <details class="fold">
                <summary>"SDL"</summary>
                <p class="dim" data-testid="text-hash">"Text " {move || view! { <HashText hash=sdl.with(|sdl| text_hash(sdl))/> }} ": the hash that was in the terms you signed."</p>
                <pre class="code" tabindex="0" role="region" aria-label="SDL">{shown}</pre>
                <div id="change-what-runs" tabindex="-1" class="buttons" hidden=move || !runs.get()>
                    <BusyButton label="Change what runs" testid="change-what-runs" on_press=move || changing.set(true)/>
                </div>
            </details>
        }
    };
    view! {
        <Show when=move || changing.get() && runs.get() fallback=reading>
            <Suspense fallback=|| view! { <div class="skeleton tall" aria-busy="true"></div> }>
                {move || Suspend::new(async move { update_view(live, changing).await })}
            </Suspense>
        </Show>
    }
}
