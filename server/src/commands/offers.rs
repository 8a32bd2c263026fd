//! `necto offers`: lists the market's offers in one unit, cheapest first.

use std::process::ExitCode;

use domain::money::Usd;
use domain::offers::gpu::{VramMib, alike, identify};
use domain::offers::json::Json;
use domain::offers::{Catalogue, Filter, GpuKey, Offer, pricing_word};
use domain::requirements::{PricingModel, Region};
use domain::resources::GpuInterface;
use domain::time::UnixSeconds;

use super::market::{self, MarketOptions};
use super::output;
use crate::error::CommandError;

#[derive(Debug, clap::Args)]
pub(crate) struct OffersOptions {
    /// Only this card, in any usual spelling: h100, "RTX 4090", "H100 PCIe".
    #[arg(long)]
    gpu: Option<String>,
    /// Least memory of a card, in GiB.
    #[arg(long, value_name = "GIB")]
    min_vram: Option<u32>,
    /// Only this region: us-west, us, eu, asia, ….
    #[arg(long)]
    region: Option<String>,
    /// Most dollars for one GPU and hour.
    #[arg(long, value_name = "USD")]
    max_price: Option<String>,
    /// Not these ways of pricing: spot, token, fixed.
    #[arg(long, value_delimiter = ',', value_parser = pricing_model)]
    exclude: Vec<PricingModel>,
    /// Prints the rows as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    market: MarketOptions,
}

fn pricing_model(text: &str) -> Result<PricingModel, String> {
    [PricingModel::Spot, PricingModel::Token, PricingModel::Fixed]
        .into_iter()
        .find(|model| pricing_word(*model) == text)
        .ok_or_else(|| "write spot, token or fixed".to_owned())
}

/// Prints the offers; reports missing sources on standard error.
pub(crate) async fn run(options: OffersOptions) -> Result<ExitCode, CommandError> {
    let (filter, interface) = filter(&options)?;
    let (market, now) = market::load(&options.market).await?;
    market::report_troubles(&market);
    let catalogue = Catalogue::new(market.offers);
    let mut offers = catalogue.query(&filter);
    if interface.is_some() {
        offers.retain(|offer| offer.gpu.key().and_then(|key| key.interface) == interface);
    }
    if offers.is_empty() {
        output::remark("No offer fits. Ask for less, or leave out a limit.");
    }
    if options.json {
        let rows = Json::list(offers.into_iter().map(|offer| row(offer, now)));
        let rows: serde_json::Value = serde_json::from_str(&rows.canonical())?;
        output::line(serde_json::to_string_pretty(&rows)?)?;
    } else {
        output::line(table(&offers, now))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn filter(options: &OffersOptions) -> Result<(Filter, Option<GpuInterface>), CommandError> {
    let card = options.gpu.as_deref().map(gpu).transpose()?;
    let interface = card.as_ref().and_then(|card| card.interface);
    // Memory given with the card's name is treated like `--min-vram`.
    let said = card
        .as_ref()
        .and_then(|card| card.vram)
        .map(VramMib::to_gib);
    let region = options
        .region
        .as_deref()
        .map(|text| text.parse::<Region>())
        .transpose()
        .map_err(|error| format!("--region: {error}."))?;
    let most = options
        .max_price
        .as_deref()
        .map(|text| text.parse::<Usd>())
        .transpose()
        .map_err(|error| format!("--max-price: {error}."))?;
    let filter = Filter {
        model: card.map(|card| card.model),
        min_vram_gib: options.min_vram.max(said),
        region,
        max_per_gpu_hour: most,
        exclude: options.exclude.iter().copied().collect(),
        ..Filter::default()
    };
    Ok((filter, interface))
}

fn gpu(text: &str) -> Result<GpuKey, CommandError> {
    let identity = identify(text).ok_or_else(|| match alike(text).as_slice() {
        [] => format!("No GPU is called “{text}”: write it like h100 or rtx4090."),
        alike => format!(
            "No GPU is called “{text}”. Did you mean {}?",
            alike.join(", ")
        ),
    })?;
    Ok(identity.key)
}

/// An offer with its age, as JSON.
fn row(offer: &Offer, now: UnixSeconds) -> Json {
    let age = Json::count(now.since(offer.observed_at).0);
    match offer.to_json() {
        Json::Object(mut fields) => {
            fields.insert("age_seconds".to_owned(), age);
            Json::Object(fields)
        }
        other => other,
    }
}

fn table(offers: &[&Offer], now: UnixSeconds) -> String {
    let header = [
        "$/GPU-h",
        "$/h",
        "venue",
        "GPU",
        "count",
        "region",
        "pricing",
        "available",
        "source",
        "age",
        "shape",
    ];
    let rows: Vec<Vec<String>> = offers
        .iter()
        .map(|offer| {
            vec![
                offer.usd_per_gpu_hour.to_string(),
                offer.usd_per_hour.to_string(),
                offer.venue.title().to_owned(),
                offer.gpu.title(),
                offer.cards.to_string(),
                offer
                    .place
                    .as_ref()
                    .map_or("–", |place| &place.label)
                    .to_owned(),
                pricing_word(offer.pricing_model).to_owned(),
                offer.availability.id(),
                offer.provenance.id().to_owned(),
                market::age(now, offer.observed_at),
                offer.shape.clone(),
            ]
        })
        .collect();
    market::table(&header, &rows)
}
