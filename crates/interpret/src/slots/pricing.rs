//! Kinds of price that are refused: “no spot”, “fixed price only”, “must not be interrupted”.

use std::collections::BTreeSet;

use domain::requirements::{PricingModel, Wish};

use crate::reading::Reading;

#[rustfmt::skip]
const SPOT: &[&str] = &[
    "spot", "spot instances", "spot instance", "spot pricing", "spot prices", "spot market",
    "preemptible", "preemptibles", "interruptible", "interruptions", "preemption", "auction",
    "auctions", "spot vms", "spot capacity", "preemptable", "spot price", "spot offers", "spots",
    "spot instanzen", "instancias spot", "unterbrechbare", "interrumpible", "interrumpibles",
    "interruption", "spot preise", "precios spot", "interruptable", "preemptible instances",
    "interruptible instances", "interruptible capacity",
];
#[rustfmt::skip]
const TOKEN: &[&str] = &[
    "token", "tokens", "token pricing", "token priced", "token prices", "token based", "crypto",
    "crypto priced", "volatile", "volatile prices", "token price", "tokenpreise", "token offers",
    "cryptocurrency",
];
#[rustfmt::skip]
const FIXED: &[&str] = &[
    "fixed", "fixed price", "fixed prices", "fixed pricing", "list price", "list prices",
    "on demand", "on demand pricing", "ondemand", "festpreis", "festpreise", "precio fijo",
    "precios fijos", "reserved", "on demand instances",
];
#[rustfmt::skip]
const STABLE_CAPACITY: &[&str] = &[
    "uninterrupted", "non interruptible", "uninterruptible", "must not be interrupted",
    "cannot be interrupted", "cant be interrupted", "on demand only", "only on demand",
    "ununterbrochen", "sin interrupciones", "nicht unterbrochen", "not be interrupted",
    "without being interrupted", "not interruptible", "must not be preempted",
];

fn pricing_at(reading: &Reading<'_>, i: usize) -> Option<(PricingModel, usize)> {
    let kinds = [
        (SPOT, PricingModel::Spot),
        (TOKEN, PricingModel::Token),
        (FIXED, PricingModel::Fixed),
    ];
    kinds
        .into_iter()
        .filter_map(|(names, kind)| Some((kind, reading.any_phrase(i, names)?)))
        .max_by_key(|(_, to)| *to)
}

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    let mut i = 0;
    // A refusal extends over a list: “no spot or token pricing”.
    let mut refused_to = None;
    while i < reading.len() {
        if let Some(to) = reading.any_phrase(i, STABLE_CAPACITY) {
            exclude(reading, wish, &[PricingModel::Spot], i, to);
            i = to;
            continue;
        }
        let Some((kind, to)) = pricing_at(reading, i) else {
            i += 1;
            continue;
        };
        let listed = refused_to.is_some_and(|end: usize| {
            end + 1 == i
                && matches!(
                    reading.seen(end),
                    "or" | "nor" | "and" | "," | "/" | "oder" | "ni" | "o" | "und" | "y"
                )
                || end + 2 == i && matches!(reading.seen(end + 1), "or" | "nor" | "and" | "no")
        });
        let only = reading.is(to, &["only", "nur", "solo", "solamente"]) || only_before(reading, i);
        if listed || reading.is_refused(i, to) {
            exclude(reading, wish, &[kind], i, to);
            refused_to = Some(to);
        } else if only {
            let others: Vec<_> = [PricingModel::Spot, PricingModel::Token, PricingModel::Fixed]
                .into_iter()
                .filter(|other| *other != kind)
                .collect();
            exclude(reading, wish, &others, i, to);
        } else if kind != PricingModel::Token {
            reading.take(i, to);
        }
        i = to;
    }
}

/// Number of words before a kind of price that may restrict it.
const ONLY_WINDOW: usize = 4;

/// Whether “only” precedes: “only fixed”, “only show me fixed”.
fn only_before(reading: &Reading<'_>, i: usize) -> bool {
    #[rustfmt::skip]
    let between = [
        "quote", "offer", "offers", "show", "me", "want", "take", "accept", "use", "with", "mit",
        "con", "angebote", "ofertas", "at", "i", "zu", "a",
    ];
    (1..=ONLY_WINDOW)
        .map(|back| reading.word_before(i, back))
        .find(|word| !between.contains(word))
        .is_some_and(|word| matches!(word, "only" | "nur" | "solo" | "just"))
}

fn exclude(
    reading: &mut Reading<'_>,
    wish: &mut Wish,
    kinds: &[PricingModel],
    from: usize,
    to: usize,
) {
    let kinds: BTreeSet<_> = kinds.iter().copied().collect();
    wish.exclude_pricing.extend(kinds);
    reading.note("exclude_pricing", from, to);
    reading.take(from, to);
}
