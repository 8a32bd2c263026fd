//! What the sections of the page are made of.

use leptos::prelude::*;

/// One entry of a list of facts.
#[component]
pub(super) fn Fact(
    /// Name of what is told.
    #[prop(into)]
    name: String,
    /// Its value, in words.
    #[prop(into)]
    value: String,
    /// `true` if an operator should look into it.
    #[prop(optional)]
    bad: bool,
) -> impl IntoView {
    let value = if bad {
        view! { <dd class="bad">{value}</dd> }.into_any()
    } else {
        view! { <dd>{value}</dd> }.into_any()
    };
    view! {
        <dt>{name}</dt>
        {value}
    }
}

/// A section about things that each need somebody's attention; says so where there are none.
#[component]
pub(super) fn Cases<T: 'static>(
    /// Title of the section.
    title: &'static str,
    /// The cases.
    of: Vec<T>,
    /// The view of one case.
    each: fn(T) -> AnyView,
) -> impl IntoView {
    let none = of.is_empty().then(|| view! { <p>"None."</p> });
    view! {
        <section>
            <h2>{title}</h2>
            {none}
            {of.into_iter().map(each).collect_view()}
        </section>
    }
}
