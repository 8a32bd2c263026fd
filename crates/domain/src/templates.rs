//! Templates as shown to visitors: their origin, the content of their pages, and the search. The built-in
//! ones are data of the `sdl` crate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ids::OwnTemplateId;
use crate::market::query::{decoded, encoded};
use crate::money::Usd;
use crate::prose::Block;
use crate::quote::CostLine;
use crate::time::UnixSeconds;

/// Prefix of a community template's address.
const COMMUNITY: &str = "community:";
/// Prefix of the address of a buyer's own template.
const OWN: &str = "own:";
/// Maximum length of a template's name or folder, in bytes.
const LONGEST_NAME: usize = 160;

/// The longest name a buyer can give a template, in characters.
pub const MOST_OWN_NAME: usize = 60;

/// Id of a template, which includes its origin. As text: `postgres`, `community:wordpress`,
/// `community:ai~chat` for the folder `ai/chat`, `own:` and 32 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum TemplateId {
    /// Built in, by its name.
    Core(String),
    /// From the community's repository, by its folder.
    Community(String),
    /// The buyer's own template, visible only to its owner.
    Own(OwnTemplateId),
}

/// A text that is not a template id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{0}” is not the name of a template")]
pub struct TemplateIdError(String);

impl fmt::Display for TemplateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(name) => f.write_str(name),
            Self::Community(folder) => write!(f, "{COMMUNITY}{}", folder.replace('/', "~")),
            Self::Own(id) => write!(f, "{OWN}{id}"),
        }
    }
}

impl FromStr for TemplateId {
    type Err = TemplateIdError;

    fn from_str(text: &str) -> Result<Self, TemplateIdError> {
        let refused = || TemplateIdError(text.chars().take(60).collect());
        if let Some(folder) = text.strip_prefix(COMMUNITY) {
            let folder = folder.replace('~', "/");
            return is_folder(&folder)
                .then_some(Self::Community(folder))
                .ok_or_else(refused);
        }
        if let Some(id) = text.strip_prefix(OWN) {
            return id.parse().map(Self::Own).map_err(|_| refused());
        }
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let is_name = !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(plain);
        is_name
            .then(|| Self::Core(text.to_owned()))
            .ok_or_else(refused)
    }
}

impl From<TemplateId> for String {
    fn from(id: TemplateId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for TemplateId {
    type Error = TemplateIdError;

    fn try_from(text: String) -> Result<Self, TemplateIdError> {
        text.parse()
    }
}

/// Whether `path` is a relative path inside a repository: plain parts without upward steps.
#[must_use]
pub fn is_folder(path: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_part =
        |part: &str| !part.is_empty() && !part.starts_with('.') && part.chars().all(plain);
    path.len() <= LONGEST_NAME && path.split('/').all(is_part)
}

/// The template that an order began with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateRef {
    /// Id of the template, which includes its origin.
    pub id: TemplateId,
    /// Name that the template had when the order began.
    pub title: String,
}

/// A template on the shelf.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateCard {
    /// Id of the template, which includes its origin.
    pub id: TemplateId,
    /// Name of the template, for people.
    pub title: String,
    /// Short description of its use; `None` if none is known.
    pub summary: Option<String>,
    /// Category that the template is filed under.
    pub category: String,
}

impl TemplateCard {
    /// Whether Necto itself wrote and checked the template.
    #[must_use]
    pub const fn is_core(&self) -> bool {
        matches!(self.id, TemplateId::Core(_))
    }
}

/// All templates that a visitor may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateShelf {
    /// The built-in ones, the visitor's own, then the community's.
    pub cards: Vec<TemplateCard>,
    /// State of the community's templates; `None` if this Necto does not offer them.
    pub community: Option<CommunityState>,
    /// Unix time at which this was made, by the server's clock.
    pub now: UnixSeconds,
}

/// State of the community's templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommunityState {
    /// Web address at which the templates are published.
    pub source: String,
    /// Unix time at which the source last confirmed the list; `None` if it never did.
    pub confirmed_at: Option<UnixSeconds>,
    /// Reason why the last attempt to read the list failed, for people; `None` if it succeeded.
    pub trouble: Option<String>,
}

/// A template in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatePage {
    /// Template that the page is about, as the shelf shows it.
    pub card: TemplateCard,
    /// Description of the template, parsed into blocks.
    pub about: Vec<Block>,
    /// SDL of the template.
    pub sdl: String,
    /// Findings of the check, faults first, then by line; without a fault it can be deployed as it is.
    pub remarks: Vec<Remark>,
    /// Services that the document runs; empty if it cannot be deployed.
    pub parts: Vec<TemplatePart>,
    /// Settings meant to be changed, each with its present value; empty for a template that is not built
    /// in.
    pub adjustable: Vec<(String, String)>,
    /// Typical cost of the workload now, or the reason why there is no price.
    pub cost: TemplateCost,
    /// Files that the document lists under `include`, which Akash does not read.
    pub includes: Vec<String>,
    /// Source of a community template; `None` for any other.
    pub origin: Option<TemplateOrigin>,
    /// Unix time at which this was made, by the server's clock.
    pub now: UnixSeconds,
}

