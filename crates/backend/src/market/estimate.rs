//! Estimates what a workload costs, line by line, from the market's own answers.

mod limits;
mod workload;

use domain::money::Usd;
use domain::pricing::{GpuPrice, gpu_price_for};
use domain::quote::{CostLine, QuoteError};

pub(crate) use limits::caps;
pub(crate) use workload::{Workload, cap_of_groups};

use crate::ports::{ComputeMarket, MarketError};

/// Hours in the month of Console's prices (438,292.8 blocks of six seconds), times 1000.
const MILLI_HOURS_PER_MONTH: u64 = 730_488;

/// Why there is no estimate.
#[derive(Debug)]
pub(crate) enum EstimateError {
    /// The market did not answer.
    Market(MarketError),
    /// It answered, but has no price for a part of the workload.
    NoPrice(QuoteError),
}

/// The market's price for a workload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Estimate {
    /// One line per kind of card.
    pub(crate) gpus: Vec<CostLine>,
    /// Everything else.
    pub(crate) compute: CostLine,
}

impl Estimate {
    /// Returns all lines, GPUs first.
    pub(crate) fn lines(&self) -> Vec<CostLine> {
        let mut lines = self.gpus.clone();
        lines.push(self.compute.clone());
        lines
    }
}

/// Asks the market for everything except GPUs, which are priced from `prices`.
pub(crate) async fn estimate(
    market: &dyn ComputeMarket,
    prices: &[GpuPrice],
    workload: &Workload,
) -> Result<Estimate, EstimateError> {
    let gpus = gpu_lines(prices, workload).map_err(EstimateError::NoPrice)?;
    let monthly = market
        .compute_price(workload.compute)
        .await
        .map_err(EstimateError::Market)?;
    Ok(Estimate {
        gpus,
        compute: compute_line(workload, monthly),
    })
}

fn gpu_lines(prices: &[GpuPrice], workload: &Workload) -> Result<Vec<CostLine>, QuoteError> {
    workload
        .gpus
        .iter()
        .map(|need| {
            let cheapest = need
                .alternatives
                .iter()
                .filter_map(|kind| gpu_price_for(prices, kind))
                .filter_map(|price| Some((price.median?, price)))
                .min_by_key(|(median, _)| *median);
            let (median, price) =
                cheapest.ok_or_else(|| QuoteError::NoPrice(need.label.clone()))?;
            Ok(CostLine {
                what: need.label.clone(),
                usd_per_hour: median.scaled_up(u64::from(need.cards), 1),
                source: format!(
                    "${median} for one {} and hour: median of Akash bids of the last 31 days",
                    price.title()
                ),
            })
        })
        .collect()
}

fn compute_line(workload: &Workload, monthly: Usd) -> CostLine {
    let compute = &workload.compute;
    CostLine {
        what: format!(
            "{} vCPU, {} memory, {} storage",
            compute.cpu,
            compute.memory.in_words(),
            compute.storage.in_words()
        ),
        usd_per_hour: monthly.scaled_up(1000, MILLI_HOURS_PER_MONTH),
        source: format!("${monthly} a month by Akash Console's price estimate"),
    }
}

/// Returns the sum of the lines.
pub(crate) fn total(lines: &[CostLine]) -> Usd {
    lines.iter().map(|line| line.usd_per_hour).sum()
}

#[cfg(test)]
mod tests {
    use domain::money::Usd;
    use domain::pricing::GpuPrice;
    use domain::requirements::{Template, Wish};
    use domain::resources::{Bytes, CpuMilli, GpuRequest};

    use super::{Workload, compute_line, gpu_lines, total};

    fn card(model: &str, vram: u32, median: &str) -> GpuPrice {
        GpuPrice {
            vendor: "nvidia".to_owned(),
            model: model.to_owned(),
            vram_gib: Some(vram),
            interface: Some("sxm".to_owned()),
            available: 1,
            total: 1,
            min: None,
            median: Some(median.parse().unwrap()),
            max: None,
        }
    }

    fn gpu(model: Option<&str>, count: u32) -> GpuRequest {
        GpuRequest {
            vendor: None,
            model: model.map(|model| model.parse().unwrap()),
            count,
            vram_gib: None,
            interface: None,
        }
    }

    fn workload(gpu: GpuRequest, replicas: u32) -> Workload {
        let wish = Wish {
            gpu: Some(gpu),
            cpu: Some(CpuMilli(2000)),
            memory: Some(Bytes::gib(4)),
            storage: Some(Bytes::gib(10)),
            replicas: Some(replicas),
            ..Wish::default()
        };
        Workload::of_requirements(&wish.complete().unwrap().0)
    }

    #[test]
    fn cards_are_counted_over_all_copies() {
        let market = [card("h100", 80, "2.10"), card("rtx4090", 24, "0.40")];
        let lines = gpu_lines(&market, &workload(gpu(Some("h100"), 2), 3)).unwrap();
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].what, "6 × h100");
        assert_eq!(lines[0].usd_per_hour, "12.60".parse().unwrap());
        assert_eq!(
            lines[0].source,
            "$2.10 for one H100 SXM and hour: median of Akash bids of the last 31 days"
        );
    }

    #[test]
    fn several_kinds_that_serve_are_priced_by_the_cheapest() {
        let market = [card("h100", 80, "2.10"), card("a100", 80, "1.20")];
        let mut either = workload(gpu(Some("h100"), 1), 1);
        either.gpus[0].alternatives.push(gpu(Some("a100"), 1));
        let lines = gpu_lines(&market, &either).unwrap();
        assert_eq!(lines[0].usd_per_hour, "1.20".parse().unwrap());
    }

    #[test]
    fn a_card_without_a_price_is_named() {
        let error = gpu_lines(&[], &workload(gpu(Some("h200"), 2), 1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "The market has no current price for 2 × h200. Choose another GPU or try again in a few minutes."
        );
    }

    #[test]
    fn a_price_for_a_month_becomes_one_for_an_hour_rounded_up() {
        let wish = Wish {
            template: Some(Template::Redis),
            replicas: Some(2),
            ..Wish::default()
        };
        let workload = Workload::of_requirements(&wish.complete().unwrap().0);
        let line = compute_line(&workload, "7.30488".parse().unwrap());
        assert_eq!(line.usd_per_hour, Usd::from_micros(10_000));
        assert_eq!(line.what, "2 vCPU, 2 GiB memory, 2 GiB storage");
        let line = compute_line(&workload, Usd::from_micros(1));
        assert_eq!(line.usd_per_hour, Usd::from_micros(1));
        assert_eq!(total(&[line.clone(), line]), Usd::from_micros(2));
    }
}
