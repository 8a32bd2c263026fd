//! Checks a model's proposal: it becomes a wish only as far as the buyer's own words support it.
//!
//! A model reads text that anyone may have written, so nothing it answers is trusted:
//!
//! - a field counts as said only with a quote that occurs in the buyer's words, outside of orders
//!   that were set aside; without one it is an assumption, and only where assuming is harmless;
//! - limits come from the rules' reading and are only ever lowered;
//! - an image is taken only where the buyer wrote exactly that name;
//! - environment, venue and everything that moves money are not fields of a proposal: an answer
//!   that names them is refused as a whole.

mod fault;
mod fields;
mod schema;

use domain::requirements::Wish;
use domain::resources::GpuRequest;
use serde_json::{Map, Value};

use crate::understanding::{Evidence, Understanding};
pub use fault::Fault;
use fields::Fields;
use schema::Shape;
pub use schema::{extraction_schema, refinement_schema};

/// Longest text from a model that reaches a page.
const LONGEST_REMARK: usize = 200;
/// Maximum number of orders that are quoted back.
const MOST_SET_ASIDE: usize = 10;

/// Takes from `answer`, which has the shape of [`extraction_schema`], everything that the buyer's
/// `text` supports. `rules` is the rules' reading of the same text, whose findings are kept.
///
/// # Errors
/// [`Fault`] for an answer of another shape, and for values that are out of range.
pub fn read_answer(
    answer: &Value,
    text: &str,
    rules: &Understanding,
) -> Result<Understanding, Fault> {
    let answer = object(answer)?;
    let proposed = Fields::read(answer, Shape::Answer)?;
    let mut set_aside = rules.set_aside.clone();
    for quote in texts(answer, "set_aside")? {
        let known = set_aside.iter().any(|known| known.contains(quote));
        if !known && set_aside.len() < MOST_SET_ASIDE && place_of(text, quote).is_some() {
            set_aside.push(quote.to_owned());
        }
    }
    let words = Words::new(text, &set_aside);
    let quotes = quotes(answer, &words)?;
    let reasons = reasons(answer.get("assumptions"))?;
    let mut merged = Merge {
        wish: rules.wish.clone(),
        evidence: rules.evidence.clone(),
        quotes,
        reasons,
        words: &words,
    };
    merged.everything(proposed);
    let Merge {
        wish, mut evidence, ..
    } = merged;
    evidence.sort_by(|a, b| (a.from, a.to, &a.field).cmp(&(b.from, b.to, &b.field)));
    let unclear = wish.is_empty();
    let asked = answer
        .get("question")
        .and_then(Value::as_str)
        .and_then(remark);
    let (question, answers) = match (&rules.question, rules.unclear && !unclear) {
        (Some(question), false) => (Some(question.clone()), rules.answers.clone()),
        _ => (asked, Vec::new()),
    };
    Ok(Understanding {
        wish,
        evidence,
        set_aside,
        question,
        answers,
        unclear,
    })
}

/// Fills the open fields of `base` from `proposal`, which has the shape of [`refinement_schema`].
/// Every field filled this way is an assumption with the model's reason.
///
/// # Errors
/// [`Fault`] for another shape, for a field that the buyer has decided already, and for values
/// that are out of range.
pub fn refine(base: &Understanding, proposal: &Value) -> Result<Understanding, Fault> {
    let proposal = object(proposal)?;
    let proposed = Fields::read(proposal, Shape::Refinement)?;
    let reasons = reasons(proposal.get("reasons"))?;
    let mut refined = base.clone();
    let wish = &mut refined.wish;
    let open = |wish: &Wish, field: &str| wish.inferred.contains_key(field);
    macro_rules! fill {
        ($field:ident, $name:literal, $key:literal, $is_open:expr, $as:expr) => {
            if let Some(value) = proposed.$field {
                let value = $as(value);
                if $is_open || open(wish, $key) {
                    wish.$field = value;
                    wish.inferred.insert($key.to_owned(), reasons.of($name));
                } else if wish.$field != value {
                    return Err(decided($name));
                }
            }
        };
    }
    fill!(
        template,
        "template",
        "template",
        wish.template.is_none() && wish.image.is_none(),
        Some
    );
    fill!(cpu, "cpu", "cpu", wish.cpu.is_none(), Some);
    fill!(memory, "memory_gib", "memory", wish.memory.is_none(), Some);
    fill!(
        storage,
        "storage_gib",
        "storage",
        wish.storage.is_none(),
        Some
    );
    fill!(
        persistent,
        "persistent",
        "persistent",
        wish.persistent.is_none(),
        Some
    );
    fill!(
        replicas,
        "replicas",
        "replicas",
        wish.replicas.is_none(),
        Some
    );
    fill!(
        duration,
        "duration_hours",
        "duration",
        wish.duration.is_none(),
        Some
    );
    fill!(
        priority,
        "priority",
        "priority",
        wish.priority.is_none(),
        Some
    );
    fill!(ports, "ports", "ports", wish.ports.is_empty(), |ports| {
        ports
    });
    if let Some(asked) = proposed.gpu {
        if wish.no_gpu {
            return Err(decided("gpu"));
        }
        let is_open = open(wish, "gpu");
        let gpu = match &wish.gpu {
            Some(said) if !is_open => filled(said, &asked).ok_or_else(|| decided("gpu"))?,
            _ => asked,
        };
        if wish.gpu.as_ref() != Some(&gpu) {
            wish.inferred.insert("gpu".to_owned(), reasons.of("gpu"));
            wish.gpu = Some(gpu);
        }
    }
    refined.unclear = refined.wish.is_empty();
    Ok(refined)
}

