mod golden;
mod reported;

use std::collections::BTreeMap;
use std::path::PathBuf;

use domain::offers::tokens::TokenRates;
use domain::offers::{Availability, CardsMilli, Offer, Provenance, Venue, normalize_all};
use domain::time::UnixSeconds;

use super::payload::Payload;
use super::{SOURCES, Source, read_recorded};
use crate::ports::Parsed;

fn source(venue: Venue) -> &'static Source {
    SOURCES.iter().find(|source| source.venue == venue).unwrap()
}

fn parse(venue: Venue, texts: &[&str]) -> Result<Parsed, super::payload::Unreadable> {
    let texts = texts.iter().map(|text| Some((*text).to_owned())).collect();
    let at = UnixSeconds(1_800_000_000);
    (source(venue).parse)(&Payload { texts, at })
}

fn offers(parsed: Parsed) -> BTreeMap<String, Offer> {
    let (offers, quarantined) = normalize_all(parsed.listings, &TokenRates::default());
    assert_eq!(quarantined, []);
    offers
        .into_iter()
        .map(|offer| (offer.id.clone(), offer))
        .collect()
}

fn prices(venue: Venue, texts: &[&str]) -> Vec<(String, String)> {
    offers(parse(venue, texts).unwrap())
        .into_values()
        .map(|offer| (offer.id, offer.usd_per_gpu_hour.to_string()))
        .collect()
}

fn pair(id: &str, usd: &str) -> (String, String) {
    (id.to_owned(), usd.to_owned())
}

const AKASH: &str = include_str!("fixtures/akash.json");
const AKASH_PROVIDERS: &str = include_str!("fixtures/akash_providers.json");
const AWS_SPOT: &str = include_str!("fixtures/aws_spot.json");
const AWS_ADVISOR: &str = include_str!("fixtures/aws_spot_advisor.json");
const AWS_ON_DEMAND: &str = include_str!("fixtures/aws_on_demand.json");
const IONET: &str = include_str!("fixtures/ionet.json");
const LAMBDA: &str = include_str!("fixtures/lambda.json");
const NOSANA: &str = include_str!("fixtures/nosana.json");
const RUNPOD: &str = include_str!("fixtures/runpod.json");
const VAST: &str = include_str!("fixtures/vast.json");

#[test]
fn akash_bids_are_dollars_without_any_token_price() {
    let rows = offers(parse(Venue::Akash, &[AKASH, AKASH_PROVIDERS]).unwrap());
    let bid = &rows["akash/h100 80Gi SXM5/akash1ams/eu-west"];
    assert_eq!(bid.usd_per_gpu_hour.to_string(), "2.557225");
    assert_eq!(bid.availability, Availability::Free(4));
    assert_eq!(bid.record.uptime_bps, Some(9987));
    assert_eq!(bid.notes, ["The provider's last bid, not a quote."]);
    let full = &rows["akash/h100 80Gi SXM5/akash1wdc"];
    assert_eq!(full.availability, Availability::Free(0));
    let statistics = &rows["akash/a100 80Gi SXM4"];
    assert_eq!(statistics.usd_per_gpu_hour.to_string(), "1.48");
    assert_eq!(rows.len(), 3, "a card without a price is no row");
}

#[test]
fn aws_spot_prices_are_per_card_with_their_band() {
    let parsed = parse(Venue::AwsSpot, &[AWS_SPOT, AWS_ADVISOR]).unwrap();
    assert_eq!(parsed.unreadable.len(), 1);
    let rows = offers(parsed);
    let prices: Vec<(&str, String)> = rows
        .values()
        .map(|row| (row.shape.as_str(), row.usd_per_gpu_hour.to_string()))
        .collect();
    let expected = [
        ("g6.12xlarge", "0.60"),
        ("g6f.large", "0.2744"),
        ("p4d.24xlarge", "1.609538"),
        ("p5.48xlarge", "2.495975"),
    ];
    assert_eq!(prices, expected.map(|(shape, usd)| (shape, usd.to_owned())));
    assert_eq!(rows["aws-spot/g6f.large/us-west-2"].cards, CardsMilli(125));
    let band = rows["aws-spot/p5.48xlarge/us-west-2"]
        .record
        .interruption
        .clone()
        .unwrap();
    assert_eq!((band.label.as_str(), band.midpoint_bps), ("5-10%", 750));
    assert_eq!(
        rows["aws-spot/g6f.large/us-west-2"].record.interruption,
        None
    );
}

#[test]
fn aws_on_demand_prices_skip_machines_without_a_gpu() {
    assert_eq!(
        prices(Venue::AwsOnDemand, &[AWS_ON_DEMAND]),
        [pair(
            "aws-on-demand/p5.48xlarge/US East (N. Virginia)",
            "6.88"
        )]
    );
}

