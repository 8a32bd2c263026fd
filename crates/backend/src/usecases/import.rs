//! Takes an SDL that the buyer brought, pasted or uploaded.

use domain::journey::SdlSource;
use domain::requirements::Wish;
use domain::time::Seconds;

use crate::{Order, UsecaseError};

/// Longer documents are refused unread.
pub(crate) const LONGEST_SDL: usize = 256 * 1024;
const SHORTEST_DURATION: Seconds = Seconds::minutes(5);
const LONGEST_DURATION: Seconds = Seconds::days(366);

/// Makes `order` one for `text`. A faulty document is taken as well: it can be put right in place.
///
/// # Errors
/// For an empty or overlong document, and for a duration nothing can run for.
pub(crate) fn fill(
    order: &mut Order,
    text: String,
    duration: Option<Seconds>,
) -> Result<(), UsecaseError> {
    let text = acceptable(text)?;
    if let Some(asked) = duration
        && !(SHORTEST_DURATION..=LONGEST_DURATION).contains(&asked)
    {
        return Err(UsecaseError::Invalid(format!(
            "Duration must be between 5 minutes and 366 days; you asked for {}.",
            asked.in_words()
        )));
    }
    order.name = name_of(&text);
    order.sdl = text;
    order.sdl_source = SdlSource::Imported;
    order.wish = Wish {
        duration,
        ..Wish::default()
    };
    Ok(())
}

/// The document, if it can be read at all.
///
/// # Errors
/// One sentence for an empty and for an overlong document.
pub(crate) fn acceptable(text: String) -> Result<String, UsecaseError> {
    if text.trim().is_empty() {
        return Err(UsecaseError::Invalid(
            "The SDL is empty. Paste a document, or describe what to run in words.".to_owned(),
        ));
    }
    if text.len() > LONGEST_SDL {
        return Err(UsecaseError::Invalid(format!(
            "The SDL is too large: {} KiB, and at most {} KiB are taken.",
            text.len().div_ceil(1024),
            LONGEST_SDL / 1024
        )));
    }
    Ok(text)
}

/// A short name for lists: the services it deploys.
pub(crate) fn name_of(text: &str) -> String {
    let services = sdl::services(text);
    if services.is_empty() {
        return "Imported SDL".to_owned();
    }
    services.join(" + ").chars().take(60).collect()
}
