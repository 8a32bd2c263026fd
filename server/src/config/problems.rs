//! What is wrong with the configuration: all of it is told at once.

use std::fmt;

/// Everything that is wrong with the settings, at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<String>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "Necto cannot start. {} to mend:",
            match self.0.len() {
                1 => "One setting".to_owned(),
                n => format!("{n} settings"),
            }
        )?;
        for problem in &self.0 {
            writeln!(f, "  - {problem}")?;
        }
        write!(
            f,
            "Each is an option of `necto serve` (--help) and a variable; see docs/operating.md."
        )
    }
}

impl Problems {
    /// Adds a problem, one sentence that names the variable.
    pub(super) fn add(&mut self, problem: String) {
        self.0.push(problem);
    }

    /// The value of a setting; `None` if it is wrong, which is then one of the problems.
    pub(super) fn note<T>(&mut self, outcome: Result<T, String>) -> Option<T> {
        outcome.map_err(|problem| self.add(problem)).ok()
    }

    /// `Ok` with the whole configuration if nothing is wrong.
    pub(super) fn unless_any<T>(self, whole: Option<T>) -> Result<T, Self> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(self),
        }
    }
}
