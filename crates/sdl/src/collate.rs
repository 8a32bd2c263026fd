//! The order in which Console sorts names.
//!
//! It uses the language's collation, not byte order: punctuation before digits before letters,
//! letters alphabetically first, and lower case before upper case only to break a tie.

use std::cmp::Ordering;

/// Punctuation in the order of the root collation.
const PUNCTUATION: &str = " _-,;:!?.'\"()[]{}@*/\\&#%`^+<=>|~$";

/// Compares two names as Console does.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    // Most names have the same beginning.
    let alike = a.bytes().zip(b.bytes());
    let alike = alike.take_while(|(a, b)| a == b && a.is_ascii()).count();
    let (a, b) = (&a[alike..], &b[alike..]);
    a.chars()
        .map(primary)
        .cmp(b.chars().map(primary))
        .then_with(|| {
            let cases = |text| str::chars(text).map(char::is_uppercase);
            cases(a).cmp(cases(b))
        })
}

fn primary(c: char) -> u32 {
    match c {
        '0'..='9' => 0x100 + (c as u32 - '0' as u32),
        'a'..='z' => 0x200 + (c as u32 - 'a' as u32),
        'A'..='Z' => 0x200 + (c as u32 - 'A' as u32),
        other => match PUNCTUATION.find(other) {
            Some(at) => u32::try_from(at).unwrap_or_default(),
            None => 0x1000 + other as u32,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_only_breaks_ties_and_punctuation_comes_first() {
        let mut names = ["b", "A", "a", "a-b", "ab", "a1", "B", "a_b"];
        names.sort_by(|a, b| compare(a, b));
        assert_eq!(names, ["a", "A", "a_b", "a-b", "a1", "ab", "b", "B"]);
    }
}