/// Origin of a community template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateOrigin {
    /// Address of its page at the source.
    pub url: String,
    /// Unix time at which its files were read from the source.
    pub read_at: UnixSeconds,
    /// Reason why it may not be the newest version, for people; `None` without such a reason.
    pub stale: Option<String>,
}

/// A finding of the check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// `true` if it prevents the document from being deployed.
    pub is_fault: bool,
    /// The line, from 1.
    pub line: u32,
    /// Text of the finding, for people.
    pub text: String,
}

/// One service of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplatePart {
    /// Name of the service.
    pub name: String,
    /// Container image that the service runs.
    pub image: String,
    /// Number of replicas.
    pub count: u32,
    /// Size of one replica: "1 vCPU, 2Gi memory, 10Gi storage".
    pub size: String,
    /// Open ports, each in words: "80, at a web address".
    pub ports: Vec<String>,
}

/// Cost of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TemplateCost {
    /// The typical market price.
    Typical {
        /// Sum of the lines, in dollars per hour.
        per_hour: Usd,
        /// Typical cost of each resource.
        lines: Vec<CostLine>,
    },
    /// There is no price, for the reason given.
    Unknown {
        /// Reason, as one sentence for people.
        why: String,
    },
}

/// A search on the shelf, as it appears in the address: `?q=blog&category=Databases`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TemplateQuery {
    /// Words that must all occur.
    pub words: String,
    /// Only category to show; empty for all.
    pub category: String,
}

impl TemplateQuery {
    /// Parses the query of an address, with or without its question mark. Anything not understood is left
    /// out.
    #[must_use]
    pub fn read(query: &str) -> Self {
        let mut read = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            match pair.split_once('=') {
                Some(("q", value)) => read.words = decoded(value),
                Some(("category", value)) => read.category = decoded(value),
                _ => {}
            }
        }
        read
    }

    /// The query for the address; empty if nothing is searched for.
    #[must_use]
    pub fn write(&self) -> String {
        let pairs = [("q", self.words.trim()), ("category", &self.category)];
        let pairs = pairs.iter().filter(|(_, value)| !value.is_empty());
        let pairs = pairs.map(|(name, value)| format!("{name}={}", encoded(value)));
        pairs.collect::<Vec<_>>().join("&")
    }

    /// Whether `card` matches.
    #[must_use]
    pub fn fits(&self, card: &TemplateCard) -> bool {
        if !self.category.is_empty() && self.category != card.category {
            return false;
        }
        let summary = card.summary.as_deref().unwrap_or_default();
        let text = format!("{} {} {summary} {}", card.title, card.id, card.category).to_lowercase();
        self.words
            .to_lowercase()
            .split_whitespace()
            .all(|word| text.contains(word))
    }
}

/// The categories of `cards` with their counts, in order of appearance.
#[must_use]
pub fn categories(cards: &[TemplateCard]) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for card in cards {
        match found.iter_mut().find(|(name, _)| *name == card.category) {
            Some((_, count)) => *count += 1,
            None => found.push((card.category.clone(), 1)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{TemplateCard, TemplateId, TemplateQuery, categories};

    #[test]
    fn a_template_is_named_the_same_in_text_and_back() {
        for text in [
            "postgres",
            "community:wordpress",
            "community:ai~chat-ui",
            "own:0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(text.parse::<TemplateId>().unwrap().to_string(), text);
        }
        let nested = "community:ai~chat".parse::<TemplateId>().unwrap();
        assert_eq!(nested, TemplateId::Community("ai/chat".to_owned()));
    }

    #[test]
    fn no_name_leads_out_of_the_repository() {
        for text in [
            "",
            "community:",
            "community:..~secret",
            "community:~etc",
            "community:a~~b",
            "community:a b",
            "community:a?ref=x",
            "community:%2e%2e",
            "community:.github",
            "own:me",
            "Postgres",
            "a/b",
        ] {
            assert!(text.parse::<TemplateId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_search_wants_all_its_words_and_its_category() {
        let card = TemplateCard {
            id: "community:ghost".parse().unwrap(),
            title: "Ghost".to_owned(),
            summary: Some("A blog engine.".to_owned()),
            category: "Blogging".to_owned(),
        };
        let fits = |words: &str, category: &str| {
            let query = TemplateQuery {
                words: words.to_owned(),
                category: category.to_owned(),
            };
            query.fits(&card)
        };
        assert!(fits("", "") && fits("BLOG ghost", "") && fits("engine", "Blogging"));
        assert!(!fits("blog wiki", "") && !fits("", "Databases"));
        let query = TemplateQuery::read("?q=a+%26+b&category=Chat%2C+CI&x=1");
        assert_eq!(
            (query.words.as_str(), query.category.as_str()),
            ("a & b", "Chat, CI")
        );
        assert_eq!(TemplateQuery::read(&query.write()), query);
        assert_eq!(TemplateQuery::default().write(), "");
        let counted = categories(&[card.clone(), card.clone()]);
        assert_eq!(counted, [("Blogging".to_owned(), 2)]);
    }
}
