//! Gas from the server, waited for: a wallet refuses to send without it.

use domain::journey::ChainView;
use gloo_timers::future::TimeoutFuture;

use crate::api::{self, ApiError};
use crate::wallet::{Connected, balances};

/// How often the balance is looked at, and how many times.
const LOOK_EVERY_MS: u32 = 500;
const LOOKS: u32 = 40;

/// Asks for gas and returns when the account has it.
pub(super) async fn wait_for_gas(connected: &Connected, chain: &ChainView) -> Result<(), ApiError> {
    api::drip_gas().await?;
    for _ in 0..LOOKS {
        if balances(connected, chain)
            .await
            .is_ok_and(|balances| balances.has_gas)
        {
            return Ok(());
        }
        TimeoutFuture::new(LOOK_EVERY_MS).await;
    }
    Err(ApiError::new(
        504,
        "The gas is on its way but has not arrived. Try again in a moment.",
    ))
}
