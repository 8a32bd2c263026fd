//! Drops the lines a re-opened stream begins with that are stored already.
//!
//! A stream begins with the last lines of the log, without times or numbers. What is stored ends
//! with some of them: per service, the longest end of the stored lines that the new stream begins
//! with is the overlap.

use std::collections::BTreeMap;

use super::Line;

/// Passes lines on, without those that are stored already.
#[derive(Debug, Default)]
pub(super) struct Overlap {
    services: BTreeMap<String, Search>,
}

/// The search in one service's lines.
#[derive(Debug, Default)]
struct Search {
    stored: Vec<String>,
    /// Where in `stored` the stream may have begun: all that agree with what came so far.
    begins: Vec<usize>,
    /// What came so far, while that is undecided.
    held: Vec<String>,
    /// How many of the held lines are known to be stored.
    known: usize,
}

impl Overlap {
    /// Compares with these stored lines.
    pub(super) fn with(stored: impl Iterator<Item = Line>) -> Self {
        let mut services: BTreeMap<String, Search> = BTreeMap::new();
        for (service, text) in stored {
            services.entry(service).or_default().stored.push(text);
        }
        for search in services.values_mut() {
            search.begins = (0..search.stored.len()).collect();
        }
        Self { services }
    }

    /// The lines that are certainly new, now that `line` came.
    pub(super) fn pass(&mut self, (service, text): Line) -> Vec<Line> {
        match self.services.get_mut(&service) {
            Some(search) => {
                let fresh = search.pass(text);
                fresh
                    .into_iter()
                    .map(|text| (service.clone(), text))
                    .collect()
            }
            None => vec![(service, text)],
        }
    }

    /// Whether lines are held back because they may be stored already.
    pub(super) fn holds_lines(&self) -> bool {
        self.services.values().any(|search| !search.held.is_empty())
    }

    /// Ends the comparison: the held lines that are not known to be stored.
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
    fn pass(&mut self, text: String) -> Vec<String> {
        if self.begins.is_empty() {
            return vec![text];
        }
        let at = self.held.len();
        self.begins
            .retain(|begin| self.stored.get(begin + at) == Some(&text));
        self.held.push(text);
        // A beginning that has reached the end of what is stored is a complete overlap.
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
        self.begins.clear();
        let known = std::mem::take(&mut self.known);
        std::mem::take(&mut self.held).split_off(known)
    }
}

#[cfg(test)]
mod tests {
    use super::Overlap;

    fn passed(stored: &[&str], came: &[&str]) -> Vec<String> {
        let line = |text: &&str| ("web".to_owned(), (*text).to_owned());
        let mut overlap = Overlap::with(stored.iter().map(line));
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
            // Repeated lines: the longest agreement counts.
            (&["x", "x", "x"], &["x", "x", "y"], &["y"]),
            (&["a", "b", "a"], &["a", "b", "a", "c"], &["c"]),
            // The stream skipped what was stored last: nothing may be lost.
            (&["a", "b", "c"], &["a", "x"], &["a", "x"]),
        ];
        for (stored, came, fresh) in cases {
            assert_eq!(passed(stored, came), *fresh, "{stored:?} then {came:?}");
        }
    }

    #[test]
    fn services_are_told_apart() {
        let stored = [("web".to_owned(), "a".to_owned())];
        let mut overlap = Overlap::with(stored.into_iter());
        let other = ("db".to_owned(), "a".to_owned());
        assert_eq!(overlap.pass(other.clone()), [other]);
        assert!(overlap.pass(("web".to_owned(), "a".to_owned())).is_empty());
        assert!(!overlap.holds_lines());
    }
}
