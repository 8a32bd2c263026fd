//! Recognises durations: “3 days”, “a week and a half”, “1h30”, “overnight”, “una semana”,
//! “anderthalb Tage”.

use domain::requirements::Wish;
use domain::time::Seconds;

use crate::numbers::Number;
use crate::reading::{Matter, Mention, Reading, Setting};

#[rustfmt::skip]
const MINUTE: u64 = 60;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const NIGHT: u64 = 12 * HOUR;

/// The length of one unit of time, by its word in English, German or Spanish.
pub(crate) fn unit_seconds(word: &str) -> Option<u64> {
    let seconds = match word {
        "s" | "sec" | "secs" | "second" | "seconds" | "sekunden" | "sekunde" | "segundos" => 1,
        "min" | "mins" | "minute" | "minutes" | "minuten" | "minuto" | "minutos" => MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" | "stunde" | "stunden" | "std" | "hora" | "horas" => {
            HOUR
        }
        "d" | "day" | "days" | "tag" | "tage" | "tagen" | "dia" | "dias" => DAY,
        "night" | "nights" | "nacht" | "nachte" | "nachten" | "noche" | "noches" => NIGHT,
        "weekend" | "weekends" | "wochenende" | "wochenenden" => 2 * DAY,
        "w" | "wk" | "wks" | "week" | "weeks" | "woche" | "wochen" | "semana" | "semanas" => {
            7 * DAY
        }
        "fortnight" | "fortnights" => 14 * DAY,
        "mo" | "mos" | "mth" | "month" | "months" | "monat" | "monate" | "monaten" | "mes"
        | "meses" => 30 * DAY,
        "yr" | "yrs" | "year" | "years" | "jahr" | "jahre" | "jahren" | "ano" | "anos" => 365 * DAY,
        _ => return None,
    };
    Some(seconds)
}

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    let mut mentions: Vec<Mention<u64>> = Vec::new();
    let mut runs_on = false;
    let mut i = 0;
    while i < reading.len() {
        if let Some(to) = endless(reading, i) {
            runs_on = true;
            reading.take(i, to);
            i = to;
            continue;
        }
        if let Some(to) = open_ended(reading, i) {
            reading.take(i, to);
            i = to;
            continue;
        }
        let found = clock_span(reading, i)
            .or_else(|| labelled(reading, i))
            .or_else(|| length_at(reading, i))
            .or_else(|| whole_unit_at(reading, i));
        let Some(found) = found else {
            i += 1;
            continue;
        };
        i = found.to;
        if is_frequency(reading, found.from) {
            reading.take(found.from, found.to);
            continue;
        }
        reading.take(found.from, found.to);
        // “2 days and 4 hours”, “1 h 30 min”: a smaller unit right after adds up.
        match mentions.last_mut() {
            Some(last) if adds_up(reading, last, &found) => {
                last.value = last.value.saturating_add(found.value);
                last.to = found.to;
            }
            _ => mentions.push(found),
        }
    }
    let Some(settled) = reading.settle(&mentions) else {
        if runs_on {
            reading.ask(
                Matter::PaidAhead,
                "How long should be paid ahead? What is not used comes back.",
            );
        }
        return;
    };
    wish.duration = Some(Seconds(settled.chosen.value));
    reading.note("duration_hours", settled.chosen.from, settled.chosen.to);
    if let Some(rival) = settled.rival {
        let (first, second) = (Seconds(settled.chosen.value), Seconds(rival.value));
        let question = format!(
            "How long should it run: {} or {}?",
            first.in_words(),
            second.in_words()
        );
        let answers = [first, second].map(|time| (time.in_words(), Setting::Duration(time)));
        reading.ask_between(Matter::Amount, question, answers.into());
    }
}

fn adds_up(reading: &Reading<'_>, last: &Mention<u64>, next: &Mention<u64>) -> bool {
    let joined = next.from == last.to
        || (next.from == last.to + 1
            && matches!(reading.seen(last.to), "and" | "und" | "y" | "," | "plus"));
    joined && next.value < last.value
}

