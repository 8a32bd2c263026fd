//! Templates: the shelf, one in full, and the way from one to an order.

use domain::templates::TemplateId;
use leptos::prelude::*;

use super::ApiError;
use super::json::Json;

/// Every template the visitor may use, as JSON of a [`domain::templates::TemplateShelf`]: what
/// reads it is in the chunk that shows it.
///
/// # Errors
/// When the server cannot answer.
#[server(endpoint = "open_shelf", input = Json, output = Json)]
pub async fn open_shelf() -> Result<String, ApiError> {
    use super::ssr::{backend, invalid, refuse, visitor};
    let shelf = backend::usecases::list_templates(&backend()?, &visitor()?)
        .await
        .map_err(refuse)?;
    serde_json::to_string(&shelf).map_err(invalid)
}

/// One template in full, as JSON of a [`domain::templates::TemplatePage`]. `id` is as it stands in
/// the address.
///
/// # Errors
/// When there is no such template, it is somebody else's, or its source does not answer.
#[server(endpoint = "open_template", input = Json, output = Json)]
pub async fn open_template(id: String) -> Result<String, ApiError> {
    use super::ssr::{backend, invalid, refuse, visitor};
    let id = ssr::read(&id)?;
    let page = backend::usecases::open_template(&backend()?, &visitor()?, &id)
        .await
        .map_err(refuse)?;
    serde_json::to_string(&page).map_err(invalid)
}

/// Makes an order of a template and goes to its page. A plain form, before or without WASM.
///
/// # Errors
/// As [`open_template`].
#[server(endpoint = "use_template", output = Json)]
pub async fn use_template(template: String) -> Result<(), ApiError> {
    use super::describe::order_of;
    use super::ssr::{backend, invalid, refuse, visitor};
    let request = backend::usecases::Request::Template(ssr::read(&template)?);
    let lines = backend::usecases::describe(&backend()?, &visitor()?, request)
        .await
        .map_err(refuse)?;
    let order = order_of(lines).await.map_err(invalid)?;
    leptos_axum::redirect(&format!("/?order={order}"));
    Ok(())
}

/// Where a template's page is.
#[must_use]
pub fn template_page(id: &TemplateId) -> String {
    format!("/templates/{id}")
}

#[cfg(feature = "ssr")]
mod ssr {
    use domain::templates::{TemplateId, TemplateIdError};

    use super::ApiError;
    use crate::api::ssr::missing;

    pub(super) fn read(id: &str) -> Result<TemplateId, ApiError> {
        id.parse().map_err(|error: TemplateIdError| {
            missing(format!("{error}. Choose one from the list of templates."))
        })
    }
}
