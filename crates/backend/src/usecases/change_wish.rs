//! Changes the wish through chips, the form or a suggested relaxation, and prices it again.

use domain::auto_sign::confirmed_by;
use domain::ids::OrderId;
use domain::journey::{OrderView, SdlSource, ThinkingKind};
use domain::requirements::Wish;

use super::describe::{label, name_of};
use super::limits;
use super::save_sdl::take_over;
use crate::drafting::{Thoughts, reopening, run_round, understood_steps};
use crate::orders::order::OrderSecret;
use crate::orders::{changes, order_view};
use crate::payment::auto_sign::consider;
use crate::storage::origins;
use crate::{Backend, Order, UsecaseError, Visitor};

/// Stores `wish` and drafts again. The SDL is rewritten unless the buyer edited or imported it; in
/// that case only duration, place and limits take effect.
///
/// # Errors
/// For another owner's order, a wish that nothing can run, and once money may be in transit.
pub async fn change_wish(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
    wish: Wish,
) -> Result<OrderView, UsecaseError> {
    limits::wish_fits(&wish)?;
    limits::duration_fits(wish.duration)?;
    let order = changes::owned(backend, visitor, id).await?;
    let decided = match order.sdl_source {
        SdlSource::Imported => None,
        SdlSource::Generated | SdlSource::Edited => Some(
            wish.complete()
                .map_err(|error| UsecaseError::Invalid(error.to_string()))?,
        ),
    };
    let events = reopening(backend, &order).await?;
    let state = order.state.name();
    let fresh = OrderSecret::fresh(backend.ports().random.as_ref());
    let changed = changes::edit(backend, id, |order| {
        if order.state.name() != state {
            return Err(UsecaseError::order_changed());
        }
        if let Some(text) = order.working_sdl.take() {
            // Written by hand: like an already priced text, it must not be overwritten.
            take_over(order, text);
        }
        order.confirmed.extend(confirmed_by(&order.wish, &wish));
        order.wish = wish.clone();
        order.refusal = None;
        order.question = None;
        if let Some((requirements, assumptions)) = decided.clone() {
            if order.sdl_source == SdlSource::Generated {
                order.take_generated(&sdl::generate(&requirements, None), &fresh);
            }
            order.name = name_of(&requirements);
            order.requirements = Some(requirements);
            order.assumptions = assumptions;
        }
        Ok(events.clone())
    });
    let changed = changed.await?;
    own_up(backend, &changed).await?;
    let mut thoughts = Thoughts::unheard(backend.ports().clock.clone());
    think_again(&changed, &mut thoughts);
    run_round(backend, &changed, &mut thoughts).await?;
    consider(backend, visitor, id).await?;
    order_view::show(backend, visitor, id).await
}

/// Makes the request the buyer's own: a buyer who changes it by hand sees it with its price.
async fn own_up(backend: &Backend, order: &Order) -> Result<(), UsecaseError> {
    let mut transaction = backend.storage().begin_write().await?;
    origins::forget(&mut transaction, order.id).await?;
    transaction.commit().await?;
    Ok(())
}

/// Keeps the steps about the buyer's words; everything else is assumed anew.
fn think_again(order: &Order, thoughts: &mut Thoughts) {
    let mut said = understood_steps(order);
    said.retain(|step| step.kind != ThinkingKind::Assumed);
    thoughts.continue_from(said);
    thoughts.add(ThinkingKind::Understood, "You changed the request.", None);
    for assumption in &order.assumptions {
        thoughts.add(
            ThinkingKind::Assumed,
            format!("{}: {}", label(&assumption.field), assumption.value),
            Some(assumption.reason.clone()),
        );
    }
    if order.sdl_source != SdlSource::Generated {
        thoughts.add(
            ThinkingKind::Drafted,
            "Your own SDL is kept: duration, place and limits change; everything else changes in \
             the SDL.",
            None,
        );
    }
}
