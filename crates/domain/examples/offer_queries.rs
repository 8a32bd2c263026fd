//! Times five queries over a generated catalogue, for `cargo xtask bench --offers`.
//!
//! `offer_queries generate ROWS DIR` writes a catalogue: one CSV file a provider, in the columns
//! that gpuhunt reads, so that both answer over the same rows. The base rows carry prices that were
//! really listed; beyond them rows repeat under invented places, so the figures say how long a query
//! takes and nothing about the market. `offer_queries query DIR ROUNDS` prints the times as JSON.

use std::error::Error;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use domain::offers::gpu::VramMib;
use domain::offers::tokens::TokenRates;
use domain::offers::{
    CardsMilli, Catalogue, Decimal, Filter, ListedPrice, Listing, Venue, normalize_all,
};
use domain::requirements::PricingModel;
use serde_json::{Map, Value, json};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Provider, shape, card, GiB of a card, cards, thousandths of a dollar for the shape, spot.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    u32,
    u32,
    u64,
    bool,
);

#[rustfmt::skip]
const BASE: [Row; 36] = [
    ("aws", "p5.48xlarge", "H100", 80, 8, 19_968, true), ("aws", "p4d.24xlarge", "A100", 40, 8, 12_876, true),
    ("aws", "p5.4xlarge", "H100", 80, 1, 2_541, true), ("aws", "g6.xlarge", "L4", 24, 1, 402, true),
    ("aws", "g6.12xlarge", "L4", 24, 4, 2_401, true), ("aws", "g6e.xlarge", "L40S", 48, 1, 930, true),
    ("aws", "g6e.48xlarge", "L40S", 48, 8, 15_065, true), ("aws", "g5.xlarge", "A10G", 24, 1, 503, true),
    ("aws", "g5.48xlarge", "A10G", 24, 8, 8_144, true), ("aws", "g4dn.xlarge", "T4", 16, 1, 263, true),
    ("aws", "g4dn.metal", "T4", 16, 8, 3_910, true), ("aws", "p3.2xlarge", "V100", 16, 1, 918, true),
    ("runpod", "H100 SXM", "H100", 80, 1, 3_490, false), ("runpod", "H100 PCIe", "H100", 80, 1, 2_890, false),
    ("runpod", "H100 community", "H100", 80, 1, 1_990, false), ("runpod", "A100 SXM", "A100", 80, 1, 1_590, false),
    ("runpod", "A40", "A40", 48, 1, 490, false), ("runpod", "B200", "B200", 180, 1, 6_790, false),
    ("runpod", "H200", "H200", 141, 1, 4_590, false), ("runpod", "L4", "L4", 24, 1, 490, false),
    ("runpod", "L40S", "L40S", 48, 1, 1_090, false), ("runpod", "RTX 4090", "RTX4090", 24, 1, 740, false),
    ("runpod", "RTX 5090", "RTX5090", 32, 1, 990, false), ("runpod", "RTX 3090", "RTX3090", 24, 1, 220, false),
    ("lambdalabs", "gpu_1x_h100_sxm5", "H100", 80, 1, 4_290, false), ("lambdalabs", "gpu_2x_h100_sxm5", "H100", 80, 2, 8_380, false),
    ("lambdalabs", "gpu_4x_h100_sxm5", "H100", 80, 4, 16_360, false), ("lambdalabs", "gpu_8x_h100_sxm5", "H100", 80, 8, 31_920, false),
    ("lambdalabs", "gpu_1x_a100", "A100", 40, 1, 1_990, false), ("lambdalabs", "gpu_8x_a100", "A100", 40, 8, 15_920, false),
    ("lambdalabs", "gpu_8x_a100_80gb_sxm4", "A100", 80, 8, 22_320, false), ("lambdalabs", "gpu_1x_b200_sxm6", "B200", 180, 1, 6_990, false),
    ("lambdalabs", "gpu_8x_b200_sxm6", "B200", 180, 8, 53_520, false), ("lambdalabs", "gpu_1x_a10", "A10", 24, 1, 1_290, false),
    ("lambdalabs", "gpu_8x_v100", "V100", 16, 8, 6_320, false), ("lambdalabs", "gpu_1x_gh200", "GH200", 96, 1, 2_290, false),
];

const PROVIDERS: [&str; 3] = ["aws", "runpod", "lambdalabs"];

