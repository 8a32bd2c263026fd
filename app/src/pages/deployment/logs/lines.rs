//! One line of a log.

use domain::journey::LogLine;
use leptos::prelude::*;

use crate::components::figures::{clock, iso, readable};

/// Time, service and text. The text is from outside and shown as it is, escaped.
#[component]
pub(super) fn LogText(
    /// The line.
    line: LogLine,
) -> impl IntoView {
    view! {
        <p class="log-line">
            <time datetime=iso(line.at) title=readable(line.at)>{clock(line.at)}</time>
            <span class="log-service">{line.service}</span>
            <span class="log-text">{line.text}</span>
        </p>
    }
}

/// The line in a file.
pub(super) fn plain(line: &LogLine) -> String {
    format!(
        "{} {} {}\n",
        iso(line.at),
        line.service,
        line.text.trim_end_matches('\n')
    )
}
