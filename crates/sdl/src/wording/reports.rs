//! A report in one sentence, in English.

use crate::diagnostic::{Diagnostic, Report};
use crate::dialect::Dialect;

impl Report {
    /// Everything that prevents a deployment in this dialect, as one sentence.
    #[must_use]
    pub fn fault(&self, dialect: Dialect) -> Option<String> {
        let first = self.errors(dialect).next()?;
        let count = match self.errors(dialect).count() {
            1 => "The SDL has a fault".to_owned(),
            n => format!("The SDL has {n} faults, the first"),
        };
        Some(format!("{count} in line {}: {}", first.line, first.message))
    }

    /// The reason why the document may not be paid for although Akash would accept it, as one
    /// sentence: a guessable secret protects a service that is exposed to the internet.
    #[must_use]
    pub fn unpayable(&self) -> Option<String> {
        let found = self.diagnostics.iter().find(|it| it.is_unpayable())?;
        Some(format!("Line {}: {}", found.line, found.message))
    }
}

/// The first finding of a report with its line; empty if there is none.
pub(super) fn first(report: &Report) -> String {
    let first = report.diagnostics.first();
    first.map_or_else(String::new, |Diagnostic { line, message, .. }| {
        format!("line {line}: {message}")
    })
}
