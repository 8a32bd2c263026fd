//! Suggests cards for a misspelt name.

use super::models::{ALIASES, Known, MODELS};
use super::{GpuKey, VramMib, Words, sizes_of};

/// Number of names that are suggested.
const OFFERED: usize = 3;

/// Number of characters of a name that are compared.
const LONGEST: usize = 24;

/// Names of the cards most similar to `label`, as people write them, the likeliest first; empty if none is
/// similar. For a known card with a memory size it is not sold with, all its sizes are suggested.
#[must_use]
pub fn alike(label: &str) -> Vec<String> {
    let words = Words::of(label);
    let said: Vec<char> = words.name.chars().take(LONGEST).collect();
    if said.is_empty() {
        return Vec::new();
    }
    let mut found: Vec<(usize, &Known)> = Vec::new();
    for model in MODELS {
        let others = ALIASES.iter().filter(|(_, meant)| *meant == model.0);
        let names = others.map(|(alias, _)| *alias).chain([model.0]);
        let nearest = names.filter_map(|name| distance_within(&said, name)).min();
        found.extend(nearest.map(|distance| (distance, model)));
    }
    found.sort_by_key(|(distance, model)| (*distance, model.0.len(), model.0));
    let exact = found.first().is_some_and(|(distance, _)| *distance == 0);
    found.retain(|(distance, _)| !exact || *distance == 0);
    let titles = found
        .into_iter()
        .flat_map(|(_, model)| titles(model, words.gigabytes.is_some()));
    titles.take(OFFERED).collect()
}

/// The card's name, or one for each size it is sold with.
fn titles(model: &Known, by_size: bool) -> Vec<String> {
    let (name, vendor, sizes) = *model;
    let Ok(model) = name.parse() else {
        return Vec::new();
    };
    let key = GpuKey {
        vendor,
        model,
        interface: None,
        edition: None,
        vram: None,
    };
    if !by_size {
        return vec![key.title()];
    }
    let sizes = sizes_of(&key, sizes).iter();
    sizes
        .map(|gib| {
            let key = GpuKey {
                vram: Some(VramMib::gib(*gib)),
                ..key.clone()
            };
            key.title()
        })
        .collect()
}

/// Number of edits from `said` to `name`; `None` above the limit of one letter in three. A prefix of `name`
/// with at least two letters is always within the limit.
fn distance_within(said: &[char], name: &str) -> Option<usize> {
    let name: Vec<char> = name.chars().collect();
    let begins = said.len() >= 2 && name.starts_with(said);
    let distance = distance(said, &name);
    let few = distance * 3 <= said.len().max(name.len());
    match (begins, few) {
        // A prefix is closer than any other change of as many letters.
        (true, _) => Some(distance.min(2)),
        (false, true) => Some(distance),
        (false, false) => None,
    }
}

fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = corner + usize::from(from != to);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::super::identify;
    use super::alike;

    #[test]
    fn a_misspelt_card_has_likely_ones_and_nonsense_has_none() {
        for (said, first) in [
            ("h10", "H100"),
            ("h1000", "H100"),
            ("rtx409", "RTX 4090"),
            ("RTX 4O90", "RTX 4090"),
            ("l40z", "L40S"),
        ] {
            let found = alike(said);
            assert!(found.contains(&first.to_owned()), "{said}: {found:?}");
            assert!(found.len() <= 3);
        }
        for nonsense in ["zzz", "", "?", "a very long name of nothing at all", "—"] {
            assert_eq!(alike(nonsense), [] as [String; 0], "{nonsense}");
        }
    }

    #[test]
    fn what_is_offered_is_a_card() {
        for said in ["h10", "a100 30GB", "rtx 509", "mi30", "a10", "v1000"] {
            for name in alike(said) {
                assert!(identify(&name).is_some(), "{said}: {name}");
            }
        }
        let sizes = alike("a100 20GB");
        assert!(
            sizes.iter().all(|name| name.starts_with("A100 ")),
            "{sizes:?}"
        );
    }
}
