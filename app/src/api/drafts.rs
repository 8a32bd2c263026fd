//! Drafts: the wish, the SDL and the price.

use domain::deployment::Acceptance;
use domain::ids::{OrderId, TextHash};
use domain::journey::{MarketWords, OrderView};
use domain::requirements::Wish;
use leptos::prelude::*;

use super::ApiError;
use super::json::Json;

/// Changes the wish; the SDL and the price follow.
///
/// # Errors
/// When the wish cannot be fulfilled or the order is past its draft.
#[server(endpoint = "change_wish", input = Json, output = Json)]
pub async fn change_wish(order: OrderId, wish: Wish) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::change_wish(&backend, &visitor, order, wish).await })
        .await
}

/// Stores the working text unpriced; `over` is the hash of the text that it replaces.
///
/// # Errors
/// When another tab has stored another text meanwhile, or the order is past its draft.
#[server(endpoint = "keep_draft", input = Json, output = Json)]
pub async fn keep_draft(
    order: OrderId,
    text: String,
    over: TextHash,
) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(
        async move { backend::usecases::keep_draft(&backend, &visitor, order, text, over).await },
    )
    .await
}

/// Stores the choice of who accepts the bid.
///
/// # Errors
/// When the order is past its draft.
#[server(endpoint = "choose_acceptance", input = Json, output = Json)]
pub async fn choose_acceptance(
    order: OrderId,
    acceptance: Acceptance,
) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move {
        backend::usecases::choose_acceptance(&backend, &visitor, order, acceptance).await
    })
    .await
}

/// Stores the SDL as the buyer wrote it, checks it and prices it.
///
/// # Errors
/// When the order is past its draft.
#[server(endpoint = "save_sdl", input = Json, output = Json)]
pub async fn save_sdl(order: OrderId, text: String) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::save_sdl(&backend, &visitor, order, text).await })
        .await
}

/// The same from a plain form, before or without WASM; redirects to the request page.
///
/// # Errors
/// When the order is past its draft.
#[server(endpoint = "save_sdl_plain", output = Json)]
pub async fn save_sdl_plain(order: OrderId, text: String) -> Result<(), ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::save_sdl(&backend, &visitor, order, text).await })
        .await?;
    leptos_axum::redirect(&format!("/?order={order}"));
    Ok(())
}

/// Returns the text with every guessable secret replaced by a strong one. Stores nothing.
///
/// # Errors
/// When a secret can only be written by hand.
#[server(endpoint = "generate_secrets", input = Json, output = Json)]
pub async fn generate_secrets(text: String) -> Result<String, ApiError> {
    use super::ssr::{backend, refuse};
    backend::usecases::generate_secrets(&backend()?, text).map_err(refuse)
}

/// Requests a new quote from the market.
///
/// # Errors
/// When the order is past its draft.
#[server(endpoint = "requote", input = Json, output = Json)]
pub async fn requote(order: OrderId) -> Result<OrderView, ApiError> {
    use super::ssr::{backend, carry_out, visitor};
    let (backend, visitor) = (backend()?, visitor()?);
    carry_out(async move { backend::usecases::requote(&backend, &visitor, order).await }).await
}

/// Returns the words of the market, which help to write an SDL. They are the same for everyone.
///
/// # Errors
/// While the market does not answer.
#[server(endpoint = "read_market_words", input = Json, output = Json)]
pub async fn read_market_words() -> Result<MarketWords, ApiError> {
    use super::ssr::{backend, refuse};
    backend::usecases::market_words(&backend()?)
        .await
        .map_err(refuse)
}
