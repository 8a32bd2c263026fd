//! Metadata of a page for search engines, messengers and browser tabs.

use leptos::attr::custom::{CustomAttr, custom_attribute};
use leptos::prelude::*;

/// A page's title and description.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Page {
    title: &'static str,
    description: &'static str,
    /// Path of the page's public address; `None` for pages that only one buyer sees.
    path: Option<String>,
}

impl Page {
    fn at(path: &str) -> Self {
        let (title, description, is_public) = match path {
            "/" => (
                "Necto: compute on Akash, priced before you pay",
                "Say what you want to run. Necto prices it on Akash and nine other markets, writes the deployment, and you pay by the second from escrow.",
                true,
            ),
            "/market" => (
                "GPU prices, compared",
                "What a GPU costs by the hour on Akash and other markets, with where each price comes from and how old it is.",
                true,
            ),
            "/templates" => (
                "Templates for Akash",
                "Ready-made deployments for Akash: databases, web servers, inference and training, each with its price.",
                true,
            ),
            _ if is_template(path) => (
                "A template for Akash",
                "What it runs, what it needs and what it costs by the hour on Akash.",
                true,
            ),
            "/auto-sign" => (
                "Prepaid balance and auto-sign",
                "Pay orders within limits that you sign once.",
                false,
            ),
            _ => (
                "Necto",
                "Describe a workload, see its price, pay from escrow, watch it run on Akash.",
                false,
            ),
        };
        Self {
            title,
            description,
            path: is_public.then(|| path.to_owned()),
        }
    }
}

/// Whether the path is a template's page whose id needs no escaping.
fn is_template(path: &str) -> bool {
    path.strip_prefix("/templates/").is_some_and(|id| {
        !id.is_empty()
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    })
}

/// The metadata elements of the head.
#[component]
pub(super) fn About(
    /// The page's path.
    path: String,
    /// Public address of this server, like `https://necto.example`.
    origin: String,
) -> impl IntoView {
    let page = Page::at(&path);
    let address = page.path.map(|path| format!("{origin}{path}"));
    view! {
        <meta name="description" content=page.description/>
        <meta {..property("og:site_name")} content="Necto"/>
        <meta {..property("og:type")} content="website"/>
        <meta {..property("og:title")} content=page.title/>
        <meta {..property("og:description")} content=page.description/>
        <meta {..property("og:image")} content=format!("{origin}/icons/512.png")/>
        {match address {
            Some(address) => view! {
                <meta {..property("og:url")} content=address.clone()/>
                <link rel="canonical" href=address/>
            }.into_any(),
            None => view! { <meta name="robots" content="noindex"/> }.into_any(),
        }}
        <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
        <link rel="icon" href="/favicon.ico" sizes="32x32"/>
        <link rel="apple-touch-icon" href="/icons/touch.png"/>
        <link rel="manifest" href="/site.webmanifest"/>
    }
}

/// The `property` attribute, which Open Graph uses instead of `name`.
fn property(name: &'static str) -> CustomAttr<&'static str, &'static str> {
    custom_attribute("property", name)
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn only_what_everybody_sees_has_an_address_for_everybody() {
        for public in ["/", "/market", "/templates", "/templates/ml-training"] {
            assert_eq!(Page::at(public).path.as_deref(), Some(public));
        }
        for private in [
            "/deployments",
            "/deployments/1f",
            "/auto-sign",
            "/x",
            "/templates/a%22b",
            "/templates/",
        ] {
            assert_eq!(Page::at(private).path, None, "{private}");
        }
    }

    #[test]
    fn no_two_public_pages_say_the_same() {
        let pages = ["/", "/market", "/templates", "/templates/x", "/auto-sign"].map(Page::at);
        for (at, page) in pages.iter().enumerate() {
            assert!(pages[..at].iter().all(|other| other.description != page.description && other.title != page.title));
        }
    }
}
