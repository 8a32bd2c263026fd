//! The status that a page answers with.

#[cfg(feature = "ssr")]
pub(crate) use ssr::answer;

/// In a browser nobody is answered.
#[cfg(not(feature = "ssr"))]
pub(crate) const fn answer(_status: u16) {}

#[cfg(feature = "ssr")]
mod ssr {
    use http::StatusCode;
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    /// Answers the page that is being rendered with this status, whatever was answered for its parts.
    pub(crate) fn answer(status: u16) {
        if let (Some(response), Ok(status)) = (
            use_context::<ResponseOptions>(),
            StatusCode::from_u16(status),
        ) {
            response.set_status(status);
        }
    }
}
