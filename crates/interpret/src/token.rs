//! Splits a sentence into words, numbers and marks, each with its position in the text.

use crate::amount::Amount;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Word,
    Number(Amount),
    Mark,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    /// Lower case, without diacritics and apostrophes: `Größe` is `grosse`, `don't` is `dont`.
    pub(crate) text: String,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// `true` if no white space separates it from the token before.
    pub(crate) glued: bool,
}

/// Every token of `text` in order; white space is dropped.
pub(crate) fn tokenize(text: &str) -> Vec<Token> {
    let mut scan = Scan {
        text,
        at: 0,
        tokens: Vec::new(),
    };
    while let Some(next) = scan.peek() {
        if next.is_whitespace() {
            scan.at += next.len_utf8();
        } else if next.is_ascii_digit() {
            scan.number();
        } else if let Some(amount) = vulgar_fraction(next) {
            scan.push(Kind::Number(amount), next.len_utf8());
        } else if next == '×' {
            scan.push_as("x", Kind::Word, next.len_utf8());
        } else if next.is_alphabetic() {
            scan.word();
        } else {
            scan.push(Kind::Mark, next.len_utf8());
        }
    }
    scan.tokens
}

struct Scan<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
}

impl Scan<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn push(&mut self, kind: Kind, len: usize) {
        let folded = fold(&self.text[self.at..self.at + len]);
        self.push_as(&folded, kind, len);
    }

    fn push_as(&mut self, text: &str, kind: Kind, len: usize) {
        let glued = self.tokens.last().is_some_and(|last| last.to == self.at);
        self.tokens.push(Token {
            kind,
            text: text.to_owned(),
            from: self.at,
            to: self.at + len,
            glued,
        });
        self.at += len;
    }

    fn number(&mut self) {
        let rest = &self.text[self.at..];
        if let Some(len) = hex_len(rest) {
            return self.push(Kind::Word, len);
        }
        let shape = NumberShape::of(rest);
        match shape.amount {
            Some(amount) => self.push(Kind::Number(amount), shape.len),
            // A version such as 1.4.2 is a name, not a quantity.
            None => return self.push(Kind::Word, shape.len),
        }
        self.unit();
    }

    /// The letters right after a number: `80gb`, `6h`, and the `x` of `4xA100`.
    fn unit(&mut self) {
        let rest = &self.text[self.at..];
        let mut chars = rest.chars();
        let first = chars.next();
        let splits = chars.next().is_some_and(char::is_alphanumeric);
        if matches!(first, Some('x' | 'X')) && splits {
            return self.push(Kind::Word, 1);
        }
        let len = len_while(rest, char::is_alphabetic);
        if len > 0 {
            self.push(Kind::Word, len);
        }
    }

    fn word(&mut self) {
        let rest = &self.text[self.at..];
        let len = word_len(rest);
        let word = &rest[..len];
        match multiplier_at(word) {
            Some(x) => {
                if x > 0 {
                    self.push(Kind::Word, x);
                }
                self.push(Kind::Word, 1);
                let digits = &word[x + 1..];
                self.push(Kind::Number(Amount::from_digits(digits, "")), digits.len());
            }
            None => self.push(Kind::Word, len),
        }
    }
}

/// The position of the `x` in `a100x8`: a name with a digit, an x, and a count at the very end.
fn multiplier_at(word: &str) -> Option<usize> {
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let digits = word.len() - name.len();
    let stem = name.strip_suffix(['x', 'X'])?;
    let named = stem.is_ascii() && stem.bytes().any(|b| b.is_ascii_digit());
    // A bare x4 counts, too; x86 and x64 are names.
    let bare = stem.is_empty() && digits == 1;
    ((1..=3).contains(&digits) && (named || bare)).then_some(stem.len())
}

fn word_len(text: &str) -> usize {
    let mut end = 0;
    for (index, c) in text.char_indices() {
        let inside = c.is_alphanumeric()
            // An apostrophe counts only between letters: don't, but not 'quoted'.
            || (matches!(c, '\'' | '’')
                && text[index + c.len_utf8()..].starts_with(char::is_alphabetic));
        if !inside {
            break;
        }
        end = index + c.len_utf8();
    }
    end
}

fn len_while(text: &str, inside: fn(char) -> bool) -> usize {
    text.find(|c: char| !inside(c)).unwrap_or(text.len())
}

