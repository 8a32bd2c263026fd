//! Golden values for each venue's answers, one test per row of them: from answers in the venue's
//! own form, and from recorded answers if available.

use std::collections::BTreeMap;
use std::fs;

use domain::money::Usd;
use domain::offers::tokens::{Token, TokenRates};
use domain::offers::{CardsMilli, Decimal, Offer, Venue, implied_rate, normalize_all};
use serde_json::{Value, json};

use super::{offers, parse, recorded_folder};

/// Returns the offers in the recorded answers whose file names begin with one of these.
fn recorded(venue: Venue, beginnings: &[&str]) -> Option<BTreeMap<String, Offer>> {
    let texts = recordings(beginnings)?;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let parsed = parse(venue, &texts).unwrap();
    let (offers, _) = normalize_all(parsed.listings, &TokenRates::default());
    let by_id = offers.into_iter().map(|offer| (offer.id.clone(), offer));
    Some(by_id.collect())
}

fn recordings(beginnings: &[&str]) -> Option<Vec<String>> {
    let Some(folder) = recorded_folder() else {
        println!("skipped: NECTO_SHARED names no folder with recorded answers");
        return None;
    };
    let file = |beginning: &&str| {
        let mut entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
        let found = entries.find(|entry| {
            let name = entry.file_name();
            name.to_string_lossy().starts_with(*beginning)
        });
        fs::read_to_string(found.unwrap_or_else(|| panic!("no {beginning}")).path()).unwrap()
    };
    Some(beginnings.iter().map(file).collect())
}

/// Returns dollars per card and hour, and the number of cards, for each shape.
fn by_shape(rows: &BTreeMap<String, Offer>) -> BTreeMap<&str, (String, CardsMilli)> {
    let shown = |row: &'_ Offer| (row.usd_per_gpu_hour.to_string(), row.cards);
    rows.values()
        .map(|row| (row.shape.as_str(), shown(row)))
        .collect()
}

/// Rounds to the nearest ten-thousandth of a dollar.
fn rounded(usd: Usd) -> String {
    Usd::from_micros((usd.micros() + 50) / 100 * 100).with_decimals(4)
}

fn whole(usd: &str, cards: u32) -> (String, CardsMilli) {
    (usd.to_owned(), CardsMilli::whole(cards))
}

#[test]
fn akash_s_bids_in_uact_a_block() {
    let bid = |owner: &str, amount: &str| {
        json!({
            "provider": { "owner": owner, "hostUri": "https://a.example:8443", "allocated": 0, "allocatable": 8 },
            "bestBid": { "datetime": "2026-09-24T12:27:40.543Z", "data": { "price": { "denom": "uact", "amount": amount } } },
        })
    };
    let answer = json!({ "models": [{
        "vendor": "nvidia", "model": "h100", "ram": "80Gi", "interface": "SXM5",
        "availability": { "total": 24, "available": 24 }, "price": null,
        "providersWithBestBid": [
            bid("akash1aaaaaa", "4262.041502"), bid("akash1bbbbbb", "3398.934588"), bid("akash1cccccc", "5264.579248"),
        ],
    }] });
    let rows = offers(parse(Venue::Akash, &[&answer.to_string()]).unwrap());
    let prices: Vec<String> = rows
        .values()
        .map(|row| rounded(row.usd_per_gpu_hour))
        .collect();
    assert_eq!(prices, ["2.5572", "2.0394", "3.1587"]);

    let Some(texts) = recordings(&["akash_gpu-prices_debug_h100"]) else {
        return;
    };
    let rows = offers(parse(Venue::Akash, &[&texts[0]]).unwrap());
    let answer: Value = serde_json::from_str(&texts[0]).unwrap();
    let bids = answer["models"][0]["providersWithBestBid"]
        .as_array()
        .unwrap();
    assert_eq!(bids.len(), 4);
    for bid in bids {
        let owner = bid["provider"]["owner"].as_str().unwrap();
        let row = rows.values().find(|r| r.provider.as_deref() == Some(owner));
        // The API's own figure, rounded to cents.
        let said: Decimal = bid["bestBid"]["hourlyPrice"].to_string().parse().unwrap();
        let ours = Decimal::from_usd(row.unwrap().usd_per_gpu_hour);
        let apart = ours.minus(said).unwrap().distance();
        assert!(apart <= "0.005".parse().unwrap(), "{owner}: {ours}, {said}");
    }
}

