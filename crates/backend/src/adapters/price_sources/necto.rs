//! Providers on Necto's register: the entry on chain, and the description identified by its hash.
//! The format of descriptions is documented in `docs/listing.md`.

use domain::akash::ProviderAddress;
use domain::offers::gpu::VramMib;
use domain::offers::{Availability, CardsMilli, Decimal, ListedPrice, Listing, Venue};
use domain::requirements::PricingModel;
use domain::resources::{Bytes, CpuMilli};
use domain::time::UnixSeconds;
use serde::Deserialize;

use crate::ports::{ListedCapacity, ListedProvider, ListedRate};

/// Maximum size of a description in bytes.
pub(crate) const MAX_DESCRIPTION_BYTES: usize = 8 * 1024;

/// The only existing version of the format.
const VERSION: u64 = 1;

/// Maximum number of letters in a name, which is shown in a column.
const MAX_LETTERS: usize = 60;

const MAX_CARDS: u32 = 1024;

/// A seller's description of its offer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    #[serde(rename = "version")]
    _version: u64,
    network: String,
    name: String,
    gpu: Cards,
    vcpu: Option<u32>,
    memory_gib: Option<u32>,
    region: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cards {
    model: String,
    count: u32,
    vram_gib: Option<u32>,
}

#[derive(Debug, Deserialize)]
struct Versioned {
    version: Option<u64>,
}

/// Returns the row of a provider that is approved and not offline.
///
/// # Errors
/// Why the provider cannot be shown, as a sentence for people.
pub(crate) fn parse(
    provider: &ListedProvider,
    document: &str,
    at: UnixSeconds,
) -> Result<Listing, String> {
    let unreadable = |error: serde_json::Error| format!("its description is not readable: {error}");
    let Versioned { version } = serde_json::from_str(document).map_err(unreadable)?;
    if version != Some(VERSION) {
        return Err(format!(
            "its description is not of version {VERSION}, the only one there is"
        ));
    }
    let described: Description = serde_json::from_str(document).map_err(unreadable)?;
    let name = plain("name", &described.name)?;
    let model = plain("gpu.model", &described.gpu.model)?;
    let region = described
        .region
        .as_deref()
        .map(|region| plain("region", region))
        .transpose()?;
    if described.network != "akash" || provider.account.parse::<ProviderAddress>().is_err() {
        return Err("it is not a provider on Akash, where Necto deploys".to_owned());
    }
    if !(1..=MAX_CARDS).contains(&described.gpu.count) {
        return Err(format!("it says it has {} GPUs", described.gpu.count));
    }
    let mut notes = vec![
        "Listed by its owner and approved by Necto's curator; the provider bids on Akash, and the bid is what counts."
            .to_owned(),
    ];
    let pricing_model = match provider.rate {
        ListedRate::Fixed => PricingModel::Fixed,
        ListedRate::Dynamic { floor, ceiling } => {
            notes.push(format!(
                "The owner moves the price between ${floor} and ${ceiling} an hour."
            ));
            PricingModel::Spot
        }
        ListedRate::InToken { token } => {
            notes.push(format!("Paid in the token at {token}."));
            PricingModel::Token
        }
    };
    let price = ListedPrice::PerShapeHour(Decimal::from_usd(provider.hourly));
    Ok(Listing {
        provider: Some(provider.account.clone()),
        cards: CardsMilli::whole(described.gpu.count),
        vram: described.gpu.vram_gib.map(VramMib::gib),
        cpu: described.vcpu.map(|vcpu| CpuMilli(u64::from(vcpu) * 1000)),
        memory: described.memory_gib.map(|gib| Bytes::gib(u64::from(gib))),
        place: region,
        pricing_model,
        availability: match provider.capacity {
            ListedCapacity::Available | ListedCapacity::Limited => Availability::Some,
            ListedCapacity::Full | ListedCapacity::Offline => Availability::None,
        },
        observed_at: at,
        notes,
        ..Listing::new(Venue::Necto, &name, &model, price)
    })
}

