//! Location of an offer: the venue's own words, and the coarse region that people ask for.

use serde::{Deserialize, Serialize};

use crate::requirements::Region;

/// A place as a venue names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The venue's own words: `us-west-2`, `Sweden, SE`, `EUR-IS-1`.
    pub label: String,
    /// The region it lies in; `None` if the words do not say.
    pub region: Option<Region>,
}

impl Place {
    /// Parses a venue's words.
    #[must_use]
    pub fn new(label: &str) -> Self {
        Self {
            label: label.to_owned(),
            region: region_of(label),
        }
    }

    /// Whether the place is certainly within `wanted`.
    #[must_use]
    pub fn is_within(&self, wanted: Region) -> bool {
        is_region_within(self.region, wanted)
    }
}

/// Whether a region is certainly within `wanted`; an unknown region is within none.
pub(super) fn is_region_within(region: Option<Region>, wanted: Region) -> bool {
    let is_american_part = matches!(
        region,
        Some(Region::UsWest | Region::UsEast | Region::UsCentral)
    );
    region == Some(wanted) || (wanted == Region::Us && is_american_part)
}

/// Region names of clouds, by prefix. The first match counts.
#[rustfmt::skip]
const BY_PREFIX: &[(&str, Region)] = &[
    ("us-west", Region::UsWest), ("us-gov-west", Region::UsWest), ("us-ca", Region::UsWest),
    ("us-wa", Region::UsWest), ("us-or", Region::UsWest), ("us-nv", Region::UsWest),
    ("us-east", Region::UsEast), ("us-gov-east", Region::UsEast), ("us-ga", Region::UsEast),
    ("us-nc", Region::UsEast), ("us-de", Region::UsEast), ("us-md", Region::UsEast),
    ("us-nj", Region::UsEast), ("us-ny", Region::UsEast), ("us-va", Region::UsEast),
    ("us-central", Region::UsCentral), ("us-midwest", Region::UsCentral), ("us-south", Region::UsCentral),
    ("us-tx", Region::UsCentral), ("us-il", Region::UsCentral), ("us-ks", Region::UsCentral),
    ("us-mo", Region::UsCentral),
    ("us", Region::Us),
    ("ca", Region::Canada),
    ("eu-west-2", Region::Uk), ("eu-uk", Region::Uk), ("uk", Region::Uk), ("gb", Region::Uk),
    ("eur", Region::Eu), ("eu", Region::Eu),
    ("ap-southeast-2", Region::Oceania), ("ap-southeast-4", Region::Oceania),
    ("ap-southeast-6", Region::Oceania), ("australia", Region::Oceania),
    ("ap-oceania", Region::Oceania), ("oc", Region::Oceania), ("ap", Region::Asia),
    ("asia", Region::Asia), ("sea", Region::Asia), ("cn", Region::Asia),
    ("sa", Region::SouthAmerica), ("south america", Region::SouthAmerica),
    ("af", Region::Africa),
    ("me", Region::MiddleEast), ("il-central", Region::MiddleEast), ("middle east", Region::MiddleEast),
];

