//! The state shared by all handlers.

use app::ShellFacts;
use axum::extract::FromRef;
use backend::Backend;
use leptos::config::LeptosOptions;

use super::reports::Reports;
use super::session::CookieStyle;
use crate::connections::Door;
use crate::lifecycle::Lifecycle;

/// The state shared by all handlers; each extracts the part that it needs.
#[derive(Clone, Debug, FromRef)]
pub(crate) struct ServerState {
    pub(super) backend: Backend,
    pub(super) leptos: LeptosOptions,
    pub(super) facts: ShellFacts,
    pub(super) cookies: CookieStyle,
    pub(super) life: Lifecycle,
    pub(super) door: Door,
    pub(super) reports: Reports,
}