/// A number and its unit, with its halves: `3 days`, `12-hour`, `a week and a half`, `1h30`.
fn length_at(reading: &Reading<'_>, i: usize) -> Option<Mention<u64>> {
    let number = upper_end(reading, reading.number(i)?);
    let hyphen = reading.is_mark(number.to, "-") && reading.is_glued(number.to);
    let mut at = if hyphen { number.to + 1 } else { number.to };
    while reading.is(
        at,
        &[
            "full", "whole", "more", "solid", "straight", "ganze", "of", "an", "a", "the",
        ],
    ) && at < number.to + 2
    {
        at += 1;
    }
    let mut to = at + 1;
    let unit = match reading.word(at) {
        // An m alone means minutes only where a duration is described: 500m is CPU, 512M memory.
        "m" if for_before(reading, i) => MINUTE,
        "quarter" if reading.phrase(at, "quarter of an hour").is_some() => {
            to = reading.phrase(at, "quarter of an hour")?;
            15 * MINUTE
        }
        "quarters" => match reading.phrase(at, "quarters of an hour") {
            Some(end) => {
                to = end;
                15 * MINUTE
            }
            None => {
                to = reading.phrase(at, "quarters of a day")?;
                DAY / 4
            }
        },
        "fin" => {
            to = reading.phrase(at, "fin de semana")?;
            2 * DAY
        }
        "fines" => {
            to = reading.phrase(at, "fines de semana")?;
            2 * DAY
        }
        // “redis 7 w/ 2 GB” is with, not weeks.
        "w" if reading.is_mark(at + 1, "/") => return None,
        word @ ("h" | "d" | "w" | "s" | "mo") => {
            reading.digits(number.to - 1)?;
            unit_seconds(word)?
        }
        word => unit_seconds(word)?,
    };
    let mut value = number.amount.of(unit);
    let halves = [
        "and a half",
        "and half",
        "und eine halbe",
        "und ein halber",
        "und einen halben",
        "y media",
        "y medio",
    ];
    if let Some(end) = reading.any_phrase(to, &halves) {
        value = value.saturating_add(unit / 2);
        to = end;
    }
    // "1h30": the minutes after the hours carry no unit.
    if unit == HOUR
        && reading.is_glued(to)
        && let Some(minutes) = reading
            .digits(to)
            .and_then(|n| n.as_whole())
            .filter(|n| *n < 60)
    {
        value = value.saturating_add(minutes * MINUTE);
        to += 1;
        if reading.is_glued(to) && reading.is(to, &["m", "min"]) {
            to += 1;
        }
    }
    Some(Mention { value, from: i, to })
}

/// “hours: 12”, “days=3”.
fn labelled(reading: &Reading<'_>, i: usize) -> Option<Mention<u64>> {
    let unit = unit_seconds(reading.word(i)).filter(|unit| *unit >= MINUTE)?;
    let is_label =
        reading.word(i).len() > 3 && [":", "="].iter().any(|mark| reading.is_mark(i + 1, mark));
    let number = reading
        .number(i + 2)
        .filter(|n| is_label && !n.is_article)?;
    let counts_other = unit_seconds(reading.word(number.to)).is_some();
    (!counts_other).then(|| Mention {
        value: number.amount.of(unit),
        from: i,
        to: number.to,
    })
}

/// A time span between two clock times of one day, or of one night: “from 9am to 5pm”,
/// “22:00-06:00”.
fn clock_span(reading: &Reading<'_>, i: usize) -> Option<Mention<u64>> {
    let start = clock_at(reading, i)?;
    let joins = reading.is(
        start.to,
        &["to", "till", "til", "until", "and", "bis", "a", "hasta"],
    ) || ["-", "–"]
        .iter()
        .any(|mark| reading.is_mark(start.to, mark));
    let end = clock_at(reading, start.to + 1).filter(|_| joins)?;
    let minutes = match (start.half, end.half) {
        (None, None) => {
            if !(end.has_minutes && start.has_minutes || end.is_called_hour) {
                return None;
            }
            (end.minutes + 24 * 60 - start.minutes) % (24 * 60)
        }
        // “noon to 5” ends in the half of the day that makes it short.
        (Some(_), None) if end.minutes <= 12 * 60 => {
            (end.minutes + 24 * 60 - start.in_day()) % (12 * 60)
        }
        // “9 to 5pm” begins in the half of the day that makes it short.
        (None, Some(_)) => (end.in_day() + 24 * 60 - start.minutes) % (12 * 60),
        _ => (end.in_day() + 24 * 60 - start.in_day()) % (24 * 60),
    };
    (minutes > 0).then_some(Mention {
        value: minutes * MINUTE,
        from: i,
        to: end.to,
    })
}

