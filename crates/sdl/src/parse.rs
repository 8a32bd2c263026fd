//! Parses a text into a tree, or explains why it cannot be parsed.

use crate::diagnostic::{Findings, Who};
use crate::dialect::Dialect;
use crate::problem::Text;
use crate::span::Span;
use crate::syntax;
use crate::yaml::{self, FaultKind, Tree, plain_prefix};

/// Longest text that is read, in bytes; the longest document on the network has 30 kB.
pub const MAX_BYTES: usize = 256 * 1024;

/// Parses a text; `None` after a fault that leaves nothing to check.
pub(crate) fn parse<'t>(text: &'t str, findings: &mut Findings) -> Option<Tree<'t>> {
    let whole = Span {
        from: 0,
        to: text.len(),
    };
    if text.len() > MAX_BYTES {
        findings.refuse(
            Who::Both,
            "too-large",
            String::new(),
            Span { from: 0, to: 0 },
            Text::TooLarge,
        );
        return None;
    }
    if let Some(at) = forbidden(text) {
        findings.refuse(
            Who::Both,
            "control-character",
            String::new(),
            Span {
                from: at,
                to: at + 1,
            },
            Text::ControlCharacter,
        );
        return None;
    }
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (tree, faults) = yaml::compose(bare, text.len() - bare.len());
    for fault in faults {
        let (who, code, problem) = match fault.kind {
            FaultKind::Syntax(info) => {
                refuse_explained(syntax::explain(text, fault.span, &info), findings);
                continue;
            }
            FaultKind::TooDeep => (Who::Both, "too-deep", Text::TooDeep),
            FaultKind::TooDeepForConsole => (Who::Console, "too-deep", Text::TooDeepForConsole),
            FaultKind::TooLarge => (Who::Both, "too-many-aliases", Text::TooManyAliases),
            FaultKind::RecursiveAlias => (Who::Both, "recursive-alias", Text::RecursiveAlias),
            FaultKind::BadMerge => (Who::Both, "merge-key", Text::BadMerge),
            FaultKind::SecondDocument => (Who::Console, "second-document", Text::SecondDocument),
            FaultKind::UnknownTag(tag) => (Who::Console, "unknown-tag", Text::UnknownTag { tag }),
        };
        findings.refuse(who, code, String::new(), fault.span, problem);
    }
    match tree.root() {
        Some(root) if root.is_mapping() => Some(tree),
        Some(root) => {
            findings.refuse(
                Who::Both,
                "not-a-mapping",
                String::new(),
                root.span(),
                Text::NotAMapping,
            );
            None
        }
        None => {
            if !findings.refuses(Dialect::Go) {
                findings.refuse(Who::Both, "empty", String::new(), whole, Text::Empty);
            }
            None
        }
    }
}

/// Records a fault with its explanation and fix.
pub(crate) fn refuse_explained(explained: syntax::Explained, findings: &mut Findings) {
    let syntax::Explained {
        code,
        problem,
        span,
        fix,
    } = explained;
    let finding = findings.refuse(Who::Both, code, String::new(), span, problem);
    if let Some((remedy, edits)) = fix {
        finding.fix(remedy, edits);
    }
}

/// The position of the first character that YAML forbids.
fn forbidden(text: &str) -> Option<usize> {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let passed = plain_prefix(text.as_bytes());
    let checked = passed + text.bytes().skip(passed).position(|byte| !plain(&byte))?;
    let rest = text[checked..].char_indices();
    let mut found = rest.filter(|(_, c)| is_forbidden(*c));
    found.next().map(|(at, _)| checked + at)
}

fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'
        | '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}