const HEADER: &str = "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,\
                      disk_size,gpu_vendor,flags,cpu_arch,provider_data";

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["generate", rows, folder] => generate(rows.parse()?, Path::new(folder)),
        ["query", folder, rounds] => query(Path::new(folder), rounds.parse()?),
        _ => Err("usage: offer_queries generate ROWS DIR | query DIR ROUNDS".into()),
    }
}

fn generate(rows: usize, folder: &Path) -> Outcome<()> {
    fs::create_dir_all(folder)?;
    for provider in PROVIDERS {
        let mut text = format!("{HEADER}\n");
        for (at, row) in BASE.iter().cycle().take(rows).enumerate() {
            let (owner, shape, card, gib, cards, mills, spot) = row;
            if *owner != provider {
                continue;
            }
            // Each repetition is a little more expensive, so that neighbours differ.
            let turn = at / BASE.len();
            let micros = mills * 1000 + mills * (u64::try_from(turn)? % 50);
            let price = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
            let spot = if *spot { "True" } else { "False" };
            text.push_str(&format!(
                "{shape},place-{turn},{price},8,64,{cards},{card},{gib},{spot},,nvidia,,x86,{{}}\n"
            ));
        }
        fs::write(folder.join(format!("{provider}.csv")), text)?;
    }
    Ok(())
}

fn load(folder: &Path) -> Outcome<Catalogue> {
    let mut listings = Vec::new();
    for (provider, venue) in
        PROVIDERS
            .into_iter()
            .zip([Venue::AwsSpot, Venue::RunPod, Venue::Lambda])
    {
        let text = fs::read_to_string(folder.join(format!("{provider}.csv")))?;
        for line in text.lines().skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let price = ListedPrice::PerShapeHour(fields[2].parse::<Decimal>()?);
            listings.push(Listing {
                place: Some(fields[1].to_owned()),
                cards: CardsMilli::whole(fields[5].parse()?),
                vram: Some(VramMib::gib(fields[7].parse()?)),
                pricing_model: if fields[8] == "True" {
                    PricingModel::Spot
                } else {
                    PricingModel::Fixed
                },
                ..Listing::new(venue, fields[0], fields[6], price)
            });
        }
    }
    let (offers, held) = normalize_all(listings, &TokenRates::default());
    if let Some(row) = held.first() {
        return Err(format!("{}: {}", row.shape, row.reason).into());
    }
    Ok(Catalogue::new(offers))
}

fn queries() -> Outcome<[(&'static str, Filter); 5]> {
    let h100 = Filter {
        model: Some("h100".parse()?),
        ..Filter::default()
    };
    Ok([
        ("all", Filter::default()),
        ("H100", h100.clone()),
        (
            "H100 up to $3",
            Filter {
                max_per_hour: Some("3".parse()?),
                ..h100
            },
        ),
        (
            "24 GiB or more, spot",
            Filter {
                min_vram_gib: Some(24),
                only: [PricingModel::Spot].into(),
                ..Filter::default()
            },
        ),
        (
            "8 GPUs or more",
            Filter {
                min_cards: Some(8),
                ..Filter::default()
            },
        ),
    ])
}

#[expect(
    clippy::disallowed_methods,
    reason = "timing is what this program is for"
)]
fn now() -> Instant {
    Instant::now()
}

fn query(folder: &Path, rounds: usize) -> Outcome<()> {
    let began = now();
    let catalogue = load(folder)?;
    let load_ms = u64::try_from(began.elapsed().as_millis())?;
    let mut figures = Map::new();
    for (name, filter) in queries()? {
        let mut times: Vec<Duration> = Vec::new();
        let mut rows = 0;
        for _ in 0..rounds.max(1) {
            let began = now();
            let found = std::hint::black_box(catalogue.query(std::hint::black_box(&filter)));
            times.push(began.elapsed());
            rows = found.len();
        }
        times.sort_unstable();
        let nanos = |at: usize| u64::try_from(times[at.min(times.len() - 1)].as_nanos());
        let figure = json!({
            "rows": rows,
            "median_ns": nanos(times.len() / 2)?,
            "p95_ns": nanos(times.len() * 95 / 100)?,
        });
        figures.insert(name.to_owned(), figure);
    }
    println!(
        "{}",
        json!({ "load_ms": load_ms, "queries": Value::Object(figures) })
    );
    Ok(())
}
