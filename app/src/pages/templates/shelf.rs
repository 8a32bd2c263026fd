//! All templates, with search and categories; without WASM, a form that queries the server.

use domain::templates::{
    CommunityState, TemplateCard, TemplateId, TemplateQuery, TemplateShelf, categories,
};
use domain::time::UnixSeconds;
use leptos::prelude::*;

use crate::api::template_page;
use crate::browser;
use crate::components::figures::When;
use crate::components::icon::{Glyph, Icon};
use crate::components::notice::{Gravity, Notice};
use crate::facts::ShellFacts;

/// The shelf: all templates that the visitor may use, with a search.
#[component]
pub(super) fn Shelf(
    /// Templates on the shelf, with the state of the community's list.
    shelf: TemplateShelf,
    /// Query of the page's address.
    query: String,
) -> impl IntoView {
    let query = RwSignal::new(TemplateQuery::read(&query));
    let ask = move |change: &dyn Fn(&mut TemplateQuery)| {
        query.update(change);
        let written = query.with_untracked(TemplateQuery::write);
        let mark = if written.is_empty() { "" } else { "?" };
        browser::show_url(&format!("/templates{mark}{written}"));
    };
    let found = categories(&shelf.cards);
    let total = shelf.cards.len();
    let now = RwSignal::new(shelf.now).read_only();
    let cards = StoredValue::new(shelf.cards);
    let fitting = Memo::new(move |_| {
        let query = query.read();
        cards.with_value(|cards| {
            let fit = cards.iter().filter(|card| query.fits(card));
            fit.cloned().collect::<Vec<_>>()
        })
    });
    let count = move || match fitting.read().len() {
        n if n == total => format!("{total} templates"),
        n => format!("{n} of {total} templates"),
    };
    let community = StoredValue::new(shelf.community);
    view! {
        <div class="templates">
            <header class="templates-head">
                <h1>"Templates"</h1>
                <p class="dim">"Start from something that runs. You see its SDL and its price before anything is signed, and can change both."</p>
            </header>
            <form class="market-filters" action="/templates" method="get" role="search" aria-label="Find templates"
                on:submit=|event| event.prevent_default()>
                <label class="wide">"Search"
                    <input type="search" name="q" value=query.with_untracked(|query| query.words.clone())
                        on:input:target=move |event| { let words = event.target().value(); ask(&|query| query.words.clone_from(&words)); }/>
                </label>
                <label>"Category"
                    <select name="category"
                        on:change:target=move |event| { let category = event.target().value(); ask(&|query| query.category.clone_from(&category)); }>
                        <option value="">"all"</option>
                        {found.into_iter().map(|(category, count)| {
                            let value = category.clone();
                            let wanted = category.clone();
                            view! {
                                <option value=value selected=move || query.read().category == wanted>{format!("{category} ({count})")}</option>
                            }
                        }).collect_view()}
                    </select>
                </label>
                <noscript><button type="submit" class="button">"Find"</button></noscript>
                <p class="dim templates-count" aria-live="polite" data-testid="template-count">{count}</p>
            </form>
            {move || {
                let fitting = fitting.get();
                if fitting.is_empty() {
                    return view! {
                        <p class="empty">"No template fits. " <a href="/templates">"See all of them"</a> ", or " <a href="/">"say in your own words"</a> " what you want to run."</p>
                    }.into_any();
                }
                let (core, rest): (Vec<_>, Vec<_>) = fitting.into_iter().partition(TemplateCard::is_core);
                let (own, others): (Vec<_>, Vec<_>) =
                    rest.into_iter().partition(|card| matches!(card.id, TemplateId::Own(_)));
                view! {
                    <Group title="Yours" cards=own><p class="dim">"Only you see these."</p></Group>
                    <Group title="Built in" cards=core><p class="dim">"Written and checked by Necto."</p></Group>
                    <Group title="From the community" cards=others><p class="dim">"Written by others, not checked by us."</p></Group>
                }.into_any()
            }}
            {community.get_value().map(|state| view! { <Community state now/> })}
        </div>
    }
}

/// Templates of one origin; hidden when empty.
#[component]
fn Group(
    /// Heading of the group, which names the owner of the templates.
    title: &'static str,
    /// Templates of the group.
    cards: Vec<TemplateCard>,
    /// Sentence below the heading.
    children: Children,
) -> impl IntoView {
    (!cards.is_empty()).then(|| {
        view! {
            <section class="template-group">
                <header><h2>{title}</h2>{children()}</header>
                <ul class="template-cards">{cards.into_iter().map(card).collect_view()}</ul>
            </section>
        }
    })
}

fn card(card: TemplateCard) -> impl IntoView {
    view! {
        <li data-testid="template">
            <a href=template_page(&card.id)>{card.title}</a>
            <span class="dim">{card.category}</span>
            {card.summary.map(|summary| view! { <p>{summary}</p> })}
        </li>
    }
}

/// Source of the community's templates, and the age of the list.
#[component]
fn Community(
    /// State of the community's list: its source, its age and its problem.
    state: CommunityState,
    /// The server's time when it answered.
    now: ReadSignal<UnixSeconds>,
) -> impl IntoView {
    let simulated = use_context::<ShellFacts>().is_some_and(|facts| facts.simulated.is_some());
    let age = match state.confirmed_at {
        Some(at) => view! { " List read " <When at now/> "." }.into_any(),
        None => " The list has not been read yet; it comes by itself.".into_any(),
    };
    view! {
        <footer class="templates-source">
            <p>
                <strong>"From the community, not checked by us."</strong> " Written by others at "
                <a href=state.source.clone() target="_blank" rel="noopener noreferrer nofollow">{state.source.clone()} <Icon glyph=Glyph::Outward/></a>
                {simulated.then(|| view! { " " <span class="tag">"Simulated"</span> })}
                "." {age}
            </p>
            {state.trouble.map(|trouble| view! {
                <Notice gravity=Gravity::Warn><p>{trouble}</p></Notice>
            })}
        </footer>
    }
}
