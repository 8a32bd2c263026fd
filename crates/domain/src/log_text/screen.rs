//! One terminal row, as wide as its text.

use anstyle_parse::{DefaultCharAccumulator, Params, Parser, Perform};

use super::{Colour, Look, Piece, STATES_KEPT, Shown};

/// The row and its cursor.
#[derive(Debug, Default)]
pub(super) struct Screen {
    cells: Vec<Cell>,
    /// Index of the cell that the next character is written to.
    at: usize,
    /// Index of the first cell of the row, after the last line feed.
    begin: usize,
    look: Look,
    link: Option<usize>,
    links: Vec<String>,
    overwritten: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
struct Cell {
    character: char,
    look: Look,
    /// Index of its address among the screen's `links`; `None` if it is no link.
    link: Option<usize>,
    found: bool,
}

/// The furthest that a cursor can move beyond the text.
const FARTHEST: usize = 512;

impl Screen {
    /// Writes a line to the row.
    pub(super) fn write(&mut self, line: &str) {
        let mut parser = Parser::<DefaultCharAccumulator>::new();
        // The line ending does not overwrite anything.
        for byte in line.trim_end_matches(['\r', '\n']).bytes() {
            parser.advance(self, byte);
        }
    }

    /// Marks every occurrence of `needle`; returns whether there is one.
    pub(super) fn mark(&mut self, needle: &str) -> bool {
        let needle: Vec<char> = needle.chars().map(folded).collect();
        if needle.is_empty() {
            return false;
        }
        let text: Vec<char> = self
            .cells
            .iter()
            .map(|cell| folded(cell.character))
            .collect();
        let mut any = false;
        for at in 0..text.len() {
            if text[at..].starts_with(&needle) {
                any = true;
                for cell in &mut self.cells[at..at + needle.len()] {
                    cell.found = true;
                }
            }
        }
        any
    }

    /// The row as pieces of uniform style.
    pub(super) fn into_shown(self) -> Shown {
        let mut pieces: Vec<(Cell, String)> = Vec::new();
        for cell in self.cells {
            match pieces.last_mut() {
                Some((first, text)) if first.is_like(&cell) => text.push(cell.character),
                _ => pieces.push((cell, cell.character.to_string())),
            }
        }
        let links = self.links;
        Shown {
            pieces: pieces
                .into_iter()
                .map(|(cell, text)| Piece {
                    text,
                    look: cell.look,
                    link: cell.link.and_then(|link| links.get(link).cloned()),
                    found: cell.found,
                })
                .collect(),
            overwritten: self.overwritten,
        }
    }

    fn put(&mut self, character: char) {
        let cell = Cell {
            character,
            look: self.look,
            link: self.link,
            found: false,
        };
        let blank = Cell {
            character: ' ',
            look: Look::default(),
            link: None,
            found: false,
        };
        if self.at > self.cells.len() {
            self.cells.resize(self.at, blank);
        }
        match self.cells.get_mut(self.at) {
            Some(place) => *place = cell,
            None => self.cells.push(cell),
        }
        self.at += 1;
    }

    /// Moves the cursor to the beginning; the present text is about to be overwritten.
    fn carriage_return(&mut self) {
        let state: String = self.cells[self.begin.min(self.cells.len())..]
            .iter()
            .map(|cell| cell.character)
            .collect();
        let state = state.trim_end();
        let is_new = self.overwritten.last().is_none_or(|last| last != state);
        if self.at > self.begin && !state.is_empty() && is_new {
            self.overwritten.push(state.to_owned());
            let surplus = self.overwritten.len().saturating_sub(STATES_KEPT);
            self.overwritten.drain(..surplus);
        }
        self.at = self.begin;
    }

    fn line_feed(&mut self) {
        self.at = self.cells.len();
        self.put('\n');
        self.begin = self.at;
    }

    /// Erases to the end of the row, from its beginning, or all of it.
    fn erase(&mut self, what: u16) {
        match what {
            0 => self.cells.truncate(self.at.max(self.begin)),
            1 => {
                let until = (self.at + 1).min(self.cells.len());
                for cell in &mut self.cells[self.begin.min(until)..until] {
                    cell.character = ' ';
                }
            }
            2 => self.cells.truncate(self.begin),
            _ => {}
        }
    }

