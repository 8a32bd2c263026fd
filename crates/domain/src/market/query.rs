//! What a visitor asks of the market's table: filters, order and priority, all of it in the
//! address of the page.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::MarketBoard;
use crate::money::Usd;
use crate::offers::{GpuKey, cost_order, gpu::identify};
use crate::offers::{Offer, Venue, pricing_word};
use crate::requirements::{DeployToAkash, PricingModel, Priority, Region};
use crate::resources::GpuRequest;
use crate::route::{Criteria, Decision, Entry, Weights, akash_suitability, route};
use crate::time::Seconds;

/// A column rows can be ordered by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// Effective dollars for one GPU and hour: the default.
    #[default]
    Cost,
    /// Dollars an hour for what is asked.
    Hour,
    /// The score that decides the recommendation.
    Score,
    /// Venue.
    Venue,
    /// Card.
    Gpu,
    /// Memory of a card.
    Vram,
    /// Where.
    Region,
    /// Round trip.
    Latency,
    /// Share of the last days it was up.
    Uptime,
    /// How often it is taken back.
    Risk,
    /// When the price was true.
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

    /// Its name in the address.
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

    /// Whether more of it is better, so that it begins with the most.
    const fn begins_with_most(self) -> bool {
        matches!(self, Self::Score | Self::Vram | Self::Uptime | Self::Age)
    }
}

/// What is asked of the table.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MarketQuery {
    /// Words every row must have.
    pub search: String,
    /// The card, in any spelling.
    pub gpu: String,
    /// How many cards; none counts as one.
    pub cards: Option<u32>,
    /// For how many hours; none counts as one.
    pub hours: Option<u64>,
    /// Least GiB of a card.
    pub min_vram: Option<u32>,
    /// Where.
    pub region: Option<Region>,
    /// Most dollars for one GPU and hour.
    pub most: Option<Usd>,
    /// Kinds of price that are not wanted.
    pub without: BTreeSet<PricingModel>,
    /// Only this venue.
    pub venue: Option<Venue>,
    /// What the recommendation favours.
    pub priority: Priority,
    /// The order of the rows.
    pub sort: Sort,
    /// Whether that order is turned round.
    pub reversed: bool,
    /// Whether rows that do not fit are shown too.
    pub all: bool,
}

/// A year.
const MOST_HOURS: u64 = 8_784;

const PRICING: [PricingModel; 3] = [PricingModel::Spot, PricingModel::Token, PricingModel::Fixed];

const PRIORITIES: [Priority; 4] = [
    Priority::Price,
    Priority::Latency,
    Priority::Uptime,
    Priority::Performance,
];

/// The name of a priority in the address.
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
    /// Reads the query of an address, with or without its question mark. What is not understood is
    /// left out.
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
                self.cards = value
                    .parse()
                    .ok()
                    .filter(|cards| (1..=1024).contains(cards))
            }
            "hours" => {
                self.hours = value
                    .parse()
                    .ok()
                    .filter(|hours| (1..=MOST_HOURS).contains(hours));
            }
            "vram" => self.min_vram = value.parse().ok(),
            "region" => self.region = value.parse().ok(),
            "most" => self.most = value.trim_start_matches('$').parse().ok(),
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

    /// The query of an address; empty where everything is as usual.
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
        put(
            "cards",
            self.cards
                .map_or_else(String::new, |cards| cards.to_string()),
        );
        put(
            "hours",
            self.hours
                .map_or_else(String::new, |hours| hours.to_string()),
        );
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
        put(
            "most",
            self.most.map_or_else(String::new, |most| most.to_string()),
        );
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

    /// Whether it says what is wanted, so that something can be recommended.
    #[must_use]
    pub fn names_a_card(&self) -> bool {
        identify(&self.gpu).is_some() || self.min_vram.is_some()
    }

    /// What an offer must meet.
    #[must_use]
    pub fn criteria(&self) -> Criteria {
        let identity = identify(&self.gpu);
        Criteria {
            gpu: Some(GpuRequest {
                vendor: None,
                model: identity.as_ref().map(|identity| identity.key.model.clone()),
                count: self.cards.unwrap_or(1),
                vram_gib: self.min_vram,
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

    /// The words that ask for `offer` on the first page, bound to its provider where it is one's own,
    /// so that what is deployed is what was shown; `None` for what is not deployed from here.
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

    /// The address of the first page with `words` written in.
    #[must_use]
    pub fn address_of(words: &str) -> String {
        format!("/?say={}", encoded(words).replace('+', "%20"))
    }

    /// Routes over the board: which rows fit, why the others do not, and what is best.
    #[must_use]
    pub fn decide(&self, board: &MarketBoard) -> Decision {
        let criteria = self.criteria();
        let akash = akash_suitability(&criteria, DeployToAkash::Automatic, &board.akash_rules);
        let weights = Weights::of(self.priority);
        route(criteria, board.to_market(), weights, akash, board.now)
    }

    /// The rows of the table, as places in the decision's entries.
    #[must_use]
    pub fn rows(&self, decision: &Decision) -> Vec<usize> {
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

    /// Rows that do not know what they are ordered by come last, whichever way it goes.
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

/// What a row costs an hour: for what is asked where it fits, else for the least it can be had for.
#[must_use]
pub fn hourly(entry: &Entry) -> Usd {
    entry
        .fit()
        .map_or(entry.offer.usd_per_hour, |fit| fit.cost_per_hour)
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

/// A value as it stands in an address.
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

/// The value that stands in an address; broken escapes stay as they are.
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

    use super::{MarketQuery, Sort};
    use crate::market::MarketBoard;
    use crate::offers::tokens::TokenRates;
    use crate::offers::{Decimal, ListedPrice, Listing, Offer, Record, Venue, normalize};
    use crate::requirements::{PricingModel, Priority, Region};

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
        assert_eq!(
            MarketQuery::read("cards=0&vram=x&sort=-x&most=-1").write(),
            ""
        );
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
