//! Elements whose text the renderer does not escape: a text area, and the page's title.
//!
//! On the server, `tachys` escapes no children of `<textarea>` and `leptos_meta` escapes no title, so
//! `</textarea><form …` in a buyer's words would become a form. These components encode the text for server
//! rendering; in a browser, nodes and properties are set, which need no escaping. `cargo xtask test lint`
//! forbids these elements everywhere else.

use leptos::html;
use leptos::prelude::*;
use leptos::text_prop::TextProp;
use leptos_meta::Title;

/// `<textarea>` with an initial text. Other attributes are given as `attr:name=…`, listeners as `on:…`.
#[component]
pub(crate) fn TextArea(
    /// Initial text.
    #[prop(into)]
    initial: String,
    /// The element, once it is on the page.
    #[prop(optional)]
    element: NodeRef<html::Textarea>,
) -> impl IntoView {
    view! { <textarea node_ref=element>{area_content(initial)}</textarea> }
}

/// Sets this page's part of the document's title.
#[component]
pub(crate) fn PageTitle(
    /// Subject of the page; empty for the start page.
    #[prop(into)]
    text: TextProp,
) -> impl IntoView {
    view! { <Title text=move || title_content(text.get().to_string())/> }
}

/// Sets the part of the title that all pages share. Rendered once, around all pages.
#[component]
pub(crate) fn SiteTitle() -> impl IntoView {
    let formatter = |page: String| {
        if page.is_empty() {
            "Necto: compute on Akash, priced before you pay".to_owned()
        } else {
            format!("{page} · Necto")
        }
    };
    view! { <Title formatter/> }
}

/// The server writes markup; a browser sets text.
const WRITES_MARKUP: bool = cfg!(feature = "ssr");

fn area_content(text: String) -> String {
    if WRITES_MARKUP { for_area(&text) } else { text }
}

fn title_content(text: String) -> String {
    if WRITES_MARKUP { encoded(&text) } else { text }
}

/// HTML parsers drop a line break right after `<textarea>`, so a text that begins with one needs another.
fn for_area(text: &str) -> String {
    let first = if text.starts_with(['\n', '\r']) {
        "\n"
    } else {
        ""
    };
    format!("{first}{}", encoded(text))
}

/// Encodes text for markup: without `<` no element begins or ends, without `&` nothing is decoded twice.
fn encoded(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\0', "\u{fffd}")
}

#[cfg(test)]
mod tests {
    use super::{TextArea, TextAreaProps, encoded, for_area};
    use leptos::prelude::*;

    fn rendered(text: &str) -> String {
        Owner::new().with(|| TextArea(TextAreaProps::builder().initial(text).build()).to_html())
    }

    #[test]
    fn text_between_the_tags_of_a_text_area_ends_no_element() {
        assert_eq!(
            rendered("</textarea><img src=x onerror=alert(1)>"),
            "<textarea>&lt;/textarea&gt;&lt;img src=x onerror=alert(1)&gt;</textarea>"
        );
    }

    #[test]
    fn what_looks_encoded_stays_what_was_written() {
        assert_eq!(encoded("&lt; & \0"), "&amp;lt; &amp; \u{fffd}");
    }

    #[test]
    fn a_line_break_at_the_beginning_survives_the_parser() {
        assert_eq!(for_area("\nversion"), "\n\nversion");
        assert_eq!(for_area("version\n"), "version\n");
    }
}