/// Countries by their two-letter codes.
#[rustfmt::skip]
const COUNTRIES: &[(&str, Region)] = &[
    ("US", Region::Us), ("CA", Region::Canada), ("GB", Region::Uk), ("UK", Region::Uk),
    ("AU", Region::Oceania), ("NZ", Region::Oceania),
    ("AT", Region::Eu), ("BE", Region::Eu), ("BG", Region::Eu), ("CH", Region::Eu), ("CY", Region::Eu),
    ("CZ", Region::Eu), ("DE", Region::Eu), ("DK", Region::Eu), ("EE", Region::Eu), ("ES", Region::Eu),
    ("FI", Region::Eu), ("FR", Region::Eu), ("GR", Region::Eu), ("HR", Region::Eu), ("HU", Region::Eu),
    ("IE", Region::Eu), ("IS", Region::Eu), ("IT", Region::Eu), ("LT", Region::Eu), ("LU", Region::Eu),
    ("LV", Region::Eu), ("MT", Region::Eu), ("NL", Region::Eu), ("NO", Region::Eu), ("PL", Region::Eu),
    ("PT", Region::Eu), ("RO", Region::Eu), ("RS", Region::Eu), ("SE", Region::Eu), ("SI", Region::Eu),
    ("SK", Region::Eu), ("UA", Region::Eu),
    ("CN", Region::Asia), ("HK", Region::Asia), ("ID", Region::Asia), ("IN", Region::Asia),
    ("JP", Region::Asia), ("KR", Region::Asia), ("MY", Region::Asia), ("PH", Region::Asia),
    ("SG", Region::Asia), ("TH", Region::Asia), ("TW", Region::Asia), ("VN", Region::Asia),
    ("AR", Region::SouthAmerica), ("BR", Region::SouthAmerica), ("CL", Region::SouthAmerica),
    ("CO", Region::SouthAmerica),
    ("ZA", Region::Africa), ("KE", Region::Africa), ("NG", Region::Africa), ("EG", Region::Africa),
    ("AE", Region::MiddleEast), ("IL", Region::MiddleEast), ("QA", Region::MiddleEast),
    ("SA", Region::MiddleEast), ("TR", Region::MiddleEast),
];

/// Places by their full names.
#[rustfmt::skip]
const BY_NAME: &[(&str, Region)] = &[
    ("united states", Region::Us), ("canada", Region::Canada), ("united kingdom", Region::Uk),
    ("europe (london)", Region::Uk), ("europe", Region::Eu), ("asia pacific (sydney)", Region::Oceania),
    ("asia pacific (melbourne)", Region::Oceania), ("asia pacific", Region::Asia),
    ("us east", Region::UsEast), ("us west", Region::UsWest), ("africa", Region::Africa),
];

fn region_of(label: &str) -> Option<Region> {
    let text = label.trim();
    let country = text.rsplit([',', ' ']).next().unwrap_or(text);
    if let Some((_, region)) = COUNTRIES.iter().find(|(code, _)| *code == country) {
        return Some(*region);
    }
    let lower = text.to_ascii_lowercase();
    let named = BY_NAME.iter().find(|(name, _)| lower.starts_with(name));
    // A prefix counts only at a word boundary, so that “useless” is not taken for the United States.
    let prefixed = || {
        BY_PREFIX.iter().find(|(prefix, _)| {
            lower
                .strip_prefix(prefix)
                .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphabetic()))
        })
    };
    named.or_else(prefixed).map(|(_, region)| *region)
}

#[cfg(test)]
mod tests {
    use super::Place;
    use crate::requirements::Region;

    #[test]
    fn places_of_the_venues_lie_where_they_lie() {
        let cases = [
            ("us-west-2", Some(Region::UsWest)),
            ("us-west-2-lax-1a", Some(Region::UsWest)),
            ("US East (N. Virginia)", Some(Region::UsEast)),
            ("us-midwest-1", Some(Region::UsCentral)),
            ("US-MO-1", Some(Region::UsCentral)),
            ("US", Some(Region::Us)),
            ("Texas, US", Some(Region::Us)),
            ("Sweden, SE", Some(Region::Eu)),
            ("EUR-IS-1", Some(Region::Eu)),
            ("eu-west-2", Some(Region::Uk)),
            ("europe-central-1", Some(Region::Eu)),
            ("AP-IN-1", Some(Region::Asia)),
            ("ap-southeast-2", Some(Region::Oceania)),
            ("AU", Some(Region::Oceania)),
            ("me-west-1", Some(Region::MiddleEast)),
            ("sa-east-1", Some(Region::SouthAmerica)),
            ("useless", None),
            ("secure cloud", None),
            ("", None),
        ];
        for (label, region) in cases {
            assert_eq!(Place::new(label).region, region, "{label}");
        }
    }

    #[test]
    fn a_country_does_not_prove_a_coast_but_a_coast_proves_the_country() {
        assert!(Place::new("us-east-1").is_within(Region::Us));
        assert!(!Place::new("US").is_within(Region::UsWest));
        assert!(!Place::new("somewhere").is_within(Region::Us));
    }
}
