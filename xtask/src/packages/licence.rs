//! Licence expressions: parses what a package declares, and checks it against a list of allowed licences.

use anyhow::{Result, bail};

/// Returns whether the licences accepted by `is_allowed` satisfy `expression`: one side of every OR, both sides of
/// every AND. A slash is the OR of older packages. Fails if it is not an expression.
pub(crate) fn is_satisfied(expression: &str, is_allowed: &dyn Fn(&str) -> bool) -> Result<bool> {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader {
        words: &words,
        is_allowed,
    };
    let satisfied = reader.any()?;
    match reader.words {
        [] => Ok(satisfied),
        [left, ..] => bail!("{expression:?} goes on with {left:?}"),
    }
}

/// Returns an expression in the standard's form.
pub(crate) fn in_standard_form(expression: &str) -> String {
    let words = expression.replace('/', " OR ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

struct Reader<'a> {
    words: &'a [&'a str],
    is_allowed: &'a dyn Fn(&str) -> bool,
}

impl<'a> Reader<'a> {
    fn any(&mut self) -> Result<bool> {
        let mut satisfied = self.all()?;
        while self.takes("OR") {
            satisfied |= self.all()?;
        }
        Ok(satisfied)
    }

    fn all(&mut self) -> Result<bool> {
        let mut satisfied = self.one()?;
        while self.takes("AND") {
            satisfied &= self.one()?;
        }
        Ok(satisfied)
    }

    fn one(&mut self) -> Result<bool> {
        if self.takes("(") {
            let satisfied = self.any()?;
            if !self.takes(")") {
                bail!("a bracket stays open");
            }
            return Ok(satisfied);
        }
        let licence = self.word()?;
        if self.takes("WITH") {
            let exception = self.word()?;
            return Ok((self.is_allowed)(&format!("{licence} WITH {exception}")));
        }
        Ok((self.is_allowed)(licence))
    }

    fn word(&mut self) -> Result<&'a str> {
        match self.words {
            [word, rest @ ..] if !["OR", "AND", "WITH", "(", ")"].contains(word) => {
                self.words = rest;
                Ok(word)
            }
            [word, ..] => bail!("{word:?} stands where a licence should"),
            [] => bail!("a licence is missing"),
        }
    }

    fn takes(&mut self, wanted: &str) -> bool {
        match self.words {
            [word, rest @ ..] if *word == wanted => {
                self.words = rest;
                true
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str, expected: Option<bool>) {
        let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"];
        let found = is_satisfied(expression, &|licence| allowed.contains(&licence));
        assert_eq!(found.ok(), expected, "{expression}");
    }

    #[test]
    fn expressions_are_read_as_the_standard_says() {
        check("MIT", Some(true));
        check("GPL-3.0-only", Some(false));
        check("GPL-3.0-only OR MIT", Some(true));
        check("GPL-3.0-only/MIT", Some(true));
        check("MIT AND GPL-3.0-only", Some(false));
        // AND binds tighter than OR.
        check("MIT OR GPL-3.0-only AND LGPL-2.1", Some(true));
        check("(MIT OR GPL-3.0-only) AND LGPL-2.1", Some(false));
        check("ISC AND (Apache-2.0 OR ISC)", Some(true));
        check("Apache-2.0", Some(false));
        check("Apache-2.0 WITH LLVM-exception", Some(true));
        for broken in [
            "", "MIT OR", "(MIT", "MIT)", "MIT MIT", "AND MIT", "MIT WITH",
        ] {
            check(broken, None);
        }
    }

    #[test]
    fn the_standard_form_has_no_slashes() {
        assert_eq!(in_standard_form("MIT / Apache-2.0"), "MIT OR Apache-2.0");
    }
}
