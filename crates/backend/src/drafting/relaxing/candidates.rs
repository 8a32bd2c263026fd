//! Candidates for the single change that would let providers bid.
//!
//! One constraint is dropped at a time and the market is queried again, so that every suggestion
//! carries a number that was found rather than guessed.

use domain::pricing::GpuPrice;
use domain::requirements::{Requirements, Wish};
use domain::resources::GpuRequest;

/// The constraint that a change concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Series {
    /// Place of the workload: its region, or the providers that may bid.
    Place,
    /// Kind of card: interface, model, memory or vendor.
    Card,
    /// Kind of storage: whether it survives restarts.
    Storage,
    /// Number of cards per copy.
    Cards,
    /// Number of copies.
    Copies,
}

impl Series {
    /// Every kind of change, mildest first.
    pub(crate) const ALL: [Self; 5] = [
        Self::Place,
        Self::Card,
        Self::Storage,
        Self::Cards,
        Self::Copies,
    ];

    /// Whether the changes of this kind reduce an amount step by step.
    pub(crate) const fn is_amount(self) -> bool {
        matches!(self, Self::Cards | Self::Copies)
    }
}

/// A change that is worth querying the market for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Constraint that is relaxed.
    pub(crate) series: Series,
    /// Label of the button, such as "Any region".
    pub(crate) title: String,
    /// The wish with this one change.
    pub(crate) wish: Wish,
}

/// Returns the changes that can matter for `requirements`, mildest first: place, then kind, then
/// amount.
pub(crate) fn candidates(
    wish: &Wish,
    requirements: &Requirements,
    prices: &[GpuPrice],
) -> Vec<Candidate> {
    let mut found = Vec::new();
    let mut offer = |series: Series, title: String, change: &dyn Fn(&mut Wish)| {
        let mut changed = wish.clone();
        change(&mut changed);
        if changed != *wish {
            found.push(Candidate {
                series,
                title,
                wish: changed,
            });
        }
    };
    if requirements.region.is_some() {
        offer(Series::Place, "Any region".to_owned(), &|wish| {
            wish.region = None
        });
    }
    if !requirements.providers.is_empty() {
        offer(Series::Place, "Any provider".to_owned(), &|wish| {
            wish.providers.clear();
        });
    }
    if let Some(gpu) = &requirements.gpu {
        for (title, relaxed) in other_cards(gpu, prices) {
            offer(Series::Card, title, &|wish| {
                wish.gpu = Some(relaxed.clone())
            });
        }
    }
    if requirements.persistent {
        let title = "Storage that does not survive restarts".to_owned();
        offer(Series::Storage, title, &|wish| {
            wish.persistent = Some(false);
        });
    }
    if let Some(gpu) = &requirements.gpu {
        for count in halved(gpu.count) {
            let fewer = GpuRequest {
                count,
                ..gpu.clone()
            };
            let title = format!("{count} GPU{} instead of {}", plural(count), gpu.count);
            offer(Series::Cards, title, &|wish| wish.gpu = Some(fewer.clone()));
        }
    }
    for replicas in halved(requirements.replicas) {
        let cop = if replicas == 1 { "copy" } else { "copies" };
        let title = format!("{replicas} {cop} instead of {}", requirements.replicas);
        offer(Series::Copies, title, &|wish| {
            wish.replicas = Some(replicas)
        });
    }
    found
}

fn other_cards(gpu: &GpuRequest, prices: &[GpuPrice]) -> Vec<(String, GpuRequest)> {
    let mut others = Vec::new();
    if let Some(interface) = gpu.interface {
        let title = format!("Any interface, not only {}", interface.as_str());
        let relaxed = GpuRequest {
            interface: None,
            ..gpu.clone()
        };
        others.push((title, relaxed));
    }
    if let Some(model) = &gpu.model {
        // A card of the same size as the named one can do its work; the market knows that size.
        let vram_gib = gpu.vram_gib.or_else(|| {
            let same = prices.iter().filter(|price| price.model == model.as_str());
            same.filter_map(|price| price.vram_gib).min()
        });
        let title = vram_gib.map_or_else(
            || format!("Any GPU instead of {model}"),
            |vram| format!("Any GPU with at least {vram} GiB instead of {model}"),
        );
        let relaxed = GpuRequest {
            vendor: None,
            model: None,
            interface: None,
            vram_gib,
            count: gpu.count,
        };
        others.push((title, relaxed));
    }
    if let Some(vram) = gpu.vram_gib {
        let title = format!("Any GPU memory, not only {vram} GiB and more");
        let relaxed = GpuRequest {
            vram_gib: None,
            ..gpu.clone()
        };
        others.push((title, relaxed));
    }
    if let Some(vendor) = gpu.vendor
        && gpu.model.is_none()
    {
        let title = format!("Any vendor, not only {}", vendor.as_str());
        let relaxed = GpuRequest {
            vendor: None,
            ..gpu.clone()
        };
        others.push((title, relaxed));
    }
    others
}

