//! A read-only document with highlighted keys, values and comments.

use leptos::prelude::*;

/// Kind of a piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Key,
    Number,
    Comment,
    Plain,
}

impl Piece {
    const fn class(self) -> Option<&'static str> {
        match self {
            Self::Key => Some("yaml-key"),
            Self::Number => Some("yaml-number"),
            Self::Comment => Some("yaml-comment"),
            Self::Plain => None,
        }
    }
}

/// A read-only SDL with highlighted keys, numbers and comments.
#[component]
pub(super) fn Yaml(
    /// SDL as YAML.
    text: String,
) -> impl IntoView {
    let lines = text.lines().map(|line| {
        let pieces = pieces(line).into_iter().map(|(piece, text)| {
            let text = text.to_owned();
            match piece.class() {
                Some(class) => view! { <span class=class>{text}</span> }.into_any(),
                None => text.into_any(),
            }
        });
        let pieces: Vec<AnyView> = pieces.collect();
        view! { {pieces} "\n" }
    });
    view! {
        <pre class="code yaml" tabindex="0" role="group" aria-label="SDL text" data-testid="template-sdl"><code>{lines.collect_view()}</code></pre>
    }
}

/// Splits a line into pieces; joined, they are the line.
fn pieces(line: &str) -> Vec<(Piece, &str)> {
    let mut found = Vec::new();
    let (code, comment) = line.split_at(comment_at(line));
    let lead = code.len() - code.trim_start_matches([' ', '-']).len();
    let (lead, rest) = code.split_at(lead);
    found.push((Piece::Plain, lead));
    let value = match key_end(rest) {
        Some(end) => {
            let (key, value) = rest.split_at(end);
            found.push((Piece::Key, key));
            value
        }
        None => rest,
    };
    let bare = value.trim_start_matches(':').trim();
    let is_number = bare.starts_with(|c: char| c.is_ascii_digit())
        && bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    found.push((
        if is_number {
            Piece::Number
        } else {
            Piece::Plain
        },
        value,
    ));
    found.push((Piece::Comment, comment));
    found.retain(|(_, text)| !text.is_empty());
    found
}

/// Start of a line's comment; the end of the line if there is none.
fn comment_at(line: &str) -> usize {
    let mut quote = None;
    let mut before = ' ';
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') if before.is_whitespace() => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
        before = c;
    }
    line.len()
}

/// End of a line's key.
fn key_end(code: &str) -> Option<usize> {
    let end = code.find(':')?;
    let is_key = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | '"');
    let after = code[end + 1..].chars().next();
    (end > 0 && code[..end].chars().all(is_key) && after.is_none_or(char::is_whitespace))
        .then_some(end)
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    #[test]
    fn a_line_is_its_pieces() {
        let cases: [(&str, &[(Piece, &str)]); 6] = [
            ("", &[]),
            ("# why", &[(Piece::Comment, "# why")]),
            (
                "  - port: 80 # web",
                &[
                    (Piece::Plain, "  - "),
                    (Piece::Key, "port"),
                    (Piece::Number, ": 80 "),
                    (Piece::Comment, "# web"),
                ],
            ),
            (
                "image: nginx:1.27",
                &[(Piece::Key, "image"), (Piece::Plain, ": nginx:1.27")],
            ),
            (
                "- \"A=b # c\"",
                &[(Piece::Plain, "- "), (Piece::Plain, "\"A=b # c\"")],
            ),
            (
                "size: 512Mi",
                &[(Piece::Key, "size"), (Piece::Number, ": 512Mi")],
            ),
        ];
        for (line, expected) in cases {
            assert_eq!(pieces(line), expected, "{line}");
            let whole: String = pieces(line).iter().map(|(_, text)| *text).collect();
            assert_eq!(whole, line);
        }
    }
}
