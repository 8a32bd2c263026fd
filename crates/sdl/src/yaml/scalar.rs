//! The meaning of a scalar's text in either dialect.
//!
//! Console reads with js-yaml 4 (YAML 1.2 core plus dates); the command line with yaml.v3 (1.2
//! with the octal numbers, underscores and, where a boolean is expected, the words of 1.1).

use std::borrow::Cow;

use super::tree::{Ref, Style, Tag};
use crate::number::Decimal;

/// A scalar as Console reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Js<'a> {
    Null,
    Bool(bool),
    Number(Decimal),
    /// Infinite or not a number.
    NotFinite,
    /// An object: a date, or the result of another tag of the YAML types (`!!binary`).
    Date,
    Text(&'a str),
}

/// A scalar as the command line reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Go<'a> {
    Null,
    Bool(bool),
    Integer(i128),
    Float(Decimal),
    NotFinite,
    Date,
    Text(&'a str),
}

/// Reads a scalar as Console does; `None` for lists and mappings.
pub(crate) fn js<'a>(node: Ref<'a, '_>) -> Option<Js<'a>> {
    let text = node.scalar()?;
    let plain = node.style() == Some(Style::Plain);
    Some(match node.tag() {
        None if plain => js_plain(text),
        Some(Tag::Null | Tag::Bool | Tag::Int | Tag::Float) => js_plain(text),
        Some(Tag::Standard) => Js::Date,
        _ => Js::Text(text),
    })
}

fn js_plain(text: &str) -> Js<'_> {
    if is_word(text) {
        return Js::Text(text);
    }
    if let Some(number) = small_integer(text) {
        return Js::Number(Decimal::from_integer(false, u128::from(number)));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Js::Null,
        "true" | "True" | "TRUE" => return Js::Bool(true),
        "false" | "False" | "FALSE" => return Js::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Js::NotFinite,
        _ => {}
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        return Js::NotFinite;
    }
    match text.as_bytes()[0] {
        b'0'..=b'9' | b'-' | b'+' | b'.' => {}
        _ => return Js::Text(text),
    }
    let negative = text.starts_with('-');
    let radix = match unsigned.as_bytes() {
        [b'0', b'b', ..] => Some(2),
        [b'0', b'x', ..] => Some(16),
        [b'0', b'o', ..] => Some(8),
        _ => None,
    };
    if let Some(radix) = radix {
        return match radix_digits(&unsigned[2..], radix) {
            Some(value) => Js::Number(Decimal::from_integer(negative, value)),
            None => Js::Text(text),
        };
    }
    if is_date(text) {
        return Js::Date;
    }
    // A sign in front of a bare fraction (`-.5`) is text to js-yaml.
    if unsigned.len() < text.len() && unsigned.starts_with('.') {
        return Js::Text(text);
    }
    Decimal::parse(text).map_or(Js::Text(text), Js::Number)
}

/// Reads a scalar as the command line does; `None` for lists and mappings.
pub(crate) fn go<'a>(node: Ref<'a, '_>) -> Option<Go<'a>> {
    let text = node.scalar()?;
    let plain = node.style() == Some(Style::Plain);
    Some(match node.tag() {
        None if plain => go_plain(text),
        Some(Tag::Null | Tag::Bool | Tag::Int | Tag::Float) => go_plain(text),
        _ => Go::Text(text),
    })
}

fn go_plain(text: &str) -> Go<'_> {
    if is_word(text) {
        return Go::Text(text);
    }
    if let Some(number) = small_integer(text) {
        return Go::Integer(i128::from(number));
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Go::Null,
        "true" | "True" | "TRUE" => return Go::Bool(true),
        "false" | "False" | "FALSE" => return Go::Bool(false),
        ".nan" | ".NaN" | ".NAN" => return Go::NotFinite,
        _ => {}
    }
    if matches!(
        text.strip_prefix(['-', '+']).unwrap_or(text),
        ".inf" | ".Inf" | ".INF"
    ) {
        return Go::NotFinite;
    }
    match text.as_bytes()[0] {
        b'0'..=b'9' | b'-' | b'+' => {}
        b'.' => return Decimal::parse(text).map_or(Go::Text(text), Go::Float),
        _ => return Go::Text(text),
    }
    if is_date(text) {
        return Go::Date;
    }
    let without = if text.bytes().any(|byte| byte == b'_') {
        Cow::Owned(text.replace('_', ""))
    } else {
        Cow::Borrowed(text)
    };
    let negative = without.starts_with('-');
    let unsigned = without.strip_prefix(['-', '+']).unwrap_or(&without);
    if let Some(value) = go_integer(unsigned).and_then(|value| i128::try_from(value).ok()) {
        return Go::Integer(if negative { -value } else { value });
    }
    Decimal::parse(&without).map_or(Go::Text(text), Go::Float)
}

