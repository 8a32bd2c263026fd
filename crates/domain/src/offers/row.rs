//! An offer as a row of the JSON and CSV exports.

use super::json::Json;
use super::volatility::Volatility;
use super::{Gpu, Offer, catalogue};
use crate::requirements::PricingModel;

/// Name of a pricing model.
#[must_use]
pub const fn pricing_word(model: PricingModel) -> &'static str {
    match model {
        PricingModel::Spot => "spot",
        PricingModel::Token => "token",
        PricingModel::Fixed => "fixed",
    }
}

impl Offer {
    /// The row as JSON. Prices are dollars with at most six decimals; an unknown field is `null`.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let key = self.gpu.key();
        let record = &self.record;
        let bps = |share: Option<u32>| Json::maybe(share, Json::share);
        let count = |number: Option<u32>| Json::maybe(number.map(u64::from), Json::count);
        let text = |text: Option<&String>| Json::maybe(text, Json::text);
        Json::object([
            ("id", Json::text(&self.id)),
            ("venue", Json::text(self.venue.id())),
            ("shape", Json::text(&self.shape)),
            ("provider", text(self.provider.as_ref())),
            ("gpu", Json::text(self.gpu.name())),
            ("gpu_recognized", Json::Bool(key.is_some())),
            (
                "gpu_unrecognized_because",
                match &self.gpu {
                    Gpu::Known(_) => Json::Null,
                    Gpu::Unrecognized { reason, .. } => Json::text(reason),
                },
            ),
            (
                "gpu_vendor",
                Json::maybe(key, |key| Json::text(key.vendor.as_str())),
            ),
            (
                "gpu_interface",
                Json::maybe(key.and_then(|key| key.interface), |i| {
                    Json::text(i.as_str())
                }),
            ),
            (
                "gpu_edition",
                Json::maybe(key.and_then(|key| key.edition), |e| Json::text(e.as_str())),
            ),
            ("vram_gib", count(catalogue::vram_gib(self))),
            ("gpu_count", Json::cards(self.cards)),
            ("gpu_count_max", count(self.most_cards)),
            (
                "vcpu",
                Json::maybe(self.cpu, |cpu| Json::Number(cpu.to_string())),
            ),
            (
                "memory_mib",
                Json::maybe(self.memory, |memory| Json::count(memory.0 >> 20)),
            ),
            (
                "region",
                text(self.place.as_ref().map(|place| &place.label)),
            ),
            (
                "region_group",
                Json::maybe(
                    self.place.as_ref().and_then(|place| place.region),
                    |region| Json::text(region.id()),
                ),
            ),
            (
                "pricing_model",
                Json::text(pricing_word(self.pricing_model)),
            ),
            ("usd_per_gpu_hour", Json::usd(self.usd_per_gpu_hour)),
            ("usd_per_hour", Json::usd(self.usd_per_hour)),
            ("arithmetic", Json::text(&self.arithmetic)),
            ("availability", Json::text(self.availability.id())),
            ("uptime", bps(record.uptime_bps)),
            ("latency_ms", count(record.latency_ms)),
            ("reputation", bps(record.reputation_bps)),
            (
                "interruption",
                Json::maybe(record.interruption.as_ref(), |band| {
                    Json::object([
                        ("label", Json::text(&band.label)),
                        ("basis", Json::text(&band.basis)),
                    ])
                }),
            ),
            ("volatility", self.volatility.to_json()),
            ("provenance", Json::text(self.provenance.id())),
            ("observed_at", Json::time(self.observed_at)),
            (
                "deployable_here",
                Json::Bool(self.venue.is_deployable_here()),
            ),
            ("link", text(self.link.as_ref())),
            ("notes", Json::list(self.notes.iter().map(Json::text))),
        ])
    }
}

impl Volatility {
    /// The figures, or the reason why there are none.
    #[must_use]
    pub fn to_json(&self) -> Json {
        let bps = Json::share;
        match self {
            Self::Collecting { samples } => Json::object([
                ("state", Json::text("collecting")),
                ("samples", Json::count(u64::from(*samples))),
            ]),
            Self::Administered => Json::object([("state", Json::text("administered"))]),
            Self::Measured {
                cv_bps,
                robust_cv_bps,
                largest_step_bps,
                unchanged_for,
            } => Json::object([
                ("state", Json::text("measured")),
                ("cv", bps(*cv_bps)),
                ("robust_cv", bps(*robust_cv_bps)),
                ("largest_step", bps(*largest_step_bps)),
                ("unchanged_for_seconds", Json::count(unchanged_for.0)),
            ]),
        }
    }
}
