//! Akash's Stack Definition Language: what a deployment needs, in YAML.
//!
//! Parse, check, edit and print documents; derive what goes on chain and to the provider; hash,
//! price and generate them. Everything is pure: text in, values out. The same code runs in the
//! browser on every keystroke and on the server before money moves.
//!
//! Two tools read the language, and they disagree on a third of the documents found in practice:
//! the one behind Akash's Console ([`Dialect::Console`]), and the command line with the providers
//! ([`Dialect::Go`]). Each is authoritative where it is used, so a document is parsed once and
//! interpreted twice. A deployment must be updated in the dialect that made it.
//!
//! This crate prices nothing by itself ([`cost`] computes from market data it is given) and fetches
//! nothing. To add a key of the language, start at the table in `schema.rs`; to add a rule, at
//! `rules.rs`.

pub mod assist;
mod collate;
pub mod cost;
mod derive;
mod diagnostic;
mod dialect;
pub mod edit;
mod emit;
mod format;
mod generate;
mod include;
pub mod manifest;
mod model;
mod number;
mod quantity;
mod rewrite;
mod rules;
mod schema;
pub mod secrets;
mod span;
pub mod spec;
mod structure;
mod syntax;
pub mod templates;
mod text;
pub mod update;
mod yaml;

use domain::ids::TextHash;
use sha2::{Digest as _, Sha256};

pub use derive::Derived;
pub use diagnostic::{Diagnostic, Edit, Fix, Report, Severity};
pub use dialect::Dialect;
pub use format::{CannotFormat, format};
pub use generate::{PLACEMENT, generate};
pub use include::{CannotInline, includes, inline};
pub use manifest::Manifest;
pub use quantity::bytes_text;
pub use rewrite::{CONSOLE_AUDITOR, CONSOLE_DENOM, console_rewrite};
pub use rules::running::is_variable_name;
pub use span::Span;
pub use spec::{GroupSpec, ResourceUnit};

use diagnostic::{Findings, Who};
use model::Model;
use yaml::{FaultKind, Tree};

/// The SHA-256 of a text as it is, comments and spaces included: what a buyer is shown and signs
/// for.
#[must_use]
pub fn text_hash(text: &str) -> TextHash {
    TextHash::from_bytes(Sha256::digest(text).into())
}

/// The images that a text runs, in its order and each once; none where it cannot be read.
#[must_use]
pub fn images(text: &str) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    for service in edit::form(text).into_iter().flat_map(|form| form.services) {
        if !images.contains(&service.image) {
            images.push(service.image);
        }
    }
    images
}

/// Texts longer than this are refused unread; the longest document on the network has 30 kB.
pub const MAX_BYTES: usize = 256 * 1024;

/// Checks a document for both dialects and lists everything found.
#[must_use]
pub fn check(text: &str) -> Report {
    let mut findings = Findings::default();
    with_models(text, &Dialect::ALL, &mut findings, |_, _| {});
    findings.into_report(text)
}

/// Checks a document and derives it in one dialect, reading it once. The report is that of
/// [`check`]; nothing is derived where it refuses the document in that dialect.
#[must_use]
pub fn check_and_derive(text: &str, dialect: Dialect) -> (Report, Option<Derived>) {
    check_and(text, dialect, derive::derive)
}

/// Like [`check_and_derive`], but only what goes on chain: all that a price needs, and therefore
/// what an editor computes on every keystroke.
#[must_use]
pub fn check_and_groups(text: &str, dialect: Dialect) -> (Report, Option<Vec<GroupSpec>>) {
    check_and(text, dialect, derive::groups)
}

fn check_and<T>(
    text: &str,
    dialect: Dialect,
    build: impl Fn(&Model<'_>) -> T,
) -> (Report, Option<T>) {
    let mut findings = Findings::default();
    let mut built = None;
    with_models(text, &Dialect::ALL, &mut findings, |model, findings| {
        if model.dialect == dialect && !findings.refuses(dialect) {
            built = Some(build(model));
        }
    });
    let built = built.filter(|_| !findings.refuses(dialect));
    (findings.into_report(text), built)
}

/// Checks a document whose encoding is not known. Bytes that are not UTF-8 are a finding: Console
/// replaces them, the command line refuses them.
#[must_use]
pub fn check_bytes(bytes: &[u8]) -> Report {
    match std::str::from_utf8(bytes) {
        Ok(text) => check(text),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes);
            let mut findings = Findings::default();
            let at = error.valid_up_to();
            findings.refuse(
                Who::CommandLine,
                "not-utf8",
                String::new(),
                Span { from: at, to: at },
                "The file is not in UTF-8 here: save it in that encoding.",
            );
            with_models(&text, &Dialect::ALL, &mut findings, |_, _| {});
            findings.into_report(&text)
        }
    }
}

/// Derives groups and manifest in one dialect.
///
/// # Errors
/// The full report, when the document cannot be deployed in this dialect.
pub fn derive(text: &str, dialect: Dialect) -> Result<Derived, Report> {
    let mut findings = Findings::default();
    let mut derived = None;
    with_models(text, &[dialect], &mut findings, |model, findings| {
        if !findings.refuses(dialect) {
            derived = Some(derive::derive(model));
        }
    });
    derived.ok_or_else(|| check(text))
}

/// The names of the services a document deploys, in order; as many as can be read of a broken one.
#[must_use]
pub fn services(text: &str) -> Vec<String> {
    services_that(text, |_, _| true)
}

/// The names of the services that a document declares as batches, in order: their work has an end,
/// and once they have succeeded nothing is left to run.
#[must_use]
pub fn batch_services(text: &str) -> Vec<String> {
    services_that(text, |model, name| {
        let environment = model.service(name).and_then(|service| service.env.as_ref());
        domain::batch::is_batch(environment.into_iter().flatten().map(|word| word.text))
    })
}

