//! Numbers as digits and as words, in English, German and Spanish.

use crate::amount::Amount;
use crate::reading::Reading;

/// A number in the sentence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Number {
    pub(crate) amount: Amount,
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// `true` if the number is only an article: “a GPU” counts one GPU, “a CPU” counts nothing.
    pub(crate) is_article: bool,
}

impl Number {
    pub(crate) fn whole(self) -> Option<u64> {
        self.amount.as_whole()
    }
}

const ARTICLES: &[&str] = &[
    "a", "an", "ein", "eine", "einen", "einem", "einer", "eines", "un", "una",
];

#[rustfmt::skip]
const WORDS: &[(&str, u64)] = &[
    ("zero", 0), ("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6),
    ("seven", 7), ("eight", 8), ("nine", 9), ("ten", 10), ("eleven", 11), ("twelve", 12),
    ("thirteen", 13), ("fourteen", 14), ("fifteen", 15), ("sixteen", 16), ("seventeen", 17),
    ("eighteen", 18), ("nineteen", 19), ("dozen", 12), ("single", 1), ("dual", 2), ("twin", 2),
    ("quad", 4), ("octa", 8), ("couple", 2), ("pair", 2), ("null", 0), ("eins", 1), ("zwei", 2),
    ("drei", 3), ("vier", 4), ("funf", 5), ("fuenf", 5), ("sechs", 6), ("sieben", 7), ("acht", 8),
    ("neun", 9), ("zehn", 10), ("elf", 11), ("zwolf", 12), ("zwoelf", 12), ("sechzehn", 16),
    ("zwanzig", 20), ("dreissig", 30), ("cero", 0), ("uno", 1), ("dos", 2), ("tres", 3),
    ("cuatro", 4), ("cinco", 5), ("seis", 6), ("siete", 7), ("ocho", 8), ("nueve", 9),
    ("diez", 10), ("doce", 12), ("quince", 15), ("dieciseis", 16), ("veinte", 20),
    ("treinta", 30), ("solo", 1),
];

#[rustfmt::skip]
const TENS: &[(&str, u64)] = &[
    ("twenty", 20), ("thirty", 30), ("forty", 40), ("fifty", 50), ("sixty", 60), ("seventy", 70),
    ("eighty", 80), ("ninety", 90),
];

#[rustfmt::skip]
const HALVES: &[&str] = &["half", "halbe", "halben", "halber", "halbes", "medio", "media"];

/// “a quarter core”; “a quarter of an hour” is read by the durations.
const QUARTERS: &[&str] = &["quarter", "viertel"];

/// Maximum number of tokens of a number, less one.
const NUMBER_TAIL: usize = 4;

impl Reading<'_> {
    /// The number that starts at `i`: `3`, `1/2`, `2½`, `two and a half`, `half a`, `a couple of`.
    pub(crate) fn number(&self, i: usize) -> Option<Number> {
        let found = |amount, to| Number {
            amount,
            from: i,
            to,
            is_article: false,
        };
        if let Some(amount) = self.digits(i) {
            if let Some(fraction) = self.slashed(i, amount) {
                return Some(found(fraction, i + 3));
            }
            let number = match self.digits(i + 1) {
                Some(part) if self.is_glued(i + 1) && part < Amount::whole(1) => {
                    found(amount.plus(part), i + 2)
                }
                _ => found(amount, i + 1),
            };
            return Some(self.and_a_half(number));
        }
        let word = self.word(i);
        if HALVES.contains(&word) {
            let to = if self.is(i + 1, ARTICLES) {
                i + 2
            } else {
                i + 1
            };
            return Some(found(Amount::HALF, to));
        }
        if QUARTERS.contains(&word) && !reads_as_a_quarter_hour(self, i + 1) {
            let to = self
                .any_phrase(i + 1, &["of a", "of one", "of an"])
                .unwrap_or(i + 1);
            return Some(found(Amount::HALF.divided_by(2), to));
        }
        if matches!(word, "anderthalb" | "eineinhalb") {
            return Some(found(Amount::whole(1).plus(Amount::HALF), i + 1));
        }
        if ARTICLES.contains(&word) {
            // “a half”, “a couple of”, “a hundred”, “ein halber”: the article belongs to the number.
            if HALVES.contains(&self.word(i + 1))
                || (QUARTERS.contains(&self.word(i + 1)) && !reads_as_a_quarter_hour(self, i + 2))
                || matches!(
                    self.word(i + 1),
                    "couple" | "pair" | "dozen" | "hundred" | "single" | "dual" | "quad"
                )
            {
                let inner = self.number(i + 1)?;
                return Some(Number { from: i, ..inner });
            }
            return Some(Number {
                is_article: true,
                ..found(Amount::whole(1), i + 1)
            });
        }
        if word == "hundred" {
            return Some(found(Amount::whole(100), i + 1));
        }
        if let Some(tens) = lookup(TENS, word) {
            let joined = if self.is_mark(i + 1, "-") {
                i + 2
            } else {
                i + 1
            };
            let ones = lookup(WORDS, self.word(joined)).filter(|n| (1..=9).contains(n));
            return Some(match ones {
                Some(ones) => found(Amount::whole(tens + ones), joined + 1),
                None => found(Amount::whole(tens), i + 1),
            });
        }
        let value = lookup(WORDS, word).or_else(|| joined_tens(word))?;
        let of = matches!(word, "couple" | "pair" | "dozen") && self.word(i + 1) == "of";
        let number = match self.word(i + 1) {
            "hundred" => found(Amount::whole(value * 100), i + 2),
            _ => found(Amount::whole(value), if of { i + 2 } else { i + 1 }),
        };
        Some(self.and_a_half(number))
    }

    /// The number whose last token is `last`.
    pub(crate) fn number_ending(&self, last: usize) -> Option<Number> {
        let earliest = last.saturating_sub(NUMBER_TAIL);
        (earliest..=last)
            .filter_map(|i| self.number(i))
            .find(|number| number.to == last + 1)
    }

    fn and_a_half(&self, number: Number) -> Number {
        let phrases = [
            "and a half",
            "y medio",
            "y media",
            "einhalb",
            "und ein halb",
        ];
        match self.any_phrase(number.to, &phrases) {
            Some(to) => Number {
                amount: number.amount.plus(Amount::HALF),
                to,
                ..number
            },
            None => number,
        }
    }

    /// `1/2` and `3/4`, but not `24/7`.
    fn slashed(&self, i: usize, above: Amount) -> Option<Amount> {
        let below = self.digits(i + 2)?.as_whole()?;
        let above = above.as_whole()?;
        let glued = self.is_mark(i + 1, "/") && self.is_glued(i + 1) && self.is_glued(i + 2);
        (glued && above < below && [2, 3, 4, 8].contains(&below))
            .then(|| Amount::whole(above).divided_by(below))
    }
}