#[test]
fn io_net_and_lambda_prices_are_of_the_whole_shape() {
    assert_eq!(
        prices(Venue::IoNet, &[IONET]),
        [
            pair("io-net/12__2/US", "0.30"),
            pair("io-net/B200_sxm6x8__AU/AU", "4.99")
        ]
    );
    let rows = offers(parse(Venue::Lambda, &[LAMBDA]).unwrap());
    let node = &rows["lambda/gpu_8x_h100_sxm5/us-west-1"];
    assert_eq!(node.usd_per_gpu_hour.to_string(), "3.99");
    assert_eq!(node.availability, Availability::Some);
    let none = &rows["lambda/gpu_1x_gh200"];
    assert_eq!(none.availability, Availability::None);
    assert_eq!(none.notes, ["The machine's CPU is arm64."]);
}

#[test]
fn nosana_s_renter_pays_the_network_s_fee() {
    let page = "market,tier,usd_per_hour,gpus\nNVIDIA 4090 Community,COMMUNITY,0.2182,1\n8xH100,OTHER,18.20,8\n";
    assert_eq!(
        prices(Venue::Nosana, &[NOSANA, page]),
        [
            pair("nosana/8xh100", "2.5025"),
            pair("nosana/nvidia-4090-community", "0.239993"),
        ]
    );
}

#[test]
fn runpod_s_placeholders_and_zeros_are_no_offers() {
    assert_eq!(
        prices(Venue::RunPod, &[RUNPOD]),
        [
            pair("runpod/NVIDIA A100-SXM4-40GB (community)", "1.00"),
            pair("runpod/NVIDIA H100 80GB HBM3 (community)", "2.69"),
            pair("runpod/NVIDIA H100 80GB HBM3 (secure)", "3.49"),
            pair("runpod/NVIDIA H200 NVL (secure)", "3.79"),
            pair(
                "runpod/NVIDIA RTX PRO 6000 Blackwell Server Edition MIG 1g.24gb (secure)",
                "2.36"
            ),
        ]
    );
    let rows = offers(parse(Venue::RunPod, &[RUNPOD]).unwrap());
    let slice = &rows["runpod/NVIDIA RTX PRO 6000 Blackwell Server Edition MIG 1g.24gb (secure)"];
    assert!(slice.cards.is_fraction());
    let gone = &rows["runpod/NVIDIA H100 80GB HBM3 (secure)"];
    assert_eq!(
        gone.availability,
        Availability::None,
        "no stock status is no stock"
    );
}

#[test]
fn runpod_s_stock_and_prices_come_together_from_two_answers() {
    let stock = r#"{"data":{"gpuTypes":[
        {"id":"NVIDIA H200 NVL","displayName":"H200 NVL","memoryInGb":143,"secureCloud":true,"communityCloud":true,
         "lowestPrice":{"uninterruptablePrice":3.79,"stockStatus":"Low"}},
        {"id":"NVIDIA L4","displayName":"L4","memoryInGb":24,"secureCloud":true,"communityCloud":false,
         "lowestPrice":{"uninterruptablePrice":0.43,"stockStatus":"High"}},
        {"id":"NVIDIA H100 NVL","displayName":"H100 NVL","memoryInGb":94,"lowestPrice":{"uninterruptablePrice":null,"stockStatus":null}}
    ]}}"#;
    let rows = offers(parse(Venue::RunPod, &[RUNPOD, stock]).unwrap());
    let secure = &rows["runpod/NVIDIA H200 NVL (secure)"];
    assert_eq!(secure.availability, Availability::Some);
    let community = &rows["runpod/NVIDIA H200 NVL (community)"];
    assert_eq!(
        community.usd_per_gpu_hour.to_string(),
        "0.50",
        "in stock there, half a dollar is its price"
    );
    let lowest = &rows["runpod/NVIDIA L4 (lowest)"];
    assert_eq!(lowest.usd_per_gpu_hour.to_string(), "0.43");
    assert!(rows.keys().all(|id| !id.contains("H100 NVL")));
    let alone = prices(Venue::RunPod, &[stock]);
    assert_eq!(
        alone,
        [
            pair("runpod/NVIDIA H200 NVL (lowest)", "3.79"),
            pair("runpod/NVIDIA L4 (lowest)", "0.43"),
        ]
    );
}

#[test]
fn vast_totals_are_divided_by_the_cards() {
    let rows = offers(parse(Venue::VastAi, &[VAST]).unwrap());
    let seven = &rows["vast-ai/L40S ×7 #7/7070/Sweden, SE"];
    assert_eq!(seven.usd_per_gpu_hour.to_string(), "0.805653");
    assert_eq!(seven.record.uptime_bps, Some(9978));
    let key = rows["vast-ai/A100 SXM4 ×1 #8/8080/Texas, US"]
        .gpu
        .key()
        .unwrap()
        .to_string();
    assert_eq!(key, "a100 sxm 40 GiB");
}

