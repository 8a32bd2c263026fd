//! Finds the words of a line, byte by byte.

use super::super::tree::Style;
use super::MAX_KEY;

/// A byte that is allowed in a key or in a plain scalar.
const WORD: u8 = 1;
const SPECIAL: u8 = 2;

static CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0_u8;
    loop {
        classes[byte as usize] = match byte {
            b'\n' | b'\r' | b'\t' | b'#' | b':' => SPECIAL,
            b'_' | b'.' | b'/' | b'-' => WORD,
            _ if byte.is_ascii_alphanumeric() => WORD,
            _ => 0,
        };
        if byte == u8::MAX {
            break classes;
        }
        byte += 1;
    }
};

fn class(byte: u8) -> u8 {
    CLASSES[usize::from(byte)]
}

pub(super) fn past_spaces(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at) == Some(&b' ') {
        at += 1;
    }
    at
}

/// After a key or a value, tabs separate words as spaces do; only indentation consists of spaces.
pub(super) fn past_blanks(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\t')) {
        at += 1;
    }
    at
}

/// Whether a line ends at a byte.
pub(super) fn is_end(bytes: &[u8], at: usize) -> bool {
    match bytes.get(at) {
        None | Some(b'\n') => true,
        Some(b'\r') => matches!(bytes.get(at + 1), None | Some(b'\n')),
        _ => false,
    }
}

/// Whether there is a `---` or `...` at a byte.
pub(super) fn is_marker(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at..at + 3), Some(b"---" | b"..."))
}

/// The start of the next line, skipping the rest of this one, which has no meaning.
pub(super) fn next_line(bytes: &[u8], mut at: usize) -> Option<usize> {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\n' => return Some(at + 1),
            // On its own it also ends a line, which is left to the full parser.
            b'\r' if !is_end(bytes, at) => return None,
            _ => at += 1,
        }
    }
    Some(at)
}

/// The start of the next line, if nothing but blanks and a comment follows.
pub(super) fn ends_here(bytes: &[u8], end: usize) -> Option<usize> {
    let at = past_blanks(bytes, end);
    let comment = at > end && bytes.get(at) == Some(&b'#');
    (comment || is_end(bytes, at)).then(|| next_line(bytes, at))?
}

/// A key: its text without quotes, and its colon.
pub(super) struct Key {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) colon: usize,
    pub(super) style: Style,
}

/// The key that starts at a byte.
pub(super) fn key(bytes: &[u8], at: usize) -> Option<Key> {
    let past_words = |mut at: usize| {
        while bytes.get(at).is_some_and(|byte| class(*byte) & WORD != 0) {
            at += 1;
        }
        at
    };
    let (from, to, colon, style) = match bytes[at] {
        quote @ (b'"' | b'\'') => {
            let to = past_words(at + 1);
            if bytes.get(to) != Some(&quote) {
                return None;
            }
            let style = if quote == b'"' {
                Style::DoubleQuoted
            } else {
                Style::SingleQuoted
            };
            (at + 1, to, to + 1, style)
        }
        b'-' | b'.' => return None,
        _ => {
            let to = past_words(at);
            (at, to, to, Style::Plain)
        }
    };
    let ends = bytes.get(colon) == Some(&b':')
        && (matches!(bytes.get(colon + 1), Some(b' ' | b'\t')) || is_end(bytes, colon + 1));
    (ends && colon > at && colon - at <= MAX_KEY).then_some(Key {
        from,
        to,
        colon,
        style,
    })
}

/// First and last byte of a quoted scalar's text, and where it ends.
pub(super) fn quoted(
    bytes: &[u8],
    at: usize,
    style: Style,
) -> Option<(usize, usize, usize, Style)> {
    let quote = bytes[at];
    let mut to = at + 1;
    loop {
        match *bytes.get(to)? {
            b'\n' | b'\r' | b'\t' => return None,
            b'\\' if quote == b'"' => return None,
            byte if byte == quote => break,
            _ => to += 1,
        }
    }
    (bytes.get(to + 1) != Some(&quote)).then_some((at + 1, to, to + 1, style))
}

/// First and last byte of a plain scalar's text, and where it ends.
pub(super) fn plain(bytes: &[u8], at: usize) -> Option<(usize, usize, usize, Style)> {
    match bytes[at] {
        b'[' | b']' | b'{' | b'}' | b',' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'%'
        | b'@' | b'`' | b'\t' => return None,
        b'-' | b'?' | b':' if bytes.get(at + 1) == Some(&b' ') || is_end(bytes, at + 1) => {
            return None;
        }
        _ => {}
    }
    let mut end = at;
    while let Some(&byte) = bytes.get(end) {
        if class(byte) & SPECIAL == 0 {
            end += 1;
            continue;
        }
        match byte {
            b'\n' => break,
            b'\r' if is_end(bytes, end) => break,
            b'\t' if bytes[end - 1] != b':' => {
                let past = past_blanks(bytes, end);
                if is_end(bytes, past) || bytes[past] == b'#' {
                    break;
                }
                return None;
            }
            b'#' if end > at && bytes[end - 1] == b' ' => break,
            b'#' => {}
            b':' if bytes.get(end + 1) != Some(&b' ') && !is_end(bytes, end + 1) => {}
            _ => return None,
        }
        end += 1;
    }
    while bytes[end - 1] == b' ' {
        end -= 1;
    }
    Some((at, end, end, Style::Plain))
}
