//! One phrase about GPUs: a model, “GPU” itself, or an interface, with what surrounds it.

use domain::resources::GpuVendor;

use super::beside::{card_count, read_before, read_behind};
use super::talk::GpuPhrase;
use crate::gpu_names::{interface_at, model_at};
use crate::reading::{Mention, Reading};
use crate::slots::size::gib_at;

/// The phrase around the GPU named at `i`.
pub(crate) fn phrase_at(reading: &Reading<'_>, i: usize) -> Option<Mention<GpuPhrase>> {
    model_phrase(reading, i)
        .or_else(|| generic_phrase(reading, i))
        .or_else(|| loose_interface(reading, i))
        .or_else(|| loose_vendor(reading, i))
}

#[rustfmt::skip]
const GPU: &[&str] = &[
    "gpu", "gpus", "grafikkarte", "grafikkarten", "graphics card", "graphics cards", "video card",
    "tarjeta grafica", "tarjetas graficas", "gpu card", "gpu cards", "nvidia card",
    "nvidia cards", "nvidia gpu", "nvidia gpus", "amd gpu", "amd gpus", "accelerators",
    "gpu accelerators",
];

fn model_phrase(reading: &Reading<'_>, i: usize) -> Option<Mention<GpuPhrase>> {
    let named = model_at(reading, i)?;
    let mut phrase = GpuPhrase {
        vendor: Some(named.vendor),
        interface: named.interface,
        model: Some(named.model.clone()),
        ..GpuPhrase::default()
    };
    let from = read_before(reading, i, &mut phrase);
    let to = read_behind(reading, named.to, &mut phrase);
    Some(Mention {
        value: phrase,
        from,
        to,
    })
}

fn generic_phrase(reading: &Reading<'_>, i: usize) -> Option<Mention<GpuPhrase>> {
    let sized_card = || {
        let after_size = i > 0 && reading.is(i - 1, &["gb", "gib", "gi", "gig", "vram"]);
        let counted = i > 0 && reading.number(i - 1).is_some_and(|n| !n.is_article);
        // “any card with at least 16 gigs”
        let described = reading.is(i + 1, &["with", "that", "having", "mit", "con"])
            && i > 0
            && reading.is(
                i - 1,
                &[
                    "any", "a", "some", "one", "every", "cheapest", "cheap", "the",
                ],
            );
        ((after_size || counted || described) && reading.is(i, &["card", "cards"])).then_some(i + 1)
    };
    let end = reading.any_phrase(i, GPU).or_else(sized_card)?;
    // “GPU memory”, “GPU hour” and “GPU price” are not a GPU.
    if reading.is(
        end,
        &[
            "memory", "ram", "vram", "hour", "hours", "price", "prices", "speicher", "market",
        ],
    ) {
        return None;
    }
    let mut phrase = GpuPhrase {
        vendor: match reading.word(i) {
            "nvidia" => Some(GpuVendor::Nvidia),
            "amd" => Some(GpuVendor::Amd),
            _ => None,
        },
        ..GpuPhrase::default()
    };
    let from = read_before(reading, i, &mut phrase);
    let mut to = end;
    // “gpus: 2”, “gpu=2”, “gpu count 4”
    let mut at = end;
    while reading.is(at, &["count", "is", "of"])
        || [":", "="].iter().any(|m| reading.is_mark(at, m))
    {
        at += 1;
    }
    if phrase.count.is_none() && at > end {
        if let Some(count) = card_count(reading, at).filter(|_| {
            // “GPU: 3060” names one.
            model_at(reading, at).is_none()
                && model_at(reading, at + 1).is_none()
                && !reading.is(at + 1, &["x"])
                && gib_at(reading, at).is_none()
        }) {
            phrase.count = Some(count);
            to = at + 1;
        } else if reading.is(at, &["none", "no", "false", "keine", "ninguna"]) {
            phrase.count = Some(0);
            to = at + 1;
        }
    }
    let to = read_behind(reading, to, &mut phrase);
    Some(Mention {
        value: phrase,
        from,
        to,
    })
}

/// Numbers of cards that a clause of its own may state.
const COUNTS_APART: std::ops::RangeInclusive<u32> = 1..=64;

/// “2 of those” or “count: 2” in a clause of its own, after a card was named.
pub(crate) fn count_of_named(reading: &Reading<'_>, i: usize) -> Option<Mention<GpuPhrase>> {
    let labelled = reading
        .any_phrase(i, &["count", "quantity", "qty", "anzahl", "cantidad"])
        .filter(|at| reading.is_mark(*at, ":") || reading.is_mark(*at, "="));
    let (number, to) = match labelled {
        Some(label) => {
            let number = reading.number(label + 1)?;
            (number, number.to)
        }
        None => {
            let number = reading.number(i).filter(|number| !number.is_article)?;
            let to = reading.any_phrase(number.to, &["of those", "of them", "of these"])?;
            (number, to)
        }
    };
    let count = number.whole().and_then(|count| u32::try_from(count).ok())?;
    COUNTS_APART.contains(&count).then_some(Mention {
        value: GpuPhrase {
            count: Some(count),
            ..GpuPhrase::default()
        },
        from: i,
        to,
    })
}

/// A vendor on its own: “nvidia only”.
fn loose_vendor(reading: &Reading<'_>, i: usize) -> Option<Mention<GpuPhrase>> {
    let vendor = match reading.word(i) {
        "nvidia" => GpuVendor::Nvidia,
        "amd" => GpuVendor::Amd,
        _ => return None,
    };
    let only = ["only", "nur", "solo", "just"];
    let behind = reading.is(i + 1, &only);
    let before = i > 0 && reading.is(i - 1, &only);
    (behind || before).then(|| Mention {
        value: GpuPhrase {
            vendor: Some(vendor),
            ..GpuPhrase::default()
        },
        from: if before { i - 1 } else { i },
        to: if behind { i + 2 } else { i + 1 },
    })
}

/// An interface on its own: “PCIe not SXM”.
fn loose_interface(reading: &Reading<'_>, i: usize) -> Option<Mention<GpuPhrase>> {
    let (interface, to) = interface_at(reading, i)?;
    if reading.is(to, &["ssd", "slot", "nvme", "storage", "disk"]) {
        return None;
    }
    Some(Mention {
        value: GpuPhrase {
            interface: Some(interface),
            ..GpuPhrase::default()
        },
        from: i,
        to,
    })
}
