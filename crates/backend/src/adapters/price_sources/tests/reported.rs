//! Answers that other programs are known to misread, such as a lowest bid as a price, or the price
//! of a whole node as that of a card; followed from the venue's answer to the recommendation.

use domain::offers::tokens::TokenRates;
use domain::offers::{QuarantineReason, Venue, normalize_all};
use domain::requirements::{DeployToAkash, Priority};
use domain::resources::GpuRequest;
use domain::route::{AkashRules, Criteria, Decision, Market, Weights, akash_suitability, route};
use domain::time::{Seconds, UnixSeconds};
use serde_json::json;

use super::parse;

/// Decides about one such card for two hours, from this venue's answer alone.
fn decided(venue: Venue, answer: &str, model: &str) -> Decision {
    let parsed = parse(venue, &[answer]).unwrap();
    let (offers, quarantined) = normalize_all(parsed.listings, &TokenRates::default());
    let market = Market {
        offers,
        quarantined,
        ..Market::default()
    };
    let criteria = Criteria {
        gpu: Some(GpuRequest {
            vendor: None,
            model: Some(model.parse().unwrap()),
            count: 1,
            vram_gib: None,
            interface: None,
        }),
        region: None,
        max_per_gpu_hour: None,
        max_per_hour: None,
        budget: None,
        duration: Seconds::hours(2),
        exclude_pricing: [].into(),
        venues: [].into(),
        providers: [].into(),
        priority: Priority::Price,
    };
    let akash = akash_suitability(&criteria, DeployToAkash::Automatic, &AkashRules::default());
    let weights = Weights::of(criteria.priority);
    route(criteria, market, weights, akash, UnixSeconds(1_800_000_000))
}

fn recommended(decision: &Decision) -> Option<&str> {
    decision
        .recommended()
        .map(|entry| entry.offer.shape.as_str())
}

#[test]
fn a_floor_for_bids_is_held_back_and_never_recommended() {
    let card = |id: &str, name: &str, gib: u32, usd: f64| {
        json!({
            "id": id, "displayName": name, "memoryInGb": gib, "securePrice": usd, "communityPrice": null,
            "lowestPrice": { "uninterruptablePrice": usd, "stockStatus": "High" },
        })
    };
    let answer = json!({ "data": { "gpuTypes": [
        card("NVIDIA B200", "B200", 180, 0.02),
        card("NVIDIA A100-SXM4-80GB", "A100 SXM", 80, 0.07),
        card("NVIDIA H100 80GB HBM3", "H100 SXM", 80, 2.71),
    ] } })
    .to_string();
    for (model, wins) in [
        ("b200", None),
        ("a100", None),
        ("h100", Some("NVIDIA H100 80GB HBM3 (secure)")),
    ] {
        let decision = decided(Venue::RunPod, &answer, model);
        let mut held: Vec<&str> = decision
            .quarantined
            .iter()
            .map(|row| row.shape.as_str())
            .collect();
        held.sort_unstable();
        assert_eq!(
            held,
            ["NVIDIA A100-SXM4-80GB (secure)", "NVIDIA B200 (secure)"]
        );
        for row in &decision.quarantined {
            assert!(
                matches!(row.reason, QuarantineReason::OutOfBounds { .. }),
                "{row:?}"
            );
        }
        let shapes: Vec<&str> = decision
            .entries
            .iter()
            .map(|entry| entry.offer.shape.as_str())
            .collect();
        assert_eq!(shapes, ["NVIDIA H100 80GB HBM3 (secure)"], "{model}");
        assert_eq!(recommended(&decision), wins, "{model}");
    }
}

#[test]
fn a_whole_node_s_price_is_that_of_all_its_cards() {
    let node = |id: &str, name: &str, cards: u32, gib: u32, usd: f64| {
        json!({
            "id": id, "name": name, "num_cards": cards, "sold_out": false, "price": usd, "vram_per_card": gib,
            "interconnect": null, "vcpu": 16, "memory": 64, "location": "US",
        })
    };
    let answer = json!({ "data": { "hardware": [
        node("one", "GeForce RTX 3090", 1, 24, 0.32),
        node("four", "GeForce RTX 3090", 4, 24, 0.88),
        node("eight", "H100 PCIe", 8, 80, 16.0),
    ] } })
    .to_string();
    let decision = decided(Venue::IoNet, &answer, "rtx3090");
    let mut shown: Vec<(&str, String, String)> = decision
        .entries
        .iter()
        .map(|entry| &entry.offer)
        .map(|row| {
            (
                row.shape.as_str(),
                row.usd_per_gpu_hour.to_string(),
                row.usd_per_hour.to_string(),
            )
        })
        .collect();
    shown.sort();
    let row =
        |shape, card: &'static str, hour: &'static str| (shape, card.to_owned(), hour.to_owned());
    assert_eq!(
        shown,
        [
            // Single cards of it are not rented out: the whole node is the minimum.
            row("eight", "2.00", "16.00"),
            row("four", "0.22", "0.88"),
            row("one", "0.32", "0.32"),
        ]
    );
    // More expensive per card, but cheaper for a buyer who needs one.
    assert_eq!(recommended(&decision), Some("one"));
    let mut costs: Vec<String> = decision
        .entries
        .iter()
        .filter_map(|entry| entry.fit())
        .map(|fit| fit.cost_per_hour.to_string())
        .collect();
    costs.sort();
    assert_eq!(costs, ["0.32", "0.88"]);
}
