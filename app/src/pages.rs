//! The pages, one file each; a folder holds what only one page uses.

mod auto_sign;
mod deployment;
mod deployments;
mod market;
mod not_found;
mod request;
mod sessions;
mod templates;

#[cfg(feature = "hydrate")]
pub(crate) use auto_sign::__preload_auto_sign_view as preload_auto_sign;
pub(crate) use auto_sign::AutoSignPage;
#[cfg(feature = "hydrate")]
pub(crate) use deployment::__preload_deployment_view as preload_deployment;
pub(crate) use deployment::DeploymentPage;
#[cfg(feature = "hydrate")]
pub(crate) use deployments::__preload_deployments_view as preload_deployments;
pub(crate) use deployments::DeploymentsPage;
#[cfg(feature = "hydrate")]
pub(crate) use market::__preload_market_view as preload_market;
pub(crate) use market::MarketPage;
pub(crate) use not_found::NotFoundPage;
#[cfg(feature = "hydrate")]
pub(crate) use request::__preload_desk_view as preload_desk;
pub(crate) use request::RequestPage;
#[cfg(feature = "hydrate")]
pub(crate) use sessions::__preload_sessions_view as preload_sessions;
pub(crate) use sessions::SessionsPage;
#[cfg(feature = "hydrate")]
pub(crate) use templates::__preload_templates_view as preload_templates;
pub(crate) use templates::{DeployPage, TemplatePage, TemplatesPage};
