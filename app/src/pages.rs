//! One page a file; what only one page uses is in its folder.

mod deployment;
mod deployments;
mod not_found;
mod request;

pub(crate) use deployment::DeploymentPage;
pub(crate) use deployments::DeploymentsPage;
pub(crate) use not_found::NotFoundPage;
pub(crate) use request::RequestPage;
