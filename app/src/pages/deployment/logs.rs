//! The logs, followed over server-sent events.

mod follow;
mod lines;

use domain::ids::OrderId;
use domain::journey::LogLine;
use follow::Follow;
use leptos::html;
use leptos::prelude::*;
use lines::LogText;

use crate::api;
use crate::browser;
use crate::components::icon::{Glyph, Icon};
use crate::components::notice::Failure;
use crate::live_order::LiveOrder;
use crate::task::while_shown;

/// The log, with controls to follow or pause, search, wrap and download.
#[component]
pub(super) fn Logs() -> impl IntoView {
    let live = LiveOrder::here();
    let follow = Follow::start(live.id());
    let needle = RwSignal::new(String::new());
    let service = RwSignal::new(String::new());
    let wrap = RwSignal::new(true);
    let wrong = RwSignal::new(None::<String>);
    let host = NodeRef::<html::Div>::new();
    let services = Memo::new(move |_| follow.services());
    let shown = Memo::new(move |_| follow.shown(&needle.read(), &service.read()));
    // Scrolls to the newest line while following.
    Effect::new(move |_| {
        shown.track();
        if let (true, Some(host)) = (follow.is_following(), host.get()) {
            request_animation_frame(move || host.set_scroll_top(host.scroll_height()));
        }
    });
    let download = move |_| {
        let (order, service) = (live.id(), service.get_untracked());
        while_shown(async move {
            let saved = match all(order, &service).await {
                Ok(text) => browser::download(&format!("necto-{}.log", order.short()), &text)
                    .map_err(|_| "The browser did not save the file.".to_owned()),
                Err(error) => Err(error.sentence),
            };
            wrong.set(saved.err());
        });
    };
    let counts = move || {
        let (all, shown) = (follow.count(), shown.with(Vec::len));
        if all == shown {
            format!("{all} lines")
        } else {
            format!("{shown} of {all} lines")
        }
    };
    let nothing_fits = move || {
        let (needle, service) = (needle.get(), service.get());
        let of = if service.is_empty() {
            String::new()
        } else {
            format!(" of {service}")
        };
        if needle.is_empty() {
            format!("No line{of} is on this page.")
        } else {
            format!(
                "No line{of} contains “{needle}”. The page holds the newest 2,000 lines; the download holds all."
            )
        }
    };
    let option = |name: String| view! { <option value=name.clone()>{name.clone()}</option> };
    view! {
        <section class="panel logs" data-testid="logs" aria-label="Logs">
            <header class="panel-head">
                <h2>"Logs"</h2>
                <p class="dim">{counts} {move || follow.is_lost().then_some(" · connection lost, trying again")}</p>
            </header>
            <div class="toolbar" role="toolbar" aria-label="Logs">
                <button type="button" class="button small" aria-pressed=move || follow.is_following().to_string() on:click=move |_| follow.toggle()>
                    {move || if follow.is_following() { "Pause" } else { "Follow" }}
                </button>
                <label><span class="visually-hidden">"Search the logs"</span>
                    <input type="search" placeholder="Search" data-testid="log-search" on:input:target=move |event| needle.set(event.target().value())/>
                </label>
                <Show when=move || services.with(|services| services.len() > 1)>
                    <label><span class="visually-hidden">"Service"</span>
                        <select on:change:target=move |event| service.set(event.target().value())>
                            <option value="">"All services"</option>
                            {move || services.get().into_iter().map(option).collect_view()}
                        </select>
                    </label>
                </Show>
                <button type="button" class="button small" aria-pressed=move || wrap.get().to_string() on:click=move |_| wrap.update(|wrap| *wrap = !*wrap)>"Wrap"</button>
                <button type="button" class="button small" on:click=download><Icon glyph=Glyph::Download/> "Download"</button>
            </div>
            <div class="log-lines" class:wrapped=move || wrap.get() tabindex="0" role="log" aria-live="off" aria-label="Log lines" node_ref=host>
                <For each=move || shown.get() key=|line| line.seq let(line)><LogText line needle=needle.into()/></For>
                <Show when=move || follow.count() == 0>
                    <p class="empty">"No lines yet. They appear as the service writes them."</p>
                </Show>
                <Show when=move || follow.count() != 0 && shown.with(Vec::is_empty)>
                    <p class="empty" data-testid="no-log-match">{nothing_fits}</p>
                </Show>
            </div>
            <Failure what=wrong/>
        </section>
    }
}

/// Every stored line of one service, or of all if `service` is empty, unmodified.
async fn all(order: OrderId, service: &str) -> Result<String, api::ApiError> {
    let mut text = String::new();
    let mut after = 0;
    loop {
        let page: Vec<LogLine> = api::read_logs(order, after).await?;
        let Some(last) = page.last() else {
            return Ok(text);
        };
        after = last.seq;
        for line in page
            .iter()
            .filter(|line| service.is_empty() || line.service == service)
        {
            text.push_str(&lines::raw(line));
        }
    }
}
