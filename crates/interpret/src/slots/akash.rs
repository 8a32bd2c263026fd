//! Recognises whether to deploy to Akash: “always on Akash”, “just compare prices”.

use domain::requirements::{DeployToAkash, Wish};

use crate::reading::Reading;

#[rustfmt::skip]
const NOT_DEPLOYED: &[&str] = &[
    "dont deploy", "do not deploy", "not deploy", "never deploy", "without deploying",
    "just show prices", "just show me prices", "only compare", "just compare", "market only",
    "only the market", "only show the market", "just the market", "no deployment", "compare only",
    "just compare prices", "only show prices", "nicht deployen", "nur vergleichen",
    "solo comparar", "no desplegar", "just a quote", "only a quote", "prices only",
];
const AKASH_NEVER: &[&str] = &[
    "never", "no", "not", "dont", "without", "avoid", "except", "kein", "nicht", "ohne", "nie",
    "niemals", "nunca", "sin", "exclude", "off",
];

/// Number of words after “akash” that may say when it is used.
const WHEN_WINDOW: usize = 3;
/// Number of words before “akash” that may refuse it.
const NEVER_WINDOW: usize = 4;
/// Number of words after “akash” that may begin a condition.
const CONDITION_WINDOW: usize = 6;

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    for i in 0..reading.len() {
        if let Some(to) = reading.any_phrase(i, NOT_DEPLOYED) {
            wish.deploy_to_akash = DeployToAkash::Never;
            reading.note("deploy_to_akash", i, to);
            reading.take(i, to);
            return;
        }
        if !reading.is(i, &["akash"]) {
            continue;
        }
        let behind = (1..=WHEN_WINDOW).find_map(|step| {
            let at = i + step;
            let end = at >= reading.len() || reading.breaks_before(at) || reading.is_mark(at, ",");
            let word = if end { "" } else { reading.word(at) };
            match word {
                "automatic" | "automatically" | "auto" | "automatisch" | "automatico" => {
                    Some((DeployToAkash::Automatic, at + 1))
                }
                "always" | "only" | "immer" | "siempre" | "nur" => {
                    Some((DeployToAkash::Always, at + 1))
                }
                "never" | "no" | "off" | "nie" | "nunca" => Some((DeployToAkash::Never, at + 1)),
                _ => None,
            }
        });
        let before =
            (1..=NEVER_WINDOW).any(|back| AKASH_NEVER.contains(&reading.word_before(i, back)));
        let if_best = (1..=CONDITION_WINDOW)
            .any(|step| reading.is(i + step, &["if", "unless", "falls", "si", "wenn"]));
        let (choice, to) = match behind {
            Some(found) => found,
            None if before => (DeployToAkash::Never, i + 1),
            None if if_best => (DeployToAkash::Automatic, i + 1),
            None => (DeployToAkash::Always, i + 1),
        };
        wish.deploy_to_akash = choice;
        reading.note("deploy_to_akash", i, to);
        reading.take(i, to);
        return;
    }
}
