//! io.net: whole configurations of virtual machines. Quotes are in dollars; its token is only used
//! for settlement.

use domain::offers::gpu::{VramMib, interface_of};
use domain::offers::{Availability, CardsMilli, Decimal, ListedPrice, Listing, Venue};
use domain::resources::{Bytes, CpuMilli};
use serde::Deserialize;
use serde_json::Value;

use super::payload::{Payload, Request, Unreadable, json, row};
use crate::ports::Parsed;

pub(super) const BASE: &str = "https://api.io.solutions";
pub(super) const REQUESTS: &[Request] = &[Request::get("/v1/io-cloud/vmaas/hardware")];
pub(super) const RECORDINGS: &[&str] = &["ionet_vmaas_hardware"];

#[derive(Debug, Deserialize)]
struct Answer {
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    hardware: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Hardware {
    id: String,
    name: String,
    num_cards: u32,
    sold_out: bool,
    price: Decimal,
    vram_per_card: Option<u32>,
    interconnect: Option<String>,
    vcpu: Option<u64>,
    memory: Option<u64>,
    location: Option<String>,
}

/// Parses the list of hardware.
pub(super) fn parse(payload: &Payload) -> Result<Parsed, Unreadable> {
    let answer: Answer = json(payload.first()?)?;
    let mut parsed = Parsed::default();
    for value in &answer.data.hardware {
        let Some(hardware) = row::<Hardware>(Venue::IoNet, value, "id", &mut parsed) else {
            continue;
        };
        parsed.listings.push(Listing {
            vram: hardware.vram_per_card.map(VramMib::gib),
            interface: hardware.interconnect.as_deref().and_then(interface_of),
            cards: CardsMilli::whole(hardware.num_cards),
            cpu: hardware
                .vcpu
                .map(|vcpu| CpuMilli(vcpu.saturating_mul(1000))),
            memory: hardware.memory.map(|gib| Bytes::gib(gib.min(1 << 20))),
            place: hardware.location,
            availability: if hardware.sold_out {
                Availability::None
            } else {
                Availability::Some
            },
            observed_at: payload.at,
            link: Some("https://cloud.io.net".to_owned()),
            notes: vec!["The first hour is not refunded.".to_owned()],
            ..Listing::new(
                Venue::IoNet,
                &hardware.id,
                &hardware.name,
                ListedPrice::PerShapeHour(hardware.price),
            )
        });
    }
    parsed.not_empty()
}
