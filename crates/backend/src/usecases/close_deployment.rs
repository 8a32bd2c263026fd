//! Closes a deployment for its buyer.

use domain::deployment::{Event, State};
use domain::ids::OrderId;
use domain::journey::OrderView;

use crate::Backend;
use crate::error::UsecaseError;
use crate::orders::changes::{self, owned};
use crate::orders::order_view::view;
use crate::visitor::Visitor;

/// Closes what is running or about to run; before the deposit it gives up the order. Closing twice
/// has the same effect as closing once.
///
/// # Errors
/// [`UsecaseError::NotFound`] for another owner's order, [`UsecaseError::Conflict`] if an operator
/// has to decide first.
pub async fn close_deployment(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<OrderView, UsecaseError> {
    owned(backend, visitor, id).await?;
    let order = changes::edit(backend, id, |order| {
        let at = backend.ports().clock.now();
        Ok(match &order.state {
            State::Drafted | State::Quoted { .. } => {
                vec![Event::Abandoned {
                    why: "You gave it up. Nothing was charged.".to_owned(),
                }]
            }
            State::AwaitingDeposit { .. } => {
                vec![Event::Abandoned {
                    why: "You gave it up. A deposit that arrives all the same goes back whole."
                        .to_owned(),
                }]
            }
            State::Closing { .. }
            | State::Settling { .. }
            | State::Settled { .. }
            | State::Abandoned { .. } => Vec::new(),
            _ => vec![Event::CloseRequested { at }],
        })
    })
    .await?;
    view(backend, order).await
}
