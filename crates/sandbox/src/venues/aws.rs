//! AWS: the spot list behind its price page, the Spot Advisor, and on-demand price maps, with the
//! quirks of the real files.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::Tide;
use crate::amount::usd;
use crate::clock::{Moment, iso_date};
use crate::state::Shared;

/// Instance type, processors, GiB, on-demand cents per hour.
type Type = (&'static str, u64, u64, u64);

#[rustfmt::skip]
const TYPES: &[Type] = &[
    ("g4dn.xlarge", 4, 16, 53), ("g4dn.2xlarge", 8, 32, 75), ("g4dn.12xlarge", 48, 192, 391),
    ("g5.xlarge", 4, 16, 101), ("g5.2xlarge", 8, 32, 121), ("g5.12xlarge", 48, 192, 567),
    ("g5.48xlarge", 192, 768, 1_629),
    ("g6f.large", 2, 8, 20), ("g6f.2xlarge", 8, 32, 48),
    ("g6.xlarge", 4, 16, 80), ("g6.2xlarge", 8, 32, 98), ("g6.12xlarge", 48, 192, 460),
    ("g6.48xlarge", 192, 768, 1_335),
    ("g6e.xlarge", 4, 32, 186), ("g6e.2xlarge", 8, 64, 224), ("g6e.12xlarge", 48, 384, 1_049),
    ("g6e.48xlarge", 192, 1536, 3_013),
    ("g7e.2xlarge", 8, 64, 336), ("g7e.48xlarge", 192, 2048, 3_314),
    ("p3.2xlarge", 8, 61, 306),
    ("p4d.24xlarge", 96, 1152, 2_196), ("p4de.24xlarge", 96, 1152, 2_745),
    ("p5.4xlarge", 16, 256, 688), ("p5.48xlarge", 192, 2048, 5_504), ("p5en.48xlarge", 192, 2048, 6_330),
    ("p6-b200.48xlarge", 192, 2048, 11_393),
];

/// Region, its long name, and thousandths of the usual price.
#[rustfmt::skip]
const REGIONS: [(&str, &str, u64); 6] = [
    ("us-east-1", "US East (N. Virginia)", 1000), ("us-east-2", "US East (Ohio)", 1000),
    ("us-west-2", "US West (Oregon)", 1000), ("eu-central-1", "EU (Frankfurt)", 1250),
    ("eu-north-1", "EU (Stockholm)", 1060), ("ap-southeast-2", "Asia Pacific (Sydney)", 1300),
];

/// Bands of the advisor.
const BANDS: [(&str, u32); 5] = [
    ("<5%", 5),
    ("5-10%", 11),
    ("10-15%", 16),
    ("15-20%", 22),
    (">20%", 100),
];

/// Whether a region has a type: large types are in few regions.
fn has(tide: Tide, region: &str, kind: &str) -> bool {
    let is_large = kind.starts_with("p5") || kind.starts_with("p6") || kind.starts_with("g7");
    let permille = if is_large { 550 } else { 900 };
    tide.dice(&["aws has", region, kind]).chance(permille)
}

fn spot_micros(tide: Tide, region: &str, regional: u64, kind: &Type) -> u64 {
    let (name, _, _, cents) = kind;
    let share = tide.dice(&["aws spot", region, name]).between(280, 620);
    let usual = cents * 10 * regional * share / 1000;
    tide.price(&format!("aws {region} {name}"), usual, 90) / 100 * 100
}

/// `GET /spot.json`
pub(super) async fn spot(State(shared): State<Shared>) -> Json<Value> {
    let tide = super::tide(&shared);
    let regions = REGIONS.iter().map(|(region, _, regional)| {
        let mut sizes: Vec<Value> = TYPES
            .iter()
            .map(|kind| {
                let text = if has(tide, region, kind.0) {
                    decimals(spot_micros(tide, region, *regional, kind))
                } else {
                    "N/A*".to_owned()
                };
                size(kind.0, &text)
            })
            .collect();
        // The list names some sizes twice, the second time at a slightly higher price.
        let twice = TYPES
            .iter()
            .find(|kind| kind.0 == "g6.12xlarge" && has(tide, region, kind.0));
        if let Some(kind) = twice {
            let raised = spot_micros(tide, region, *regional, kind) * 102 / 100;
            sizes.push(size(kind.0, &decimals(raised)));
        }
        let general = json!({ "type": "generalCurrentGen", "sizes": [size("t3.nano", "9.0E-4")] });
        let cards = json!({ "type": "gpuCurrentGen", "sizes": sizes });
        json!({ "region": region, "footnotes": {}, "instanceTypes": [general, cards] })
    });
    let regions: Vec<Value> = regions.collect();
    Json(json!({
        "vers": 0.01,
        "config": { "rate": "perhr", "valueColumns": ["linux", "mswin"], "currencies": ["USD"], "regions": regions },
    }))
}

fn size(name: &str, linux: &str) -> Value {
    json!({ "size": name, "valueColumns": [
        { "name": "linux", "prices": { "USD": linux } },
        { "name": "mswin", "prices": { "USD": "N/A*" } },
    ] })
}

fn decimals(micros: u64) -> String {
    format!("{}.{:04}", micros / 1_000_000, micros % 1_000_000 / 100)
}

/// `GET /?Action=DescribeSpotPriceHistory`: the last day of the two largest zones, one change per
/// hour; a signature is required, but any is accepted.
pub(super) async fn history(
    State(shared): State<Shared>,
    Path(region): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !headers.contains_key("authorization") || !headers.contains_key("x-amz-date") {
        let error = "<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>";
        return (StatusCode::UNAUTHORIZED, error).into_response();
    }
    let Some((region, _, regional)) = REGIONS.iter().find(|(known, ..)| *known == region) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let now = shared.clock.now();
    let seed = shared.look(|world, _| world.seed);
    let mut items = String::new();
    for hours in 0..25_u64 {
        let console_ms = now.console_ms.saturating_sub(hours * 3_600_000);
        let tide = Tide::at(seed, Moment { console_ms, ..now });
        for kind in TYPES.iter().filter(|kind| has(tide, region, kind.0)) {
            let micros = spot_micros(tide, region, *regional, kind);
            for (zone, price) in [("a", micros * 103 / 100), ("b", micros)] {
                items.push_str(&format!(
                    "<item><instanceType>{}</instanceType><productDescription>Linux/UNIX</productDescription>\
                     <spotPrice>{}00</spotPrice><timestamp>{}</timestamp><availabilityZone>{region}{zone}</availabilityZone></item>",
                    kind.0,
                    decimals(price),
                    iso_date(console_ms),
                ));
            }
        }
    }
    let answer = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><DescribeSpotPriceHistoryResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">\
         <requestId>simulated</requestId><spotPriceHistorySet>{items}</spotPriceHistorySet><nextToken/></DescribeSpotPriceHistoryResponse>"
    );
    ([(CONTENT_TYPE, "text/xml;charset=UTF-8")], answer).into_response()
}

