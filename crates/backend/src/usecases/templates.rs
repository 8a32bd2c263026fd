//! Shows templates: the shelf, and one in full.

use domain::templates::{TemplateId, TemplatePage, TemplateShelf};

use crate::drafting::templates;
use crate::{Backend, UsecaseError, Visitor};

/// Every template that `visitor` may use.
///
/// # Errors
/// Only when the database fails.
pub async fn list_templates(
    backend: &Backend,
    visitor: &Visitor,
) -> Result<TemplateShelf, UsecaseError> {
    Ok(templates::shelf(backend, visitor).await?)
}

/// One template in full.
///
/// # Errors
/// [`UsecaseError::Missing`] where there is none, or it belongs to another owner;
/// [`UsecaseError::Unavailable`] where its source does not answer and no copy of it is stored.
pub async fn open_template(
    backend: &Backend,
    visitor: &Visitor,
    id: &TemplateId,
) -> Result<TemplatePage, UsecaseError> {
    let found = templates::find(backend, visitor, id).await?;
    Ok(templates::page(backend, found).await)
}
