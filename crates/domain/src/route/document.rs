//! The decision document: everything that a decision is based on, as canonical JSON.

use super::{
    Choice, Criteria, Decision, Entry, Factor, Fit, Outcome, UNKNOWN_BPS, VenueReport, VenueState,
};
use crate::offers::json::Json;
use crate::offers::tokens::{Standing, TokenPrice};
use crate::offers::{Quarantined, pricing_word};
use crate::requirements::Priority;
use crate::resources::{GpuInterface, GpuModel, GpuVendor};

/// Version of the document's format and of the rules behind its figures: a reader refuses an unknown one.
/// In version 1 a score was the mean of the known parts alone.
const VERSION: i64 = 2;

impl Decision {
    /// The decision document.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let fitting = || self.by_score.iter().filter_map(|at| self.entries.get(*at));
        Json::object([
            ("version", Json::Integer(VERSION)),
            ("made_at", Json::time(self.made_at)),
            ("criteria", criteria(&self.criteria)),
            ("weights", self.weights()),
            ("unknown_counts", Json::share(UNKNOWN_BPS)),
            ("venues", Json::list(self.venues.iter().map(venue))),
            (
                "token_prices",
                Json::list(self.token_prices.iter().map(token_price)),
            ),
            ("offers", Json::list(self.entries.iter().map(offer))),
            (
                "ranking",
                Json::list(self.entries.iter().filter_map(ranked)),
            ),
            (
                "by_score",
                Json::list(fitting().map(|entry| Json::text(&entry.offer.id))),
            ),
            (
                "rejections",
                Json::list(self.entries.iter().filter_map(rejected)),
            ),
            (
                "quarantined",
                Json::list(self.quarantined.iter().map(quarantined)),
            ),
            ("choice", self.choice_json()),
            ("choice_reason", Json::text(self.choice_reason())),
            (
                "akash",
                Json::object([
                    ("suits", Json::Bool(self.akash.suits)),
                    (
                        "reasons",
                        Json::list(self.akash.reasons.iter().map(Json::text)),
                    ),
                ]),
            ),
        ])
    }

    fn weights(&self) -> Json {
        let weights =
            Factor::ALL.map(|factor| (factor.id(), Json::share(self.weights.get(factor))));
        Json::object(weights)
    }

    fn choice_json(&self) -> Json {
        let (at, is_recommended) = match self.choice {
            Choice::Recommended { entry } => (entry, true),
            Choice::OnPaper { entry } => (entry, false),
            Choice::Nothing => return Json::Null,
        };
        let Some((entry, fit)) = self.entries.get(at).and_then(|e| Some((e, e.fit()?))) else {
            return Json::Null;
        };
        let offer = &entry.offer;
        Json::object([
            ("recommended", Json::Bool(is_recommended)),
            ("offer", Json::text(&offer.id)),
            ("venue", Json::text(offer.venue.id())),
            ("shape", Json::text(&offer.shape)),
            ("gpu", Json::text(offer.gpu.name())),
            ("gpu_count", Json::cards(offer.cards)),
            ("usd_per_gpu_hour", Json::usd(offer.usd_per_gpu_hour)),
            ("usd_per_hour", Json::usd(fit.cost_per_hour)),
            (
                "usd_total",
                Json::usd(fit.cost_per_hour.scaled_up(self.criteria.duration.0, 3600)),
            ),
            ("score", Json::share(fit.score.score_bps)),
            ("confidence", Json::share(fit.score.confidence_bps)),
            (
                "deployable_here",
                Json::Bool(offer.venue.is_deployable_here()),
            ),
            ("link", Json::maybe(offer.link.as_ref(), Json::text)),
        ])
    }
}

/// Name of a priority.
const fn priority_word(priority: Priority) -> &'static str {
    match priority {
        Priority::Price => "price",
        Priority::Latency => "latency",
        Priority::Uptime => "uptime",
        Priority::Performance => "performance",
    }
}