/// `fortyeight`: tens and ones in one word.
fn joined_tens(word: &str) -> Option<u64> {
    TENS.iter().find_map(|(name, tens)| {
        let ones = lookup(WORDS, word.strip_prefix(name)?)?;
        (1..=9).contains(&ones).then_some(tens + ones)
    })
}

/// “a quarter of an hour” and “a quarter hour” are times.
fn reads_as_a_quarter_hour(reading: &Reading<'_>, at: usize) -> bool {
    reading
        .any_phrase(at, &["of an hour", "hour", "hours", "stunde", "stunden"])
        .is_some()
}

fn lookup(table: &[(&str, u64)], word: &str) -> Option<u64> {
    table
        .iter()
        .find(|(known, _)| *known == word)
        .map(|(_, value)| *value)
}

#[cfg(test)]
mod tests {
    use crate::reading::Reading;

    #[test]
    fn numbers_read_in_digits_and_words() {
        let cases = [
            ("8", 8_000_000, false),
            ("half a CPU", 500_000, false),
            ("1/2 cpu", 500_000, false),
            ("2½ days", 2_500_000, false),
            ("two and a half", 2_500_000, false),
            ("a", 1_000_000, true),
            ("a couple of days", 2_000_000, false),
            ("twenty-four hours", 24_000_000, false),
            ("two hundred", 200_000_000, false),
            ("zwölf", 12_000_000, false),
            ("anderthalb", 1_500_000, false),
            ("dieciséis", 16_000_000, false),
        ];
        for (text, micros, is_article) in cases {
            let number = Reading::new(text).number(0).unwrap();
            assert_eq!(number.amount.micros(), micros, "{text}");
            assert_eq!(number.is_article, is_article, "{text}");
        }
        assert!(Reading::new("redis").number(0).is_none());
    }

    #[test]
    fn round_the_clock_is_not_a_fraction() {
        let number = Reading::new("24/7").number(0).unwrap();
        assert_eq!(number.whole(), Some(24));
    }
}
