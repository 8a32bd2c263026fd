//! Lambda's prices as recorded on one day, for operators without a key: shown as recorded, with
//! their date, and never as live.

use std::time::Duration;

use async_trait::async_trait;
use domain::offers::{CardsMilli, Decimal, ListedPrice, Listing, Provenance, Venue};
use domain::resources::{Bytes, CpuMilli};
use domain::time::read_iso_8601;

use crate::ports::{Fetched, Parsed, PriceSource, SourceError};

/// The day of the prices below.
const RECORDED: &str = "2026-08-20";

/// Shape, card, number of cards, cents per hour, vCPUs, GiB of memory.
type Shape = (&'static str, &'static str, u32, u64, u64, u64);

#[rustfmt::skip]
const SHAPES: &[Shape] = &[
    ("gpu_1x_a10", "A10 (24 GB PCIe)", 1, 129, 30, 200),
    ("gpu_1x_a100", "A100 (40 GB PCIe)", 1, 199, 30, 200),
    ("gpu_1x_a100_sxm4", "A100 (40 GB SXM4)", 1, 199, 30, 200),
    ("gpu_1x_a6000", "A6000 (48 GB)", 1, 109, 14, 100),
    ("gpu_1x_b200_sxm6", "B200 (180 GB SXM6)", 1, 699, 26, 360),
    ("gpu_1x_gh200", "GH200 (96 GB)", 1, 229, 64, 432),
    ("gpu_1x_h100_pcie", "H100 (80 GB PCIe)", 1, 329, 26, 200),
    ("gpu_1x_h100_sxm5", "H100 (80 GB SXM5)", 1, 429, 26, 225),
    ("gpu_1x_rtx6000", "RTX 6000 (24 GB)", 1, 69, 14, 46),
    ("gpu_2x_a100", "A100 (40 GB PCIe)", 2, 398, 60, 400),
    ("gpu_2x_a6000", "A6000 (48 GB)", 2, 218, 28, 200),
    ("gpu_2x_b200_sxm6", "B200 (180 GB SXM6)", 2, 1378, 52, 720),
    ("gpu_2x_h100_sxm5", "H100 (80 GB SXM5)", 2, 838, 52, 450),
    ("gpu_4x_a100", "A100 (40 GB PCIe)", 4, 796, 120, 800),
    ("gpu_4x_a6000", "A6000 (48 GB)", 4, 436, 56, 400),
    ("gpu_4x_h100_sxm5", "H100 (80 GB SXM5)", 4, 1636, 104, 900),
    ("gpu_8x_a100", "A100 (40 GB SXM4)", 8, 1592, 124, 1800),
    ("gpu_8x_a100_80gb_sxm4", "A100 (80 GB SXM4)", 8, 2232, 240, 1800),
    ("gpu_8x_b200_sxm6", "B200 (180 GB SXM6)", 8, 5352, 208, 2900),
    ("gpu_8x_h100_sxm5", "H100 (80 GB SXM5)", 8, 3192, 208, 1800),
    ("gpu_8x_v100", "Tesla V100 (16 GB)", 8, 632, 92, 448),
    ("gpu_8x_v100_n", "Tesla V100 (16 GB)", 8, 632, 88, 448),
];

/// Lambda's recorded prices.
#[derive(Debug, Clone, Copy)]
pub(super) struct LambdaSample;

#[async_trait]
impl PriceSource for LambdaSample {
    fn venue(&self) -> Venue {
        Venue::Lambda
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(1)
    }

    async fn fetch(&self, _known: Option<&str>) -> Result<Fetched, SourceError> {
        Ok(Fetched::Rows {
            parsed: Parsed {
                listings: SHAPES.iter().map(listing).collect(),
                unreadable: Vec::new(),
            },
            etag: None,
        })
    }
}

fn listing(shape: &Shape) -> Listing {
    let (name, card, cards, cents, vcpu, gib) = *shape;
    let price = ListedPrice::PerShapeHour(Decimal::cents(cents));
    Listing {
        cards: CardsMilli::whole(cards),
        cpu: Some(CpuMilli(vcpu * 1000)),
        memory: Some(Bytes::gib(gib)),
        provenance: Provenance::Recorded,
        observed_at: read_iso_8601(RECORDED).expect("the constant is a date"),
        link: Some("https://cloud.lambda.ai/instances".to_owned()),
        notes: vec![format!(
            "A recorded price of {RECORDED}: no key for live ones is set."
        )],
        ..Listing::new(Venue::Lambda, name, card, price)
    }
}

#[cfg(test)]
mod tests {
    use domain::offers::tokens::TokenRates;
    use domain::offers::{Provenance, normalize_all};

    use super::{SHAPES, listing};

    #[test]
    fn every_recorded_shape_is_a_recorded_offer_of_a_known_card() {
        let rows = SHAPES.iter().map(listing).collect();
        let (offers, held) = normalize_all(rows, &TokenRates::default());
        assert_eq!((offers.len(), held.len()), (SHAPES.len(), 0));
        for offer in offers {
            assert_eq!(offer.provenance, Provenance::Recorded);
            assert!(offer.gpu.key().is_some(), "{}", offer.shape);
        }
    }
}