/// `0x` and at least six hexadecimal digits: an address, not the number zero.
fn hex_len(text: &str) -> Option<usize> {
    let digits = text.strip_prefix("0x").or(text.strip_prefix("0X"))?;
    let len = digits
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(digits.len());
    (len >= 6).then_some(len + 2)
}

struct NumberShape {
    len: usize,
    /// Value of the number; `None` for a version with two points.
    amount: Option<Amount>,
}

impl NumberShape {
    fn of(text: &str) -> Self {
        let digits = |from: usize| {
            let len = text[from..]
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(text.len() - from);
            from + len
        };
        let mut end = digits(0);
        let mut whole = text[..end].to_owned();
        // 1,000 and 12,500,000: groups of exactly three.
        while whole.len() <= 12 && text[end..].starts_with(',') && !text.starts_with('0') {
            let group = digits(end + 1);
            if group - end != 4 || (end > 3 && !text[..end].contains(',')) {
                break;
            }
            whole.push_str(&text[end + 1..group]);
            end = group;
        }
        let separator = text[end..].chars().next();
        let fraction_end = match separator {
            Some('.' | ',') => digits(end + 1),
            _ => end,
        };
        let decimals = fraction_end.saturating_sub(end + 1);
        let takes = match separator {
            Some('.') => decimals > 0,
            // 0,5 as it is written in Germany and Spain; never 80,443 or 1,2,3.
            Some(',') => (1..=2).contains(&decimals) && !text[fraction_end..].starts_with(','),
            _ => false,
        };
        if !takes {
            return Self {
                len: end,
                amount: Some(Amount::from_digits(&whole, "")),
            };
        }
        let another = text[fraction_end..]
            .strip_prefix('.')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
        if separator == Some('.') && another {
            let len = text
                .find(|c: char| !c.is_ascii_digit() && c != '.')
                .unwrap_or(text.len());
            return Self {
                len: text[..len].trim_end_matches('.').len(),
                amount: None,
            };
        }
        Self {
            len: fraction_end,
            amount: Some(Amount::from_digits(&whole, &text[end + 1..fraction_end])),
        }
    }
}

fn vulgar_fraction(c: char) -> Option<Amount> {
    match c {
        '½' => Some(Amount::HALF),
        '¼' => Some(Amount::HALF.divided_by(2)),
        '¾' => Some(Amount::HALF.plus(Amount::HALF.divided_by(2))),
        _ => None,
    }
}

/// Lower case without diacritics: people type `fur`, `für` and `FÜR`.
fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' => out.push('a'),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'í' | 'ì' | 'î' | 'ï' => out.push('i'),
            'ó' | 'ò' | 'ô' | 'ö' | 'õ' => out.push('o'),
            'ú' | 'ù' | 'û' | 'ü' => out.push('u'),
            'ñ' => out.push('n'),
            'ç' => out.push('c'),
            'ß' => out.push_str("ss"),
            '\'' | '’' if text.chars().count() > 1 => {}
            // A combining mark left over from lower-casing or typed decomposed.
            '\u{300}'..='\u{36f}' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Kind, tokenize};

    fn check(text: &str, expected: &[&str]) {
        let tokens: Vec<_> = tokenize(text).into_iter().map(|t| t.text).collect();
        assert_eq!(tokens, expected, "{text}");
    }

    #[test]
    fn quantities_come_apart_from_their_units() {
        check("4xA100 80GB", &["4", "x", "a100", "80", "gb"]);
        check(
            "a100x8, 1h30m",
            &["a100", "x", "8", ",", "1", "h", "30", "m"],
        );
        check("2×4090", &["2", "x", "4090"]);
        check("mi300x rtx4090s", &["mi300x", "rtx4090s"]);
        check("don't Größe", &["dont", "grosse"]);
        check("v1.4.2 1.4.2", &["v1", ".", "4.2", "1.4.2"]);
        check("0xAbCdEf12 x", &["0xabcdef12", "x"]);
    }

    #[test]
    fn numbers_are_read_in_both_notations() {
        let micros = |text: &str| match tokenize(text)[0].kind {
            Kind::Number(amount) => amount.micros(),
            _ => 0,
        };
        assert_eq!(micros("1,000"), 1_000_000_000);
        assert_eq!(micros("1,000.5"), 1_000_500_000);
        assert_eq!(micros("0,5"), 500_000);
        assert_eq!(micros("½"), 500_000);
        assert_eq!(micros("8000,8001"), 8_000_000_000);
    }
}
