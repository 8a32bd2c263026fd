//! Building blocks of the page's sections.

use leptos::prelude::*;

/// One entry of a list of facts.
#[component]
pub(super) fn Fact(
    /// Name of the fact.
    #[prop(into)]
    name: String,
    /// Value of the fact, in words.
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

/// A section of cases that each need attention; says so if there are none.
#[component]
pub(super) fn Cases<T: 'static>(
    /// Title of the section.
    title: &'static str,
    /// The cases.
    of: Vec<T>,
    /// Renders one case.
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
