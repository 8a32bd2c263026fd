//! GPUs: “2x A100 80GB”, “4 × H100”, “a100 80gb x 8, sxm”, “a GPU box with 24GB VRAM”, “no GPU”.

use domain::requirements::Wish;
use domain::resources::GpuRequest;

use crate::reading::{Matter, Mention, Reading, Setting};
use phrase::{count_of_named, phrase_at};
use talk::{GpuPhrase, GpuTalk};

mod beside;
mod phrase;
pub(crate) mod talk;

#[rustfmt::skip]
const CPU_ONLY: &[&str] = &[
    "cpu only", "cpus only", "only cpu", "only cpus", "nur cpu", "nur cpus", "solo cpu",
    "cpu bound", "gpu less", "gpuless", "gpu free", "no acceleration", "just cpu", "just cpus",
    "only a cpu", "just a cpu",
];

pub(crate) fn read(reading: &mut Reading<'_>) -> GpuTalk {
    let mut talk = GpuTalk::default();
    let mut i = 0;
    while i < reading.len() {
        if let Some(to) = reading.any_phrase(i, CPU_ONLY) {
            talk.refused = Some((i, to));
            reading.take(i, to);
            i = to;
            continue;
        }
        let found = phrase_at(reading, i).or_else(|| {
            let named = talk.phrases.iter().any(|said| said.value.model.is_some());
            named.then(|| count_of_named(reading, i)).flatten()
        });
        let Some(mention) = found else {
            i += 1;
            continue;
        };
        i = mention.to.max(i + 1);
        let negated = reading.is_refused(mention.from, mention.to)
            || (mention.value.count == Some(0) && mention.value.model.is_none());
        reading.take(mention.from, mention.to);
        if !negated {
            talk.phrases.push(mention);
        } else if mention.value.model.is_none() && mention.value.interface.is_none() {
            talk.refused = Some((mention.from, mention.to));
        }
    }
    talk
}

/// Combines the phrases into one request.
pub(crate) fn settle(reading: &mut Reading<'_>, talk: &GpuTalk, wish: &mut Wish) {
    let models = said(&talk.phrases, |phrase| phrase.model.clone());
    if talk.phrases.is_empty() && talk.vram.is_empty() {
        if let Some((from, to)) = talk.refused {
            wish.no_gpu = true;
            reading.note("gpu", from, to);
        }
        return;
    }
    if let Some((from, to)) = talk.refused.filter(|_| models.is_empty()) {
        // “no GPU … GPU”: only a named model outweighs a plain refusal.
        wish.no_gpu = true;
        reading.note("gpu", from, to);
        return;
    }
    let model = reading.settle(&models);
    let chosen = model.as_ref().map(|settled| settled.chosen.clone());
    if let Some(rival) = model.and_then(|settled| settled.rival) {
        let first = chosen.as_ref().map_or("", |m| &m.value);
        let question = format!("Which GPU should it be, {first} or {}?", rival.value);
        let named = [first, &rival.value];
        let answers = named
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), Setting::Model(name.parse().ok()?))));
        let answers = answers.collect();
        reading.ask_between(Matter::Choice, question, answers);
    }
    let own = chosen.as_ref().and_then(|m| {
        talk.phrases
            .iter()
            .find(|phrase| phrase.from == m.from)
            .map(|phrase| phrase.value.clone())
    });
    let own = own.unwrap_or_default();
    let field = |reading: &mut Reading<'_>, name: &str, at: Option<(usize, usize)>| {
        if let Some((from, to)) = at {
            reading.note(name, from, to);
        }
    };
    let own_place = chosen.as_ref().map(|m| (m.from, m.to));
    field(reading, "gpu.model", own_place);
    let count = own_or(
        own.count,
        own_place,
        reading.settle(&said(&talk.phrases, |p| {
            p.count.filter(|_| p.model.is_none())
        })),
    );
    let vram_said = said(&talk.phrases, |p| p.vram_gib.filter(|_| p.model.is_none()));
    let vram = own_or(own.vram_gib, own_place, reading.settle(&vram_said))
        .or_else(|| place(reading.settle(&talk.vram)));
    let vram = vram.map(|(gib, place)| (per_card(reading, gib, place, &count), place));
    let interface = own_or(
        own.interface,
        own_place,
        reading.settle(&said(&talk.phrases, |p| p.interface)),
    );
    let vendor = own_or(
        own.vendor,
        own_place,
        reading.settle(&said(&talk.phrases, |p| p.vendor)),
    );
    field(reading, "gpu.vendor", vendor.as_ref().map(|v| v.1));
    field(reading, "gpu.count", count.as_ref().map(|c| c.1));
    field(reading, "gpu.vram_gib", vram.as_ref().map(|v| v.1));
    field(reading, "gpu.interface", interface.as_ref().map(|v| v.1));
    let model = chosen.and_then(|m| m.value.parse().ok());
    if let Some(first) = talk.phrases.first().filter(|_| model.is_none()) {
        reading.note("gpu", first.from, first.to);
    }
    wish.gpu = Some(GpuRequest {
        vendor: vendor.map(|v| v.0),
        model,
        count: count.map_or(1, |c| c.0),
        vram_gib: vram.map(|v| v.0),
        interface: interface.map(|v| v.0),
    });
}

#[rustfmt::skip]
const TOGETHER: &[&str] = &["total", "combined", "altogether", "zusammen", "insgesamt", "totales"];

/// Memory of one card, where it was stated for all of them together: “48 GB VRAM total across 2
/// cards”.
fn per_card(
    reading: &Reading<'_>,
    gib: u32,
    (from, to): (usize, usize),
    count: &Placed<u32>,
) -> u32 {
    let together = TOGETHER.contains(&reading.seen(to))
        || from
            .checked_sub(1)
            .is_some_and(|before| TOGETHER.contains(&reading.seen(before)));
    match count {
        Some((cards, _)) if together && *cards > 1 => gib.div_ceil(*cards),
        _ => gib,
    }
}

type Placed<T> = Option<(T, (usize, usize))>;

fn place<T>(settled: Option<crate::reading::Settled<T>>) -> Placed<T> {
    settled.map(|s| (s.chosen.value, (s.chosen.from, s.chosen.to)))
}

fn own_or<T>(
    own: Option<T>,
    own_place: Option<(usize, usize)>,
    other: Option<crate::reading::Settled<T>>,
) -> Placed<T> {
    own.zip(own_place).or_else(|| place(other))
}

fn said<T>(
    phrases: &[Mention<GpuPhrase>],
    pick: impl Fn(&GpuPhrase) -> Option<T>,
) -> Vec<Mention<T>> {
    let picked = phrases.iter().filter_map(|phrase| {
        Some(Mention {
            value: pick(&phrase.value)?,
            from: phrase.from,
            to: phrase.to,
        })
    });
    picked.collect()
}