#[test]
fn render_s_rates_are_a_tariff_at_their_upper_end() {
    let rows = offers(parse(Venue::Render, &[]).unwrap());
    let row = &rows["render/RTX 5090"];
    assert_eq!(row.usd_per_gpu_hour.to_string(), "0.69");
    assert_eq!(row.provenance, Provenance::Tariff);
}

#[test]
fn garbage_is_an_error_and_one_bad_row_is_set_aside() {
    for source in &SOURCES {
        for garbage in ["", "<html>502</html>", "{", "[1]", "{\"data\":{}}", "null"] {
            let outcome = parse(source.venue, &[garbage]);
            let rows = outcome
                .map(|parsed| parsed.listings.len())
                .unwrap_or_default();
            assert_eq!(rows, 0, "{} made rows of {garbage}", source.venue);
        }
    }
    let one_bad = r#"{"offers":[{"gpu_name":"H100 SXM","gpu_ram":81559,"num_gpus":1,"dph_total":2},
                     {"gpu_name":"B200","gpu_ram":183359,"num_gpus":1,"dph_total":null}]}"#;
    let parsed = parse(Venue::VastAi, &[one_bad]).unwrap();
    assert_eq!((parsed.listings.len(), parsed.unreadable.len()), (1, 1));
    assert_eq!(parsed.unreadable[0].shape, "B200");
}

#[expect(
    clippy::disallowed_methods,
    reason = "the folder of recorded answers is named by the environment"
)]
fn recorded_folder() -> Option<PathBuf> {
    let shared = std::env::var("NECTO_SHARED").ok()?;
    Some(PathBuf::from(shared).join("reference/offers"))
}

#[test]
fn the_recorded_answers_give_their_golden_values() {
    let Some(folder) = recorded_folder() else {
        println!("skipped: NECTO_SHARED names no folder with recorded answers");
        return;
    };
    let mut rows = BTreeMap::new();
    for recording in read_recorded(&folder).unwrap() {
        let parsed = recording
            .outcome
            .unwrap_or_else(|error| panic!("{}: {error}", recording.venue));
        let (offers, held) = normalize_all(parsed.listings, &TokenRates::default());
        println!(
            "{}: {} offers, {} held back",
            recording.venue,
            offers.len(),
            held.len()
        );
        assert!(!offers.is_empty());
        for offer in offers {
            assert_ne!(offer.provenance, Provenance::Live);
            rows.insert(offer.id.clone(), offer);
        }
    }
    let golden = [
        ("aws-spot/p5.48xlarge/us-west-2", "2.495975"),
        ("aws-spot/p4d.24xlarge/us-west-2", "1.609538"),
        ("aws-spot/g6f.large/us-west-2", "0.2744"),
        ("lambda/gpu_8x_h100_sxm5", "3.99"),
        ("lambda/gpu_1x_h100_sxm5", "4.29"),
        ("lambda/gpu_8x_a100_80gb_sxm4", "2.79"),
        ("nosana/nvidia-4090-community", "0.239993"),
        ("runpod/NVIDIA H100 80GB HBM3 (secure)", "3.49"),
        ("vast-ai/L40S ×7", "0.805653"),
        ("io-net/B200_sxm6x8__US/US", "4.99"),
        ("io-net/12__2/US", "0.30"),
        (
            "akash/h100 80Gi SXM5/akash1svfr9xarfkcxwdnx32nvl8cs9rfruu4nd56c4f",
            "2.557225",
        ),
        ("render/RTX 5090", "0.69"),
    ];
    for (id, usd) in golden {
        let row = rows.get(id).unwrap_or_else(|| panic!("{id} is missing"));
        assert_eq!(row.usd_per_gpu_hour.to_string(), usd, "{id}");
    }
    let l4 = rows
        .keys()
        .filter(|id| id.starts_with("aws-spot/g6.12xlarge/"));
    assert_eq!(l4.count(), 1, "a size that stands twice is one offer");
    for gone in [
        "NVIDIA A100-SXM4-40GB (secure)",
        "NVIDIA H200 NVL (community)",
    ] {
        assert!(!rows.contains_key(&format!("runpod/{gone}")), "{gone}");
    }
    assert!(rows.keys().all(|id| !id.contains("t3.nano")));
    let unknown: Vec<&String> = rows
        .iter()
        .filter(|(_, row)| row.gpu.key().is_none())
        .map(|(id, _)| id)
        .collect();
    assert!(unknown.len() <= 2, "unrecognized: {unknown:?}");
}
