//! Memory, storage and VRAM: sizes with a label before or after them, or none.

use domain::requirements::{Template, Wish};
use domain::resources::Bytes;

use super::gpu::talk::GpuTalk;
use super::size::{MEMORY, OTHER, STORAGE, VRAM};
use crate::amount::Amount;
use crate::reading::{Matter, Mention, Reading};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Label {
    Memory,
    Storage,
    Vram,
    /// Another size that is not requested: bandwidth, a model's weights.
    Other,
}

/// Words between a size and the label it belongs to.
#[rustfmt::skip]
const FILL: &[&str] = &[
    "of", "de", "persistent", "persistente", "persistenter", "persistenten", "fast", "local",
    "nvme", "ssd", "block", "total", "free", "ecc", "ddr4", "ddr5", "the", "an", "system",
    "ephemeral", "durable", "permanent", "main", "shared", "or", "more", "attached", "dedicated",
    "worth", "schneller", "schnellen", "usable", "temporary", "temp", "redis", "postgres",
    "permanenten", "dauerhaftem", "dauerhafter", "postgresql", "im", "for", "my", "our",
    "scratch", "encrypted", "beta3", "non", "at", "least", "training", "image",
];

/// “200Gi persistent”: only storage can be persistent.
#[rustfmt::skip]
const LASTING: &[&str] = &[
    "persistent", "persisted", "durable", "ephemeral", "persistente", "dauerhaft", "permanente",
];

#[derive(Debug, Clone, Copy)]
struct Size {
    bytes: Bytes,
    from: usize,
    to: usize,
    label: Option<Label>,
}

pub(crate) fn read(
    reading: &mut Reading<'_>,
    wish: &mut Wish,
    gpus: &mut GpuTalk,
    template: Option<Template>,
) {
    let mut sizes = Vec::new();
    let mut i = 0;
    while i < reading.len() {
        let Some(size) = size_at(reading, i) else {
            i += 1;
            continue;
        };
        i = size.to.max(i + 1);
        reading.take(size.from, size.to);
        sizes.push(size);
    }
    let mut memory: Vec<Mention<Bytes>> = Vec::new();
    let mut storage: Vec<Mention<Bytes>> = Vec::new();
    let mentions = |label| sizes.iter().any(|size: &Size| size.label == Some(label));
    let (memory_named, storage_named) = (mentions(Label::Memory), mentions(Label::Storage));
    for size in &sizes {
        let mention = Mention {
            value: size.bytes,
            from: size.from,
            to: size.to,
        };
        let corrects = |list: &[Mention<Bytes>]| {
            list.last()
                .is_some_and(|last| reading.corrected_between(last.to, size.from))
        };
        match size.label {
            Some(Label::Memory) => memory.push(mention),
            Some(Label::Storage) => storage.push(mention),
            Some(Label::Vram) => {
                gpus.has_memory(size.bytes, size.from, size.to);
            }
            Some(Label::Other) => {}
            // “3 GPUs, at least 12 GB each”: each card has memory of its own.
            None if reading.is(size.to, &["each", "apiece", "jeweils"])
                && gpus.is_plain_and_many() =>
            {
                gpus.has_memory(size.bytes, size.from, size.to);
            }
            None if least_of(reading, size)
                .is_some_and(|(from, to)| gpus.is_nameless_beside(reading, from, to)) =>
            {
                gpus.has_memory(size.bytes, size.from, size.to);
            }
            // A size without a label: a correction of an earlier size, otherwise memory, otherwise
            // storage.
            None if corrects(&storage) => storage.push(mention),
            None if corrects(&memory) => memory.push(mention),
            None if memory.is_empty()
                && !memory_named
                && !is_surely_storage(size.bytes, template) =>
            {
                memory.push(mention);
            }
            None if storage.is_empty() && !storage_named => storage.push(mention),
            None if memory.is_empty() && !memory_named => memory.push(mention),
            None => {}
        }
    }
    wish.memory = one(reading, "memory_gib", "memory", &memory);
    wish.storage = one(reading, "storage_gib", "storage", &storage);
}

