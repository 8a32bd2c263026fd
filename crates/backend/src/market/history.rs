//! Prices of the last day, in memory; the database keeps the same samples across restarts.

use std::collections::{BTreeMap, VecDeque};

use domain::money::Usd;
use domain::offers::{Sample, Volatility, volatility};
use domain::time::{Seconds, UnixSeconds};

/// Age up to which samples are used.
pub(crate) const KEPT: Seconds = Seconds::hours(24);

/// Number of prices in a small chart.
const POINTS: usize = 24;

/// Prices of the last day, by name.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<String, Series>);

#[derive(Debug)]
struct Series {
    samples: VecDeque<Sample>,
    volatility: Volatility,
}

impl History {
    /// Adds the prices at `at`.
    pub(crate) fn add(&mut self, at: UnixSeconds, prices: impl IntoIterator<Item = (String, Usd)>) {
        for (name, price) in prices {
            let series = self.0.entry(name).or_insert_with(|| Series {
                samples: VecDeque::new(),
                volatility: Volatility::Collecting { samples: 0 },
            });
            if series.samples.back().is_none_or(|last| last.at < at) {
                series.samples.push_back(Sample { at, price });
            }
        }
        let oldest = UnixSeconds(at.0.saturating_sub(KEPT.0));
        self.0.retain(|_, series| {
            while series
                .samples
                .front()
                .is_some_and(|sample| sample.at < oldest)
            {
                series.samples.pop_front();
            }
            series.volatility = volatility(series.samples.make_contiguous());
            !series.samples.is_empty()
        });
    }

    /// Returns how much a price moved.
    pub(crate) fn volatility(&self, name: &str) -> Volatility {
        let none = Volatility::Collecting { samples: 0 };
        self.0.get(name).map_or(none, |series| series.volatility)
    }

    /// Returns the prices of a name, oldest first, reduced to the points of a small chart; `None`
    /// if there are too few for a line or it would be flat.
    pub(crate) fn day(&self, name: &str) -> Option<Vec<Usd>> {
        let samples = &self.0.get(name)?.samples;
        let first = samples.front()?.price;
        if samples.iter().all(|sample| sample.price == first) {
            return None;
        }
        let last = samples.len() - 1;
        let points = POINTS.min(samples.len());
        let at = |point: usize| samples[point * last / (points - 1).max(1)].price;
        Some((0..points).map(at).collect())
    }

    /// Returns the lowest and the highest price of a name.
    pub(crate) fn range(&self, name: &str) -> Option<(Usd, Usd)> {
        let samples = &self.0.get(name)?.samples;
        let prices = || samples.iter().map(|sample| sample.price);
        Some((prices().min()?, prices().max()?))
    }
}

#[cfg(test)]
mod tests {
    use domain::money::Usd;
    use domain::offers::Volatility;
    use domain::time::UnixSeconds;

    use super::History;

    fn add(history: &mut History, at: u64, micros: u64) {
        let price = ("a".to_owned(), Usd::from_micros(micros));
        history.add(UnixSeconds(1_000_000 + at), [price]);
    }

    #[test]
    fn a_day_is_kept_thinned_and_measured() {
        let mut history = History::default();
        for minute in 0..600_u64 {
            add(&mut history, minute * 300, 2_000_000 + minute % 7 * 1_000);
        }
        let day = history.day("a").unwrap();
        assert_eq!(day.len(), 24);
        assert_eq!(
            day[23],
            Usd::from_micros(2_000_000 + 599 % 7 * 1_000),
            "the last is the newest"
        );
        assert!(matches!(
            history.volatility("a"),
            Volatility::Measured { .. }
        ));
        assert_eq!(
            history.0["a"].samples.len(),
            289,
            "what is older than a day is forgotten"
        );
        let range = history.range("a").unwrap();
        assert_eq!(
            range,
            (Usd::from_micros(2_000_000), Usd::from_micros(2_006_000))
        );
    }

    #[test]
    fn a_price_that_stands_still_has_no_line_and_one_sample_is_none() {
        let mut history = History::default();
        add(&mut history, 0, 5);
        assert_eq!(history.day("a"), None);
        for minute in 1..20 {
            add(&mut history, minute, 5);
        }
        assert_eq!(history.day("a"), None);
        assert_eq!(history.volatility("a"), Volatility::Administered);
        assert_eq!(
            history.volatility("b"),
            Volatility::Collecting { samples: 0 }
        );
    }

    #[test]
    fn what_is_not_listed_any_more_is_forgotten_after_a_day() {
        let mut history = History::default();
        add(&mut history, 0, 5);
        history.add(
            UnixSeconds(1_000_000 + 86_401),
            [("b".to_owned(), Usd::from_micros(1))],
        );
        assert_eq!(history.range("a"), None);
    }
}
