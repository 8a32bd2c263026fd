//! Detects columns that are empty.

use std::collections::BTreeMap;

use domain::money::Usd;
use domain::offers::{Availability, Offer, vram_gib};

/// A column that may be empty: the suffix of its class, and whether an offer has a value in it.
type Column = (&'static str, fn(&Offer) -> bool);

const COLUMNS: [Column; 8] = [
    ("vram", |offer| vram_gib(offer).is_some()),
    ("cpu", |offer| offer.cpu.is_some()),
    ("memory", |offer| offer.memory.is_some()),
    ("region", |offer| offer.place.is_some()),
    ("free", |offer| offer.availability != Availability::Unknown),
    ("latency", |offer| offer.record.latency_ms.is_some()),
    ("uptime", |offer| offer.record.uptime_bps.is_some()),
    ("risk", |offer| offer.record.interruption.is_some()),
];

/// The columns that are empty throughout `offers`, as words for the stylesheet; none if there are no offers.
/// `days` maps offers to their prices of the last day.
pub(super) fn empty_columns<'a>(
    offers: impl Iterator<Item = &'a Offer>,
    days: &BTreeMap<String, Vec<Usd>>,
) -> String {
    let mut empty: Vec<Column> = COLUMNS.to_vec();
    let mut has_day = false;
    let mut any = false;
    for offer in offers {
        any = true;
        empty.retain(|(_, says)| !says(offer));
        // A single price makes no sparkline.
        has_day |= days.get(&offer.id).is_some_and(|day| day.len() > 1);
        if has_day && empty.is_empty() {
            break;
        }
    }
    if !any {
        return String::new();
    }
    let day = (!has_day).then_some("day");
    let names = empty.into_iter().map(|(name, _)| name).chain(day);
    names.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use domain::money::Usd;
    use domain::offers::tokens::TokenRates;
    use domain::offers::{Decimal, ListedPrice, Listing, Offer, Record, Venue, normalize};

    use super::empty_columns;

    fn offer(shape: &str, uptime_bps: Option<u32>) -> Offer {
        let price = ListedPrice::PerShapeHour(Decimal::cents(200));
        let listing = Listing {
            record: Record {
                uptime_bps,
                ..Record::default()
            },
            ..Listing::new(Venue::VastAi, shape, "RTX 4090", price)
        };
        normalize(listing, &TokenRates::default()).unwrap()
    }

    #[test]
    fn a_column_stays_as_soon_as_one_row_says_something() {
        let none = BTreeMap::new();
        let silent = [offer("a", None), offer("b", None)];
        assert_eq!(
            empty_columns(silent.iter(), &none),
            "cpu memory region free latency uptime risk day"
        );
        let one = [offer("a", None), offer("b", Some(9900))];
        let days: BTreeMap<_, _> = [(one[0].id.clone(), vec![Usd::ZERO; 2])].into();
        assert_eq!(
            empty_columns(one.iter(), &days),
            "cpu memory region free latency risk"
        );
        assert_eq!(empty_columns([].into_iter(), &none), "");
    }
}
