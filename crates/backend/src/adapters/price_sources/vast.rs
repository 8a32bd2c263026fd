//! Vast.ai: machines of many hosts. The total includes the default disk, which is mandatory.

use domain::offers::gpu::VramMib;
use domain::offers::{Availability, CardsMilli, Decimal, ListedPrice, Listing, Record, Venue};
use domain::resources::{Bytes, CpuMilli};
use serde::Deserialize;
use serde_json::Value;

use super::payload::{Payload, Request, Unreadable, json, row};
use crate::ports::Parsed;

pub(super) const BASE: &str = "https://console.vast.ai";
/// An answer has at most 64 rows, so the most requested cards are requested by name.
pub(super) const REQUESTS: &[Request] = &[
    Request::post(
        "/api/v0/bundles/",
        r#"{"rentable":{"eq":true},"gpu_name":{"in":["H100 SXM","H100 PCIE","H100 NVL","H200","B200"]},"type":"on-demand","order":[["dph_total","asc"]],"limit":64}"#,
    ),
    Request::post(
        "/api/v0/bundles/",
        r#"{"rentable":{"eq":true},"gpu_name":{"in":["A100 SXM4","A100 PCIE","L40S","L40","A40","RTX A6000","RTX 6000Ada"]},"type":"on-demand","order":[["dph_total","asc"]],"limit":64}"#,
    ),
    Request::post(
        "/api/v0/bundles/",
        r#"{"rentable":{"eq":true},"gpu_name":{"in":["RTX 5090","RTX 4090","RTX 3090"]},"type":"on-demand","order":[["dph_total","asc"]],"limit":64}"#,
    ),
];
pub(super) const RECORDINGS: &[&str] = &["vast_bundles"];

#[derive(Debug, Deserialize)]
struct Answer {
    offers: Vec<Value>,
}

#[derive(Debug, Deserialize)]
struct Bundle {
    id: Option<u64>,
    gpu_name: String,
    gpu_ram: Decimal,
    num_gpus: u32,
    dph_total: Decimal,
    reliability2: Option<Decimal>,
    geolocation: Option<String>,
    cpu_cores_effective: Option<Decimal>,
    cpu_ram: Option<Decimal>,
    machine_id: Option<u64>,
}

/// Parses the machines on offer.
pub(super) fn parse(payload: &Payload) -> Result<Parsed, Unreadable> {
    let mut parsed = Parsed::default();
    for text in payload.present() {
        let answer: Answer = json(text)?;
        for value in &answer.offers {
            if let Some(bundle) = row::<Bundle>(Venue::VastAi, value, "gpu_name", &mut parsed) {
                parsed.listings.push(listing(&bundle, payload));
            }
        }
    }
    parsed.not_empty()
}

fn listing(bundle: &Bundle, payload: &Payload) -> Listing {
    let name = format!("{} ×{}", bundle.gpu_name, bundle.num_gpus);
    let shape = bundle.id.map_or(name.clone(), |id| format!("{name} #{id}"));
    let whole = |number: Decimal| u64::try_from(number.scaled() / Decimal::whole(1).scaled()).ok();
    let bps = |share: Decimal| whole(share.scaled_by(10_000, 1)?)?.try_into().ok();
    Listing {
        provider: bundle.machine_id.map(|machine| machine.to_string()),
        vram: whole(bundle.gpu_ram)
            .and_then(|mib| u32::try_from(mib).ok())
            .map(VramMib),
        cards: CardsMilli::whole(bundle.num_gpus),
        cpu: bundle
            .cpu_cores_effective
            .and_then(|cores| whole(cores.scaled_by(1000, 1)?))
            .map(CpuMilli),
        memory: bundle
            .cpu_ram
            .and_then(whole)
            .map(|mib| Bytes::mib(mib.min(1 << 30))),
        place: bundle.geolocation.clone(),
        // Only machines that can be rented now are requested.
        availability: Availability::Some,
        record: Record {
            uptime_bps: bundle.reliability2.and_then(bps),
            ..Record::default()
        },
        observed_at: payload.at,
        link: Some(match bundle.id {
            Some(id) => format!("https://cloud.vast.ai/?offer_id={id}"),
            None => "https://cloud.vast.ai".to_owned(),
        }),
        ..Listing::new(
            Venue::VastAi,
            &shape,
            &bundle.gpu_name,
            ListedPrice::PerShapeHour(bundle.dph_total),
        )
    }
}