struct Clock {
    /// Minutes since midnight, or since noon if `half` says so.
    minutes: u64,
    half: Option<Half>,
    has_minutes: bool,
    /// “18 Uhr”, “18 h”.
    is_called_hour: bool,
    to: usize,
}

#[derive(Clone, Copy)]
enum Half {
    Am,
    Pm,
}

impl Clock {
    fn in_day(&self) -> u64 {
        match self.half {
            Some(Half::Am) => self.minutes % (12 * 60),
            Some(Half::Pm) => self.minutes % (12 * 60) + 12 * 60,
            None => self.minutes,
        }
    }
}

fn clock_at(reading: &Reading<'_>, i: usize) -> Option<Clock> {
    let named = match reading.word(i) {
        "midnight" | "mitternacht" | "medianoche" => Some(Half::Am),
        "noon" | "midday" | "mittag" | "mediodia" => Some(Half::Pm),
        _ => None,
    };
    if named.is_some() {
        return Some(Clock {
            minutes: 0,
            half: named,
            has_minutes: true,
            is_called_hour: false,
            to: i + 1,
        });
    }
    let hour = reading.digits(i)?.as_whole().filter(|hour| *hour <= 24)?;
    let mut to = i + 1;
    let minutes = reading
        .digits(i + 2)
        .and_then(|minutes| minutes.as_whole())
        .filter(|minutes| *minutes < 60 && reading.is_mark(i + 1, ":") && reading.is_glued(i + 2));
    if minutes.is_some() {
        to += 2;
    }
    let half = match reading.word(to) {
        "am" => Some(Half::Am),
        "pm" => Some(Half::Pm),
        _ => None,
    };
    let is_called_hour = half.is_none() && reading.is(to, &["uhr", "oclock"]);
    if half.is_some() || is_called_hour {
        to += 1;
    }
    Some(Clock {
        minutes: hour * 60 + minutes.unwrap_or(0),
        half,
        has_minutes: minutes.is_some(),
        is_called_hour,
        to,
    })
}

/// Upper end of “3-5 days”: unused money is refunded, so the longer duration is safe to take.
fn upper_end(reading: &Reading<'_>, low: Number) -> Number {
    let joins = ["-", "–"].iter().any(|mark| reading.is_mark(low.to, mark))
        || reading.is(low.to, &["to", "or", "bis", "oder", "o"]);
    match reading.number(low.to + 1) {
        Some(high) if joins && !high.is_article && high.amount > low.amount => Number {
            from: low.from,
            ..high
        },
        _ => low,
    }
}

/// Number of words before a length of time that may identify it as a duration.
const FOR_WINDOW: usize = 3;

fn for_before(reading: &Reading<'_>, i: usize) -> bool {
    (1..=FOR_WINDOW).any(|back| {
        matches!(
            reading.word_before(i, back),
            "for" | "fur" | "fuer" | "durante" | "por" | "run" | "runs" | "about" | "runtime"
        )
    })
}

const WHOLE: &[(&str, u64)] = &[
    ("overnight", NIGHT),
    ("9 to 5", 8 * HOUR),
    ("nine to five", 8 * HOUR),
    ("over night", NIGHT),
    ("over the night", NIGHT),
    ("uber nacht", NIGHT),
    ("ubernacht", NIGHT),
    ("all night", NIGHT),
    ("toda la noche", NIGHT),
    ("por la noche", NIGHT),
    ("all day", DAY),
    ("todo el dia", DAY),
    ("den ganzen tag", DAY),
    ("all week", 7 * DAY),
    ("all weekend", 2 * DAY),
    ("fin de semana", 2 * DAY),
    ("weekend", 2 * DAY),
    ("wochenende", 2 * DAY),
    ("weeklong", 7 * DAY),
    ("week long", 7 * DAY),
    ("day long", DAY),
    ("daylong", DAY),
    ("month long", 30 * DAY),
    ("monthlong", 30 * DAY),
    ("for the day", DAY),
    ("for the night", NIGHT),
    ("for the week", 7 * DAY),
    ("for the month", 30 * DAY),
    ("the whole day", DAY),
    ("the whole night", NIGHT),
    ("the whole week", 7 * DAY),
    ("the whole month", 30 * DAY),
    ("an entire week", 7 * DAY),
    ("for the next week", 7 * DAY),
    ("for the next month", 30 * DAY),
    ("for the next hour", HOUR),
    ("for the next day", DAY),
    ("for next week", 7 * DAY),
    ("esta semana", 7 * DAY),
    ("diese woche", 7 * DAY),
    ("eine nacht lang", NIGHT),
];

