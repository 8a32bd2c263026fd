//! Self-corrections and typos, fixed before anything is read: a bare number that replaces the
//! previous one (“8 A100s, or rather 4”), and words that are one letter off.

use crate::reading::Reading;

/// Words that may precede a number that replaces another one.
#[rustfmt::skip]
pub(crate) const TAKING_BACK: &[&str] = &[
    "make it", "make that", "make them", "actually", "i mean", "sorry", "or rather", "rather",
    "correction", "scratch that", "wait", "mejor dicho", "mejor", "perdon", "quiero decir",
    "doch lieber", "besser gesagt", "besser", "lieber", "entschuldigung", "no", "nein", "nope",
];

/// Names followed by a number of their own: the 14 of “postgres 14” counts nothing.
#[rustfmt::skip]
const NUMBERED: &[&str] = &[
    "llama", "cuda", "python", "postgres", "postgresql", "pg", "node", "version", "v", "gemma",
    "qwen", "phi", "redis", "port", "ports", "puerto", "ubuntu", "yolo", "gpt", "rtx", "gtx", "mi",
];

/// Largest number that can be a count; a larger one is part of a name or a port.
const MOST: u64 = 999;

/// Maximum distance of the replaced number, in tokens.
const FURTHEST: usize = 16;

/// A number that replaces another: the tokens of both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct TakenBack {
    /// The number that no longer counts.
    old: (usize, usize),
    /// Tokens from the retracting words to the end of the new number.
    new: (usize, usize),
    /// The new number as a whole number.
    amount: u64,
}

impl<'t> Reading<'t> {
    /// A text with its slips corrected.
    pub(crate) fn new(source: &'t str) -> Self {
        let mut reading = Self::raw(source);
        mend(&mut reading);
        reading.find_corrections();
        reading
    }
}

/// Replaces words that are one letter off by the intended ones, and retracted numbers by those that
/// replace them.
fn mend(reading: &mut Reading<'_>) {
    for i in 0..reading.len() {
        let counted = i > 0 && reading.digits(i - 1).is_some();
        if let Some(meant) = respelled(reading.word(i), counted) {
            reading.respell(i, meant);
        }
    }
    for slip in taken_back(reading) {
        reading.replace_number(slip.old, slip.new, slip.amount);
    }
}

/// Every bare number that replaces the one before it.
fn taken_back(reading: &Reading<'_>) -> Vec<TakenBack> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < reading.len() {
        match replacing(reading, i) {
            Some(one) => {
                i = one.new.1;
                found.push(one);
            }
            None => i += 1,
        }
    }
    found
}

fn replacing(reading: &Reading<'_>, i: usize) -> Option<TakenBack> {
    let mut at = reading.any_phrase(i, TAKING_BACK)?;
    // “no, wait, make it 8”: skips all retracting words on the way.
    loop {
        let comma = [",", ":", "-", "–", "."]
            .iter()
            .any(|mark| reading.is_mark(at, mark));
        let next = if comma { at + 1 } else { at };
        match reading.any_phrase(next, TAKING_BACK) {
            Some(end) => at = end,
            None => {
                at = next;
                break;
            }
        }
    }
    let number = reading.number(at).filter(|number| !number.is_article)?;
    let amount = number.whole().filter(|amount| *amount <= MOST)?;
    if !ends_there(reading, number.to) {
        return None;
    }
    let old = before(reading, i)?;
    Some(TakenBack {
        old,
        new: (i, number.to),
        amount,
    })
}

/// Whether the number is followed by nothing that it could count.
fn ends_there(reading: &Reading<'_>, to: usize) -> bool {
    to >= reading.len()
        || reading.breaks_before(to)
        || [",", ".", ";", "!", ")"]
            .iter()
            .any(|mark| reading.is_mark(to, mark))
        || reading.is(
            to,
            &[
                "please", "instead", "bitte", "then", "of", "for", "in", "fur",
            ],
        )
}

/// The nearest number before `i` that counts something.
fn before(reading: &Reading<'_>, i: usize) -> Option<(usize, usize)> {
    (i.saturating_sub(FURTHEST)..i).rev().find_map(|at| {
        let number = reading.number(at).filter(|number| number.to <= i)?;
        let names = NUMBERED.contains(&reading.word_before(at, 1))
            || number.whole().is_none_or(|whole| whole > MOST);
        (!names).then_some((number.from, number.to))
    })
}

