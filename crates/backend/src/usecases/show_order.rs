//! Shows an order to its owner.

use domain::ids::OrderId;
use domain::journey::OrderView;

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::order_view;
use crate::visitor::Visitor;

/// Returns the order as `visitor` sees it.
///
/// # Errors
/// [`UsecaseError::NotFound`] for an unknown order and for another owner's.
pub async fn show_order(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<OrderView, UsecaseError> {
    order_view::show(backend, visitor, id).await
}
