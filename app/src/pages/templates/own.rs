//! Actions for the owner of a template.

use domain::templates::MOST_OWN_NAME;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::api::{DeleteTemplate, RenameTemplate};

/// Rename and delete.
#[component]
pub(super) fn OwnTemplate(
    /// Id of the template, as used in addresses.
    id: String,
    /// Name that its owner gave it.
    name: String,
) -> impl IntoView {
    view! {
        <section>
            <h2 class="eyebrow">"Yours"</h2>
            <p class="dim">"Only you see this template: in this browser, and with the wallet you were signed in with when you kept it."</p>
            <details class="fold">
                <summary>"Rename or delete"</summary>
                <form class="sdl-form" method="post" action=RenameTemplate::url()>
                    <input type="hidden" name="template" value=id.clone()/>
                    <label class="field">
                        <span>"Name"</span>
                        <input type="text" name="name" required=true maxlength=MOST_OWN_NAME.to_string() value=name data-testid="template-name"/>
                    </label>
                    <div><button type="submit" class="button" data-testid="rename-template">"Rename"</button></div>
                </form>
                <form class="sdl-form" method="post" action=DeleteTemplate::url()>
                    <input type="hidden" name="template" value=id/>
                    <label class="check">
                        <input type="checkbox" required=true data-testid="sure-to-delete"/>
                        <span>"Delete it for good, with the secrets in it. Orders that began with it stay as they are."</span>
                    </label>
                    <div><button type="submit" class="button danger" data-testid="delete-template">"Delete this template"</button></div>
                </form>
            </details>
        </section>
    }
}