/// Words used with sizes and counts, and the names of the most common requests.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "cores", "hours", "minutes", "days", "weeks", "months", "replicas", "instances", "gigs",
    "memory", "storage",
];
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "postgres", "postgresql", "redis", "nginx", "django", "fastapi", "database", "website",
    "service", "server", "memory", "storage", "replicas", "python", "training",
];

/// English words that are one letter off and are meant as written.
#[rustfmt::skip]
const MEANT: &[&str] = &[
    "codes", "cares", "cones", "corps", "cords", "cords", "core", "houses", "hour", "minute",
    "week", "weed", "weeds", "month", "replica", "instance", "gig", "wins", "draining", "raining",
    "straining", "servers", "services", "severe", "serves", "served", "websites", "databases",
    "server", "service", "redid", "pigs", "digs", "wigs", "figs", "gags", "mays", "says", "pays",
    "ways", "rays", "weeks", "storages", "store", "pythons", "trainings",
];

/// The intended word if `word` is one letter off; `counted` if a number precedes it.
fn respelled(word: &str, counted: bool) -> Option<&'static str> {
    if MEANT.contains(&word) || word.len() < 4 {
        return None;
    }
    let list = if counted { UNITS } else { NAMES };
    if UNITS.contains(&word) || NAMES.contains(&word) {
        return None;
    }
    let mut near = list
        .iter()
        .filter(|known| known.len() > 3 && word.as_bytes()[0] == known.as_bytes()[0])
        .filter(|known| counted || known.len() >= 5)
        .filter(|known| is_one_off(word, known));
    let found = near.next()?;
    near.next().is_none().then_some(found)
}

/// Whether one letter is missing, extra, wrong, or swapped with its neighbour.
fn is_one_off(word: &str, known: &str) -> bool {
    let (a, b) = (word.as_bytes(), known.as_bytes());
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let tail = |from_a: usize, from_b: usize| a.get(from_a..) == b.get(from_b..);
    match a.len().cmp(&b.len()) {
        std::cmp::Ordering::Less => tail(same, same + 1),
        std::cmp::Ordering::Greater => tail(same + 1, same),
        std::cmp::Ordering::Equal => {
            let swapped = a.len() > same + 1 && a[same] == b[same + 1] && a[same + 1] == b[same];
            a != b && (tail(same + 1, same + 1) || (swapped && tail(same + 2, same + 2)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{respelled, taken_back};
    use crate::reading::Reading;

    #[test]
    fn a_bare_number_takes_back_the_count_before_it() {
        for (text, old_and_new) in [
            ("8 A100s, or rather 4, for a week", Some(("8", 4))),
            ("4 A100, no, make it 8", Some(("4", 8))),
            ("two replicas, actually four of node", Some(("two", 4))),
            ("2x RTX 4090, no, wait, make it 6.", Some(("2", 6))),
            ("an H100, sorry, 2", Some(("an", 2))),
            ("3 days, no, 5 days", None),
            ("memcached? no, redis", None),
            ("postgres 14, no, 15", None),
            ("port 8080, sorry, 8081", None),
            ("2 H100... make that 4 H100", None),
            ("no, 8 gpus", None),
            ("no 4", None),
        ] {
            let reading = Reading::raw(text);
            let found = taken_back(&reading);
            let told = found
                .first()
                .map(|one| (reading.written(one.old.0), one.amount));
            assert_eq!(told, old_and_new, "{text}");
        }
    }

    #[test]
    fn a_word_one_letter_off_is_the_one_that_was_meant() {
        for (word, counted, meant) in [
            ("cors", true, Some("cores")),
            ("cors", false, None),
            ("huors", true, Some("hours")),
            ("dyas", true, Some("days")),
            ("replcas", true, Some("replicas")),
            ("reddis", false, Some("redis")),
            ("postgress", false, Some("postgres")),
            ("databse", false, Some("database")),
            ("codes", true, None),
            ("cars", true, None),
            ("server", false, None),
            ("flash", false, None),
        ] {
            assert_eq!(respelled(word, counted), meant, "{word}");
        }
    }
}
