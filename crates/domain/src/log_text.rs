//! Renders a log line as a terminal would show it.
//!
//! Carriage returns overwrite, colours become names, links lead to web addresses only, and all other
//! control sequences are dropped. Only the rendering changes; the stored text stays as written.

mod colour;
mod screen;

pub use colour::Colour;
use screen::Screen;

/// Style of a piece of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// The colour of its letters; `None` for the page's own.
    pub colour: Option<Colour>,
    /// `true` if the text is bold.
    pub bold: bool,
    /// `true` if the text is dimmed.
    pub dim: bool,
    /// `true` if the text is italic.
    pub italic: bool,
    /// `true` if the text is underlined.
    pub underline: bool,
    /// `true` if the colours of letters and background are exchanged.
    pub reverse: bool,
}

/// A piece of a line with uniform style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Text of the piece, without control sequences.
    pub text: String,
    /// Colour and style of the piece.
    pub look: Look,
    /// Web address the piece links to; `None` if it is no link.
    pub link: Option<String>,
    /// `true` if the piece is part of a match of the search.
    pub found: bool,
}

/// A rendered line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    /// Pieces of the line, in order.
    pub pieces: Vec<Piece>,
    /// Earlier states of the line that a carriage return overwrote, oldest first; the last 200 at most.
    pub overwritten: Vec<String>,
}

impl Shown {
    /// The text without styles.
    #[must_use]
    pub fn text(&self) -> String {
        self.pieces
            .iter()
            .map(|piece| piece.text.as_str())
            .collect()
    }
}

/// Number of overwritten states kept: a progress bar has thousands.
const STATES_KEPT: usize = 200;

/// Renders the line and marks each match of `needle`; an empty needle marks nothing.
#[must_use]
pub fn show(line: &str, needle: &str) -> Shown {
    let mut screen = Screen::default();
    screen.write(line);
    screen.mark(needle);
    screen.into_shown()
}

/// The rendered text of a line.
#[must_use]
pub fn plain(line: &str) -> String {
    show(line, "").text()
}

/// Whether the rendered line contains a text, ignoring case.
#[must_use]
pub fn contains(line: &str, needle: &str) -> bool {
    let mut screen = Screen::default();
    screen.write(line);
    screen.mark(needle)
}

/// A line of at most `most` characters that renders alike, or as much of it as fits: the newest states of a
/// line that overwrites itself, the beginning of any other. `None` if it is short enough.
#[must_use]
pub fn shortened(line: &str, most: usize) -> Option<String> {
    let (cut, _) = line.char_indices().nth(most)?;
    let from = line
        .char_indices()
        .rev()
        .nth(most - 1)
        .map_or(0, |(at, _)| at);
    let body = line.trim_end_matches(['\r', '\n']);
    // The newest states that fit whole, starting after one of the last carriage returns.
    let begins = body
        .get(from.min(body.len())..)
        .and_then(|tail| tail.find('\r').map(|at| from + at + 1));
    Some(match begins {
        Some(begins) => line[begins..].to_owned(),
        None => format!("{}…", &line[..cut]),
    })
}

#[cfg(test)]
mod tests;
