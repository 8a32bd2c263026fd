//! GPUs: “2x A100 80GB”, “4 × H100”, “a100 80gb x 8, sxm”, “a GPU box with 24GB VRAM”, “no GPU”.

use domain::requirements::Wish;
use domain::resources::{GpuInterface, GpuRequest, GpuVendor};

use super::memory::{gib_at, is_memory_label};
use crate::gpu_names::{interface_at, is_sold_with, model_at};
use crate::reading::{Mention, Reading};

/// What one phrase said about GPUs; several are put together at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GpuPhrase {
    model: Option<String>,
    vendor: Option<GpuVendor>,
    count: Option<u32>,
    vram_gib: Option<u32>,
    interface: Option<GpuInterface>,
}

/// Everything said about GPUs.
#[derive(Debug, Default)]
pub(crate) struct GpuTalk {
    phrases: Vec<Mention<GpuPhrase>>,
    /// Memory per card that was named apart from any card: “VRAM at least 40GB”.
    pub(crate) vram: Vec<Mention<u32>>,
    refused: Option<(usize, usize)>,
}

impl GpuTalk {
    pub(crate) fn is_wanted(&self) -> bool {
        !self.phrases.is_empty()
    }
}

const GPU: &[&str] = &[
    "gpu",
    "gpus",
    "grafikkarte",
    "grafikkarten",
    "graphics card",
    "graphics cards",
    "video card",
    "tarjeta grafica",
    "tarjetas graficas",
    "gpu card",
    "gpu cards",
    "nvidia card",
    "nvidia cards",
    "nvidia gpu",
    "nvidia gpus",
    "amd gpu",
    "amd gpus",
    "accelerators",
    "gpu accelerators",
];