#[test]
fn nosana_s_market_with_its_fee_and_the_rate_it_implies() {
    let market = json!([{
        "slug": "nvidia-4090-community", "name": "NVIDIA 4090 Community", "type": "COMMUNITY",
        "usd_reward_per_hour": 0.218175, "nos_job_price_per_second": 0.0002156,
        "network_fee_percentage": 10, "gpu_types": ["NVIDIA GeForce RTX 4090"], "lowest_vram": 24,
    }]);
    let market = market.to_string();
    let rows = offers(parse(Venue::Nosana, &[&market]).unwrap());
    let row = &rows["nosana/nvidia-4090-community"];
    // 0.2399925, rounded once to the micro-dollar.
    assert_eq!(row.usd_per_gpu_hour.to_string(), "0.239993");
    let tokens = "0.0002156".parse().unwrap();
    let implied = implied_rate(row.usd_per_hour, tokens).unwrap();
    assert_eq!(rounded(implied.to_usd().unwrap()), "0.3092");

    // The venue's two prices are compared with the market's price of the token.
    for (usd, doubted) in [("0.3092", false), ("0.300", false), ("0.27", true)] {
        let rates = TokenRates::default().with(Token::Nos, usd.parse().unwrap());
        let parsed = parse(Venue::Nosana, &[&market]).unwrap();
        let (offers, _) = normalize_all(parsed.listings, &rates);
        let doubts = offers[0].notes.iter().any(|note| note.contains("implies"));
        assert_eq!(doubts, doubted, "{usd}: {:?}", offers[0].notes);
    }
    if let Some(rows) = recorded(Venue::Nosana, &["nosana_markets"]) {
        let row = &rows["nosana/nvidia-4090-community"];
        assert_eq!(row.usd_per_gpu_hour.to_string(), "0.239993");
    }
}

#[test]
fn aws_spot_s_shapes_doubles_parts_and_notations() {
    let size = |size: &str, usd: &str| json!({ "size": size, "valueColumns": [{ "name": "linux", "prices": { "USD": usd } }] });
    let answer = json!({ "config": { "regions": [
        { "region": "af-south-1", "instanceTypes": [{ "type": "general", "sizes": [size("t3.nano", "9.0E-4")] }] },
        { "region": "us-west-2", "instanceTypes": [{ "type": "gpu", "sizes": [
            size("p5.48xlarge", "19.9678"), size("p4d.24xlarge", "12.8763"), size("g6f.large", "0.0343"),
            size("g6.12xlarge", "2.4"), size("g6.12xlarge", "2.4"), size("g5g.xlarge", "N/A*"),
        ] }] },
    ] } });
    let parsed = parse(Venue::AwsSpot, &[&answer.to_string()]).unwrap();
    assert_eq!(
        parsed.unreadable,
        [],
        "“N/A*” is no price and no fault, and “9.0E-4” is a price"
    );
    let rows = offers(parsed);
    let check = |rows: &BTreeMap<String, Offer>| {
        let west = rows
            .iter()
            .filter(|(id, _)| id.ends_with("/us-west-2") || id.contains("/us-west-2#"));
        let west = west.map(|(id, row)| (id.clone(), row.clone())).collect();
        let shown = by_shape(&west);
        assert_eq!(shown["p5.48xlarge"], whole("2.495975", 8));
        // 1.6095375, rounded once to the micro-dollar.
        assert_eq!(shown["p4d.24xlarge"], whole("1.609538", 8));
        assert_eq!(
            shown["g6f.large"],
            ("0.2744".to_owned(), CardsMilli(125)),
            "an eighth of a card stays an eighth"
        );
        let doubles = west.values().filter(|row| row.shape == "g6.12xlarge");
        assert_eq!(doubles.count(), 1, "a size that stands twice is one offer");
        assert!(rows.values().all(|row| row.shape != "t3.nano"));
    };
    check(&rows);
    assert!(!by_shape(&rows).contains_key("g5g.xlarge"));
    if let Some(rows) = recorded(Venue::AwsSpot, &["aws_spot_json"]) {
        check(&rows);
    }
}

