//! Collects configuration problems, so that all of them are reported at once.

use std::fmt;

/// All invalid settings.
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

    /// Returns the value of a setting, or records the problem and returns `None`.
    pub(super) fn note<T>(&mut self, outcome: Result<T, String>) -> Option<T> {
        outcome.map_err(|problem| self.add(problem)).ok()
    }

    /// Returns the whole configuration if there are no problems.
    pub(super) fn unless_any<T>(self, whole: Option<T>) -> Result<T, Self> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            _ => Err(self),
        }
    }
}