/// Returns half, a quarter, … down to one.
fn halved(count: u32) -> impl Iterator<Item = u32> {
    std::iter::successors(Some(count / 2), |count| Some(count / 2)).take_while(|count| *count > 0)
}

const fn plural(count: u32) -> &'static str {
    if count == 1 { "" } else { "s" }
}

#[cfg(test)]
mod tests {
    use domain::pricing::GpuPrice;
    use domain::requirements::{Region, Template, Wish};
    use domain::resources::{GpuInterface, GpuRequest, GpuVendor};

    use super::candidates;

    fn titles(wish: &Wish, prices: &[GpuPrice]) -> Vec<String> {
        let (requirements, _) = wish.complete().unwrap();
        candidates(wish, &requirements, prices)
            .into_iter()
            .map(|candidate| candidate.title)
            .collect()
    }

    fn h100_market() -> Vec<GpuPrice> {
        vec![GpuPrice {
            vendor: "nvidia".to_owned(),
            model: "h100".to_owned(),
            vram_gib: Some(80),
            interface: Some("sxm5".to_owned()),
            available: 0,
            total: 8,
            min: None,
            median: None,
            max: None,
        }]
    }

    #[test]
    fn every_constraint_is_dropped_once_and_amounts_are_halved() {
        let wish = Wish {
            gpu: Some(GpuRequest {
                vendor: Some(GpuVendor::Nvidia),
                model: Some("h100".parse().unwrap()),
                count: 4,
                vram_gib: Some(80),
                interface: Some(GpuInterface::Sxm),
            }),
            region: Some(Region::Eu),
            persistent: Some(true),
            replicas: Some(2),
            ..Wish::default()
        };
        assert_eq!(
            titles(&wish, &[]),
            [
                "Any region",
                "Any interface, not only sxm",
                "Any GPU with at least 80 GiB instead of h100",
                "Any GPU memory, not only 80 GiB and more",
                "Storage that does not survive restarts",
                "2 GPUs instead of 4",
                "1 GPU instead of 4",
                "1 copy instead of 2",
            ]
        );
    }

    #[test]
    fn a_named_model_is_replaced_by_any_card_as_large() {
        let wish = Wish {
            gpu: Some(GpuRequest {
                vendor: None,
                model: Some("h100".parse().unwrap()),
                count: 1,
                vram_gib: None,
                interface: None,
            }),
            ..Wish::default()
        };
        let (requirements, _) = wish.complete().unwrap();
        let found = candidates(&wish, &requirements, &h100_market());
        assert_eq!(
            found[0].title,
            "Any GPU with at least 80 GiB instead of h100"
        );
        let gpu = found[0].wish.gpu.as_ref().unwrap();
        assert_eq!((gpu.model.as_ref(), gpu.vram_gib), (None, Some(80)));
        assert_eq!(titles(&wish, &[]), ["Any GPU instead of h100"]);
    }

    #[test]
    fn an_assumed_constraint_can_be_dropped_as_well() {
        let wish = Wish {
            template: Some(Template::Postgres),
            ..Wish::default()
        };
        assert_eq!(
            titles(&wish, &[]),
            ["Storage that does not survive restarts"]
        );
    }

    #[test]
    fn nothing_is_offered_where_nothing_was_asked() {
        let wish = Wish {
            template: Some(Template::Redis),
            ..Wish::default()
        };
        assert!(titles(&wish, &[]).is_empty());
    }
}
