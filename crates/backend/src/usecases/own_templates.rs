//! A buyer's own templates: drafts saved as templates, visible only to their owner.

use domain::ids::{OrderId, OwnTemplateId};
use domain::templates::{MOST_OWN_NAME, TemplateId};

use crate::drafting::templates;
use crate::orders::changes;
use crate::storage::own_templates::{self, OwnTemplate};
use crate::{Backend, UsecaseError, Visitor};

/// Maximum number of templates of one owner: with more, none would be found again.
const MOST: usize = 100;

/// Saves the SDL of `visitor`'s order as a template called `name`.
///
/// # Errors
/// For another owner's order, an order without an SDL, an empty or overlong name, and once the
/// owner has a hundred templates.
pub async fn save_template(
    backend: &Backend,
    visitor: &Visitor,
    order: OrderId,
    name: &str,
) -> Result<TemplateId, UsecaseError> {
    let name = readable_name(name)?;
    let order = changes::owned(backend, visitor, order).await?;
    if order.sdl.trim().is_empty() {
        return Err(UsecaseError::Conflict(
            "There is no SDL to keep yet. Wait for the draft, or write one.".to_owned(),
        ));
    }
    let id = OwnTemplateId::from_bytes(backend.ports().random.bytes16());
    let template = OwnTemplate {
        id,
        visitor: visitor.visitor,
        account: visitor.address,
        name,
        sdl: order.sdl,
        duration: order
            .wish
            .duration
            .or(order.requirements.map(|decided| decided.duration)),
        created_at: backend.ports().clock.now(),
    };
    let mut transaction = backend.storage().begin_write().await?;
    if own_templates::of(&mut transaction, template.owner())
        .await?
        .len()
        >= MOST
    {
        return Err(UsecaseError::Conflict(format!(
            "You keep {MOST} templates already. Delete one that you no longer use."
        )));
    }
    own_templates::insert(&mut transaction, &template).await?;
    transaction.commit().await?;
    Ok(TemplateId::Own(id))
}

/// Renames `visitor`'s template.
///
/// # Errors
/// [`UsecaseError::Missing`] for another owner's template, [`UsecaseError::Invalid`] for an empty or
/// overlong name.
pub async fn rename_template(
    backend: &Backend,
    visitor: &Visitor,
    id: OwnTemplateId,
    name: &str,
) -> Result<(), UsecaseError> {
    let name = readable_name(name)?;
    let mut transaction = backend.storage().begin_write().await?;
    templates::own(backend, &mut transaction, visitor, id).await?;
    own_templates::rename(&mut transaction, id, &name).await?;
    Ok(transaction.commit().await?)
}

/// Deletes `visitor`'s template. Orders that began with it stay as they are.
///
/// # Errors
/// [`UsecaseError::Missing`] for another owner's template.
pub async fn delete_template(
    backend: &Backend,
    visitor: &Visitor,
    id: OwnTemplateId,
) -> Result<(), UsecaseError> {
    let mut transaction = backend.storage().begin_write().await?;
    templates::own(backend, &mut transaction, visitor, id).await?;
    own_templates::delete(&mut transaction, id).await?;
    Ok(transaction.commit().await?)
}

fn readable_name(name: &str) -> Result<String, UsecaseError> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    if name.is_empty() || length > MOST_OWN_NAME || name.chars().any(char::is_control) {
        return Err(UsecaseError::Invalid(format!(
            "Give the template a name of one to {MOST_OWN_NAME} characters."
        )));
    }
    Ok(name)
}
