//! Positions in a text: characters, bytes, lines and columns.

use crate::span::Span;

/// Turns the parser's character indexes into byte offsets.
#[derive(Debug)]
pub(crate) struct CharOffsets<'t> {
    text: &'t str,
    /// The byte offset of each character; empty when every character is one byte.
    bytes: Vec<u32>,
    /// Number of bytes skipped at the start of the text (a byte order mark).
    skipped: usize,
}

impl<'t> CharOffsets<'t> {
    /// Creates offsets for a text whose first `skipped` bytes were not given to the parser.
    pub(crate) fn new(text: &'t str, skipped: usize) -> Self {
        let bytes = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices()
                .map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX))
                .collect()
        };
        Self {
            text,
            bytes,
            skipped,
        }
    }

    /// The byte offset of a character; the end of the text for any index past it.
    pub(crate) fn byte(&self, character: usize) -> usize {
        let at = if self.bytes.is_empty() {
            character.min(self.text.len())
        } else {
            self.bytes
                .get(character)
                .map_or(self.text.len(), |&at| at as usize)
        };
        at + self.skipped
    }

    /// The text of a span.
    pub(crate) fn slice(&self, span: Span) -> &'t str {
        self.text
            .get(span.from - self.skipped..span.to - self.skipped)
            .unwrap_or_default()
    }

    /// The dash before an offset, with nothing but white space and comments between; else the
    /// offset.
    pub(crate) fn dash_before(&self, from: usize) -> usize {
        let mut before = self.text[..from - self.skipped].trim_end();
        loop {
            if let Some(before) = before.strip_suffix('-') {
                return before.len() + self.skipped;
            }
            let line = before.rfind('\n').map_or(0, |end| end + 1);
            match before[line..].find('#') {
                Some(comment) => before = before[..line + comment].trim_end(),
                None => return from,
            }
        }
    }

    /// The `|` or `>` that announces the block scalar whose content starts at an offset; else the
    /// offset.
    pub(crate) fn block_header_before(&self, from: usize) -> usize {
        let before = self.text[..from - self.skipped].trim_end();
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        let comment = before[line..].find(" #");
        let before = comment.map_or(before, |comment| before[..line + comment].trim_end());
        let bare = before.trim_end_matches(|c: char| c.is_ascii_digit() || "+-".contains(c));
        match bare.strip_suffix(['|', '>']) {
            Some(before) => before.len() + self.skipped,
            None => from,
        }
    }

    /// `to`, moved back over white space, but not before `from`.
    pub(crate) fn trim_end(&self, from: usize, to: usize) -> usize {
        let (from_here, to_here) = (from - self.skipped, to - self.skipped);
        if from_here > to_here {
            return to;
        }
        from + self.text[from_here..to_here].trim_end().len()
    }
}

/// Line and column of byte offsets.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    /// Finds the lines of a text. LF, CRLF and a lone CR end a line.
    pub(crate) fn new(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter_map(|(at, &byte)| {
            let ends = byte == b'\n' || (byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
            ends.then_some(at + 1)
        });
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// Line and column, both counted from 1, the column in characters.
    pub(crate) fn position(&self, offset: usize) -> (u32, u32) {
        let offset = self.text.floor_char_boundary(offset);
        let line = self.starts.partition_point(|&start| start <= offset);
        let column = self.text[self.starts[line - 1]..offset].chars().count() + 1;
        (
            u32::try_from(line).unwrap_or(u32::MAX),
            u32::try_from(column).unwrap_or(u32::MAX),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters_from_one() {
        let lines = Lines::new("a\r\nbü: c\rd\n");
        assert_eq!(lines.position(0), (1, 1));
        assert_eq!(lines.position(3), (2, 1));
        assert_eq!(lines.position(6), (2, 3));
        assert_eq!(lines.position(10), (3, 1));
        assert_eq!(lines.position(999), (4, 1));
    }

    #[test]
    fn characters_become_bytes() {
        let offsets = CharOffsets::new("aüb", 3);
        assert_eq!([0, 1, 2, 3].map(|at| offsets.byte(at)), [3, 4, 6, 7]);
    }
}