#[test]
fn an_aws_type_that_nobody_knows_is_named_and_never_priced() {
    let size = |size: &str, usd: &str| json!({ "size": size, "valueColumns": [{ "name": "linux", "prices": { "USD": usd } }] });
    let sizes = || {
        json!([
            size("p5.48xlarge", "19.9678"),
            // A family that does not exist, and a size that an existing one does not have.
            size("p12q.96xlarge", "41.5"),
            size("g6.7xlarge", "1.9"),
            // Families without a GPU whose names begin with adjacent letters of the alphabet.
            size("m7g.large", "0.05"),
            size("hpc7g.4xlarge", "0.5"),
        ])
    };
    let region = |region: &str| json!({ "region": region, "instanceTypes": [{ "type": "any", "sizes": sizes() }] });
    let answer = json!({ "config": { "regions": [region("us-west-2"), region("eu-west-1")] } });
    let parsed = parse(Venue::AwsSpot, &[&answer.to_string()]).unwrap();
    let named: Vec<_> = parsed
        .unreadable
        .iter()
        .map(|row| (row.shape.as_str(), row.reason.to_string()))
        .collect();
    let why = "not recognised: which GPUs this type has is not known here";
    assert_eq!(
        named,
        [
            ("p12q.96xlarge", why.to_owned()),
            ("g6.7xlarge", why.to_owned())
        ],
        "each once, however many regions sell it"
    );
    let rows = offers(parsed);
    assert!(rows.values().all(|row| row.shape == "p5.48xlarge"));
}

#[test]
fn lambda_s_cents_for_whole_nodes() {
    let kind = |name: &str, card: &str, gpus: u32, cents: u32| {
        json!({ "instance_type": {
            "name": name, "gpu_description": card, "price_cents_per_hour": cents, "architecture": "x86_64",
            "specs": { "gpus": gpus, "vcpus": 26, "memory_gib": 225, "storage_gib": 2816 },
        }, "regions_with_capacity_available": [] })
    };
    let answer = json!({ "data": {
        "gpu_8x_h100_sxm5": kind("gpu_8x_h100_sxm5", "H100 (80 GB SXM5)", 8, 3192),
        "gpu_1x_h100_sxm5": kind("gpu_1x_h100_sxm5", "H100 (80 GB SXM5)", 1, 429),
        "gpu_8x_a100_80gb_sxm4": kind("gpu_8x_a100_80gb_sxm4", "A100 (80 GB SXM4)", 8, 2232),
    } });
    let check = |rows: &BTreeMap<String, Offer>| {
        let shown = by_shape(rows);
        assert_eq!(shown["gpu_8x_h100_sxm5"], whole("3.99", 8));
        assert_eq!(shown["gpu_1x_h100_sxm5"], whole("4.29", 1));
        assert_eq!(shown["gpu_8x_a100_80gb_sxm4"], whole("2.79", 8));
    };
    check(&offers(
        parse(Venue::Lambda, &[&answer.to_string()]).unwrap(),
    ));
    if let Some(rows) = recorded(Venue::Lambda, &["lambda_instance-types"]) {
        check(&rows);
    }
}

