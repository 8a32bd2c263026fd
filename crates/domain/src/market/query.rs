//! A visitor's query of the market table: filters, order and priority, all of it in the page's address.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::MarketBoard;
use crate::money::Usd;
use crate::offers::gpu::{VramMib, alike, identify};
use crate::offers::{GpuKey, cost_order};
use crate::offers::{Offer, Venue, pricing_word};
use crate::requirements::{DeployToAkash, PricingModel, Priority, Region, Requirements};
use crate::resources::{GpuRequest, GpuVendor};
use crate::route::{Criteria, Decision, Entry, Weights, akash_suitability, route};
use crate::time::Seconds;

/// A column that rows can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Effective dollars per GPU-hour: the default.
    #[default]
    Cost,
    /// Dollars per hour for the cards asked for.
    Hour,
    /// The score that decides the recommendation.
    Score,
    /// The venue that sells it.
    Venue,
    /// The model of the card.
    Gpu,
    /// Memory of a card.
    Vram,
    /// The place of the hardware.
    Region,
    /// Round trip.
    Latency,
    /// Share of the last days in which it was up.
    Uptime,
    /// Frequency of interruption.
    Risk,
    /// Time at which the price was valid.
    Age,
}

impl Sort {
    /// Every column, in the order of the table.
    pub const ALL: [Self; 11] = [
        Self::Cost,
        Self::Hour,
        Self::Score,
        Self::Venue,
        Self::Gpu,
        Self::Vram,
        Self::Region,
        Self::Latency,
        Self::Uptime,
        Self::Risk,
        Self::Age,
    ];

    /// Name of the column in the address.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Hour => "hour",
            Self::Score => "score",
            Self::Venue => "venue",
            Self::Gpu => "gpu",
            Self::Vram => "vram",
            Self::Region => "region",
            Self::Latency => "latency",
            Self::Uptime => "uptime",
            Self::Risk => "risk",
            Self::Age => "age",
        }
    }

    /// Whether larger values are better, so that they come first by default.
    const fn begins_with_most(self) -> bool {
        matches!(self, Self::Score | Self::Vram | Self::Uptime | Self::Age)
    }
}

/// A query of the market table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MarketQuery {
    /// Words that every row must contain.
    pub search: String,
    /// The card, in any spelling.
    pub gpu: String,
    /// Number of cards asked for, from 1 to 1,024; `None` counts as one.
    pub cards: Option<u32>,
    /// Number of hours asked for, from 1 to 8,784; `None` counts as one.
    pub hours: Option<u64>,
    /// Least memory of a card, in GiB; `None` for any.
    pub min_vram: Option<u32>,
    /// Region the hardware must be in; `None` for anywhere.
    pub region: Option<Region>,
    /// Most dollars for one GPU and hour; `None` for no limit.
    pub most: Option<Usd>,
    /// Kinds of price that are not wanted.
    pub without: BTreeSet<PricingModel>,
    /// The only venue whose offers fit; `None` for all.
    pub venue: Option<Venue>,
    /// Quality that the recommendation favours.
    pub priority: Priority,
    /// The order of the rows.
    pub sort: Sort,
    /// `true` if the usual order of the column is reversed.
    pub reversed: bool,
    /// `true` if rows that do not fit are shown too.
    pub all: bool,
    /// Hand-written values that are not understood, by their names in the address: each is kept as written,
    /// with a sentence, and filters nothing.
    pub refused: BTreeMap<&'static str, Refused>,
}

/// A value that is not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The value as it was written, cut to 60 characters.
    pub text: String,
    /// Sentence that says what is wrong with it.
    pub why: String,
}

/// Direction in which a column's displayed values run down the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Values grow.
    Ascending,
    /// Values shrink.
    Descending,
}

impl Direction {
    /// The value of `aria-sort`.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

/// A name that belongs to no card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCard {
    /// Name that was asked for, cut to 60 characters.
    pub said: String,
    /// Names of the most similar cards, the likeliest first.
    pub alike: Vec<String>,
}

/// Largest number of cards that can be asked for.
const MOST_CARDS: u32 = 1024;

