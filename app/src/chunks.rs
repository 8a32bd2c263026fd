//! Parts of the browser part that load only when a page needs them.
//!
//! A function marked `lazy` becomes a chunk. Within a running page, it is awaited like any other function. A
//! server-rendered page hydrates at once, so its chunk must be loaded before that.

#[cfg(feature = "hydrate")]
use leptos::prelude::window;

/// Loads the chunk that the page at the current address was rendered with. Call this before hydrating.
#[cfg(feature = "hydrate")]
pub async fn load_for_this_page() {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let query = location.search().unwrap_or_default();
    match Chunk::of(&path, &query) {
        Some(Chunk::AutoSign) => crate::pages::preload_auto_sign().await,
        Some(Chunk::Desk) => crate::pages::preload_desk().await,
        Some(Chunk::Market) => crate::pages::preload_market().await,
        Some(Chunk::Sessions) => crate::pages::preload_sessions().await,
        Some(Chunk::Templates) => crate::pages::preload_templates().await,
        Some(Chunk::Deployment) => crate::pages::preload_deployment().await,
        Some(Chunk::Deployments) => crate::pages::preload_deployments().await,
        None => {}
    }
}

/// A chunk that is loaded on demand. Only a browser loads chunks; the server announces early which one a page
/// needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Chunk {
    AutoSign,
    Desk,
    Deployment,
    Deployments,
    Market,
    Sessions,
    Templates,
}

impl Chunk {
    /// The chunk's lazy function, by its name in the build's list.
    #[cfg(feature = "ssr")]
    pub(crate) const fn function(self) -> &'static str {
        match self {
            Self::AutoSign => "auto_sign_view",
            Self::Desk => "desk_view",
            Self::Deployment => "deployment_view",
            Self::Deployments => "deployments_view",
            Self::Market => "market_view",
            Self::Sessions => "sessions_view",
            Self::Templates => "templates_view",
        }
    }

    /// The chunk that the page at an address was rendered with.
    pub(crate) fn of(path: &str, query: &str) -> Option<Self> {
        let has_order = query
            .trim_start_matches('?')
            .split('&')
            .any(|pair| pair.starts_with("order="));
        if path == "/deploy" || path == "/templates" || path.starts_with("/templates/") {
            return Some(Self::Templates);
        }
        match path.strip_prefix("/deployments/") {
            Some("") => Some(Self::Deployments),
            Some(_) => Some(Self::Deployment),
            None if path == "/deployments" => Some(Self::Deployments),
            None if path == "/auto-sign" => Some(Self::AutoSign),
            None if path == "/market" => Some(Self::Market),
            None if path == "/sessions" => Some(Self::Sessions),
            None if path == "/" && has_order => Some(Self::Desk),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Chunk;

    #[test]
    fn a_page_needs_the_chunk_it_was_rendered_with() {
        let cases = [
            ("/", "", None),
            ("/", "?order=1f", Some(Chunk::Desk)),
            ("/", "?from=mail&order=1f", Some(Chunk::Desk)),
            ("/", "?reorder=1f", None),
            ("/deployments", "", Some(Chunk::Deployments)),
            ("/market", "?gpu=h100", Some(Chunk::Market)),
            ("/templates", "?q=blog", Some(Chunk::Templates)),
            ("/templates/postgres", "", Some(Chunk::Templates)),
            ("/deploy", "?template=postgres", Some(Chunk::Templates)),
            ("/auto-sign", "", Some(Chunk::AutoSign)),
            ("/sessions", "", Some(Chunk::Sessions)),
            ("/deployments/", "", Some(Chunk::Deployments)),
            ("/deployments/1f", "", Some(Chunk::Deployment)),
        ];
        for (path, query, chunk) in cases {
            assert_eq!(Chunk::of(path, query), chunk, "{path}{query}");
        }
    }
}