/// A unit without a number: “overnight”, “over the weekend”.
fn whole_unit_at(reading: &Reading<'_>, i: usize) -> Option<Mention<u64>> {
    WHOLE
        .iter()
        .filter_map(|(phrase, value)| {
            let to = reading.phrase(i, phrase)?;
            Some(Mention {
                value: *value,
                from: i,
                to,
            })
        })
        .max_by_key(|mention| mention.to)
}

/// Whether the words tell when or how often, not how long: “every 6 hours”, “2 days ago”, “in 2
/// hours”.
fn is_frequency(reading: &Reading<'_>, from: usize) -> bool {
    let before = reading.word_before(from, 1);
    matches!(
        before,
        "every"
            | "each"
            | "alle"
            | "jede"
            | "jeden"
            | "cada"
            | "per"
            | "last"
            | "past"
            | "after"
            | "pro"
    ) || (before == "in"
        && matches!(
            reading.word_before(from, 2),
            "start" | "starting" | "starts" | "begin" | "beginning"
        ))
}

#[rustfmt::skip]
const UNTIL: &[&str] = &["until", "till", "til", "bis zum", "bis", "hasta"];
const WHEN: &[&str] = &[
    "tomorrow",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "tonight",
    "noon",
    "midnight",
    "morning",
    "evening",
    "next",
    "the",
    "end",
    "it",
    "i",
    "morgen",
    "montag",
    "dienstag",
    "mittwoch",
    "donnerstag",
    "freitag",
    "samstag",
    "sonntag",
    "manana",
    "lunes",
    "martes",
    "miercoles",
    "jueves",
    "viernes",
    "sabado",
    "domingo",
    "el",
    "la",
    "zum",
    "christmas",
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "training",
    "further",
    "done",
    "new",
    "que",
];
#[rustfmt::skip]
const ENDLESS: &[&str] = &[
    "forever", "permanently", "indefinitely", "around the clock", "round the clock", "always on",
    "long running", "rund um die uhr", "indefinidamente", "para siempre", "dauerhaft laufen",
    "until further notice", "day and night",
];
const VAGUE: &[&str] = &[
    "few", "several", "some", "many", "einige", "ein paar", "paar", "mehrere", "unos", "unas",
    "varios", "varias", "algunos",
];

/// A length that cannot be expressed in hours: it leads to a question and is never guessed.
fn open_ended(reading: &mut Reading<'_>, i: usize) -> Option<usize> {
    if let Some(to) = reading.any_phrase(i, VAGUE) {
        let unit = match unit_seconds(reading.word(to))? {
            1 => "seconds",
            MINUTE => "minutes",
            HOUR => "hours",
            DAY => "days",
            NIGHT => "nights",
            seconds if seconds == 2 * DAY => "weekends",
            seconds if seconds <= 14 * DAY => "weeks",
            _ => "months",
        };
        reading.ask(Matter::Period, format!("How many {unit} should it run?"));
        return Some(to + 1);
    }
    let to = reading.any_phrase(i, UNTIL)?;
    let clock = reading.digits(to).is_some()
        && (reading.is(
            to + 1,
            &["am", "pm", "uhr", "th", "st", "nd", "rd", "oclock"],
        ) || reading.is_mark(to + 1, ":"));
    if !clock && !reading.is(to, WHEN) {
        return None;
    }
    reading.ask(
        Matter::Period,
        "How many hours should it run? A point in time cannot be priced.",
    );
    Some(to + 1)
}

/// “24/7” and “forever”: not a length, which matters only if none is named otherwise.
fn endless(reading: &Reading<'_>, i: usize) -> Option<usize> {
    let round_the_clock = reading.seen(i) == "24"
        && reading.digits(i).is_some()
        && reading.is_mark(i + 1, "/")
        && reading.seen(i + 2) == "7";
    if round_the_clock {
        return Some(i + 3);
    }
    reading.any_phrase(i, ENDLESS)
}
