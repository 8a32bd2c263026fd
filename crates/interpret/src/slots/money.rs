//! Caps and budgets: “no more than $0.50 per GPU hour”, “under 2 dollars an hour”, “budget $30”.

use domain::money::Usd;
use domain::requirements::Wish;

use super::duration::unit_seconds;
use crate::amount::Amount;
use crate::reading::{Matter, Mention, Reading, Setting};

const HOUR: u64 = 3600;

/// Amount below which a number without a unit is as likely an hourly price as a total.
const SURELY_A_TOTAL: Amount = Amount::whole(5);

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    let mut caps: [Vec<Mention<Usd>>; 3] = Default::default();
    let mut i = 0;
    while i < reading.len() {
        let Some(price) = price_at(reading, i) else {
            i += 1;
            continue;
        };
        let (from, to) = (price.from, price.to);
        i = to.max(i + 1);
        if is_lower_bound(reading, from) {
            reading.take(from, to);
            continue;
        }
        let slot = match (price.rate.seconds, price.rate.per_gpu) {
            _ if price.is_foreign => {
                reading.take(from, to);
                reading.ask(
                    Matter::Unusable,
                    "Prices here are in US dollars: what is your limit in dollars?",
                );
                continue;
            }
            (_, true) => 0,
            (Some(_), false) => 1,
            (None, false) if price.rate.is_total || price.amount >= SURELY_A_TOTAL => 2,
            (None, false) => {
                let usd = Usd::from_micros(price.amount.micros());
                reading.take(from, to);
                reading.ask_between(
                    Matter::LimitScope,
                    format!("Is ${usd} the limit per hour or for the whole run?"),
                    vec![
                        ("Per hour".to_owned(), Setting::PerHour(usd)),
                        ("For the whole run".to_owned(), Setting::Budget(usd)),
                    ],
                );
                continue;
            }
        };
        // A cap per month is the hourly cap that adds up to it, rounded down in the buyer's favour.
        let micros = match (slot, price.rate.seconds) {
            (2, _) | (_, None) => price.amount.micros(),
            (_, Some(seconds)) => {
                let hourly = u128::from(price.amount.micros()) * u128::from(HOUR);
                u64::try_from(hourly / u128::from(seconds.max(1))).unwrap_or(u64::MAX)
            }
        };
        reading.take(from, to);
        caps[slot].push(Mention {
            value: Usd::from_micros(micros),
            from,
            to,
        });
    }
    let [per_gpu_hour, per_hour, budget] = caps;
    wish.max_per_gpu_hour = one(reading, "max_usd_per_gpu_hour", &per_gpu_hour);
    wish.max_per_hour = one(reading, "max_usd_per_hour", &per_hour);
    wish.budget = one(reading, "budget_usd", &budget);
}

fn one(reading: &mut Reading<'_>, field: &str, mentions: &[Mention<Usd>]) -> Option<Usd> {
    let settled = reading.settle(mentions)?;
    reading.note(field, settled.chosen.from, settled.chosen.to);
    if let Some(rival) = settled.rival {
        let question = format!(
            "Which limit holds: ${} or ${}?",
            settled.chosen.value, rival.value
        );
        let answers = [settled.chosen.value, rival.value].map(|usd| {
            let setting = match field {
                "max_usd_per_gpu_hour" => Setting::PerGpuHour(usd),
                "max_usd_per_hour" => Setting::PerHour(usd),
                _ => Setting::Budget(usd),
            };
            (format!("${usd}"), setting)
        });
        reading.ask_between(Matter::Choice, question, answers.into());
    }
    Some(settled.chosen.value)
}

struct Price {
    amount: Amount,
    rate: Rate,
    is_foreign: bool,
    from: usize,
    to: usize,
}

#[derive(Debug, Default, Clone, Copy)]
struct Rate {
    per_gpu: bool,
    seconds: Option<u64>,
    is_total: bool,
}

fn price_at(reading: &Reading<'_>, i: usize) -> Option<Price> {
    let (amount, is_foreign, mut to) = amount_at(reading, i)?;
    let mut rate = rate_after(reading, &mut to);
    rate_before(reading, i, &mut rate);
    Some(Price {
        amount,
        rate,
        is_foreign,
        from: i,
        to,
    })
}

const DOLLARS: &[&str] = &[
    "$", "usd", "usdc", "tusdc", "dollar", "dollars", "buck", "bucks", "dolar", "dolares",
];
#[rustfmt::skip]
const CENTS: &[&str] = &["cent", "cents", "centavos", "centavo", "¢", "ct"];
const FOREIGN: &[&str] = &[
    "€", "eur", "euro", "euros", "£", "gbp", "pounds", "chf", "franken",
];