fn criteria(criteria: &Criteria) -> Json {
    let gpu = criteria.gpu.as_ref();
    let usd = |amount| Json::maybe(amount, Json::usd);
    Json::object([
        (
            "gpu",
            Json::maybe(gpu, |gpu| {
                Json::object([
                    (
                        "vendor",
                        Json::maybe(gpu.vendor.map(GpuVendor::as_str), Json::text),
                    ),
                    (
                        "model",
                        Json::maybe(gpu.model.as_ref().map(GpuModel::as_str), Json::text),
                    ),
                    ("count", Json::count(u64::from(gpu.count))),
                    (
                        "vram_gib",
                        Json::maybe(gpu.vram_gib.map(u64::from), Json::count),
                    ),
                    (
                        "interface",
                        Json::maybe(gpu.interface.map(GpuInterface::as_str), Json::text),
                    ),
                ])
            }),
        ),
        (
            "region",
            Json::maybe(criteria.region, |region| Json::text(region.id())),
        ),
        ("max_usd_per_gpu_hour", usd(criteria.max_per_gpu_hour)),
        ("max_usd_per_hour", usd(criteria.max_per_hour)),
        ("budget_usd", usd(criteria.budget)),
        ("duration_seconds", Json::count(criteria.duration.0)),
        (
            "exclude_pricing",
            Json::list(
                criteria
                    .exclude_pricing
                    .iter()
                    .map(|m| Json::text(pricing_word(*m))),
            ),
        ),
        (
            "venues",
            Json::list(criteria.venues.iter().map(|venue| Json::text(venue.id()))),
        ),
        (
            "providers",
            Json::list(criteria.providers.iter().map(Json::text)),
        ),
        ("priority", Json::text(priority_word(criteria.priority))),
    ])
}

fn venue(report: &VenueReport) -> Json {
    let (state, offers, age, reason) = match &report.state {
        VenueState::Answered { offers, age } => ("answered", Some(*offers), Some(*age), None),
        VenueState::Stale {
            offers,
            age,
            reason,
        } => ("stale", Some(*offers), Some(*age), Some(reason)),
        VenueState::Missing { reason } => ("missing", None, None, Some(reason)),
    };
    Json::object([
        ("venue", Json::text(report.venue.id())),
        ("state", Json::text(state)),
        ("offers", Json::maybe(offers.map(u64::from), Json::count)),
        ("age_seconds", Json::maybe(age, |age| Json::count(age.0))),
        ("reason", Json::maybe(reason, Json::text)),
    ])
}

fn token_price(price: &TokenPrice) -> Json {
    let standing = match price.standing {
        Standing::Agreed => "agreed",
        Standing::Degraded => "degraded",
        Standing::LastKnown => "last-known",
    };
    Json::object([
        ("token", Json::text(price.token.symbol())),
        // A rate has more decimals than money and is not canonical as a number, so it stays text.
        ("usd", Json::text(price.usd.to_string())),
        ("at", Json::time(price.at)),
        ("standing", Json::text(standing)),
        ("spread_bps", Json::count(price.spread_bps)),
        (
            "votes",
            Json::list(price.votes.iter().map(|(vote, verdict)| {
                Json::object([
                    ("source", Json::text(&vote.source)),
                    ("usd", Json::text(vote.usd.to_string())),
                    ("at", Json::time(vote.at)),
                    ("verdict", Json::text(verdict.to_string())),
                ])
            })),
        ),
    ])
}

fn offer(entry: &Entry) -> Json {
    entry.offer.to_json()
}

fn ranked(entry: &Entry) -> Option<Json> {
    let Fit {
        rank,
        cost_per_hour,
        score,
    } = entry.fit()?;
    let parts = score.parts.iter().map(|part| {
        Json::object([
            ("factor", Json::text(part.factor.id())),
            ("weight", Json::share(part.weight_bps)),
            ("value", Json::maybe(part.value_bps, Json::share)),
        ])
    });
    let offer = &entry.offer;
    Some(Json::object([
        ("rank", Json::count(u64::from(*rank))),
        ("offer", Json::text(&offer.id)),
        ("venue", Json::text(offer.venue.id())),
        ("shape", Json::text(&offer.shape)),
        ("usd_per_gpu_hour", Json::usd(offer.usd_per_gpu_hour)),
        ("usd_per_hour", Json::usd(*cost_per_hour)),
        ("score", Json::share(score.score_bps)),
        ("confidence", Json::share(score.confidence_bps)),
        ("parts", Json::list(parts)),
    ]))
}

fn rejected(entry: &Entry) -> Option<Json> {
    let Outcome::Rejected(reasons) = &entry.outcome else {
        return None;
    };
    let reasons = reasons.iter().map(|reason| {
        Json::object([
            ("code", Json::text(reason.code())),
            ("text", Json::text(reason.to_string())),
        ])
    });
    Some(Json::object([
        ("offer", Json::text(&entry.offer.id)),
        ("venue", Json::text(entry.offer.venue.id())),
        ("shape", Json::text(&entry.offer.shape)),
        ("reasons", Json::list(reasons)),
    ]))
}

fn quarantined(row: &Quarantined) -> Json {
    Json::object([
        ("venue", Json::text(row.venue.id())),
        ("shape", Json::text(&row.shape)),
        ("region", Json::maybe(row.place.as_ref(), Json::text)),
        ("reason", Json::text(row.reason.to_string())),
    ])
}
