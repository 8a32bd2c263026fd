//! A template in full: its description, its document, its services and its cost.

use domain::templates::{Remark, TemplateId, TemplateOrigin, TemplatePage, TemplatePart};
use domain::time::UnixSeconds;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::cost::Cost;
use super::own::OwnTemplate;
use super::prose::Prose;
use super::yaml::Yaml;
use crate::api::UseTemplate;
use crate::components::figures::{CopyButton, When};
use crate::components::icon::{Glyph, Icon};
use crate::components::notice::{Failure, Gravity, Notice, plain_form_error};
use crate::components::raw_text::PageTitle;
use crate::facts::ShellFacts;

/// The page of one template.
#[component]
pub(super) fn Preview(
    /// Template with its SDL, its cost and its remarks.
    page: TemplatePage,
) -> impl IntoView {
    let now = RwSignal::new(page.now).read_only();
    let is_core = page.card.is_core();
    let faults = page.remarks.iter().filter(|remark| remark.is_fault).count();
    let id = page.card.id.to_string();
    let own =
        matches!(page.card.id, TemplateId::Own(_)).then(|| (id.clone(), page.card.title.clone()));
    view! {
        <PageTitle text=format!("{} template", page.card.title)/>
        <article class="template" data-testid="template-page">
            <Failure what=plain_form_error()/>
            <header class="template-head">
                <p class="eyebrow"><a href="/templates">"Templates"</a> " / " {page.card.category}</p>
                <h1>{page.card.title}</h1>
                {page.card.summary.map(|summary| view! { <p class="dim">{summary}</p> })}
            </header>
            {page.origin.map(|origin| view! { <Origin origin now/> })}
            <aside class="template-side" aria-label="Cost and contents">
                <Cost cost=page.cost/>
                <form method="post" action=UseTemplate::url()>
                    <input type="hidden" name="template" value=id.clone()/>
                    <button type="submit" class="button primary" data-testid="use-template">"Use this template"</button>
                    <p class="dim">"Makes a draft. No wallet needed, nothing is signed."</p>
                </form>
                {own.map(|(id, name)| view! { <OwnTemplate id name/> })}
                <Verdict faults remarks=page.remarks/>
                <Parts parts=page.parts/>
                <Adjustable fields=page.adjustable/>
            </aside>
            <div class="template-main">
                {(!page.includes.is_empty()).then(|| view! { <Includes names=page.includes id=id.clone()/> })}
                {(!page.about.is_empty()).then(|| view! {
                    <section class="prose" aria-label="Description" data-testid="template-about"><Prose blocks=page.about/></section>
                })}
                <section aria-labelledby="template-sdl">
                    <header class="panel-head">
                        <h2 id="template-sdl">"SDL"</h2>
                        <CopyButton text=page.sdl.clone() what="SDL"/>
                    </header>
                    <Yaml text=page.sdl/>
                    {is_core.then(|| view! { <p class="dim">"The draft is written for what you choose; this is how it begins."</p> })}
                </section>
            </div>
        </article>
    }
}

/// Whether it can be deployed unchanged.
#[component]
fn Verdict(
    /// Number of errors among the remarks.
    faults: usize,
    /// Findings of the checks: errors, and what deserves attention.
    remarks: Vec<Remark>,
) -> impl IntoView {
    let verdict = match faults {
        0 => "Passes the checks of Akash’s Console, chain and providers.".to_owned(),
        1 => {
            "One fault keeps it from being deployed. You can put it right in the draft.".to_owned()
        }
        n => {
            format!("{n} faults keep it from being deployed. You can put them right in the draft.")
        }
    };
    let tone = if faults == 0 { "good" } else { "bad" };
    let line = |remark: Remark| {
        let word = if remark.is_fault { "Fault" } else { "Remark" };
        view! { <li><span class="dim">{format!("{word}, line {}: ", remark.line)}</span>{remark.text}</li> }
    };
    view! {
        <section>
            <h2 class="eyebrow">"Checked"</h2>
            <p class="verdict" data-tone=tone data-testid="template-verdict">{verdict}</p>
            {(!remarks.is_empty()).then(|| view! { <ul class="template-remarks">{remarks.into_iter().map(line).collect_view()}</ul> })}
        </section>
    }
}

/// The services that it runs.
#[component]
fn Parts(
    /// Services that the template runs.
    parts: Vec<TemplatePart>,
) -> impl IntoView {
    let service = |part: TemplatePart| {
        let copies = match part.count {
            1 => String::new(),
            n => format!("{n} copies, each "),
        };
        view! {
            <li>
                <p><strong>{part.name}</strong> " " <span class="mono wrap">{part.image}</span></p>
                <p class="dim">{copies}{part.size}</p>
                {part.ports.into_iter().map(|port| view! { <p class="dim">"Port "{port}</p> }).collect_view()}
            </li>
        }
    };
    (!parts.is_empty()).then(|| {
        view! {
            <section>
                <h2 class="eyebrow">"Runs"</h2>
                <ul class="template-parts">{parts.into_iter().map(service).collect_view()}</ul>
            </section>
        }
    })
}

/// The values that are meant to be changed.
#[component]
fn Adjustable(
    /// Names of the fields, and their values in the text.
    fields: Vec<(String, String)>,
) -> impl IntoView {
    (!fields.is_empty()).then(|| {
        view! {
            <section>
                <h2 class="eyebrow">"Yours to change"</h2>
                <dl class="template-fields">
                    {fields.into_iter().map(|(name, value)| view! { <dt class="mono">{name}</dt><dd class="mono wrap">{value}</dd> }).collect_view()}
                </dl>
            </section>
        }
    })
}

/// Source of the template, and the age of what is shown.
#[component]
fn Origin(
    /// Source of the template, and the time at which it was read.
    origin: TemplateOrigin,
    /// The server's time when it answered.
    now: ReadSignal<UnixSeconds>,
) -> impl IntoView {
    let simulated = use_context::<ShellFacts>().is_some_and(|facts| facts.simulated.is_some());
    view! {
        <Notice gravity=Gravity::Warn>
            <p>
                <strong>"From the community, not checked by us."</strong>
                " Read what it runs before you pay for it. "
                <a href=origin.url target="_blank" rel="noopener noreferrer nofollow" data-testid="template-source">"Its source" <Icon glyph=Glyph::Outward/></a>
                ", read " <When at=origin.read_at now/> "."
                {simulated.then(|| view! { " " <span class="tag">"Simulated"</span> })}
            </p>
            {origin.stale.map(|why| view! { <p data-testid="template-stale">{why}</p> })}
        </Notice>
    }
}

/// Files that it references and that are not read.
#[component]
fn Includes(
    /// Names of the files.
    names: Vec<String>,
    /// Id of the template, as used in addresses.
    id: String,
) -> impl IntoView {
    view! {
        <Notice gravity=Gravity::Warn>
            <p>"It names files under " <code>"include"</code> ", which nothing on Akash reads: " <span class="mono wrap">{names.join(", ")}</span>". Necto can write them into the draft."</p>
            <form method="post" action=UseTemplate::url()>
                <input type="hidden" name="template" value=id/>
                <input type="hidden" name="includes" value="1"/>
                <button type="submit" class="button" data-testid="use-with-includes">"Use it with them written in"</button>
            </form>
        </Notice>
    }
}