/// An amount with its currency, or a bare number that its neighbours mark as an amount.
fn amount_at(reading: &Reading<'_>, i: usize) -> Option<(Amount, bool, usize)> {
    let free = |at: usize| {
        if reading.is_taken(at) {
            ""
        } else {
            reading.seen(at)
        }
    };
    let is_sign = |at: usize, list: &[&str]| list.contains(&free(at));
    // "US$ 5", "USD 5", "$5"
    let sign_end = match free(i) {
        "us" | "u" if free(i + 1) == "$" && reading.is_glued(i + 1) => i + 2,
        sign if DOLLARS[..4].contains(&sign) || FOREIGN[..2].contains(&sign) || sign == "£" => {
            i + 1
        }
        _ => i,
    };
    let number = reading.number(sign_end)?;
    let (mut amount, mut to) = (number.amount, number.to);
    if reading.is(to, &["k"]) && reading.is_glued(to) {
        amount = amount.times(1000);
        to += 1;
    }
    let signed = sign_end > i;
    // "$1-2" and "$1 to $2": the limit is the upper end.
    let mut upper = to;
    if matches!(free(upper), "-" | "–" | "to" | "bis" | "a") {
        upper += 1;
        if free(upper) == "$" {
            upper += 1;
        }
        if let Some(high) = reading.digits(upper).filter(|high| *high >= amount)
            && (signed || is_sign(upper + 1, DOLLARS))
        {
            amount = high;
            to = upper + 1;
        }
    }
    if signed {
        let to = if is_sign(to, &["usd", "usdc", "dollars"]) {
            to + 1
        } else {
            to
        };
        let is_foreign = FOREIGN.contains(&free(sign_end - 1));
        return Some((amount, is_foreign, to));
    }
    if is_sign(to, &["us"]) && is_sign(to + 1, DOLLARS) {
        to += 1;
    }
    if is_sign(to, DOLLARS) {
        // "2 dollars and 50 cents"
        let more = if reading.is(to + 1, &["and"]) {
            to + 2
        } else {
            to + 1
        };
        if let Some(cents) = reading.digits(more).filter(|_| is_sign(more + 1, CENTS)) {
            return Some((amount.plus(cents.divided_by(100)), false, more + 2));
        }
        // "5$" with nothing attached; "5 $2" is five of something and then a price.
        if free(to) == "$" && reading.digits(to + 1).is_some() && reading.is_glued(to + 1) {
            return None;
        }
        return Some((amount, false, to + 1));
    }
    if is_sign(to, CENTS) || is_cents_by_rate(reading, to) {
        return Some((amount.divided_by(100), false, to + 1));
    }
    if is_sign(to, FOREIGN) {
        return Some((amount, true, to + 1));
    }
    (!number.is_article && is_money_by_context(reading, i, to)).then_some((amount, false, to))
}

/// Whether a c alone means cents, which it does only if a rate follows: `30c/hr`.
fn is_cents_by_rate(reading: &Reading<'_>, at: usize) -> bool {
    let mut end = at + 1;
    reading.is(at, &["c"])
        && reading.is_glued(at)
        && (reading.is_mark(at + 1, "/") || reading.is(at + 1, &["per", "an", "a"]))
        && rate_after(reading, &mut end).seconds.is_some()
}

/// Whether a number is an amount only because of its neighbours: `budget 30`, `under 2 an hour`.
fn is_money_by_context(reading: &Reading<'_>, i: usize, to: usize) -> bool {
    let near = |back: usize| reading.word_before(i, back);
    let label = if i > 0 && [":", "="].iter().any(|m| reading.is_mark(i - 1, m)) {
        2
    } else {
        1
    };
    let after_budget = matches!(near(label), "budget" | "presupuesto" | "spend")
        || (matches!(near(1), "of" | "is" | "max" | "von" | "de" | "under")
            && matches!(near(2), "budget" | "presupuesto"));
    let unitless = !reading.token(to).is_some_and(|next| {
        next.text.starts_with(char::is_alphabetic)
            && !matches!(
                &*next.text,
                "total" | "in" | "and" | "for" | "per" | "max" | "an" | "a"
            )
    });
    let capped = (1..=LIMIT_WINDOW).any(|back| {
        matches!(
            near(back),
            "under"
                | "below"
                | "max"
                | "maximum"
                | "most"
                | "than"
                | "unter"
                | "hochstens"
                | "maximal"
                | "menos"
                | "maximo"
                | "to"
                | "cap"
        )
    });
    let mut end = to;
    let rate = rate_after(reading, &mut end);
    let is_rated = rate.seconds.is_some() && !is_bare_unit(reading, to);
    (after_budget && unitless) || (capped && is_rated)
}

/// Whether a unit of time directly follows the number: `under 2 hours` is no price.
fn is_bare_unit(reading: &Reading<'_>, to: usize) -> bool {
    unit_seconds(reading.word(to)).is_some()
}

#[rustfmt::skip]
const GPU_WORDS: &[&str] = &[
    "gpu", "gpus", "card", "cards", "grafikkarte", "gpuhour", "gpuhr", "gpuh", "tarjeta",
    "accelerator",
];

