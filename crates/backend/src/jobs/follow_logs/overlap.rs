//! Drops the lines at the beginning of a reopened stream that are already stored.
//!
//! A stream begins with the last lines of the log, without timestamps or numbers, and the stored
//! lines end with some of them. The overlap is, per service, the longest suffix of the stored lines
//! that is also a prefix of the new stream.

use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use super::Line;

/// Passes on lines, except those that are already stored.
#[derive(Debug, Default)]
pub(super) struct Overlap {
    services: BTreeMap<String, Search>,
    /// Lines are compared by their hashes under a random key of this process: a comparison can last
    /// until the next line arrives, and keeping the lines themselves would fill memory meanwhile.
    key: RandomState,
}

/// The search in one service's lines.
#[derive(Debug, Default)]
struct Search {
    stored: Vec<u64>,
    /// Indices in `stored` at which the stream may have begun: all that match the lines so far.
    begins: Vec<usize>,
    /// Lines that have arrived while it is undecided whether they are stored.
    held: Vec<String>,
    /// Number of held lines that are known to be stored.
    known: usize,
}

impl Overlap {
    /// Adds a line to compare with, stored after all earlier ones.
    pub(super) fn compare_with(&mut self, service: &str, text: &str) {
        let hash = self.key.hash_one(text);
        let search = match self.services.get_mut(service) {
            Some(search) => search,
            None => self.services.entry(service.to_owned()).or_default(),
        };
        search.begins.push(search.stored.len());
        search.stored.push(hash);
    }

    /// Takes `line` and returns the lines that are now certainly new.
    pub(super) fn pass(&mut self, (service, text): Line) -> Vec<Line> {
        match self.services.get_mut(&service) {
            Some(search) => {
                let fresh = search.pass(self.key.hash_one(&text), text);
                fresh
                    .into_iter()
                    .map(|text| (service.clone(), text))
                    .collect()
            }
            None => vec![(service, text)],
        }
    }

    /// Whether lines are held back because they may already be stored.
    pub(super) fn holds_lines(&self) -> bool {
        self.services.values().any(|search| !search.held.is_empty())
    }

    /// Ends the comparison; returns the held lines not known to be stored.
    pub(super) fn take_held(&mut self) -> Vec<Line> {
        let mut fresh = Vec::new();
        for (service, search) in &mut self.services {
            let texts = search.decide();
            fresh.extend(texts.into_iter().map(|text| (service.clone(), text)));
        }
        fresh
    }
}

impl Search {
    fn pass(&mut self, hash: u64, text: String) -> Vec<String> {
        if self.begins.is_empty() {
            return vec![text];
        }
        let at = self.held.len();
        self.begins
            .retain(|begin| self.stored.get(begin + at) == Some(&hash));
        self.held.push(text);
        // A candidate that has reached the end of the stored lines is a complete overlap.
        let reached = |begin: &usize| begin + at + 1 == self.stored.len();
        if self.begins.iter().any(reached) {
            self.known = self.held.len();
            let stored = self.stored.len();
            self.begins.retain(|begin| begin + at + 1 < stored);
        }
        if self.begins.is_empty() {
            self.decide()
        } else {
            Vec::new()
        }
    }

    fn decide(&mut self) -> Vec<String> {
        (self.begins, self.stored) = (Vec::new(), Vec::new());
        let known = std::mem::take(&mut self.known);
        std::mem::take(&mut self.held).split_off(known)
    }
}

#[cfg(test)]
mod tests {
    use super::Overlap;

    fn passed(stored: &[&str], came: &[&str]) -> Vec<String> {
        let line = |text: &&str| ("web".to_owned(), (*text).to_owned());
        let mut overlap = Overlap::default();
        for text in stored {
            overlap.compare_with("web", text);
        }
        let mut fresh: Vec<_> = came
            .iter()
            .flat_map(|text| overlap.pass(line(text)))
            .collect();
        fresh.extend(overlap.take_held());
        fresh.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn lines_that_are_stored_already_are_dropped_and_no_others() {
        let cases: &[(&[&str], &[&str], &[&str])] = &[
            (&[], &["a", "b"], &["a", "b"]),
            (&["a", "b", "c"], &["b", "c", "d"], &["d"]),
            (&["a", "b", "c"], &["a", "b", "c"], &[]),
            (&["a", "b"], &["c", "d"], &["c", "d"]),
            // Repeated lines: the longest match counts.
            (&["x", "x", "x"], &["x", "x", "y"], &["y"]),
            (&["a", "b", "a"], &["a", "b", "a", "c"], &["c"]),
            // The stream skipped the last stored lines: no line may be lost.
            (&["a", "b", "c"], &["a", "x"], &["a", "x"]),
        ];
        for (stored, came, fresh) in cases {
            assert_eq!(passed(stored, came), *fresh, "{stored:?} then {came:?}");
        }
    }

    #[test]
    fn services_are_told_apart() {
        let mut overlap = Overlap::default();
        overlap.compare_with("web", "a");
        let other = ("db".to_owned(), "a".to_owned());
        assert_eq!(overlap.pass(other.clone()), [other]);
        assert!(overlap.pass(("web".to_owned(), "a".to_owned())).is_empty());
        assert!(!overlap.holds_lines());
    }
}
