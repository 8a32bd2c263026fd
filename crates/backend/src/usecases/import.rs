//! Takes an SDL that the buyer pasted or uploaded.

use domain::journey::SdlSource;
use domain::requirements::Wish;
use domain::time::Seconds;

use super::limits;
use crate::{Order, UsecaseError};

/// Turns `order` into one for `text`. A faulty document is accepted as well: it can be corrected in
/// place.
///
/// # Errors
/// For an empty or overlong document, and for a duration outside the possible range.
pub(crate) fn fill(
    order: &mut Order,
    text: String,
    duration: Option<Seconds>,
) -> Result<(), UsecaseError> {
    let text = limits::readable_sdl(text)?;
    limits::duration_fits(duration)?;
    order.name = name_of(&text);
    order.sdl = text;
    order.sdl_source = SdlSource::Imported;
    order.wish = Wish {
        duration,
        ..Wish::default()
    };
    Ok(())
}

/// Returns a short name for lists: the deployed services.
pub(crate) fn name_of(text: &str) -> String {
    let services = sdl::services(text);
    if services.is_empty() {
        return "Imported SDL".to_owned();
    }
    services.join(" + ").chars().take(60).collect()
}
