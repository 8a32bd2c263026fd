//! Render's rendering network. It sells OctaneBench hours, a measure of completed work, which cannot be
//! compared with GPU-hours and is never listed among them.

/// Euro cents for one credit, by the network's published rates (one euro for 100 OctaneBench hours
/// of the first tier, which are four credits).
pub const EURO_CENTS_PER_CREDIT: u64 = 25;

/// Hourly work of an RTX 2070 in OctaneBench hours, by the network's own example.
const RTX_2070_OBH: u64 = 200;

/// Web address at which the rates are published.
pub const PUBLISHED_AT: &str = "https://know.rendernetwork.com";

/// One tier of the rendering network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RenderTier {
    /// Name of the tier as published: `Tier 1`.
    pub name: &'static str,
    /// OctaneBench hours for one credit.
    pub obh_per_credit: u64,
}

/// The published tiers. The factors of the second and third vary; these are the published ones.
pub const TIERS: [RenderTier; 3] = [
    RenderTier {
        name: "Tier 1",
        obh_per_credit: 25,
    },
    RenderTier {
        name: "Tier 2",
        obh_per_credit: 100,
    },
    RenderTier {
        name: "Tier 3",
        obh_per_credit: 200,
    },
];

impl RenderTier {
    /// Price of 100 OctaneBench hours in thousandths of a euro.
    #[must_use]
    pub const fn euro_milli_per_100_obh(self) -> u64 {
        EURO_CENTS_PER_CREDIT * 10 * 100 / self.obh_per_credit
    }

    /// Price in thousandths of a euro for an hour's work of an RTX 2070: an estimate, because the score
    /// depends on the benchmark's version.
    #[must_use]
    pub const fn euro_milli_per_rtx_2070_hour(self) -> u64 {
        self.euro_milli_per_100_obh() * RTX_2070_OBH / 100
    }
}

#[cfg(test)]
mod tests {
    use super::TIERS;

    #[test]
    fn the_published_example_comes_out() {
        let per_100: Vec<u64> = TIERS
            .iter()
            .map(|tier| tier.euro_milli_per_100_obh())
            .collect();
        assert_eq!(per_100, [1_000, 250, 125]);
        // The network's own figures: half a euro and a quarter.
        assert_eq!(TIERS[1].euro_milli_per_rtx_2070_hour(), 500);
        assert_eq!(TIERS[2].euro_milli_per_rtx_2070_hour(), 250);
    }
}
