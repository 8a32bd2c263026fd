//! Regions, as coarse as people name them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Region that the workload should run in, as coarse as people name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the places")]
pub enum Region {
    UsWest,
    UsEast,
    UsCentral,
    Us,
    Canada,
    Eu,
    Uk,
    Asia,
    Oceania,
    SouthAmerica,
    Africa,
    MiddleEast,
}

impl Region {
    /// Every region, in the order in which they are offered.
    pub const ALL: [Self; 12] = [
        Self::UsWest,
        Self::UsEast,
        Self::UsCentral,
        Self::Us,
        Self::Canada,
        Self::Eu,
        Self::Uk,
        Self::Asia,
        Self::Oceania,
        Self::SouthAmerica,
        Self::Africa,
        Self::MiddleEast,
    ];

    /// Id of the region: `us-west`, `eu`, ….
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::UsWest => "us-west",
            Self::UsEast => "us-east",
            Self::UsCentral => "us-central",
            Self::Us => "us",
            Self::Canada => "canada",
            Self::Eu => "eu",
            Self::Uk => "uk",
            Self::Asia => "asia",
            Self::Oceania => "oceania",
            Self::SouthAmerica => "south-america",
            Self::Africa => "africa",
            Self::MiddleEast => "middle-east",
        }
    }

    /// Values of Akash's `location-region` attribute that lie in this region. An SDL can name only one, so
    /// a coarse region is enforced when bids are ranked, not by the SDL.
    #[must_use]
    pub const fn akash_regions(self) -> &'static [&'static str] {
        match self {
            Self::UsWest => &["us-west"],
            Self::UsEast => &["us-east"],
            Self::UsCentral => &["us-central"],
            Self::Us => &["us-west", "us-east", "us-central", "us-south"],
            Self::Canada => &["ca-east", "ca-central", "ca-west"],
            Self::Eu => &["eu-central", "eu-west", "eu-north", "eu-east", "eu-south"],
            Self::Uk => &["uk", "eu-uk"],
            Self::Asia => &[
                "ap-southeast",
                "ap-northeast",
                "ap-east",
                "ap-south",
                "asia-east",
            ],
            Self::Oceania => &["oc-aus", "ap-oceania"],
            Self::SouthAmerica => &["sa-east", "sa-west"],
            Self::Africa => &["af-south", "af-north"],
            Self::MiddleEast => &["me-central", "me-south"],
        }
    }

    /// Whether a provider that declares `location_region` is in this region.
    #[must_use]
    pub fn contains(self, location_region: &str) -> bool {
        let place = location_region.to_ascii_lowercase();
        place == self.id()
            || self.akash_regions().contains(&place.as_str())
            || (matches!(self, Self::Us | Self::Eu)
                && place.starts_with(&format!("{}-", self.id())))
            || (matches!(self, Self::Asia) && place.starts_with("ap-") && place != "ap-oceania")
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Region {
    type Err = UnknownRegion;

    fn from_str(text: &str) -> Result<Self, UnknownRegion> {
        Self::ALL
            .into_iter()
            .find(|region| region.id() == text)
            .ok_or_else(|| UnknownRegion(text.chars().take(40).collect()))
    }
}

/// A region id that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("there is no region “{0}”: try us-west, us-east, eu or asia")]
pub struct UnknownRegion(String);

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn a_coarse_region_contains_its_parts() {
        assert!(Region::Eu.contains("eu-west"));
        assert!(Region::Us.contains("us-east"));
        assert!(!Region::UsWest.contains("us-east"));
        assert!(Region::Asia.contains("ap-southeast"));
    }
}
