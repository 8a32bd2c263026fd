//! The HTTP status of a page.

#[cfg(feature = "ssr")]
pub(crate) use ssr::answer;

/// Does nothing: a browser has no response to set.
#[cfg(not(feature = "ssr"))]
pub(crate) const fn answer(_status: u16) {}

#[cfg(feature = "ssr")]
mod ssr {
    use http::StatusCode;
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;

    /// Sets the status of the page that is being rendered, overriding that of its parts.
    pub(crate) fn answer(status: u16) {
        if let (Some(response), Ok(status)) = (
            use_context::<ResponseOptions>(),
            StatusCode::from_u16(status),
        ) {
            response.set_status(status);
        }
    }
}
