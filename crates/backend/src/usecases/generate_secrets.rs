//! Generates the secrets in a text.

use sdl::secrets::{generate_secrets as generate, strong};

use super::limits;
use crate::Backend;
use crate::error::UsecaseError;

/// Returns `text` with a strong secret in place of each guessable one. Nothing is stored: the text
/// belongs to the editor until its owner saves it.
///
/// # Errors
/// For an empty or overlong text, and for one with secrets that have to be written by hand.
pub fn generate_secrets(backend: &Backend, text: String) -> Result<String, UsecaseError> {
    let text = limits::readable_sdl(text)?;
    let random = &backend.ports().random;
    let filled = generate(&text, || strong(&random.bytes32()));
    if sdl::check(&filled).unpayable().is_some() {
        return Err(UsecaseError::Invalid(
            "A secret of this text is shared through an alias, so Necto cannot write it. Write it in the text."
                .to_owned(),
        ));
    }
    Ok(filled)
}
