//! io.net: whole configurations of virtual machines.

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use crate::amount::usd;
use crate::state::Shared;

/// Card, GiB per card, interconnect, cents per hour and card, card counts of the configurations.
type Kind = (&'static str, u32, Option<&'static str>, u64, &'static [u64]);

#[rustfmt::skip]
const KINDS: &[Kind] = &[
    ("H200", 141, Some("sxm5"), 289, &[1, 8]),
    ("H100", 80, Some("sxm5"), 229, &[1, 2, 4, 8]),
    ("H100 PCIe", 80, None, 189, &[1, 2, 4]),
    ("B200", 192, Some("sxm6"), 479, &[8]),
    ("A100 SXM4", 80, Some("sxm4"), 119, &[1, 4, 8]),
    ("L40S", 48, None, 79, &[1, 2, 4]),
    ("GeForce RTX 5090", 32, None, 49, &[1, 2, 4]),
    ("GeForce RTX 4090", 24, None, 31, &[1, 2, 4, 8]),
    ("RTX A6000", 48, None, 43, &[1, 2, 4]),
];

const PLACES: [&str; 6] = ["US", "AU", "DE", "SE", "JP", "CA"];

/// `GET /v1/io-cloud/vmaas/hardware`
pub(super) async fn hardware(State(shared): State<Shared>) -> Json<Value> {
    let tide = super::tide(&shared);
    let mut list = Vec::new();
    let mut deploy_id = 400_u64;
    for (name, vram, interconnect, cents, sizes) in KINDS {
        for cards in *sizes {
            deploy_id += 1;
            let label = format!("io-net {name} {cards}");
            let mut dice = tide.dice(&["hardware", &label]);
            let place = *dice.pick(&PLACES);
            let one = tide.price(&label, cents * 10_000, 60);
            list.push(json!({
                "id": format!("{deploy_id}__{cards}"), "deploy_id": deploy_id, "name": name,
                "num_cards": cards, "supplier": if dice.chance(600) { "internal" } else { "external" },
                "sold_out": dice.chance(150),
                "price": usd(u128::from(one / 10_000 * 10_000 * cards)),
                "vram_per_card": vram, "interconnect": interconnect, "nvlink": interconnect.is_some(),
                "storage": 1000 * cards, "vcpu": 24 * cards, "memory": 120 * cards, "location": place,
            }));
        }
    }
    list.extend(oddities());
    Json(json!({ "data": { "hardware": list } }))
}

/// Returns rows that must not be listed unchanged: one with a mistyped price, one with an unknown
/// card.
fn oddities() -> [Value; 2] {
    let row = |id: &str, name: &str, price: f64| {
        json!({
            "id": id, "deploy_id": id, "name": name, "num_cards": 1, "supplier": "external", "sold_out": false,
            "price": price, "vram_per_card": 80, "interconnect": null, "nvlink": false, "storage": 500,
            "vcpu": 16, "memory": 64, "location": "US",
        })
    };
    [
        row("h100_pcie_cheap", "H100 PCIe", 0.0229),
        row("zephyr_x1", "Zephyr X1", 0.75),
    ]
}