const CPU_ONLY: &[&str] = &[
    "cpu only",
    "cpus only",
    "only cpu",
    "only cpus",
    "nur cpu",
    "nur cpus",
    "solo cpu",
    "cpu bound",
    "gpu less",
    "gpuless",
    "gpu free",
    "no acceleration",
    "just cpu",
    "just cpus",
    "only a cpu",
    "just a cpu",
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
        let found = model_phrase(reading, i)
            .or_else(|| generic_phrase(reading, i))
            .or_else(|| loose_interface(reading, i));
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

/// Puts the phrases together into one request.
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
        reading.ask(9, question);
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

fn model_phrase(reading: &Reading<'_>, i: usize) -> Option<Mention<GpuPhrase>> {
    let named = model_at(reading, i)?;
    let mut phrase = GpuPhrase {
        vendor: Some(named.vendor),
        interface: named.interface,
        model: Some(named.model.clone()),
        ..GpuPhrase::default()
    };
    let from = before(reading, i, &mut phrase);
    let to = after(reading, named.to, &mut phrase, Some(&named.model));
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
        ((after_size || counted) && reading.is(i, &["card", "cards"])).then_some(i + 1)
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
    let from = before(reading, i, &mut phrase);
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
            model_at(reading, at + 1).is_none()
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
    let to = after(reading, to, &mut phrase, None);
    Some(Mention {
        value: phrase,
        from,
        to,
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

const MOST_CARDS: u64 = 4096;

fn card_count(reading: &Reading<'_>, at: usize) -> Option<u32> {
    let count = reading.digits(at)?.as_whole()?;
    u32::try_from(count)
        .ok()
        .filter(|n| u64::from(*n) <= MOST_CARDS)
}

/// Names that carry a version: the 3 of “llama 3 A100” counts nothing.
const VERSIONED: &[&str] = &[
    "llama",
    "cuda",
    "python",
    "postgres",
    "postgresql",
    "node",
    "version",
    "v",
    "pytorch",
    "gemma",
    "qwen",
    "phi",
    "mistral",
    "redis",
    "port",
    "ubuntu",
    "sdxl",
    "yolo",
    "gpt",
    "ports",
    "rtx",
];

/// Reads what stands before the name: count, memory, interface. Returns where the phrase begins.
fn before(reading: &Reading<'_>, i: usize, phrase: &mut GpuPhrase) -> usize {
    let mut from = i;
    for _ in 0..6 {
        let Some(at) = from.checked_sub(1) else { break };
        if reading.is_taken(at) || reading.breaks_before(from) {
            break;
        }
        if reading.is(at, &["gb", "gib", "gi", "gig", "gigs", "g"]) && at > 0 {
            let size = gib_at(reading, at - 1).filter(|_| phrase.vram_gib.is_none());
            let Some(size) = size else { break };
            let fits = phrase
                .model
                .as_deref()
                .is_none_or(|model| is_sold_with(model, size));
            if !fits {
                break;
            }
            phrase.vram_gib = Some(size);
            from = at - 1;
            continue;
        }
        if phrase.interface.is_none() {
            if let Some((interface, _)) = interface_at(reading, at) {
                phrase.interface = Some(interface);
                from = at;
                continue;
            }
        }
        let hyphen = reading.is_mark(at, "-") && reading.is_glued(at);
        let filler = reading.is(
            at,
            &[
                "x",
                "times",
                "of",
                "nvidia",
                "amd",
                "dedicated",
                "units",
                "pieces",
                "mal",
                "new",
                "big",
                "de",
                "the",
                "those",
                "these",
                "gpus",
                "stuck",
                "stueck",
                "tesla",
                "geforce",
                "vram",
                "por",
                "modern",
                "decent",
                "cheap",
                "reliable",
                "fast",
                "fastest",
                "cheapest",
                "beefy",
                "small",
                "older",
                "used",
                "good",
                "powerful",
                "large",
            ],
        ) || ["*", "("].iter().any(|m| reading.is_mark(at, m))
            || hyphen;
        if let Some(number) = reading.number_ending(at) {
            if phrase.count.is_some() {
                break;
            }
            let versioned = VERSIONED.contains(&reading.word_before(number.from, 1))
                || (number.from > 0 && reading.is_mark(number.from - 1, "$"))
                || (number.from > 1
                    && reading.is_glued(number.from)
                    && reading.is_mark(number.from - 1, ":"));
            match number.whole().and_then(|n| u32::try_from(n).ok()) {
                Some(count) if !versioned && u64::from(count) <= MOST_CARDS => {
                    phrase.count = Some(count);
                    from = number.from;
                }
                _ => {}
            }
            break;
        }
        if !filler {
            break;
        }
        from = at;
    }
    // Filler that led nowhere is not part of the phrase.
    if phrase.count.is_none() && phrase.vram_gib.is_none() && phrase.interface.is_none() {
        return i;
    }
    from
}

/// Reads what stands behind the name. Returns where the phrase ends.
fn after(
    reading: &Reading<'_>,
    start: usize,
    phrase: &mut GpuPhrase,
    model: Option<&str>,
) -> usize {
    let mut to = start;
    let mut at = start;
    let mut comma = false;
    let mut link = Link::Direct;
    for _ in 0..14 {
        if reading.is_taken(at) || (at < reading.len() && reading.breaks_before(at)) {
            break;
        }
        if ["-", "(", ")", "/", "_", "[", "]", "@"]
            .iter()
            .any(|mark| reading.is_mark(at, mark))
        {
            at += 1;
            if reading.is_mark(at - 1, ")") {
                to = at;
            }
            continue;
        }
        if reading.is_mark(at, ",") {
            comma = true;
            at += 1;
            continue;
        }
        if let Some((interface, end)) = interface_at(reading, at) {
            if phrase.interface.is_none() && !reading.is_negated(at) {
                phrase.interface = Some(interface);
                (at, to) = (end, end);
                continue;
            }
            break;
        }
        if let Some(size) = gib_at(reading, at) {
            let unit = at + 1;
            if phrase.vram_gib.is_some()
                || !is_card_memory(reading, unit + 1, model, size, comma, link)
            {
                break;
            }
            phrase.vram_gib = Some(size);
            at = unit + 1;
            // “40GB or 80GB”: the smaller is enough, so it is the least asked for.
            if let Some(other) =
                gib_at(reading, at + 1).filter(|_| reading.is(at, &["or", "oder", "o"]))
            {
                phrase.vram_gib = Some(size.min(other));
                at += 3;
            }
            while reading.is(
                at,
                &[
                    "vram", "hbm", "hbm2", "hbm2e", "hbm3", "hbm3e", "gddr6", "of", "video",
                    "memory", "ram", "each", "gpu", "card", "or", "more", "plus", "and", "up",
                    "per",
                ],
            ) {
                at += 1;
            }
            // A joining word at the very end belongs to what follows.
            while reading.is(at - 1, &["and", "or", "of", "per", "gpu", "up"]) {
                at -= 1;
            }
            to = at;
            continue;
        }
        let multiplied = reading.is(at, &["x"]) || reading.is_mark(at, "*");
        if multiplied && phrase.count.is_none() {
            if let Some(count) = card_count(reading, at + 1) {
                phrase.count = Some(count);
                at += 2;
                to = at;
                continue;
            }
        }
        let bracketed = at > 0 && reading.is_mark(at - 1, "(") && reading.is_mark(at + 1, ")");
        if let Some(count) = card_count(reading, at).filter(|_| bracketed && phrase.count.is_none())
        {
            phrase.count = Some(count);
            at += 2;
            to = at;
            continue;
        }
        let counted = reading
            .any_phrase(at, &["count", "quantity", "qty", "anzahl", "cantidad"])
            .map(|to| {
                if reading.is_mark(to, ":") || reading.is_mark(to, "=") {
                    to + 1
                } else {
                    to
                }
            })
            .filter(|_| phrase.count.is_none());
        if let Some((end, count)) = counted.and_then(|end| Some((end, card_count(reading, end)?))) {
            phrase.count = Some(count);
            at = end + 1;
            to = at;
            continue;
        }
        let of_them = reading
            .number(at)
            .filter(|n| !n.is_article && phrase.count.is_none())
            .filter(|n| {
                reading
                    .any_phrase(
                        n.to,
                        &[
                            "of them", "of those", "of these", "pieces", "cards", "gpus", "units",
                        ],
                    )
                    .is_some()
            });
        if let Some(number) = of_them {
            let end = reading.any_phrase(
                number.to,
                &[
                    "of them", "of those", "of these", "pieces", "cards", "gpus", "units",
                ],
            );
            phrase.count = number.whole().and_then(|n| u32::try_from(n).ok());
            to = end.unwrap_or(number.to);
            at = to;
            continue;
        }
        if comma {
            break;
        }
        let word = reading.word(at);
        if matches!(
            word,
            "gpu"
                | "gpus"
                | "card"
                | "cards"
                | "ada"
                | "tensor"
                | "core"
                | "generation"
                | "hbm3"
                | "hbm2e"
                | "hbm2"
                | "grafikkarte"
                | "grafikkarten"
                | "accelerator"
                | "accelerators"
                | "graphics"
        ) && (model.is_some() || matches!(word, "card" | "cards"))
        {
            at += 1;
            to = at;
            continue;
        }
        if matches!(
            word,
            "with"
                | "mit"
                | "con"
                | "having"
                | "at"
                | "least"
                | "box"
                | "server"
                | "of"
                | "de"
                | "von"
                | "mindestens"
                | "min"
                | "minimum"
                | "al"
                | "menos"
                | "each"
                | "version"
                | "variant"
                | "model"
                | "instance"
                | "machine"
                | "that"
                | "has"
                | "over"
                | "more"
                | "than"
                | "a"
                | "node"
                | "or"
                | "vram"
        ) || [">", "=", "≥"].iter().any(|m| reading.is_mark(at, m))
        {
            link = match (link, word) {
                (_, "box" | "server" | "machine" | "node" | "instance") => Link::Machine,
                (Link::Machine, _) => Link::Machine,
                _ => Link::Card,
            };
            at += 1;
            continue;
        }
        break;
    }
    to
}

/// What lies between a card and a size: nothing, “with”, or the machine around the card.
#[derive(Debug, Clone, Copy)]
enum Link {
    Direct,
    Card,
    Machine,
}

/// Whether a size behind a card is the card's own memory and not the machine's.
fn is_card_memory(
    reading: &Reading<'_>,
    behind: usize,
    model: Option<&str>,
    size: u32,
    comma: bool,
    link: Link,
) -> bool {
    let mut at = behind;
    while reading.is(at, &["of", "de", "or", "more", "plus"]) || reading.is_mark(at, "+") {
        at += 1;
    }
    let card_label = reading.any_phrase(
        at,
        &[
            "vram",
            "gpu memory",
            "gpu ram",
            "video memory",
            "graphics memory",
            "video ram",
            "hbm",
            "hbm2",
            "hbm2e",
            "hbm3",
            "gddr6",
            "grafikspeicher",
            "per card",
            "per gpu",
            "memory per gpu",
            "memory each",
            "memory per card",
        ],
    );
    if card_label.is_some() {
        return true;
    }
    if is_memory_label(reading, at) {
        // “a GPU that has 40GB of memory” speaks of the card, “a GPU box with 64GB memory” does not.
        let plain_memory = reading.is(at, &["memory"]) && matches!(link, Link::Card);
        return plain_memory && model.is_none_or(|model| is_sold_with(model, size));
    }
    match model {
        Some(model) => is_sold_with(model, size) && (!comma || size >= 40),
        // “a GPU with 24GB”: nothing else has been named that could hold it.
        None => !comma,
    }
}
