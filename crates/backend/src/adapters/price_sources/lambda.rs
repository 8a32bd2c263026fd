//! Lambda: instance types by name, in cents. An empty list of regions means no capacity anywhere;
//! no list at all means that capacity was not queried.

use std::collections::BTreeMap;

use domain::offers::{Availability, CardsMilli, Decimal, ListedPrice, Listing, Venue};
use domain::resources::{Bytes, CpuMilli};
use serde::Deserialize;
use serde_json::Value;

use super::payload::{Payload, Request, Unreadable, json, row};
use crate::ports::Parsed;

pub(super) const BASE: &str = "https://cloud.lambda.ai";
pub(super) const REQUESTS: &[Request] = &[Request::get("/api/v1/instance-types")];
pub(super) const RECORDINGS: &[&str] = &["lambda_instance-types"];

#[derive(Debug, Deserialize)]
struct Entry {
    instance_type: InstanceType,
    regions_with_capacity_available: Option<Vec<Region>>,
}

#[derive(Debug, Deserialize)]
struct InstanceType {
    name: String,
    gpu_description: String,
    price_cents_per_hour: u64,
    architecture: Option<String>,
    specs: Specs,
}

#[derive(Debug, Deserialize)]
struct Specs {
    gpus: u32,
    vcpus: u64,
    memory_gib: u64,
}

#[derive(Debug, Deserialize)]
struct Region {
    name: String,
}

/// Parses the instance types, with or without the envelope of the answer.
pub(super) fn parse(payload: &Payload) -> Result<Parsed, Unreadable> {
    let answer: Value = json(payload.first()?)?;
    let types = answer.get("data").unwrap_or(&answer);
    let types: BTreeMap<String, Value> =
        BTreeMap::deserialize(types).map_err(|error| Unreadable::new(error.to_string()))?;
    let mut parsed = Parsed::default();
    for (name, value) in types {
        let before = parsed.unreadable.len();
        let Some(entry) = row::<Entry>(Venue::Lambda, &value, "name", &mut parsed) else {
            parsed.unreadable[before].shape = name;
            continue;
        };
        // Shapes without a GPU are not part of this market.
        if entry.instance_type.specs.gpus > 0 {
            list(&entry, payload, &mut parsed);
        }
    }
    parsed.not_empty()
}

fn list(entry: &Entry, payload: &Payload, parsed: &mut Parsed) {
    let kind = &entry.instance_type;
    let listing = |place: Option<&str>, availability| Listing {
        cards: CardsMilli::whole(kind.specs.gpus),
        cpu: Some(CpuMilli(kind.specs.vcpus.saturating_mul(1000))),
        memory: Some(Bytes::gib(kind.specs.memory_gib.min(1 << 20))),
        place: place.map(str::to_owned),
        availability,
        observed_at: payload.at,
        link: Some("https://cloud.lambda.ai/instances".to_owned()),
        notes: match kind.architecture.as_deref() {
            Some("arm64") => vec!["The machine's CPU is arm64.".to_owned()],
            _ => Vec::new(),
        },
        ..Listing::new(
            Venue::Lambda,
            &kind.name,
            &kind.gpu_description,
            ListedPrice::PerShapeHour(Decimal::cents(kind.price_cents_per_hour)),
        )
    };
    match entry.regions_with_capacity_available.as_deref() {
        None => parsed.listings.push(listing(None, Availability::Unknown)),
        Some([]) => parsed.listings.push(listing(None, Availability::None)),
        Some(regions) => parsed.listings.extend(
            regions
                .iter()
                .map(|region| listing(Some(&region.name), Availability::Some)),
        ),
    }
}
