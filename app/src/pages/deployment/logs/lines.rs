//! A line of a log.

use domain::journey::LogLine;
use domain::log_text::{Look, Piece, show};
use leptos::prelude::*;

use crate::components::figures::{clock, iso, readable};

/// Time, service and text. The text is from outside: terminal sequences are interpreted, and the result is
/// shown as plain text.
#[component]
pub(super) fn LogText(
    /// Line of the log, with its time and its service.
    line: LogLine,
    /// Text to search for; empty for no search.
    needle: Signal<String>,
) -> impl IntoView {
    let text = StoredValue::new(line.text);
    let shown = Memo::new(move |_| text.with_value(|text| show(text, &needle.read())));
    let earlier = shown.with_untracked(|shown| shown.overwritten.clone());
    view! {
        <div class="log-line">
            <time datetime=iso(line.at) title=readable(line.at)>{clock(line.at)}</time>
            <span class="log-service">{line.service}</span>
            <span class="log-text">{move || shown.get().pieces.into_iter().map(piece).collect_view()}</span>
            {(!earlier.is_empty()).then(|| view! {
                <details class="log-earlier">
                    <summary>{format!("{} earlier", earlier.len())}</summary>
                    <pre>{earlier.join("\n")}</pre>
                </details>
            })}
        </div>
    }
}

fn piece(piece: Piece) -> AnyView {
    let class = class_of(piece.look);
    let text = match piece.link {
        Some(address) => {
            view! { <a href=address target="_blank" rel="noopener noreferrer nofollow">{piece.text}</a> }
                .into_any()
        }
        None => piece.text.into_any(),
    };
    match (class.is_empty(), piece.found) {
        (true, false) => text,
        (_, true) => view! { <mark class=class>{text}</mark> }.into_any(),
        (false, false) => view! { <span class=class>{text}</span> }.into_any(),
    }
}

/// CSS classes for a style of terminal text.
fn class_of(look: Look) -> String {
    let colour = look
        .colour
        .map(|colour| format!("ansi-{}", colour.number()));
    let named = [
        (look.bold, "ansi-bold"),
        (look.dim, "ansi-dim"),
        (look.italic, "ansi-italic"),
        (look.underline, "ansi-underline"),
        (look.reverse, "ansi-reverse"),
    ];
    let names = named
        .into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, name)| name.to_owned());
    colour
        .into_iter()
        .chain(names)
        .collect::<Vec<_>>()
        .join(" ")
}

/// The line as written to a file: unmodified, with a line break.
pub(super) fn raw(line: &LogLine) -> String {
    format!("{}\n", line.text.trim_end_matches('\n'))
}
