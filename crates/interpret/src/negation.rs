//! Detects refusals: “no spot”, “without a GPU”, “PCIe not SXM”, “anything but a T4”.

use crate::reading::Reading;

#[rustfmt::skip]
const NEGATORS: &[&str] = &[
    "no", "not", "without", "non", "never", "avoid", "avoiding", "exclude", "excluding", "except",
    "excl", "dont", "doesnt", "isnt", "nor", "neither", "skip", "minus", "kein", "keine",
    "keinen", "keiner", "keines", "ohne", "nicht", "niemals", "sin", "ni", "nunca", "evitar",
    "excepto", "nada", "forget", "scrap", "replace", "cannot", "cant",
];

/// Words that may stand between a negator and what it refuses.
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    "a", "an", "any", "the", "use", "using", "want", "need", "needs", "needed", "on", "with",
    "for", "of", "in", "to", "run", "require", "requires", "really", "care", "about", "have",
    "be", "it", "put", "from", "at", "by", "do", "does", "eine", "einen", "ein", "un", "una",
    "de", "la", "el", "die", "der", "das", "den", "auf", "mit", "en", "con", "deploy", "kind",
    "sort", "more", "extra", "dedicated", "priced", "based", "host", "nvidia", "amd", "what", "i",
    "said", "mentioned", "whole", "part", "give", "me", "us", "offer", "show",
];

#[rustfmt::skip]
const REFUSED_AFTER: &[&str] = &[
    "not needed", "isnt needed", "is not needed", "arent needed", "are not needed",
    "not required", "isnt required", "is not required", "not necessary", "isnt necessary",
    "is not necessary", "unnecessary", "is unnecessary", "not wanted", "none", "not allowed",
    "is not allowed", "nicht notig", "nicht notwendig", "brauche ich nicht", "no es necesario",
    "no es necesaria", "no hace falta", "doesnt matter", "does not matter", "is not important",
    "isnt important", "is no object", "is no issue", "not important", "is irrelevant", "egal",
    "ist egal", "no importa", "not ok", "is not ok", "are not ok", "are not okay",
    "not acceptable", "are not acceptable", "is not acceptable", "are not allowed",
    "not an option",
];

/// Number of words before something that may refuse it.
const NEGATION_WINDOW: usize = 6;

impl Reading<'_> {
    /// Whether the tokens `from..to` are refused.
    pub(crate) fn is_refused(&self, from: usize, to: usize) -> bool {
        self.is_negated(from) || self.any_phrase(to, REFUSED_AFTER).is_some()
    }

    /// Whether a negator precedes the token `i`, close enough to apply to it.
    pub(crate) fn is_negated(&self, i: usize) -> bool {
        let mut at = i;
        for _ in 0..NEGATION_WINDOW {
            if self.breaks_before(at) {
                return false;
            }
            at -= 1;
            let word = self.seen(at);
            let before = if at > 0 { self.seen(at - 1) } else { "" };
            match word {
                "no" | "nein" if self.is_plain_no(at) => return false,
                "than" => return matches!(before, "rather" | "other"),
                "of" if before == "instead" => return true,
                "but" => return matches!(before, "anything" | "everything" | "anywhere"),
                "out" | "o" if before == "/" => return true,
                "outside" | "ausser" | "ausserhalb" => return true,
                "-" if self.is_glued(at) => {}
                word if NEGATORS.contains(&word) => return true,
                word if BETWEEN.contains(&word) => {}
                _ => return false,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use crate::reading::Reading;

    #[test]
    fn refusals_reach_over_small_words_and_stop_at_clauses() {
        let cases = [
            ("no spot", true),
            ("not on the spot", true),
            ("without any spot", true),
            ("non-spot", true),
            ("anything but spot", true),
            ("w/o spot", true),
            ("fixed rather than spot", true),
            ("i do not want to use spot", true),
            ("memcached? no, spot", false),
            ("no gpu; spot", false),
            ("spot", false),
            ("not cheap yet spot", false),
        ];
        for (text, expected) in cases {
            let reading = Reading::new(text);
            assert_eq!(reading.is_negated(reading.len() - 1), expected, "{text}");
        }
        let reading = Reading::new("gpu not needed");
        assert!(reading.is_refused(0, 1));
    }
}