#[test]
fn runpod_s_zeros_placeholders_and_slices() {
    let kind = |id: &str, name: &str, gib: u32, secure: f64, community: f64| json!({ "id": id, "displayName": name, "memoryInGb": gib, "securePrice": secure, "communityPrice": community });
    let slice = "NVIDIA RTX PRO 6000 Blackwell Server Edition MIG 1g.24gb";
    let answer = json!({ "data": { "gpuTypes": [
        kind("NVIDIA H100 80GB HBM3", "H100 SXM", 80, 3.49, 2.69),
        kind("NVIDIA A100-SXM4-40GB", "A100 SXM 40GB", 40, 0.0, 1.0),
        kind("NVIDIA H200 NVL", "H200 NVL", 143, 3.79, 0.5),
        kind(slice, "PRO 6000 MIG 24GB", 24, 0.59, 0.5),
    ] } });
    let check = |rows: &BTreeMap<String, Offer>| {
        let shown = by_shape(rows);
        assert_eq!(shown["NVIDIA H100 80GB HBM3 (secure)"], whole("3.49", 1));
        assert!(!shown.contains_key("NVIDIA A100-SXM4-40GB (secure)"));
        assert!(!shown.contains_key("NVIDIA H200 NVL (community)"));
        let slices = rows.values().filter(|row| row.shape.contains("MIG"));
        let slices: Vec<&Offer> = slices.collect();
        assert!(!slices.is_empty());
        assert!(slices.iter().all(|row| row.cards.is_fraction()));
    };
    check(&offers(
        parse(Venue::RunPod, &[&answer.to_string()]).unwrap(),
    ));
    for files in [
        &["runpod_gpuTypes"][..],
        &["runpod_gpuTypes", "runpod_lowestPrice"],
    ] {
        if let Some(rows) = recorded(Venue::RunPod, files) {
            check(&rows);
        }
    }
}

#[test]
fn vast_s_totals_and_memory() {
    let answer = json!({ "offers": [
        { "gpu_name": "L40S", "gpu_ram": 46068, "num_gpus": 7, "dph_total": 5.6395714814814815 },
        { "gpu_name": "A100 SXM4", "gpu_ram": 39936, "num_gpus": 1, "dph_total": 0.6044444444444445 },
    ] });
    let check = |rows: &BTreeMap<String, Offer>| {
        assert_eq!(by_shape(rows)["L40S ×7"], whole("0.805653", 7));
        let cards: Vec<String> = rows
            .values()
            .filter(|row| row.shape.starts_with("A100 SXM4"))
            .map(|row| row.gpu.key().unwrap().to_string())
            .collect();
        assert!(
            cards.iter().any(|card| card == "a100 sxm 40 GiB"),
            "{cards:?}"
        );
    };
    check(&offers(
        parse(Venue::VastAi, &[&answer.to_string()]).unwrap(),
    ));
    if let Some(rows) = recorded(Venue::VastAi, &["vast_bundles"]) {
        check(&rows);
    }
}

#[test]
fn io_net_s_whole_configurations() {
    let answer = json!({ "data": { "hardware": [
        { "id": "12__2", "name": "GeForce RTX 4090", "num_cards": 2, "sold_out": false, "price": 0.6, "vram_per_card": 24, "interconnect": null, "vcpu": 39, "memory": 125, "location": "US" },
        { "id": "B200_sxm6x8__US", "name": "B200", "num_cards": 8, "sold_out": false, "price": 39.92, "vram_per_card": 192, "interconnect": "sxm6", "vcpu": 208, "memory": 2900, "location": "US" },
    ] } });
    let check = |rows: &BTreeMap<String, Offer>| {
        let shown = by_shape(rows);
        assert_eq!(shown["B200_sxm6x8__US"], whole("4.99", 8));
        assert_eq!(shown["12__2"], whole("0.30", 2));
    };
    check(&offers(
        parse(Venue::IoNet, &[&answer.to_string()]).unwrap(),
    ));
    if let Some(rows) = recorded(Venue::IoNet, &["ionet_vmaas"]) {
        check(&rows);
    }
}
