//! Starting from a template that a link named: the link only shows it, and pressing the button starts.

use domain::templates::TemplatePage;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

use crate::api::{UseTemplate, template_page};
use crate::components::notice::{Failure, plain_form_error};

/// Describes the template, and starts when the button is pressed.
#[component]
pub(super) fn Starting(
    /// Template that the link named.
    page: TemplatePage,
) -> impl IntoView {
    let id = page.card.id;
    let template = template_page(&id);
    let asked = use_query_map().with_untracked(|query| {
        ["gpu", "gpus", "hours"].map(|name| (name, query.get(name).unwrap_or_default()))
    });
    let asked = asked.map(|(name, value)| view! { <input type="hidden" name=name value=value/> });
    view! {
        <section class="plain-page">
            <Failure what=plain_form_error()/>
            <p class="eyebrow">"A link brought you to this template"</p>
            <h1>{page.card.title}</h1>
            {page.card.summary.map(|summary| view! { <p class="dim">{summary}</p> })}
            <p>"Nothing has been made yet. Press the button to write a draft from it and see its price; no wallet is needed and nothing is paid."</p>
            <form method="post" action=UseTemplate::url()>
                <input type="hidden" name="template" value=id.to_string()/>
                {asked}
                <button type="submit" class="button primary" data-testid="use-template">"Use this template"</button>
            </form>
            <p><a href=template>"Look at it first"</a></p>
        </section>
    }
}
