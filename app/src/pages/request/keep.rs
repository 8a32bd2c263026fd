//! Saving a draft as the visitor's own template.

use domain::templates::MOST_OWN_NAME;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::api::SaveTemplate;
use crate::live_order::LiveOrder;

/// A name and a save button. A plain form that leads to the template's page.
#[component]
pub(super) fn KeepTemplate() -> impl IntoView {
    let live = LiveOrder::here();
    let name = live.part(|order| order.name.clone()).get_untracked();
    view! {
        <details class="fold" id="keep-fold">
            <summary>"Keep as a template"</summary>
            <form class="sdl-form" method="post" action=SaveTemplate::url()>
                <input type="hidden" name="order" value=live.id().to_string()/>
                <label class="field">
                    <span>"Name, for you alone"</span>
                    <input type="text" name="name" required=true maxlength=MOST_OWN_NAME.to_string() value=name data-testid="template-name"/>
                </label>
                <p class="dim">"Keeps the stored SDL and its duration. Secrets in it are kept as well."</p>
                <div><button type="submit" class="button" data-testid="keep-template">"Keep it"</button></div>
            </form>
        </details>
    }
}
