//! Beginning with a template that a link named.

use domain::templates::TemplatePage;
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

use crate::api::{UseTemplate, template_page};
use crate::browser;

/// Makes the draft at once; without WASM a button does it.
#[component]
pub(super) fn Starting(
    /// The template.
    page: TemplatePage,
) -> impl IntoView {
    let form = NodeRef::<html::Form>::new();
    let id = page.card.id;
    let template = template_page(&id);
    let back = template.clone();
    let asked = use_query_map().with_untracked(|query| {
        ["gpu", "gpus", "hours"].map(|name| (name, query.get(name).unwrap_or_default()))
    });
    let asked = asked.map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    Effect::new(move |_| {
        if let Some(form) = form.get() {
            // Going back from the draft leads to the template, and not to another draft.
            browser::show_url(&back);
            form.submit().unwrap_or_default();
        }
    });
    view! {
        <section class="plain-page">
            <h1>{page.card.title}</h1>
            <p role="status">"Writing a draft from this template and asking the market for its price."</p>
            <form method="post" action=UseTemplate::url() node_ref=form>
                <input type="hidden" name="template" value=id.to_string()/>
                {asked}
                <button type="submit" class="button primary">"Use this template"</button>
            </form>
            <p><a href=template>"Look at it first"</a></p>
        </section>
    }
}
