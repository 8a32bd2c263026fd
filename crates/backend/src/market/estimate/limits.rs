//! The buyer's limits, in the form that the quote needs.

use domain::money::Usd;
use domain::quote::Caps;
use domain::requirements::Wish;
use thiserror::Error;

use super::{Estimate, Workload, total};

/// The buyer's limit for one GPU is below the usual price of one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "Your limit of ${limit} for one GPU and hour is below the expected ${typical}. \
     Raise the limit or choose another GPU."
)]
pub(crate) struct BelowGpuPrice {
    limit: Usd,
    typical: Usd,
}

/// Returns the limits for the whole workload: a limit per card becomes one for all cards, plus the
/// rest at its usual price.
pub(crate) fn caps(
    wish: &Wish,
    workload: &Workload,
    estimate: &Estimate,
) -> Result<Caps, BelowGpuPrice> {
    let mut caps = Caps {
        max_per_hour: wish.max_per_hour,
        budget: wish.budget,
    };
    let cards = u64::from(workload.cards());
    let Some(limit) = wish.max_per_gpu_hour.filter(|_| cards > 0) else {
        return Ok(caps);
    };
    let for_all = limit.scaled_up(cards, 1);
    let gpus = total(&estimate.gpus);
    if for_all < gpus {
        return Err(BelowGpuPrice {
            limit,
            typical: gpus.scaled_up(1, cards),
        });
    }
    let with_rest = for_all.saturating_add(estimate.compute.usd_per_hour);
    caps.max_per_hour = Some(
        caps.max_per_hour
            .map_or(with_rest, |cap| cap.min(with_rest)),
    );
    Ok(caps)
}

#[cfg(test)]
mod tests {
    use domain::money::Usd;
    use domain::quote::CostLine;
    use domain::requirements::Wish;
    use domain::resources::GpuRequest;

    use super::{Estimate, Workload, caps};

    fn line(usd: &str) -> CostLine {
        CostLine {
            what: "something".to_owned(),
            usd_per_hour: usd.parse().unwrap(),
            source: "test".to_owned(),
        }
    }

    fn two_cards(limit: Option<&str>, hourly: Option<&str>) -> (Wish, Workload) {
        let money = |text: Option<&str>| text.map(|text| text.parse::<Usd>().unwrap());
        let wish = Wish {
            gpu: Some(GpuRequest {
                vendor: None,
                model: None,
                count: 2,
                vram_gib: None,
                interface: None,
            }),
            max_per_gpu_hour: money(limit),
            max_per_hour: money(hourly),
            ..Wish::default()
        };
        let workload = Workload::of_requirements(&wish.complete().unwrap().0);
        (wish, workload)
    }

    fn estimate() -> Estimate {
        Estimate {
            gpus: vec![line("0.80")],
            compute: line("0.10"),
        }
    }

    #[test]
    fn a_limit_for_each_card_binds_all_of_them_and_the_rest() {
        let (wish, workload) = two_cards(Some("0.50"), None);
        let caps = caps(&wish, &workload, &estimate()).unwrap();
        assert_eq!(caps.max_per_hour, Some("1.10".parse().unwrap()));
    }

    #[test]
    fn the_tighter_of_two_limits_binds() {
        let (wish, workload) = two_cards(Some("0.50"), Some("0.95"));
        let caps = caps(&wish, &workload, &estimate()).unwrap();
        assert_eq!(caps.max_per_hour, Some("0.95".parse().unwrap()));
    }

    #[test]
    fn a_limit_below_the_usual_price_of_a_card_is_explained() {
        let (wish, workload) = two_cards(Some("0.30"), None);
        assert_eq!(
            caps(&wish, &workload, &estimate()).unwrap_err().to_string(),
            "Your limit of $0.30 for one GPU and hour is below the expected $0.40. Raise the limit or choose another GPU."
        );
    }

    #[test]
    fn without_cards_a_limit_for_cards_means_nothing() {
        let wish = Wish {
            template: Some(domain::requirements::Template::Redis),
            max_per_gpu_hour: Some("0.01".parse().unwrap()),
            ..Wish::default()
        };
        let workload = Workload::of_requirements(&wish.complete().unwrap().0);
        let mut estimate = estimate();
        estimate.gpus.clear();
        assert_eq!(
            caps(&wish, &workload, &estimate).unwrap(),
            domain::quote::Caps::default()
        );
    }
}