/// Number of words after an amount that may say what it is paid for.
const RATE_BEHIND_WINDOW: usize = 8;
/// Number of words before an amount that may say what it is paid for.
const RATE_BEFORE_WINDOW: usize = 5;
/// Number of words before an amount that may make it a limit.
const LIMIT_WINDOW: usize = 4;

fn rate_after(reading: &Reading<'_>, to: &mut usize) -> Rate {
    let mut rate = Rate::default();
    let mut at = *to;
    for _ in 0..RATE_BEHIND_WINDOW {
        let word = reading.word(at);
        let after_mark = ["/", "-", "*", "·"]
            .iter()
            .any(|mark| reading.is_mark(at, mark));
        let connects = after_mark
            || matches!(
                word,
                "per"
                    | "a"
                    | "an"
                    | "each"
                    | "every"
                    | "the"
                    | "pro"
                    | "por"
                    | "die"
                    | "la"
                    | "je"
                    | "jede"
                    | "cada"
                    | "p"
                    | "al"
                    | "im"
                    | "for"
                    | "of"
                    | "by"
                    | "der"
                    | "el"
                    | "one"
            );
        let closes = if GPU_WORDS.contains(&word) {
            rate.per_gpu = true;
            if word.len() > 3 && word.starts_with("gpuh") {
                rate.seconds = Some(HOUR);
            }
            true
        } else if matches!(word, "hourly" | "stundlich") {
            rate.seconds = Some(HOUR);
            true
        } else if matches!(
            word,
            "daily" | "taglich" | "weekly" | "monthly" | "monatlich" | "mensual" | "mensuales"
        ) {
            rate.seconds = period(word);
            true
        } else if let Some(to) = reading.any_phrase(
            at,
            &[
                "in total",
                "total",
                "overall",
                "altogether",
                "all in",
                "in all",
                "insgesamt",
                "en total",
                "gesamt",
                "for everything",
                "budget",
            ],
        ) {
            rate.is_total = true;
            at = to - 1;
            true
        } else if let Some(seconds) = unit_seconds(word).filter(|_| is_rate_unit(reading, *to, at))
        {
            rate.seconds = Some(seconds);
            true
        } else if matches!(word, "apiece")
            || (word == "each"
                && unit_seconds(reading.word(at + 1)).is_none()
                && !GPU_WORDS.contains(&reading.word(at + 1)))
        {
            rate.per_gpu = true;
            true
        } else {
            false
        };
        if !closes && !connects {
            break;
        }
        at += 1;
        if closes {
            *to = at;
        }
    }
    rate
}

/// Whether a unit makes the amount a rate, which takes a connector: “$30 3 days” and “$30 for 3
/// days” are a total and a duration.
fn is_rate_unit(reading: &Reading<'_>, amount_end: usize, at: usize) -> bool {
    let before = if at > 0 { reading.seen(at - 1) } else { "" };
    if at == amount_end {
        return matches!(reading.word(at), "h" | "hr" | "hour" | "stunde" | "hora");
    }
    let for_the = before == "the" && at > 1 && reading.seen(at - 2) == "for";
    !for_the && !matches!(before, "for" | "of" | "by")
}

fn rate_before(reading: &Reading<'_>, i: usize, rate: &mut Rate) {
    for back in 1..=RATE_BEFORE_WINDOW {
        let Some(at) = i.checked_sub(back) else {
            return;
        };
        if reading.breaks_before(at + 1) || reading.is_mark(at, ",") || reading.is_taken(at) {
            return;
        }
        let word = reading.word(at);
        let earlier = reading.word_before(at, 1);
        if GPU_WORDS.contains(&word)
            && (matches!(earlier, "per" | "each" | "pro" | "por" | "every")
                || matches!(reading.word(at + 1), "price" | "cost" | "rate"))
        {
            rate.per_gpu = true;
        }
        if rate.seconds.is_none() {
            let is_unit = matches!(earlier, "per" | "an" | "pro" | "por");
            rate.seconds = period(word).or(unit_seconds(word).filter(|_| is_unit));
        }
        if matches!(
            word,
            "budget"
                | "total"
                | "spend"
                | "presupuesto"
                | "gesamtbudget"
                | "insgesamt"
                | "overall"
                | "ausgeben"
                | "gastar"
                | "have"
        ) {
            rate.is_total = true;
        }
    }
}

fn period(word: &str) -> Option<u64> {
    match word {
        "hourly" | "stundlich" | "stundenpreis" => Some(HOUR),
        "daily" | "taglich" => Some(24 * HOUR),
        "weekly" => Some(168 * HOUR),
        "monthly" | "monatlich" | "mensual" | "mensuales" => Some(720 * HOUR),
        _ => None,
    }
}

fn is_lower_bound(reading: &Reading<'_>, from: usize) -> bool {
    let near = |back| reading.word_before(from, back);
    let is_denied = |back| matches!(near(back), "no" | "not" | "never" | "nicht");
    match near(1) {
        "least" | "minimum" | "mindestens" => true,
        "over" | "above" => !is_denied(2),
        "than" => near(2) == "more" && !is_denied(3),
        _ => false,
    }
}
