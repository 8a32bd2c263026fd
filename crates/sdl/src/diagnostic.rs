//! Findings of a check: the fault, its position, the tool that refuses it, and the fix.

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;

use crate::dialect::Dialect;
use crate::problem::{Problem, Remedy};
use crate::span::Span;
use crate::text::Lines;

/// Severity of a finding, by the tools that object to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The chain or a provider refuses the deployment, whichever tool sends it.
    Error,
    /// Console refuses it; the command line accepts it.
    ConsoleRefuses,
    /// The command line refuses it; Console accepts it.
    CliRefuses,
    /// All tools accept it, but it probably does not do what was meant.
    Warning,
    /// All tools accept it; there is a better way.
    Hint,
}

/// A change that fixes a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// Label of the button that makes the change.
    pub title: String,
    /// The changes, in ascending order and without overlap.
    pub edits: Vec<Edit>,
}

/// The replacement of a stretch of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// The first byte to replace.
    pub from: usize,
    /// The byte after the last to replace.
    pub to: usize,
    /// The text that replaces it; empty if the stretch is deleted.
    pub insert: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Severity, which says whether the chain or a tool refuses the document because of it.
    pub severity: Severity,
    /// A stable name of the rule, `memory-size` for example.
    pub code: &'static str,
    /// One or two plain sentences.
    pub message: String,
    /// Path in the document, `services.web.expose[0].port` for example; empty for the whole document.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The bytes concerned.
    pub span: Span,
    /// A change that fixes it; `None` if there is no obvious one.
    pub fix: Option<Fix>,
}

/// All findings of a document, in the order of the text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Report {
    /// Findings in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Whether a deployment made in this dialect is accepted by its tool, the chain and the
    /// providers.
    #[must_use]
    pub fn is_deployable(&self, dialect: Dialect) -> bool {
        self.errors(dialect).next().is_none()
    }

    /// The findings that prevent a deployment made in this dialect.
    pub fn errors(&self, dialect: Dialect) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(move |diagnostic| diagnostic.severity.refuses(dialect))
    }
}

impl Severity {
    /// Whether a finding of this severity prevents a deployment made in the dialect.
    #[must_use]
    pub const fn refuses(self, dialect: Dialect) -> bool {
        match self {
            Self::Error => true,
            Self::ConsoleRefuses => matches!(dialect, Dialect::Console),
            Self::CliRefuses => matches!(dialect, Dialect::Go),
            Self::Warning | Self::Hint => false,
        }
    }
}

/// Tools that a rule applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Both,
    Console,
    CommandLine,
}

impl From<Dialect> for Who {
    fn from(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Console => Self::Console,
            Dialect::Go => Self::CommandLine,
        }
    }
}

/// Collects findings; a fault found in both dialects is one finding.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    known: HashMap<(&'static str, String), usize>,
}

#[derive(Debug)]
struct Finding {
    severity: Severity,
    code: &'static str,
    problem: Problem,
    path: String,
    span: Span,
    fix: Option<(Remedy, Vec<Edit>)>,
}

impl Findings {
    /// Records that a rule refuses something.
    pub(crate) fn refuse(
        &mut self,
        who: Who,
        code: &'static str,
        path: impl fmt::Display,
        span: Span,
        problem: impl Into<Problem>,
    ) -> &mut Self {
        let severity = match who {
            Who::Both => Severity::Error,
            Who::Console => Severity::ConsoleRefuses,
            Who::CommandLine => Severity::CliRefuses,
        };
        self.add(severity, code, path.to_string(), span, problem.into())
    }

    /// Records something that all tools accept and that is worth mentioning.
    pub(crate) fn advise(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: impl fmt::Display,
        span: Span,
        problem: impl Into<Problem>,
    ) -> &mut Self {
        self.add(severity, code, path.to_string(), span, problem.into())
    }

    /// Attaches a fix to the most recent finding.
    pub(crate) fn fix(&mut self, remedy: Remedy, edits: Vec<Edit>) {
        if let Some(last) = self.list.last_mut() {
            last.fix.get_or_insert((remedy, edits));
        }
    }

    /// Attaches a fix that replaces the text at a span.
    pub(crate) fn replace(&mut self, remedy: Remedy, span: Span, insert: impl Into<String>) {
        let edit = Edit {
            from: span.from,
            to: span.to,
            insert: insert.into(),
        };
        self.fix(remedy, vec![edit]);
    }

    /// Whether a rule has refused something in this dialect.
    pub(crate) fn refuses(&self, dialect: Dialect) -> bool {
        self.list
            .iter()
            .any(|finding| finding.severity.refuses(dialect))
    }

    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        path: String,
        span: Span,
        problem: Problem,
    ) -> &mut Self {
        let key = (code, path);
        if let Some(&at) = self.known.get(&key) {
            let known = &mut self.list[at];
            let refused_by_both = known.severity != severity
                && known.severity <= Severity::CliRefuses
                && severity <= Severity::CliRefuses;
            if refused_by_both {
                known.severity = Severity::Error;
            }
            // The fix that follows belongs to the last finding in the list.
            let last = self.list.len() - 1;
            if at != last {
                self.list.swap(at, last);
                self.known.insert(key, last);
                let moved = &self.list[at];
                self.known.insert((moved.code, moved.path.clone()), at);
            }
            return self;
        }
        let path = key.1.clone();
        self.known.insert(key, self.list.len());
        self.list.push(Finding {
            severity,
            code,
            problem,
            path,
            span,
            fix: None,
        });
        self
    }

    /// The report in the order of the text, the most severe finding first at each position.
    pub(crate) fn into_report(self, text: &str) -> Report {
        if self.list.is_empty() {
            return Report::default();
        }
        let lines = Lines::new(text);
        let mut diagnostics: Vec<Diagnostic> = self
            .list
            .into_iter()
            .map(|finding| {
                let (line, column) = lines.position(finding.span.from);
                Diagnostic {
                    severity: finding.severity,
                    code: finding.code,
                    message: finding.problem.to_string(),
                    path: finding.path,
                    line,
                    column,
                    span: finding.span,
                    fix: finding.fix.map(|(remedy, edits)| Fix {
                        title: remedy.to_string(),
                        edits,
                    }),
                }
            })
            .collect();
        diagnostics.sort_by(|a, b| {
            (a.span.from, a.severity, a.code, &a.path).cmp(&(
                b.span.from,
                b.severity,
                b.code,
                &b.path,
            ))
        });
        Report { diagnostics }
    }
}