/// Checks for a short line of visible letters: text from outside must not look like something else.
fn plain(field: &str, text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_plain = |letter: char| {
        letter == ' ' || letter.is_alphanumeric() || letter.is_ascii_punctuation() || letter == '×'
    };
    if text.is_empty() || text.chars().count() > MAX_LETTERS || !text.chars().all(is_plain) {
        return Err(format!(
            "the {field} of its description is not a line of 1 to {MAX_LETTERS} plain letters"
        ));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use domain::ids::Hash32;
    use domain::offers::tokens::TokenRates;
    use domain::offers::{Availability, normalize};
    use domain::requirements::{PricingModel, Region};
    use domain::time::UnixSeconds;
    use proptest::prelude::*;

    use super::parse;
    use crate::ports::{ListedCapacity, ListedProvider, ListedRate};

    const DESCRIPTION: &str = include_str!("fixtures/necto.json");

    fn provider() -> ListedProvider {
        ListedProvider {
            id: Hash32::from_bytes([1; 32]),
            account: "akash1q9r2yhl2m3lwn8zuv4efpye8d3rr4hxqvn0xd2".to_owned(),
            description: Hash32::from_bytes([2; 32]),
            hourly: "4.40".parse().unwrap(),
            rate: ListedRate::Fixed,
            capacity: ListedCapacity::Available,
            is_approved: true,
        }
    }

    fn read(provider: &ListedProvider, document: &str) -> Result<domain::offers::Offer, String> {
        let listing = parse(provider, document, UnixSeconds(1_800_000_000))?;
        normalize(listing, &TokenRates::default()).map_err(|held| held.reason.to_string())
    }

    #[test]
    fn a_listed_machine_is_priced_per_card_and_deployable_here() {
        let offer = read(&provider(), DESCRIPTION).unwrap();
        assert_eq!(offer.usd_per_gpu_hour.to_string(), "2.20");
        assert_eq!(offer.usd_per_hour.to_string(), "4.40");
        assert_eq!(offer.gpu.key().unwrap().to_string(), "h100 sxm 80 GiB");
        assert_eq!(offer.place.unwrap().region, Some(Region::Eu));
        assert_eq!(offer.availability, Availability::Some);
        assert!(offer.venue.is_deployable_here());
        assert_eq!(offer.link, None);
    }

    #[test]
    fn room_and_rate_are_the_chain_s() {
        let full = ListedProvider {
            capacity: ListedCapacity::Full,
            rate: ListedRate::Dynamic {
                floor: "4.00".parse().unwrap(),
                ceiling: "5.00".parse().unwrap(),
            },
            ..provider()
        };
        let offer = read(&full, DESCRIPTION).unwrap();
        assert_eq!(offer.availability, Availability::None);
        assert_eq!(offer.pricing_model, PricingModel::Spot);
        assert!(
            offer
                .notes
                .iter()
                .any(|note| note.contains("$4.00 and $5.00"))
        );
    }

    #[test]
    fn what_a_seller_may_not_say_is_refused_with_the_reason() {
        let cases = [
            ("", "is not readable"),
            ("[]", "is not readable"),
            ("{}", "not of version 1"),
            (
                &DESCRIPTION.replace("\"version\": 1", "\"version\": 2"),
                "not of version 1",
            ),
            (
                &DESCRIPTION.replace("\"vcpu\"", "\"discount\""),
                "unknown field `discount`",
            ),
            (
                &DESCRIPTION.replace("\"akash\"", "\"mainframe\""),
                "not a provider on Akash",
            ),
            (
                &DESCRIPTION.replace("Two H100", "<b>\\u202eTwo H100"),
                "name of its description",
            ),
            (
                &DESCRIPTION.replace("Two H100", &"x".repeat(61)),
                "name of its description",
            ),
            (
                &DESCRIPTION.replace("\"count\": 2", "\"count\": 0"),
                "0 GPUs",
            ),
            (
                &DESCRIPTION.replace("\"count\": 2", "\"count\": -1"),
                "is not readable",
            ),
        ];
        for (document, says) in cases {
            let problem = read(&provider(), document).unwrap_err();
            assert!(problem.contains(says), "{document}: {problem}");
        }
        let elsewhere = ListedProvider {
            account: "0xabc".to_owned(),
            ..provider()
        };
        let problem = read(&elsewhere, DESCRIPTION).unwrap_err();
        assert!(problem.contains("not a provider on Akash"), "{problem}");
    }

    proptest! {
        #[test]
        fn no_document_breaks_the_reader(document in ".{0,200}", at in 0..200_usize, letter in any::<char>()) {
            let _refused_or_read = read(&provider(), &document);
            let mut bent: Vec<char> = DESCRIPTION.chars().collect();
            let at = at % bent.len();
            bent[at] = letter;
            let bent: String = bent.into_iter().collect();
            if let Ok(offer) = read(&provider(), &bent) {
                prop_assert!(offer.shape.chars().all(|letter| !letter.is_control()));
            }
        }
    }
}
