//! Positions in a text: the checker counts bytes, the browser's editors UTF-16 code units.

/// The code-unit offset of a byte offset. One that is past the end or within a character counts as
/// the nearest place before it.
pub(super) fn utf16(text: &str, byte: usize) -> usize {
    let mut end = byte.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use super::utf16;

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
}