/// Whether the first letter alone makes a plain scalar text.
fn is_word(text: &str) -> bool {
    let first = text.bytes().next().unwrap_or_default();
    (first.is_ascii_alphabetic() || first == b'/') && !matches!(first | 0x20, b'n' | b't' | b'f')
}

/// A number of up to nine digits that is a decimal in both dialects.
fn small_integer(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 9 || (bytes[0] == b'0' && bytes.len() > 1) {
        return None;
    }
    bytes.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// Whether a plain scalar with this text is text to both dialects, and to readers of YAML 1.1.
pub(crate) fn is_plain_text(text: &str) -> bool {
    const WORDS: [&str; 8] = ["y", "n", "yes", "no", "on", "off", "true", "false"];
    !text.is_empty()
        && matches!(js_plain(text), Js::Text(_))
        && matches!(go_plain(text), Go::Text(_))
        && !WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The 32-bit unsigned integer that the command line reads: fractions are truncated and null is
/// zero. `None` if it refuses the scalar.
pub(crate) fn go_uint32(node: Ref<'_, '_>) -> Option<u32> {
    match go(node)? {
        Go::Null => Some(0),
        Go::Integer(value) => u32::try_from(value).ok(),
        Go::Float(value) => {
            let whole = u32::try_from(value.truncated()).ok()?;
            (!value.negative || whole == 0).then_some(whole)
        }
        Go::Bool(_) | Go::NotFinite | Go::Date | Go::Text(_) => None,
    }
}

/// The truth value that the command line reads, which includes the words of YAML 1.1.
pub(crate) fn go_flag(node: Ref<'_, '_>) -> Option<bool> {
    match go(node)? {
        Go::Null => Some(false),
        Go::Bool(value) => Some(value),
        Go::Text("y" | "Y" | "yes" | "on") => Some(true),
        Go::Text("n" | "N" | "no" | "off") => Some(false),
        _ => None,
    }
}

/// An integer with Go's prefixes: `0x`, `0o`, `0b`, and a leading zero for octal.
fn go_integer(digits: &str) -> Option<u128> {
    let Some(octal) = digits.strip_prefix('0').filter(|rest| !rest.is_empty()) else {
        return radix_digits(digits, 10);
    };
    match octal.as_bytes()[0] {
        b'b' | b'B' => radix_digits(&octal[1..], 2),
        b'x' | b'X' => radix_digits(&octal[1..], 16),
        b'o' | b'O' => radix_digits(&octal[1..], 8),
        _ => radix_digits(octal, 8),
    }
}

fn radix_digits(digits: &str, radix: u32) -> Option<u128> {
    if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
        return None;
    }
    // Larger numbers pass every limit of SDL, so their exact size does not matter.
    Some(u128::from_str_radix(digits, radix).unwrap_or(u128::from(u64::MAX)))
}

/// `YYYY-MM-DD`, alone or followed by a time.
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let dated = bytes.len() >= 10
        && bytes[..10].iter().enumerate().all(|(at, byte)| {
            if at == 4 || at == 7 {
                *byte == b'-'
            } else {
                byte.is_ascii_digit()
            }
        });
    if !dated {
        return false;
    }
    let time = text[10..].trim_start_matches(['T', 't', ' ', '\t']);
    bytes.len() == 10
        || (time.len() < bytes.len() - 10
            && time.starts_with(|first: char| first.is_ascii_digit())
            && time
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b":.+-Z ".contains(&byte))
            && time.matches(':').count() >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        Decimal::parse(text).unwrap()
    }

    #[test]
    fn the_two_dialects_read_plain_text_differently() {
        for (text, console, command_line) in [
            ("80", Js::Number(number("80")), Go::Integer(80)),
            ("0120", Js::Number(number("120")), Go::Integer(80)),
            ("8_0", Js::Text("8_0"), Go::Integer(80)),
            ("0x50", Js::Number(number("80")), Go::Integer(80)),
            ("0o120", Js::Number(number("80")), Go::Integer(80)),
            (
                "1.50",
                Js::Number(number("1.50")),
                Go::Float(number("1.50")),
            ),
            ("yes", Js::Text("yes"), Go::Text("yes")),
            ("true", Js::Bool(true), Go::Bool(true)),
            ("~", Js::Null, Go::Null),
            ("", Js::Null, Go::Null),
            ("2024-01-01", Js::Date, Go::Date),
            (
                "2024-01-01x",
                Js::Text("2024-01-01x"),
                Go::Text("2024-01-01x"),
            ),
            (".inf", Js::NotFinite, Go::NotFinite),
            ("1.25.3", Js::Text("1.25.3"), Go::Text("1.25.3")),
            ("-", Js::Text("-"), Go::Text("-")),
        ] {
            assert_eq!(js_plain(text), console, "{text}");
            assert_eq!(go_plain(text), command_line, "{text}");
        }
    }
}
