//! An order in transit to the part of the page that shows it.

use domain::journey::OrderView;
use serde::{Deserialize, Serialize};

use super::ApiError;

/// An order that is still JSON. Its deserialiser is large and does not belong in the first visit: it is in
/// the chunks that show orders, and until then the page only carries this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealedOrder(String);

impl SealedOrder {
    /// Deserialises the order. Call this only where orders are shown.
    ///
    /// # Errors
    /// When the text is not an order: page and server are of different versions.
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
        /// Serialises an order.
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
