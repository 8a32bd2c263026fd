//! Event counters of this process: the backend counts each event that it logs, and `/metrics` exposes the
//! counts.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use backend::EVENT_COUNTER;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

/// Global, because those who count events have no other state to reach.
static COUNTS: Counts = Counts(Mutex::new(BTreeMap::new()));

/// Starts counting every event of this process.
pub(crate) fn watch() {
    if metrics::set_global_recorder(&COUNTS).is_err() {
        tracing::warn!("events are counted elsewhere already");
    }
}

/// The counts in Prometheus' text format.
pub(crate) fn text() -> String {
    COUNTS.text()
}

/// Number of occurrences of each event, by its formatted labels.
#[derive(Debug, Default)]
struct Counts(Mutex<BTreeMap<String, Arc<AtomicU64>>>);

impl Counts {
    fn text(&self) -> String {
        let mut text = format!(
            "# HELP {EVENT_COUNTER} What the log tells, by the event and by what came of it; of this process.\n\
             # TYPE {EVENT_COUNTER} counter\n"
        );
        for (labels, count) in self.counts().iter() {
            let count = count.load(Ordering::Relaxed);
            writeln!(text, "{EVENT_COUNTER}{{{labels}}} {count}")
                .expect("writing to a string does not fail");
        }
        text
    }

    fn counts(&self) -> MutexGuard<'_, BTreeMap<String, Arc<AtomicU64>>> {
        // Each entry is a single number: a panic cannot have left it half written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for Counts {
    fn register_counter(&self, key: &Key, _metadata: &Metadata<'_>) -> Counter {
        if key.name() != EVENT_COUNTER {
            return Counter::noop();
        }
        // Event and outcome names are our own constants, so nothing needs escaping.
        let labels = key
            .labels()
            .map(|label| format!("{}=\"{}\"", label.key(), label.value()));
        let labels = labels.collect::<Vec<_>>().join(",");
        Counter::from_arc(Arc::clone(self.counts().entry(labels).or_default()))
    }

    fn register_gauge(&self, _key: &Key, _metadata: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }

    fn register_histogram(&self, _key: &Key, _metadata: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }

    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
}

#[cfg(test)]
mod tests {
    use backend::EVENT_COUNTER;

    use super::Counts;

    #[test]
    fn an_event_is_counted_by_its_name_and_its_outcome() {
        let counts = Counts::default();
        metrics::with_local_recorder(&counts, || {
            metrics::counter!(EVENT_COUNTER, "event" => "claim_lost").increment(1);
            for outcome in ["pays", "asks", "pays"] {
                let labels = [("event", "auto_sign_decided"), ("outcome", outcome)];
                metrics::counter!(EVENT_COUNTER, &labels).increment(1);
            }
            metrics::counter!("necto_others_total").increment(1);
        });
        let text = counts.text();
        for line in [
            "necto_events_total{event=\"auto_sign_decided\",outcome=\"asks\"} 1",
            "necto_events_total{event=\"auto_sign_decided\",outcome=\"pays\"} 2",
            "necto_events_total{event=\"claim_lost\"} 1",
        ] {
            assert!(text.contains(&format!("\n{line}\n")), "{line}: {text}");
        }
        assert!(!text.contains("others"), "{text}");
    }
}