/// Largest number of hours that can be asked for: a leap year.
const MOST_HOURS: u64 = 8_784;

/// Number of characters of a refused value that are repeated.
const LONGEST_SHOWN: usize = 60;

const PRICING: [PricingModel; 3] = [PricingModel::Spot, PricingModel::Token, PricingModel::Fixed];

const PRIORITIES: [Priority; 4] = [
    Priority::Price,
    Priority::Latency,
    Priority::Uptime,
    Priority::Performance,
];

/// Name of a priority in the address.
#[must_use]
pub const fn priority_id(priority: Priority) -> &'static str {
    match priority {
        Priority::Price => "price",
        Priority::Latency => "latency",
        Priority::Uptime => "uptime",
        Priority::Performance => "performance",
    }
}

impl MarketQuery {
    /// Parses the query of an address, with or without its question mark. Anything not understood is left
    /// out.
    #[must_use]
    pub fn read(query: &str) -> Self {
        let mut read = Self::default();
        for pair in query.trim_start_matches('?').split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            read.set(name, &decoded(value));
        }
        read
    }

    /// Sets one field by its name in the address.
    pub fn set(&mut self, name: &str, value: &str) {
        let value = value.trim();
        match name {
            "q" => value.clone_into(&mut self.search),
            "gpu" => value.clone_into(&mut self.gpu),
            "cards" => {
                let read = value.parse().ok();
                self.cards = read.filter(|cards| (1..=MOST_CARDS).contains(cards));
                let why =
                    format!("is not a number of GPUs from 1 to {MOST_CARDS}. One is compared.");
                self.note("cards", value, self.cards.is_some(), || why);
            }
            "hours" => {
                let read = value.parse().ok();
                self.hours = read.filter(|hours| (1..=MOST_HOURS).contains(hours));
                let why =
                    format!("is not a number of hours from 1 to {MOST_HOURS}. One is compared.");
                self.note("hours", value, self.hours.is_some(), || why);
            }
            "vram" => self.min_vram = value.parse().ok(),
            "region" => self.region = value.parse().ok(),
            "most" => {
                self.most = value.trim_start_matches('$').parse().ok();
                let why = "is not an amount of dollars: write digits with at most one point and six \
                           decimals, like 1.50. No limit is applied.";
                self.note("most", value, self.most.is_some(), || why.to_owned());
            }
            "venue" => self.venue = value.parse().ok(),
            "without" => {
                self.without = PRICING
                    .into_iter()
                    .filter(|model| value.split(',').any(|word| word == pricing_word(*model)))
                    .collect();
            }
            "for" => {
                let known = PRIORITIES
                    .into_iter()
                    .find(|known| priority_id(*known) == value);
                self.priority = known.unwrap_or_default();
            }
            "sort" => {
                let (column, reversed) = match value.strip_prefix('-') {
                    Some(column) => (column, true),
                    None => (value, false),
                };
                let known = Sort::ALL.into_iter().find(|known| known.id() == column);
                self.sort = known.unwrap_or_default();
                self.reversed = reversed && known.is_some();
            }
            "all" => self.all = matches!(value, "1" | "on" | "true"),
            _ => {}
        }
    }

    /// Keeps the value written for `name` if it is not understood.
    fn note(
        &mut self,
        name: &'static str,
        value: &str,
        is_understood: bool,
        why: impl FnOnce() -> String,
    ) {
        if is_understood || value.is_empty() {
            self.refused.remove(name);
            return;
        }
        let text: String = value.chars().take(LONGEST_SHOWN).collect();
        let why = format!("“{text}” {}", why());
        self.refused.insert(name, Refused { text, why });
    }

    /// Reason why the value of a field is not applied, as a sentence.
    #[must_use]
    pub fn problem(&self, name: &str) -> Option<&str> {
        self.refused.get(name).map(|refused| refused.why.as_str())
    }

    /// Value of a hand-written field, as written if it is not understood.
    #[must_use]
    pub fn written(&self, name: &str) -> String {
        if let Some(refused) = self.refused.get(name) {
            return refused.text.clone();
        }
        match name {
            "cards" => self.cards.map(|cards| cards.to_string()),
            "hours" => self.hours.map(|hours| hours.to_string()),
            "most" => self.most.map(|most| most.to_string()),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// The query of an address; empty if everything has its default.
    #[must_use]
    pub fn write(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        let mut put = |name, value: String| {
            if !value.is_empty() {
                pairs.push((name, value));
            }
        };
        put("q", self.search.clone());
        put("gpu", self.gpu.clone());
        put("cards", self.written("cards"));
        put("hours", self.written("hours"));
        put(
            "vram",
            self.min_vram
                .map_or_else(String::new, |gib| gib.to_string()),
        );
        put(
            "region",
            self.region
                .map_or_else(String::new, |region| region.id().to_owned()),
        );
        put("most", self.written("most"));
        let without: Vec<&str> = self
            .without
            .iter()
            .map(|model| pricing_word(*model))
            .collect();
        put("without", without.join(","));
        put(
            "venue",
            self.venue
                .map_or_else(String::new, |venue| venue.id().to_owned()),
        );
        if self.priority != Priority::default() {
            put("for", priority_id(self.priority).to_owned());
        }
        if self.sort != Sort::default() || self.reversed {
            let minus = if self.reversed { "-" } else { "" };
            put("sort", format!("{minus}{}", self.sort.id()));
        }
        if self.all {
            put("all", "1".to_owned());
        }
        let pairs: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", encoded(value)))
            .collect();
        pairs.join("&")
    }

    /// Whether the query names a card, so that something can be recommended.
    #[must_use]
    pub fn names_a_card(&self) -> bool {
        self.unknown_card().is_none() && (!self.gpu.is_empty() || self.min_vram.is_some())
    }

    /// The name asked for if no card is called that; the result is then empty.
    #[must_use]
    pub fn unknown_card(&self) -> Option<UnknownCard> {
        if self.gpu.is_empty() || identify(&self.gpu).is_some() {
            return None;
        }
        Some(UnknownCard {
            said: self.gpu.chars().take(LONGEST_SHOWN).collect(),
            alike: alike(&self.gpu),
        })
    }

    /// The query that compares offers for an order: the same cards, hours, region and limits.
    #[must_use]
    pub fn of(requirements: &Requirements) -> Self {
        let criteria = Criteria::of(requirements);
        let gpu = criteria.gpu.as_ref();
        Self {
            gpu: gpu.and_then(named).unwrap_or_default(),
            cards: gpu.map(|gpu| gpu.count).filter(|cards| *cards > 1),
            hours: Some(criteria.duration.0.div_ceil(3600))
                .filter(|hours| (2..=MOST_HOURS).contains(hours)),
            min_vram: gpu.and_then(|gpu| gpu.vram_gib),
            region: criteria.region,
            most: criteria.max_per_gpu_hour,
            without: criteria.exclude_pricing,
            priority: criteria.priority,
            ..Self::default()
        }
    }

    /// Criteria that an offer must meet.
    #[must_use]
    pub fn criteria(&self) -> Criteria {
        let identity = identify(&self.gpu);
        Criteria {
            gpu: Some(GpuRequest {
                vendor: None,
                model: identity.as_ref().map(|identity| identity.key.model.clone()),
                count: self.cards.unwrap_or(1),
                // Memory given with the name counts like that of the filter.
                vram_gib: identity
                    .as_ref()
                    .and_then(|identity| identity.key.vram)
                    .map(VramMib::to_gib)
                    .max(self.min_vram),
                interface: identity.and_then(|identity| identity.key.interface),
            }),
            region: self.region,
            max_per_gpu_hour: self.most,
            max_per_hour: None,
            budget: None,
            duration: Seconds::hours(self.hours.unwrap_or(1)),
            exclude_pricing: self.without.clone(),
            venues: self.venue.into_iter().collect(),
            providers: BTreeSet::new(),
            priority: self.priority,
        }
    }

    /// Words for the first page that ask for `offer`, bound to its provider if it is a single provider's,
    /// so that the offer shown is the one deployed; `None` for an offer that cannot be deployed from here.
    #[must_use]
    pub fn words_for(&self, offer: &Offer) -> Option<String> {
        let key = offer.gpu.key().filter(|_| !offer.cards.is_fraction())?;
        if !offer.venue.is_deployable_here() {
            return None;
        }
        let cards = self.cards.unwrap_or(1).max(offer.cards.0 / 1000);
        let plain = GpuKey {
            edition: None,
            ..key.clone()
        };
        let mut words = format!("{cards} × {}", plain.title());
        if let Some(provider) = offer.akash_provider() {
            words.push_str(&format!(" from {provider}"));
        }
        if let Some(hours) = self.hours {
            words.push_str(&format!(" for {hours} h"));
        }
        if let Some(most) = self.most {
            words.push_str(&format!(", at most ${most} per GPU hour"));
        }
        Some(words)
    }

    /// Address of the first page with `words` filled in.
    #[must_use]
    pub fn address_of(words: &str) -> String {
        format!("/?say={}", encoded(words).replace('+', "%20"))
    }

    /// Routes over the board: which rows fit, why the others do not, and which one is best.
    #[must_use]
    pub fn decide(&self, board: &MarketBoard) -> Decision {
        let criteria = self.criteria();
        let akash = akash_suitability(&criteria, DeployToAkash::Automatic, &board.akash_rules);
        let weights = Weights::of(self.priority);
        route(criteria, board.to_market(), weights, akash, board.now)
    }

    /// Rows of the table, as indices into the decision's entries.
    #[must_use]
    pub fn rows(&self, decision: &Decision) -> Vec<usize> {
        if self.unknown_card().is_some() {
            return Vec::new();
        }
        let words: Vec<String> = self
            .search
            .split_whitespace()
            .map(str::to_lowercase)
            .collect();
        let has_words = |offer: &Offer| {
            let text = haystack(offer);
            words.iter().all(|word| text.contains(word.as_str()))
        };
        let mut rows: Vec<usize> = (0..decision.entries.len())
            .filter(|at| {
                let entry = &decision.entries[*at];
                (self.all || entry.fit().is_some()) && (words.is_empty() || has_words(&entry.offer))
            })
            .collect();
        if self.sort == Sort::Cost && !self.reversed {
            return rows;
        }
        rows.sort_by(|a, b| self.order(&decision.entries[*a], &decision.entries[*b]));
        rows
    }

    /// Direction of a column's values if the rows are sorted by it.
    #[must_use]
    pub fn direction(&self, column: Sort) -> Option<Direction> {
        if column != self.sort {
            return None;
        }
        // The age column shows elapsed time, so the newest price has the smallest value.
        let most_shown_first = column.begins_with_most() != (column == Sort::Age);
        Some(match most_shown_first != self.reversed {
            true => Direction::Descending,
            false => Direction::Ascending,
        })
    }

    /// Rows without a value in the sort column come last, in either direction.
    fn order(&self, a: &Entry, b: &Entry) -> Ordering {
        let (x, y) = (&a.offer, &b.offer);
        let most_first = self.sort.begins_with_most() != self.reversed;
        let ordered = match self.sort {
            Sort::Cost => by(
                Some(x.usd_per_gpu_hour),
                Some(y.usd_per_gpu_hour),
                most_first,
            ),
            Sort::Hour => by(Some(hourly(a)), Some(hourly(b)), most_first),
            Sort::Score => {
                let score = |entry: &Entry| entry.fit().map(|fit| fit.score.score_bps);
                by(score(a), score(b), most_first)
            }
            Sort::Venue => by(Some(x.venue.title()), Some(y.venue.title()), most_first),
            Sort::Gpu => by(Some(x.gpu.name()), Some(y.gpu.name()), most_first),
            Sort::Vram => by(vram(x), vram(y), most_first),
            Sort::Region => by(place(x), place(y), most_first),
            Sort::Latency => by(x.record.latency_ms, y.record.latency_ms, most_first),
            Sort::Uptime => by(x.record.uptime_bps, y.record.uptime_bps, most_first),
            Sort::Risk => by(risk(x), risk(y), most_first),
            Sort::Age => by(Some(x.observed_at), Some(y.observed_at), most_first),
        };
        ordered.then_with(|| cost_order(x, y))
    }
}

/// Hourly cost of a row: for the cards asked for if it fits, otherwise for the smallest rental.
#[must_use]
pub fn hourly(entry: &Entry) -> Usd {
    entry
        .fit()
        .map_or(entry.offer.usd_per_hour, |fit| fit.cost_per_hour)
}

/// A requested card, as a name that parses to the same card.
fn named(gpu: &GpuRequest) -> Option<String> {
    let key = GpuKey {
        vendor: gpu.vendor.unwrap_or(GpuVendor::Nvidia),
        model: gpu.model.clone()?,
        interface: gpu.interface,
        edition: None,
        vram: None,
    };
    Some(key.title())
}

fn by<T: Ord>(a: Option<T>, b: Option<T>, most_first: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if most_first => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

fn vram(offer: &Offer) -> Option<u32> {
    crate::offers::vram_gib(offer)
}

fn place(offer: &Offer) -> Option<&str> {
    offer.place.as_ref().map(|place| place.label.as_str())
}

fn risk(offer: &Offer) -> Option<u32> {
    offer
        .record
        .interruption
        .as_ref()
        .map(|band| band.midpoint_bps)
}

fn haystack(offer: &Offer) -> String {
    let parts = [
        offer.venue.title(),
        offer.gpu.name(),
        &offer.gpu.title(),
        &offer.shape,
        place(offer).unwrap_or_default(),
        offer.provider.as_deref().unwrap_or_default(),
        pricing_word(offer.pricing_model),
    ];
    parts.join(" ").to_lowercase()
}

/// A value encoded for an address.
pub(crate) fn encoded(value: &str) -> String {
    value
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b',' => {
                char::from(byte).to_string()
            }
            b' ' => "+".to_owned(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// A value decoded from an address; invalid escapes are kept as written.
pub(crate) fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut read = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = text
            .get(at + 1..at + 3)
            .filter(|_| *byte == b'%')
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        read.push(match (escaped, byte) {
            (Some(escaped), _) => escaped,
            (None, b'+') => b' ',
            (None, byte) => *byte,
        });
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&read).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Direction, MarketQuery, Sort};
    use crate::market::MarketBoard;
    use crate::offers::tokens::TokenRates;
    use crate::offers::{Decimal, ListedPrice, Listing, Offer, Record, Venue, normalize};
    use crate::requirements::{PricingModel, Priority, Region, Template, Wish};
    use crate::resources::GpuRequest;
    use crate::route::Criteria;
    use crate::time::Seconds;

    #[test]
    fn the_address_holds_the_whole_state() {
        let address = "q=us+west%C3%BC&gpu=RTX+4090&cards=2&hours=48&vram=24&region=us-west&most=1.50\
                       &without=spot&venue=vast-ai&for=uptime&sort=-age&all=1";
        let query = MarketQuery::read(&format!("?{address}&nonsense=1&cards2"));
        assert_eq!(query.search, "us westü");
        assert_eq!((query.cards, query.min_vram), (Some(2), Some(24)));
        assert_eq!(query.hours, Some(48));
        assert_eq!(query.region, Some(Region::UsWest));
        assert_eq!(query.without, [PricingModel::Spot].into());
        assert_eq!(query.priority, Priority::Uptime);
        assert_eq!(
            (query.sort, query.reversed, query.all),
            (Sort::Age, true, true)
        );
        assert_eq!(query.write(), address);
        assert_eq!(MarketQuery::read("").write(), "");
        assert_eq!(MarketQuery::read("vram=x&sort=-x&region=mars").write(), "");
    }

    #[test]
    fn a_value_that_is_not_understood_stays_as_it_is_written_and_filters_nothing() {
        for (name, text) in [
            ("most", "0,125"),
            ("most", "1,304.53"),
            ("most", "1e5"),
            ("most", "-1"),
            ("most", "0.1234567"),
            ("most", "NaN"),
            ("cards", "0"),
            ("cards", "2.5"),
            ("hours", "9000"),
            ("hours", "two"),
        ] {
            let mut query = MarketQuery::read("gpu=h100");
            query.set(name, text);
            assert_eq!((query.most, query.cards, query.hours), (None, None, None));
            let why = query.problem(name).unwrap();
            assert!(why.starts_with(&format!("“{text}” is not ")), "{why}");
            assert_eq!(query.written(name), text);
            let again = MarketQuery::read(&query.write());
            assert_eq!(again, query, "the address keeps it");
            query.set(name, if name == "most" { "$1.50" } else { "3" });
            assert_eq!(query.problem(name), None);
            query.set(name, text);
            query.set(name, "");
            assert_eq!(query, MarketQuery::read("gpu=h100"), "emptied");
        }
    }

    #[test]
    fn a_name_that_no_card_has_shows_nothing_as_a_result() {
        let board = MarketBoard {
            offers: vec![offer("a", 300, None)],
            ..MarketBoard::default()
        };
        for address in ["gpu=zzz", "gpu=zzz&all=1", "gpu=zzz&vram=24"] {
            let query = MarketQuery::read(address);
            assert_eq!(query.rows(&query.decide(&board)), [] as [usize; 0]);
            assert!(!query.names_a_card(), "{address}");
            assert_eq!(query.unknown_card().unwrap().said, "zzz");
        }
        let misspelt = MarketQuery::read("gpu=h10").unknown_card().unwrap();
        assert!(misspelt.alike.contains(&"H100".to_owned()), "{misspelt:?}");
        assert_eq!(MarketQuery::read("gpu=h100").unknown_card(), None);
        assert_eq!(MarketQuery::read("").unknown_card(), None);
    }

    #[test]
    fn memory_that_is_said_with_the_name_is_asked_for() {
        let of = |shape: &str, card: &str| {
            let price = ListedPrice::PerShapeHour(Decimal::cents(150));
            let listing = Listing::new(Venue::VastAi, shape, card, price);
            normalize(listing, &TokenRates::default()).unwrap()
        };
        let board = MarketBoard {
            offers: vec![
                of("small", "A100 SXM 40GB"),
                of("large", "A100 SXM 80GB"),
                of("unsaid", "A100 SXM"),
            ],
            ..MarketBoard::default()
        };
        let shown = |address: &str| {
            let query = MarketQuery::read(address);
            let decision = query.decide(&board);
            let mut shapes: Vec<String> = query
                .rows(&decision)
                .iter()
                .map(|at| decision.entries[*at].offer.shape.clone())
                .collect();
            shapes.sort();
            shapes
        };
        assert_eq!(shown("gpu=A100+SXM+80+GB"), ["large"]);
        assert_eq!(shown("gpu=A100+SXM+40GiB"), ["large", "small"]);
        assert_eq!(shown("gpu=A100+SXM"), ["large", "small", "unsaid"]);
        assert_eq!(shown("gpu=A100+40GB&vram=80"), ["large"]);
    }

    #[test]
    fn the_order_is_told_by_what_a_column_shows() {
        let told = |sort: &str, column| {
            let query = MarketQuery::read(&format!("sort={sort}"));
            query.direction(column).map(Direction::id)
        };
        assert_eq!(told("", Sort::Cost), Some("ascending"));
        assert_eq!(told("", Sort::Uptime), None);
        for (sort, column) in [
            ("uptime", Sort::Uptime),
            ("vram", Sort::Vram),
            ("score", Sort::Score),
        ] {
            assert_eq!(told(sort, column), Some("descending"), "the most first");
            assert_eq!(told(&format!("-{sort}"), column), Some("ascending"));
        }
        assert_eq!(told("age", Sort::Age), Some("ascending"), "the newest");
        assert_eq!(told("-cost", Sort::Cost), Some("descending"));
    }

    #[test]
    fn an_order_s_comparison_asks_for_what_the_order_does() {
        let wish = Wish {
            template: Some(Template::MlTraining),
            gpu: Some(GpuRequest {
                vendor: None,
                model: Some("a100".parse().unwrap()),
                count: 2,
                vram_gib: Some(80),
                interface: None,
            }),
            duration: Some(Seconds::hours(6)),
            max_per_gpu_hour: Some("1.60".parse().unwrap()),
            region: Some(Region::Eu),
            ..Wish::default()
        };
        let (requirements, _) = wish.complete().unwrap();
        let query = MarketQuery::of(&requirements);
        assert_eq!(
            query.write(),
            "gpu=A100&cards=2&hours=6&vram=80&region=eu&most=1.60"
        );
        assert_eq!(query.criteria().gpu.unwrap().count, 2);
        let mut expected = Criteria::of(&requirements);
        expected.providers.clear();
        assert_eq!(MarketQuery::read(&query.write()).criteria(), expected);
    }

    fn offer(shape: &str, cents: u64, uptime: Option<u32>) -> Offer {
        let price = ListedPrice::PerShapeHour(Decimal::cents(cents));
        let listing = Listing {
            record: Record {
                uptime_bps: uptime,
                ..Record::default()
            },
            ..Listing::new(Venue::VastAi, shape, "H100 SXM", price)
        };
        normalize(listing, &TokenRates::default()).unwrap()
    }

    #[test]
    fn what_is_not_known_comes_last_whichever_way_it_is_ordered() {
        let board = MarketBoard {
            offers: vec![
                offer("a", 300, None),
                offer("b", 200, Some(9000)),
                offer("c", 250, Some(9900)),
            ],
            ..MarketBoard::default()
        };
        for (sort, expected) in [
            ("", "bca"),
            ("-cost", "acb"),
            ("uptime", "cba"),
            ("-uptime", "bca"),
        ] {
            let query = MarketQuery::read(&format!("gpu=h100&sort={sort}"));
            let decision = query.decide(&board);
            let rows = query.rows(&decision);
            let shapes: String = rows
                .iter()
                .map(|at| decision.entries[*at].offer.shape.as_str())
                .collect();
            assert_eq!(shapes, expected, "{sort}");
        }
        let query = MarketQuery::read("gpu=h100&q=vast+C");
        assert_eq!(query.rows(&query.decide(&board)).len(), 1);
        let query = MarketQuery::read("gpu=a100");
        assert_eq!(query.rows(&query.decide(&board)).len(), 0);
        let query = MarketQuery::read("gpu=a100&all=1");
        assert_eq!(query.rows(&query.decide(&board)).len(), 3);
    }

    #[test]
    fn what_is_deployed_from_here_is_asked_for_with_its_provider() {
        let provider = "akash1q9r2yhl2m3lwn8zuv4efpye8d3rr4hxqvn0xd2";
        let of = |venue, cards: u32| {
            let price = ListedPrice::PerShapeHour(Decimal::cents(300 * u64::from(cards)));
            let listing = Listing {
                provider: Some(provider.to_owned()),
                cards: crate::offers::CardsMilli::whole(cards),
                ..Listing::new(venue, "s", "H100 SXM", price)
            };
            normalize(listing, &TokenRates::default()).unwrap()
        };
        let query = MarketQuery::read("gpu=h100&cards=2&hours=6");
        let words = query.words_for(&of(Venue::Necto, 4)).unwrap();
        assert_eq!(words, format!("4 × H100 SXM from {provider} for 6 h"));
        let capped = MarketQuery::read("gpu=h100&cards=2&hours=6&most=1.60");
        let words = capped.words_for(&of(Venue::Necto, 4)).unwrap();
        assert!(
            words.ends_with(" for 6 h, at most $1.60 per GPU hour"),
            "{words}"
        );
        let one = MarketQuery::default().words_for(&of(Venue::Akash, 1));
        assert_eq!(one, Some(format!("1 × H100 SXM from {provider}")));
        assert_eq!(query.words_for(&of(Venue::VastAi, 1)), None);
        assert_eq!(
            MarketQuery::address_of("1 × H100 + x"),
            "/?say=1%20%C3%97%20H100%20%2B%20x"
        );
    }

    proptest! {
        #[test]
        fn any_address_is_read_and_what_is_written_reads_the_same(text in ".{0,60}", search in ".{0,20}") {
            prop_assert!(MarketQuery::read(&text).cards.is_none_or(|cards| cards > 0));
            let mut query = MarketQuery::default();
            query.set("q", &search);
            prop_assert_eq!(MarketQuery::read(&query.write()), query);
        }
    }
}
