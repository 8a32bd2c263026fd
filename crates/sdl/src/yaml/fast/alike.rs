//! Recognises scalars that both dialects certainly read the same way.

use super::super::tree::Style;

/// Whether a scalar means the same in both dialects, whichever type is expected. Returns false if
/// that would take more than a quick check: truth values of either dialect, null, fractions, dates,
/// numbers in other notations.
/// null, fractions, dates, numbers in other notations.
pub(super) fn is_read_alike(text: &str, style: Style) -> bool {
    let bytes = text.as_bytes();
    let first = bytes.first().copied().unwrap_or(b'~');
    let maybe_truth = bytes.len() <= 3 && matches!(first | 0x20, b'y' | b'n' | b'o');
    if style != Style::Plain {
        return !maybe_truth;
    }
    match first {
        b'0' => bytes.len() == 1,
        b'1'..=b'9' => bytes.len() <= 9 && bytes.iter().all(u8::is_ascii_digit),
        b'n' | b'N' => bytes.len() != 4 && !maybe_truth,
        b'/' | b'_' => true,
        letter => letter.is_ascii_alphabetic() && !maybe_truth,
    }
}
