//! Templates: the shelf, a single template, and orders from templates.

use domain::ids::OrderId;
use domain::templates::TemplateId;
use leptos::prelude::*;

use super::ApiError;
use super::json::Json;

/// Returns every template the visitor may use, as JSON of a [`domain::templates::TemplateShelf`]: the type's
/// deserialiser is in the chunk that shows it.
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

/// Returns one template in full, as JSON of a [`domain::templates::TemplatePage`]. `id` has the form used in
/// addresses.
///
/// # Errors
/// When there is no such template, it is someone else's, or its source does not answer.
#[server(endpoint = "open_template", input = Json, output = Json)]
pub async fn open_template(id: String) -> Result<String, ApiError> {
    use super::ssr::{backend, invalid, refuse, visitor};
    let id = ssr::read(&id)?;
    let page = backend::usecases::open_template(&backend()?, &visitor()?, &id)
        .await
        .map_err(refuse)?;
    serde_json::to_string(&page).map_err(invalid)
}

/// Creates an order from a template and redirects to its page. If `includes` is not empty, the files that the
/// template names are written into it. `gpu`, `gpus` and `hours` are the deviations from the template that a
/// link named. A plain form, before or without WASM.
///
/// # Errors
/// As [`open_template`], and for fields that cannot be parsed or do not fit the template.
#[server(endpoint = "use_template", output = Json)]
pub async fn use_template(
    template: String,
    #[server(default)] includes: String,
    #[server(default)] gpu: String,
    #[server(default)] gpus: String,
    #[server(default)] hours: String,
) -> Result<(), ApiError> {
    use super::describe::order_of;
    use super::ssr::{backend, invalid, refuse, visitor};
    use crate::wish_fields::WishFields;
    use backend::usecases::Request;
    use domain::auto_sign::Origin;
    let id = ssr::read(&template)?;
    let fields = WishFields {
        gpu_model: gpu,
        gpu_count: gpus,
        duration: hours,
        duration_unit: "h".to_owned(),
        ..WishFields::default()
    };
    let asked = fields.parse().map_err(invalid)?;
    let request = if !includes.is_empty() {
        Request::TemplateWithIncludes(id)
    } else if asked.is_empty() {
        Request::Template(id)
    } else {
        Request::TemplateAs(id, asked)
    };
    let (backend, visitor) = (backend()?, visitor()?);
    let lines = backend::usecases::describe_from(&backend, &visitor, request, Origin::PlainForm)
        .await
        .map_err(refuse)?;
    let order = order_of(lines).await.map_err(invalid)?;
    leptos_axum::redirect(&format!("/?order={order}"));
    Ok(())
}

/// Saves the SDL of an order as the visitor's own template and redirects to its page. A plain form.
///
/// # Errors
/// When the order is someone else's, or the name is invalid.
#[server(endpoint = "save_template", output = Json)]
pub async fn save_template(order: OrderId, name: String) -> Result<(), ApiError> {
    use super::ssr::{backend, refuse, visitor};
    let saved = backend::usecases::save_template(&backend()?, &visitor()?, order, &name).await;
    leptos_axum::redirect(&template_page(&saved.map_err(refuse)?));
    Ok(())
}

/// Renames the visitor's own template. A plain form.
///
/// # Errors
/// When the template is someone else's, or the name is invalid.
#[server(endpoint = "rename_template", output = Json)]
pub async fn rename_template(template: String, name: String) -> Result<(), ApiError> {
    use super::ssr::{backend, refuse, visitor};
    let id = ssr::read_own(&template)?;
    backend::usecases::rename_template(&backend()?, &visitor()?, id, &name)
        .await
        .map_err(refuse)?;
    leptos_axum::redirect(&template_page(&TemplateId::Own(id)));
    Ok(())
}

/// Deletes the visitor's own template. A plain form.
///
/// # Errors
/// When the template is someone else's.
#[server(endpoint = "delete_template", output = Json)]
pub async fn delete_template(template: String) -> Result<(), ApiError> {
    use super::ssr::{backend, refuse, visitor};
    let id = ssr::read_own(&template)?;
    backend::usecases::delete_template(&backend()?, &visitor()?, id)
        .await
        .map_err(refuse)?;
    leptos_axum::redirect("/templates");
    Ok(())
}

/// Path of a template's page.
#[must_use]
pub fn template_page(id: &TemplateId) -> String {
    format!("/templates/{id}")
}

#[cfg(feature = "ssr")]
mod ssr {
    use domain::ids::OwnTemplateId;
    use domain::templates::{TemplateId, TemplateIdError};

    use super::ApiError;
    use crate::api::ssr::missing;

    pub(super) fn read(id: &str) -> Result<TemplateId, ApiError> {
        id.parse().map_err(|error: TemplateIdError| {
            missing(format!("{error}. Choose one from the list of templates."))
        })
    }

    pub(super) fn read_own(id: &str) -> Result<OwnTemplateId, ApiError> {
        match read(id)? {
            TemplateId::Own(id) => Ok(id),
            other => Err(missing(format!("{other} is not a template of yours."))),
        }
    }
}