/// The names of the deployed services that are `wanted`, in order.
fn services_that(text: &str, wanted: impl Fn(&Model<'_>, &str) -> bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut findings = Findings::default();
    with_models(text, &[Dialect::Console], &mut findings, |model, _| {
        let deployed = model.deployments.iter();
        names = deployed
            .map(|deployed| deployed.service.text)
            .filter(|name| wanted(model, name))
            .map(str::to_owned)
            .collect();
    });
    names.sort();
    names
}

/// Parses and checks a text, and passes the model of each dialect on while it lives.
fn with_models(
    text: &str,
    dialects: &[Dialect],
    findings: &mut Findings,
    mut each: impl FnMut(&Model<'_>, &Findings),
) {
    let Some(tree) = parse(text, findings) else {
        return;
    };
    let Some(root) = tree.root() else {
        return;
    };
    structure::check(root, text, findings);
    let mut other = None;
    for &dialect in dialects {
        let is_first = other.is_none();
        let Some(model) = model::read(root, dialect, text, other.take(), findings) else {
            continue;
        };
        rules::check(&model, findings);
        if is_first {
            rules::lints::check(root, &model, findings);
        }
        each(&model, findings);
        other = Some(model);
    }
    if dialects.iter().all(|dialect| findings.refuses(*dialect))
        && let Some(explained) = syntax::strange_space(text)
    {
        // Keys that begin with such a space are different keys, at another depth.
        refuse_explained(explained, findings);
    }
}

/// Parses a text; `None` after a fault that leaves nothing to check.
fn parse<'t>(text: &'t str, findings: &mut Findings) -> Option<Tree<'t>> {
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
            "The text is longer than 256 KiB; no deployment is.",
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
            "The text contains a control character, which YAML forbids. Is this a text file?",
        );
        return None;
    }
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (tree, faults) = yaml::compose(bare, text.len() - bare.len());
    for fault in faults {
        if let FaultKind::Syntax(info) = &fault.kind {
            refuse_explained(syntax::explain(text, fault.span, info), findings);
            continue;
        }
        let (who, code, message) = describe(&fault.kind);
        findings.refuse(who, code, String::new(), fault.span, message);
    }
    match tree.root() {
        Some(root) if root.is_mapping() => Some(tree),
        Some(root) => {
            findings.refuse(
                Who::Both,
                "not-a-mapping",
                String::new(),
                root.span(),
                "An SDL document is a mapping with version, services, profiles and deployment.",
            );
            None
        }
        None => {
            if !findings.refuses(Dialect::Go) {
                findings.refuse(
                    Who::Both,
                    "empty",
                    String::new(),
                    whole,
                    "The document is empty.",
                );
            }
            None
        }
    }
}

fn refuse_explained(explained: syntax::Explained, findings: &mut Findings) {
    let syntax::Explained {
        code,
        message,
        span,
        fix,
    } = explained;
    let finding = findings.refuse(Who::Both, code, String::new(), span, message);
    if let Some((title, edits)) = fix {
        finding.fix(title, edits);
    }
}

/// The position of the first character that YAML forbids.
fn forbidden(text: &str) -> Option<usize> {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t');
    let (words, _) = text.as_bytes().as_chunks();
    let words = words.iter().take_while(|word| is_plain(**word)).count();
    let passed = words * size_of::<u64>();
    let checked = passed + text.bytes().skip(passed).position(|byte| !plain(&byte))?;
    let rest = text[checked..].char_indices();
    let mut found = rest.filter(|(_, c)| is_forbidden(*c));
    found.next().map(|(at, _)| checked + at)
}

/// Whether eight bytes are all printable ASCII or line feeds; may return false although they are.
fn is_plain(word: [u8; 8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let word = u64::from_ne_bytes(word);
    // Nothing is borrowed from a neighbour: each byte has its high bit set first.
    let above_space = (word | HIGH).wrapping_sub(ONES * 0x20);
    let not_feed = ((word ^ (ONES * 0x0a)) | HIGH).wrapping_sub(ONES);
    let not_delete = ((word ^ (ONES * 0x7f)) | HIGH).wrapping_sub(ONES);
    ((above_space | !not_feed) & not_delete & !word & HIGH) == HIGH
}

fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'
        | '\u{80}'..='\u{84}' | '\u{86}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}')
}

fn describe(fault: &FaultKind) -> (Who, &'static str, String) {
    match fault {
        FaultKind::Syntax(info) => (Who::Both, "syntax", info.clone()),
        FaultKind::TooDeep => (
            Who::Both,
            "too-deep",
            "The document is nested too deeply.".to_owned(),
        ),
        FaultKind::TooDeepForConsole => (
            Who::Console,
            "too-deep",
            "Console refuses documents nested more than 100 deep.".to_owned(),
        ),
        FaultKind::TooLarge => (
            Who::Both,
            "too-many-aliases",
            "The document has more entries than anyone should read, each alias (*name) counted with all it stands for."
                .to_owned(),
        ),
        FaultKind::RecursiveAlias => (
            Who::Both,
            "recursive-alias",
            "This alias stands inside the value it names.".to_owned(),
        ),
        FaultKind::BadMerge => (
            Who::Both,
            "merge-key",
            "A merge key (<<) takes a mapping or a list of mappings.".to_owned(),
        ),
        FaultKind::SecondDocument => (
            Who::Console,
            "second-document",
            "Console refuses a text with more than one document; the command line reads only the first."
                .to_owned(),
        ),
        FaultKind::UnknownTag(tag) => (
            Who::Console,
            "unknown-tag",
            format!("Console does not know the tag “{tag}”. Remove it."),
        ),
    }
}
