//! Renders pages: provides the context for components and server functions.

use app::{ShellFacts, Simulated};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use leptos::config::LeptosOptions;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;

use super::render::OwnerSlot;
use super::session;
use super::state::ServerState;
use crate::config::Config;
use crate::error::CommandError;
use crate::site;

/// The build's settings, with the folder and address of this run.
pub(super) fn leptos_options(config: &Config) -> Result<LeptosOptions, CommandError> {
    let mut options = site::leptos_options(config.site.as_ref())?;
    options.site_addr = config.http.listen;
    Ok(options)
}

/// Facts about this run that the page frame shows.
pub(super) fn shell_facts(config: &Config) -> ShellFacts {
    ShellFacts {
        origin: config.http.public_origin.clone(),
        simulated: config.simulated.as_ref().map(|origin| Simulated {
            sandbox_origin: origin.clone(),
            wallet_script: format!("{origin}/wallet/demo.js"),
        }),
    }
}

/// Provides the context of a render or a server function.
pub(super) fn context(state: ServerState) -> impl Fn() + Clone + Send + Sync + 'static {
    move || {
        provide_context(state.backend.clone());
        provide_context(state.facts.clone());
        provide_context(session::cookies(state.cookies));
        if let Some(parts) = use_context::<http::request::Parts>() {
            if let Some(slot) = parts.extensions.get::<OwnerSlot>() {
                slot.fill();
            }
            if let Some(visitor) = session::visitor(&parts.extensions) {
                provide_context(visitor);
            }
        }
        // Pages and function responses concern one visitor and must not be cached; files have their own
        // rules.
        if let Some(response) = use_context::<ResponseOptions>() {
            response.insert_header(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}
