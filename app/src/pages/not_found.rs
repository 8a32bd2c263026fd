//! The page for unknown addresses.

use leptos::prelude::*;

use crate::components::raw_text::PageTitle;
use crate::status;

/// Answers 404, and links to other pages.
#[component]
pub(crate) fn NotFoundPage() -> impl IntoView {
    status::answer(404);
    view! {
        <PageTitle text="No such page"/>
        <section class="plain-page">
            <h1>"There is no page at this address."</h1>
            <p>"Nothing was lost: your drafts and deployments are where they were."</p>
            <p><a href="/">"Start a request"</a> " or " <a href="/deployments">"see your deployments"</a>"."</p>
        </section>
    }
}
