//! Shows the shelf of templates, and a single template in full.

use domain::templates::{TemplateId, TemplatePage, TemplateShelf};

use crate::drafting::templates;
use crate::{Backend, UsecaseError, Visitor};

/// Returns every template that `visitor` may use.
///
/// # Errors
/// If the database fails.
pub async fn list_templates(
    backend: &Backend,
    visitor: &Visitor,
) -> Result<TemplateShelf, UsecaseError> {
    Ok(templates::shelf(backend, visitor).await?)
}

/// Returns one template in full.
///
/// # Errors
/// [`UsecaseError::Missing`] if there is none or it belongs to another owner;
/// [`UsecaseError::Unavailable`] if its source does not answer and no copy is stored.
pub async fn open_template(
    backend: &Backend,
    visitor: &Visitor,
    id: &TemplateId,
) -> Result<TemplatePage, UsecaseError> {
    let found = templates::find(backend, visitor, id).await?;
    Ok(templates::page(backend, found).await)
}