/// `GET /spot-advisor-data.json`
pub(super) async fn advisor(State(shared): State<Shared>) -> Json<Value> {
    let tide = super::tide(&shared);
    let ranges = (0..).zip(BANDS).map(|(index, (label, max)): (u32, _)| {
        json!({ "index": index, "label": label, "dots": index, "max": max })
    });
    let regions: Map<String, Value> = REGIONS
        .iter()
        .map(|(region, _, _)| {
            let types: Map<String, Value> = TYPES
                .iter()
                .filter(|kind| has(tide, region, kind.0))
                .map(|kind| {
                    let mut dice = tide.dice(&["advisor", region, kind.0]);
                    let advice = json!({ "s": dice.between(38, 72), "r": dice.between(0, 4) });
                    (kind.0.to_owned(), advice)
                })
                .collect();
            ((*region).to_owned(), json!({ "Linux": types }))
        })
        .collect();
    Json(json!({ "ranges": ranges.collect::<Vec<_>>(), "spot_advisor": regions }))
}

/// `GET /{Region name}/Linux/index.json`; prices are set by hand and do not move.
pub(super) async fn on_demand(
    State(shared): State<Shared>,
    Path(name): Path<String>,
) -> Result<Json<Value>, StatusCode> {
    let tide = super::tide(&shared);
    let (region, _, regional) = REGIONS
        .iter()
        .find(|(_, long, _)| *long == name)
        .ok_or(StatusCode::FORBIDDEN)?;
    let rows: Map<String, Value> = TYPES
        .iter()
        .filter(|kind| has(tide, region, kind.0))
        .map(|(kind, vcpu, gib, cents)| {
            let micros = u128::from(cents * 10 * regional);
            let price = usd(micros);
            let row = json!({
                "rateCode": format!("{kind}.SIM"), "price": format!("{price}0000"),
                "Location": name, "Instance Family": "GPU instance", "vCPU": vcpu.to_string(),
                "Memory": format!("{gib} GiB"), "Storage": "EBS only", "Network Performance": "Up to 25 Gigabit",
                "Operating System": "Linux", "Pre Installed S/W": "NA", "License Model": "No License required",
                "Instance Type": kind,
            });
            (format!("{} Linux NA", kind.replace('.', " ")), row)
        })
        .collect();
    Ok(Json(
        json!({ "manifest": { "serviceId": "ec2", "currencyCode": "USD" }, "sets": {}, "regions": { name: rows } }),
    ))
}