/// The tokens of a size that is stated as a minimum: “24 GB or more”, “at least 24 GB”.
fn least_of(reading: &Reading<'_>, size: &Size) -> Option<(usize, usize)> {
    let behind = [
        "or more",
        "or better",
        "or above",
        "and up",
        "minimum",
        "oder mehr",
        "o mas",
        "upwards",
    ];
    if let Some(to) = reading.any_phrase(size.to, &behind) {
        return Some((size.from, to));
    }
    let before: [(&str, usize); 5] = [
        ("at least", 2),
        ("minimum", 1),
        ("mindestens", 1),
        ("al menos", 2),
        ("over", 1),
    ];
    before.iter().find_map(|(phrase, words)| {
        let from = size.from.checked_sub(*words)?;
        (reading.phrase(from, phrase)? == size.from).then_some((from, size.to))
    })
}

fn is_surely_storage(size: Bytes, template: Option<Template>) -> bool {
    let least = match template {
        Some(Template::Postgres) => Bytes::gib(20),
        _ => Bytes::gib(512),
    };
    size >= least
}

fn one(
    reading: &mut Reading<'_>,
    field: &str,
    name: &str,
    mentions: &[Mention<Bytes>],
) -> Option<Bytes> {
    let settled = reading.settle(mentions)?;
    reading.note(field, settled.chosen.from, settled.chosen.to);
    if let Some(rival) = settled.rival {
        let question = format!(
            "How much {name}: {} or {}?",
            settled.chosen.value, rival.value
        );
        reading.ask(Matter::Amount, question);
    }
    Some(settled.chosen.value)
}

/// The size at `i` with its label: `8 GB ram`, `memory: 512Mi`, `64 ram`, `ram 64`.
fn size_at(reading: &Reading<'_>, i: usize) -> Option<Size> {
    let number = reading.number(i)?;
    let mut at = number.to;
    let mut amount = number.amount;
    // “8-16 GB”: the larger one fits both.
    if ["-", "–"].iter().any(|mark| reading.is_mark(at, mark))
        && let Some(high) = reading.digits(at + 1)
        && high > amount
        && unit_at(reading, at + 2).is_some()
    {
        amount = high;
        at += 2;
    }
    let hyphen = reading.is_mark(at, "-") && reading.is_glued(at);
    let unit_place = if hyphen { at + 1 } else { at };
    let (bytes, to) = match unit_at(reading, unit_place) {
        Some(unit) if !number.is_article || unit_place == at => {
            (size_of(amount, unit), unit_place + 1)
        }
        _ => {
            // Without a unit, a label must follow the number directly or after “of”; the number is
            // then in GB.
            let label = if reading.is(at, &["of", "de"]) {
                at + 1
            } else {
                at
            };
            let labelled = !number.is_article
                && (reading.any_phrase(label, MEMORY).is_some()
                    || reading
                        .any_phrase(label, &["vram", "disk", "ssd", "storage"])
                        .is_some());
            let told = backward(reading, i).filter(|_| is_bare(reading, at));
            if !labelled && told.is_none() || number.is_article {
                return None;
            }
            (size_of(amount, 30), at)
        }
    };
    if reading.is_mark(to, "/")
        && reading.is_glued(to)
        && reading.is(to + 1, &["s", "sec", "second"])
    {
        return Some(Size {
            bytes,
            from: i,
            to: to + 2,
            label: Some(Label::Other),
        });
    }
    let (label, from, to) = labelled(reading, i, to);
    Some(Size {
        bytes,
        from,
        to,
        label,
    })
}

/// Whether a number is followed by nothing countable.
fn is_bare(reading: &Reading<'_>, at: usize) -> bool {
    reading
        .token(at)
        .is_none_or(|next| !next.text.starts_with(char::is_alphabetic) && next.text != "%")
        || reading.is(
            at,
            &[
                "and", "und", "y", "with", "disk", "storage", "ssd", "on", "cpu", "cpus", "for",
                "in",
            ],
        )
}

fn labelled(reading: &Reading<'_>, i: usize, to: usize) -> (Option<Label>, usize, usize) {
    if let Some((label, from)) = backward(reading, i) {
        return (Some(label), from, to);
    }
    match forward(reading, to) {
        Some((label, end)) => (Some(label), i, end),
        None if reading.is(to, LASTING) => (Some(Label::Storage), i, to),
        None => (None, i, to),
    }
}

