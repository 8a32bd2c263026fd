//! Cancels a payment that auto-sign announced.

use domain::auto_sign::Verdict;
use domain::deployment::{Event, State};
use domain::ids::OrderId;
use domain::journey::OrderView;

use crate::orders::{changes, order_view};
use crate::{Backend, UsecaseError, Visitor};

/// Stops automatic payment for this order: its buyer has to confirm. Cancelling twice has the same
/// effect as cancelling once.
///
/// # Errors
/// For another owner's order, and [`UsecaseError::Conflict`] once it is being paid.
pub async fn cancel_payment(
    backend: &Backend,
    visitor: &Visitor,
    id: OrderId,
) -> Result<OrderView, UsecaseError> {
    changes::owned(backend, visitor, id).await?;
    changes::edit(backend, id, |order| {
        match (&order.state, &order.auto_sign) {
        (State::Quoted { .. }, Some(Verdict::WillPay { .. })) => {
            order.auto_sign = Some(Verdict::Cancelled);
            Ok(vec![Event::PaymentCancelled])
        }
        (State::Drafted | State::Quoted { .. }, _) => Ok(Vec::new()),
        _ => Err(UsecaseError::Conflict(
            "It is too late to cancel: the payment is under way. Closing the order returns what is \
             not used."
                .to_owned(),
        )),
    }
    })
    .await?;
    order_view::show(backend, visitor, id).await
}
