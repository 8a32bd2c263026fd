//! The set of line icons. They are decorative: the text beside them says the same.

use leptos::prelude::*;

/// The available icons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Glyph {
    /// Closes or dismisses.
    Cross,
    /// Copies to the clipboard.
    Copy,
    /// Marks something as done.
    Check,
    /// Links to another site.
    Outward,
    /// Saves as a file.
    Download,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Cross => "M4 4l8 8M12 4l-8 8",
            Self::Copy => "M6 6h7v7h-7zM10 6V3H3v7h3",
            Self::Check => "M3 8.5l3.5 3.5L13 4.5",
            Self::Outward => "M6 3h7v7M13 3L4 12",
            Self::Download => "M8 2.5v8M4.5 7.5L8 11l3.5-3.5M3 13.5h10",
        }
    }
}

/// Icon in the text's size and colour.
#[component]
pub(crate) fn Icon(
    /// Icon to draw.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
            <path d=glyph.path()/>
        </svg>
    }
}
