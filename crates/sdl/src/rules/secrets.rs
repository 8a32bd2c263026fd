//! Advice on secrets that give no protection.

use crate::diagnostic::{Diagnostic, Findings, Severity};
use crate::model::Model;
use crate::problem::Advice;
use crate::secret;

/// Rule that prevents a document from being paid for.
const GUESSABLE: &str = "guessable-secret";
/// The same rule for a service that cannot be reached from the internet.
const GUESSABLE_INSIDE: &str = "guessable-secret-inside";
/// A key that only a third party can issue.
const MISSING_KEY: &str = "missing-key";

impl Diagnostic {
    /// Whether it concerns a guessable secret that Necto can generate.
    #[must_use]
    pub fn is_guessable_secret(&self) -> bool {
        matches!(self.code, GUESSABLE | GUESSABLE_INSIDE)
    }

    /// Whether it prevents the document from being paid for.
    pub(crate) fn is_unpayable(&self) -> bool {
        self.code == GUESSABLE
    }
}

/// Advises on secrets that give no protection.
pub(super) fn check(model: &Model<'_>, findings: &mut Findings) {
    for service in &model.services {
        let name = service.name.text;
        for (index, variable) in service.env.iter().flatten().enumerate() {
            let weak = secret::of_variable(service, variable);
            let Some(secret) = weak
                .into_iter()
                .find(|(_, secret)| secret.weakness.is_some())
            else {
                continue;
            };
            let (_, secret) = secret;
            let path = format!("services.{name}.env[{index}]");
            let span = variable.span;
            let variable = secret.variable;
            let (code, problem) = if !secret.can_be_generated {
                (MISSING_KEY, Advice::MissingKey { variable })
            } else if secret.is_exposed {
                (
                    GUESSABLE,
                    Advice::GuessableFromOutside {
                        variable,
                        service: name.to_owned(),
                    },
                )
            } else {
                (GUESSABLE_INSIDE, Advice::Guessable { variable })
            };
            findings.advise(Severity::Warning, code, path, span, problem);
        }
    }
}