    fn look(&mut self, params: &Params) {
        // `38:5:9` and `38;5;9` are the same to most programs.
        let flat: Vec<u16> = params.iter().flatten().copied().collect();
        let mut rest = flat.as_slice();
        if rest.is_empty() {
            self.look = Look::default();
        }
        while let [code, after @ ..] = rest {
            rest = after;
            let look = &mut self.look;
            match *code {
                0 => *look = Look::default(),
                1 => look.bold = true,
                2 => look.dim = true,
                3 => look.italic = true,
                4 => look.underline = true,
                7 => look.reverse = true,
                22 => (look.bold, look.dim) = (false, false),
                23 => look.italic = false,
                24 => look.underline = false,
                27 => look.reverse = false,
                39 => look.colour = None,
                code @ 30..=37 => look.colour = small(code - 30),
                code @ 90..=97 => look.colour = small(code - 90 + 8),
                38 | 48 => {
                    let (colour, left) = mixed(after);
                    rest = left;
                    if *code == 38 {
                        look.colour = colour;
                    }
                }
                _ => {}
            }
        }
    }
}

fn small(number: u16) -> Option<Colour> {
    u8::try_from(number).ok().and_then(Colour::new)
}

/// Parses a colour of 256 (`5;n`) or an RGB value (`2;r;g;b`); returns it with the remaining codes.
fn mixed(codes: &[u16]) -> (Option<Colour>, &[u16]) {
    let byte = |code: u16| u8::try_from(code).ok();
    match codes {
        [5, number, rest @ ..] => (byte(*number).map(Colour::of_256), rest),
        [2, red, green, blue, rest @ ..] => {
            let parts = (byte(*red), byte(*green), byte(*blue));
            match parts {
                (Some(red), Some(green), Some(blue)) => {
                    (Some(Colour::nearest([red, green, blue])), rest)
                }
                _ => (None, rest),
            }
        }
        _ => (None, &[]),
    }
}

impl Cell {
    fn is_like(&self, other: &Self) -> bool {
        (self.look, self.link, self.found) == (other.look, other.link, other.found)
    }
}

impl Perform for Screen {
    fn print(&mut self, character: char) {
        // C1 controls and DEL: terminals obey or drop them, and they have no visible form.
        if !character.is_control() {
            self.put(character);
        }
    }

    fn execute(&mut self, byte: u8) {
        match byte {
            b'\r' => self.carriage_return(),
            b'\n' | 0x0b | 0x0c => self.line_feed(),
            b'\t' => self.put('\t'),
            0x08 => self.at = self.at.saturating_sub(1).max(self.begin),
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: u8) {
        if ignore || !intermediates.is_empty() {
            return;
        }
        let first = params.iter().next().and_then(|it| it.first()).copied();
        let steps = usize::from(first.unwrap_or(1).max(1));
        let farthest = self.cells.len().saturating_add(FARTHEST);
        match action {
            b'm' => self.look(params),
            b'K' => self.erase(first.unwrap_or(0)),
            b'G' => self.at = (self.begin + steps - 1).min(farthest),
            b'C' => self.at = self.at.saturating_add(steps).min(farthest),
            b'D' => self.at = self.at.saturating_sub(steps).max(self.begin),
            // Other rows are separate lines here, so the cursor cannot move to them.
            _ => {}
        }
    }

    fn osc_dispatch(&mut self, params: &[&[u8]], _bell_terminated: bool) {
        let [b"8", _, address @ ..] = params else {
            return;
        };
        let address = address.join(&b';');
        let address = std::str::from_utf8(&address).unwrap_or_default();
        self.link = None;
        if is_web_address(address) {
            self.links.push(address.to_owned());
            self.link = Some(self.links.len() - 1);
        }
    }
}

/// Whether a browser opens the address as a page; anything else stays text.
fn is_web_address(address: &str) -> bool {
    let scheme = address.split_once("://").map(|(scheme, _)| scheme);
    let is_web = scheme.is_some_and(|scheme| {
        scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
    });
    is_web && !address.chars().any(|c| c.is_control() || c.is_whitespace())
}

/// A letter in lower case.
fn folded(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}