fn decided(field: &str) -> Fault {
    Fault::new(field, "the buyer has decided this; leave it as it is")
}

/// The buyer's GPU with its open parts filled; `None` if the proposal contradicts it.
fn filled(said: &GpuRequest, proposed: &GpuRequest) -> Option<GpuRequest> {
    fn part<T: PartialEq + Clone>(said: &Option<T>, proposed: &Option<T>) -> Option<Option<T>> {
        match (said, proposed) {
            (Some(said), Some(proposed)) if said != proposed => None,
            (Some(said), _) => Some(Some(said.clone())),
            (None, proposed) => Some(proposed.clone()),
        }
    }
    (said.count == proposed.count).then_some(())?;
    Some(GpuRequest {
        vendor: part(&said.vendor, &proposed.vendor)?,
        model: part(&said.model, &proposed.model)?,
        count: said.count,
        vram_gib: part(&said.vram_gib, &proposed.vram_gib)?,
        interface: part(&said.interface, &proposed.interface)?,
    })
}

/// Puts a proposal into the rules' reading, field by field.
struct Merge<'a> {
    wish: Wish,
    evidence: Vec<Evidence>,
    quotes: Vec<Evidence>,
    reasons: Reasons,
    words: &'a Words<'a>,
}

impl Merge<'_> {
    fn everything(&mut self, proposed: Fields) {
        macro_rules! take {
            ($field:ident, $name:literal, $key:literal, $as:expr) => {
                if let Some(value) = proposed.$field {
                    let value = $as(value);
                    if self.wish.$field != value {
                        let is_open = self.wish.$field == Wish::default().$field;
                        match self.standing($name, is_open) {
                            Standing::Said => self.wish.$field = value,
                            Standing::Assumed(reason) => {
                                self.wish.$field = value;
                                self.wish.inferred.insert($key.to_owned(), reason);
                            }
                            Standing::Unfounded => {}
                        }
                    }
                }
            };
        }
        if let Some(image) = proposed.image
            && self.wish.image.is_none()
            && let Some(at) = self.words.place(&image)
        {
            self.evidence.push(self.words.evidence("image", at));
            self.wish.image = Some(image);
        }
        if self.wish.image.is_none() || self.quotes.iter().any(|quote| quote.field == "template") {
            take!(template, "template", "template", Some);
        }
        take!(cpu, "cpu", "cpu", Some);
        take!(memory, "memory_gib", "memory", Some);
        take!(storage, "storage_gib", "storage", Some);
        take!(persistent, "persistent", "persistent", Some);
        take!(replicas, "replicas", "replicas", Some);
        take!(duration, "duration_hours", "duration", Some);
        take!(priority, "priority", "priority", Some);
        take!(ports, "ports", "ports", |ports| ports);
        if !self.wish.no_gpu {
            take!(gpu, "gpu", "gpu", Some);
        }
        // A region that the buyer did not name would only exclude providers.
        if let (Some(region), Standing::Said) = (proposed.region, self.standing("region", false)) {
            self.wish.region = Some(region);
        }
        self.limits(&proposed.limits);
        let exclusions = proposed.exclude_pricing.unwrap_or_default();
        if !exclusions.is_subset(&self.wish.exclude_pricing)
            && let Standing::Said = self.standing("exclude_pricing", false)
        {
            self.wish.exclude_pricing.extend(exclusions);
        }
    }

    /// Takes a limit if it was said and is lower than the one that the rules read.
    fn limits(&mut self, proposed: &fields::Limits) {
        for (name, value, get) in proposed.each() {
            let Some(value) = value else { continue };
            let limit = get(&mut self.wish);
            if limit.is_some_and(|limit| limit <= value) {
                continue;
            }
            if let Standing::Said = self.standing(name, false) {
                *get(&mut self.wish) = Some(value);
            }
        }
    }

    /// The standing of a proposed value. The quotes of an accepted value become its evidence.
    fn standing(&mut self, field: &str, is_open: bool) -> Standing {
        let part = format!("{field}.");
        let quotes: Vec<Evidence> = self
            .quotes
            .iter()
            .filter(|quote| quote.field == field || quote.field.starts_with(&part))
            .cloned()
            .collect();
        if !quotes.is_empty() {
            self.evidence
                .retain(|known| known.field != field && !known.field.starts_with(&part));
            self.evidence.extend(quotes);
            return Standing::Said;
        }
        let is_limit = field.contains("usd");
        if is_open && !is_limit {
            return Standing::Assumed(self.reasons.of(field));
        }
        Standing::Unfounded
    }
}

