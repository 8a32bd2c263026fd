//! Positions in a text: the checker counts bytes, the browser's editors UTF-16 code units.

/// Converts a byte offset to a code-unit offset. An offset past the end or inside a character is rounded
/// down.
pub(super) fn utf16(text: &str, byte: usize) -> usize {
    let end = text.floor_char_boundary(byte);
    text[..end].chars().map(char::len_utf16).sum()
}

/// Converts a code-unit offset to a byte offset. An offset past the end or inside a character is rounded
/// down.
pub(super) fn byte(text: &str, unit: usize) -> usize {
    let mut units = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > unit {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::{byte, utf16};

    #[test]
    fn characters_beyond_ascii_count_as_the_browser_counts_them() {
        let text = "aü😀b";
        let cases = [
            (0, 0),
            (1, 1),
            (3, 2),
            (7, 4),
            (8, 5),
            (99, 5),
            (2, 1),
            (5, 2),
        ];
        for (byte, unit) in cases {
            assert_eq!(utf16(text, byte), unit, "byte {byte}");
        }
    }

    #[test]
    fn the_browsers_places_become_bytes() {
        let text = "aü😀b";
        let cases = [(0, 0), (1, 1), (2, 3), (3, 3), (4, 7), (5, 8), (99, 8)];
        for (unit, wanted) in cases {
            assert_eq!(byte(text, unit), wanted, "unit {unit}");
        }
    }
}