fn label_at(reading: &Reading<'_>, at: usize) -> Option<(Label, usize)> {
    let lists = [
        (VRAM, Label::Vram),
        (MEMORY, Label::Memory),
        (STORAGE, Label::Storage),
        (OTHER, Label::Other),
    ];
    lists
        .into_iter()
        .filter_map(|(list, label)| Some((label, reading.any_phrase(at, list)?)))
        .max_by_key(|(_, to)| *to)
}

/// Number of words between a label and the number after it, at most.
const LABEL_BEFORE_WINDOW: usize = 4;
/// Maximum number of words of a label, less one.
const LABEL_TAIL: usize = 2;
/// Number of words after a size within which its label may begin.
const LABEL_BEHIND_WINDOW: usize = 5;

/// A label right before the number. It is free only when no earlier size took it.
fn backward(reading: &Reading<'_>, i: usize) -> Option<(Label, usize)> {
    let mut at = i;
    for _ in 0..LABEL_BEFORE_WINDOW {
        at = at.checked_sub(1)?;
        if reading.breaks_before(at + 1) {
            return None;
        }
        let skips = reading.is(
            at,
            &[
                "of",
                "is",
                "at",
                "least",
                "min",
                "minimum",
                "max",
                "up",
                "to",
                "de",
                "von",
                "mindestens",
                "size",
                "about",
                "around",
                "limit",
                "al",
                "menos",
                "to",
                "should",
                "be",
                "needs",
                "with",
            ],
        ) || [":", "=", ">", "≥", "~", "-"]
            .iter()
            .any(|mark| reading.is_mark(at, mark));
        if skips {
            continue;
        }
        let start = (at.saturating_sub(LABEL_TAIL)..=at)
            .find(|&from| label_at(reading, from).is_some_and(|(_, to)| to == at + 1))?;
        let (label, _) = label_at(reading, start)?;
        // “my database with 4 GB” labels nothing: the stored thing is not a size.
        let direct = at + 1 == i || !reading.is(at + 1, &["with", "needs", "should"]);
        let is_noun = reading.is(
            at,
            &[
                "database",
                "db",
                "datenbank",
                "data",
                "files",
                "model",
                "network",
                "images",
                "documents",
                "dataset",
            ],
        );
        return (direct && !is_noun && label != Label::Other).then_some((label, start));
    }
    None
}

fn forward(reading: &Reading<'_>, to: usize) -> Option<(Label, usize)> {
    for at in to..to + LABEL_BEHIND_WINDOW {
        if at < reading.len() && at > 0 && reading.breaks_before(at) {
            return None;
        }
        if let Some((label, end)) = label_at(reading, at) {
            // “nvme storage”: the longer label wins.
            let (label, end) = match label_at(reading, end) {
                Some((next, next_end)) if next == label => (next, next_end),
                _ => (label, end),
            };
            return Some((label, end));
        }
        let hyphen = reading.is_mark(at, "-") && reading.is_glued(at);
        let plus = reading.is_mark(at, "+") && at == to;
        if !(reading.is(at, FILL) || hyphen || plus) {
            return None;
        }
    }
    None
}

/// The unit at `at` as a power of two. GB and GiB are treated alike.
fn unit_at(reading: &Reading<'_>, at: usize) -> Option<u32> {
    let glued = reading.is_glued(at);
    let shift = match reading.word(at) {
        "kb" | "kib" | "ki" => 10,
        "mb" | "mib" | "mi" | "meg" | "megs" | "megabyte" | "megabytes" | "mebibytes" => 20,
        "gb" | "gib" | "gi" | "gig" | "gigs" | "gigabyte" | "gigabytes" | "gibibytes" | "gbs"
        | "gigas" | "giga" => 30,
        "tb" | "tib" | "ti" | "terabyte" | "terabytes" | "tebibytes" | "teras" => 40,
        "g" if glued => 30,
        "t" if glued => 40,
        "m" if glued && reading.digits(at.checked_sub(1)?)? >= Amount::whole(64) => 20,
        _ => return None,
    };
    Some(shift)
}

fn size_of(amount: Amount, shift: u32) -> Bytes {
    Bytes(amount.of(1 << shift))
}
