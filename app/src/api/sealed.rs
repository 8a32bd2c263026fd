//! An order on its way to the part of the page that shows it.

use domain::journey::OrderView;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// An order that is not read yet. What reads one is large and has no business in the first visit: it is in the chunks
/// that show orders, and what travels through the page until then is this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedOrder(String);

impl SealedOrder {
    /// Reads it. Call where orders are shown.
    ///
    /// # Errors
    /// When it is not an order: the page is older or newer than the server.
    pub fn open(&self) -> Result<OrderView, ApiError> {
        serde_json::from_str(&self.0).map_err(|error| {
            ApiError::new(
                0,
                format!("The order could not be read ({error}). Reload this page."),
            )
        })
    }
}

#[cfg(feature = "ssr")]
mod ssr {
    use super::{ApiError, OrderView, SealedOrder};

    impl SealedOrder {
        /// Seals an order.
        ///
        /// # Errors
        /// When it cannot be written as JSON.
        pub(in crate::api) fn seal(order: &OrderView) -> Result<Self, ApiError> {
            serde_json::to_string(order).map(Self).map_err(|error| {
                ApiError::new(500, format!("The order could not be written: {error}."))
            })
        }
    }
}