enum Standing {
    Said,
    Assumed(String),
    Unfounded,
}

/// The buyer's words, with the positions that were set aside.
struct Words<'a> {
    text: &'a str,
    aside: Vec<(usize, usize)>,
}

impl<'a> Words<'a> {
    fn new(text: &'a str, set_aside: &[String]) -> Self {
        let aside = set_aside
            .iter()
            .flat_map(|order| text.match_indices(order.as_str()))
            .map(|(from, order)| (from, from + order.len()))
            .collect();
        Self { text, aside }
    }

    /// The position of `quote` outside the parts that were set aside.
    fn place(&self, quote: &str) -> Option<(usize, usize)> {
        let quote = quote.trim();
        if quote.is_empty() {
            return None;
        }
        let mut from = 0;
        while let Some(found) = self.text.get(from..).and_then(|rest| find(rest, quote)) {
            let at = (from + found, from + found + quote.len());
            let is_aside = |span: &(usize, usize)| span.0 < at.1 && at.0 < span.1;
            if !self.aside.iter().any(is_aside) {
                return Some(at);
            }
            from = at.1;
        }
        None
    }

    fn evidence(&self, field: &str, (from, to): (usize, usize)) -> Evidence {
        Evidence {
            field: field.to_owned(),
            text: self.text[from..to].to_owned(),
            from,
            to,
        }
    }
}

/// The first position of `quote`, ignoring case.
fn find(text: &str, quote: &str) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).find(|at| {
        text.get(*at..at + quote.len())
            .is_some_and(|part| part.eq_ignore_ascii_case(quote))
    })
}

fn place_of(text: &str, quote: &str) -> Option<usize> {
    (!quote.trim().is_empty())
        .then(|| text.find(quote))
        .flatten()
}

fn object(value: &Value) -> Result<&Map<String, Value>, Fault> {
    value
        .as_object()
        .ok_or_else(|| Fault::new("", "the answer must be one JSON object"))
}

/// The model's quotes that occur in the text, each with its field.
fn quotes(answer: &Map<String, Value>, words: &Words<'_>) -> Result<Vec<Evidence>, Fault> {
    let mut found = Vec::new();
    for entry in list(answer, "evidence")? {
        let (Some(field), Some(quote)) = (entry["field"].as_str(), entry["text"].as_str()) else {
            return Err(Fault::new("evidence", "each entry needs field and text"));
        };
        let known = found.iter().any(|known: &Evidence| {
            known.field == field && known.text.eq_ignore_ascii_case(quote.trim())
        });
        if let (false, Some(at)) = (known, words.place(quote)) {
            found.push(words.evidence(field, at));
        }
    }
    Ok(found)
}

fn list<'a>(answer: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], Fault> {
    match answer.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(entries)) if entries.len() <= 100 => Ok(entries),
        Some(_) => Err(Fault::new(name, "must be a list of at most 100 entries")),
    }
}

fn texts<'a>(answer: &'a Map<String, Value>, name: &str) -> Result<Vec<&'a str>, Fault> {
    list(answer, name)?
        .iter()
        .map(|entry| {
            entry
                .as_str()
                .ok_or_else(|| Fault::new(name, "must hold texts"))
        })
        .collect()
}

/// Reasons for which a model filled fields, by the field's name in the answer.
struct Reasons(Vec<(String, String)>);

impl Reasons {
    fn of(&self, field: &str) -> String {
        let given = self.0.iter().find(|(name, _)| name == field);
        given.map_or_else(
            || "the model’s estimate".to_owned(),
            |(_, reason)| reason.clone(),
        )
    }
}

/// Reads a list of `{field, reason}` or an object of reasons by field.
fn reasons(given: Option<&Value>) -> Result<Reasons, Fault> {
    let pairs: Vec<(&str, &str)> = match given {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(entries)) => entries
            .iter()
            .filter_map(|entry| Some((entry["field"].as_str()?, entry["reason"].as_str()?)))
            .collect(),
        Some(Value::Object(entries)) => entries
            .iter()
            .filter_map(|(field, reason)| Some((field.as_str(), reason.as_str()?)))
            .collect(),
        Some(_) => return Err(Fault::new("reasons", "must be by field")),
    };
    Ok(Reasons(
        pairs
            .into_iter()
            .filter_map(|(field, reason)| Some((field.to_owned(), remark(reason)?)))
            .collect(),
    ))
}

/// A model's remark in a form that is safe to show: one short line without links. Otherwise a
/// manipulated model could speak to the buyer in Necto's name.
#[must_use]
pub fn remark(text: &str) -> Option<String> {
    let line: String = text
        .chars()
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .filter(|c| !c.is_control() && !is_invisible(*c))
        .take(LONGEST_REMARK)
        .collect();
    let line = line.trim();
    let lower = line.to_lowercase();
    let leads_away = [
        "://",
        "www.",
        "0x",
        "seed",
        "private key",
        "mnemonic",
        "password",
        "<",
        ">",
    ]
    .iter()
    .any(|word| lower.contains(word));
    (!line.is_empty() && !leads_away).then(|| line.to_owned())
}

/// Characters that reorder or hide text.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}
