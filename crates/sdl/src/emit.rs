//! Writing YAML that both dialects read the same way.

use std::fmt::Write as _;

use crate::yaml::scalar;

/// A text as a YAML scalar: plain if every reader sees the same text, otherwise in double quotes.
pub(crate) fn text(text: &str) -> String {
    if scalar::is_plain_text(text) && is_safe_plain(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// A text in double quotes.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                write!(out, "\\u{:04x}", c as u32).expect("writing to a string succeeds");
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Whether a text can be written without quotes in a block mapping, a list, or a flow list.
fn is_safe_plain(text: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphanumeric() || "/._".contains(c);
    let fits = |c: char| c.is_ascii_alphanumeric() || " _./:=@+%~;-".contains(c);
    text.starts_with(starts)
        && text.chars().all(fits)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && text != "---"
        && text != "..."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_texts_that_everyone_reads_alike_stand_without_quotes() {
        for plain in ["nginx:1.27", "FOO=bar", "/data", "location-region", "a b"] {
            assert_eq!(text(plain), plain);
        }
        for in_quotes in [
            "",
            "yes",
            "off",
            "true",
            "null",
            "~",
            "0123",
            "1_000",
            "2024-01-01",
            "1.5",
            "0x10",
            "a: b",
            "a #b",
            "- a",
            "{a}",
            "*a",
            "a:",
            " a",
            "é",
            "say \"hi\"",
            "y",
            "N",
        ] {
            assert!(text(in_quotes).starts_with('"'), "{in_quotes}");
        }
        assert_eq!(quoted("a\n\"b\""), r#""a\n\"b\"""#);
    }
}
