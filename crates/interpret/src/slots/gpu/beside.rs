//! Reads what precedes and follows the name of a GPU: count, memory, interface.

use super::talk::GpuPhrase;
use crate::gpu_names::{interface_at, is_sold_with};
use crate::reading::Reading;
use crate::slots::size::{gib_at, is_memory_label};

/// Largest number of cards; a larger number is something else.
#[rustfmt::skip]
const MOST_CARDS: u64 = 4096;

pub(crate) fn card_count(reading: &Reading<'_>, at: usize) -> Option<u32> {
    let count = reading.digits(at)?.as_whole()?;
    u32::try_from(count)
        .ok()
        .filter(|n| u64::from(*n) <= MOST_CARDS)
}

/// Names followed by a version: the 3 of “llama 3 A100” counts nothing.
#[rustfmt::skip]
const VERSIONED: &[&str] = &[
    "llama", "cuda", "python", "postgres", "postgresql", "node", "version", "v", "pytorch",
    "gemma", "qwen", "phi", "mistral", "redis", "port", "ubuntu", "sdxl", "yolo", "gpt", "ports",
    "rtx",
];

/// Number of words before a card that may describe it.
const BEFORE_WINDOW: usize = 6;
/// Number of words after a card that may describe it; words further away belong to something else.
const BEHIND_WINDOW: usize = 14;
/// Size in GiB from which memory after a comma is the card's: machines are asked for with less.
const SURELY_CARD_GIB: u32 = 40;

/// Reads what precedes the name: count, memory, interface. Returns where the phrase begins.
pub(crate) fn read_before(reading: &Reading<'_>, i: usize, phrase: &mut GpuPhrase) -> usize {
    let mut from = i;
    for _ in 0..BEFORE_WINDOW {
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
        if phrase.interface.is_none()
            && let Some((interface, _)) = interface_at(reading, at)
        {
            phrase.interface = Some(interface);
            from = at;
            continue;
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
    // Filler that led to no description is not part of the phrase.
    if phrase.count.is_none() && phrase.vram_gib.is_none() && phrase.interface.is_none() {
        return i;
    }
    from
}

/// Reads what follows the name. Returns where the phrase ends.
pub(crate) fn read_behind(reading: &Reading<'_>, start: usize, phrase: &mut GpuPhrase) -> usize {
    let mut behind = Behind {
        reading,
        phrase,
        at: start,
        to: start,
        comma: false,
        link: Link::Direct,
    };
    for _ in 0..BEHIND_WINDOW {
        let ended = reading.is_taken(behind.at) || reading.breaks_before(behind.at);
        if ended || !behind.step() {
            break;
        }
    }
    behind.to
}

/// Connection between a card and a size: nothing, “with”, or the machine around the card.
#[derive(Debug, Clone, Copy)]
enum Link {
    Direct,
    Card,
    Machine,
}

struct Behind<'r, 't, 'p> {
    reading: &'r Reading<'t>,
    phrase: &'p mut GpuPhrase,
    /// The current token.
    at: usize,
    /// The end of what is certainly part of the phrase.
    to: usize,
    comma: bool,
    link: Link,
}

#[rustfmt::skip]
const CARD_MEMORY: &[&str] = &[
    "vram", "gpu memory", "gpu ram", "video memory", "graphics memory", "video ram", "hbm",
    "hbm2", "hbm2e", "hbm3", "gddr6", "grafikspeicher", "per card", "per gpu", "memory per gpu",
    "memory each", "memory per card",
];

/// Words after a size that still describe it.
#[rustfmt::skip]
const SIZE_TAIL: &[&str] = &[
    "vram", "hbm", "hbm2", "hbm2e", "hbm3", "hbm3e", "gddr6", "of", "video", "memory", "ram",
    "each", "gpu", "card", "or", "more", "plus", "and", "up", "per",
];

#[rustfmt::skip]
const PIECES: &[&str] = &["of them", "of those", "of these", "pieces", "cards", "gpus", "units"];

/// Words that belong to a model's name.
#[rustfmt::skip]
const NAME_TAIL: &[&str] = &[
    "gpu", "gpus", "card", "cards", "ada", "tensor", "core", "generation", "hbm3", "hbm2e",
    "hbm2", "grafikkarte", "grafikkarten", "accelerator", "accelerators", "graphics",
];

#[rustfmt::skip]
const MACHINES: &[&str] = &["box", "server", "machine", "node", "instance"];

/// Words that may connect a card and its description.
#[rustfmt::skip]
const JOINTS: &[&str] = &[
    "with", "mit", "con", "de", "von", "having", "at", "least", "of", "mindestens", "min",
    "minimum", "al", "menos", "each", "version", "variant", "model", "that", "has", "over",
    "more", "than", "a", "or", "vram", "je", "jeweils", "cada",
];

impl Behind<'_, '_, '_> {
    /// Reads one more part; returns `false` at the end of the phrase.
    fn step(&mut self) -> bool {
        if self.is_any_mark(&["-", "(", ")", "/", "_", "[", "]", "@"]) {
            self.at += 1;
            if self.reading.is_mark(self.at - 1, ")") {
                self.to = self.at;
            }
            return true;
        }
        if self.reading.is_mark(self.at, ",") {
            self.comma = true;
            self.at += 1;
            return true;
        }
        if let Some((interface, end)) = interface_at(self.reading, self.at) {
            let is_new = self.phrase.interface.is_none() && !self.reading.is_negated(self.at);
            if is_new {
                self.phrase.interface = Some(interface);
                self.close(end);
            }
            return is_new;
        }
        if let Some(size) = gib_at(self.reading, self.at) {
            return self.size(size);
        }
        if self.hyphened_size() {
            return true;
        }
        self.count() || (!self.comma && (self.name_tail() || self.joint()))
    }

    fn close(&mut self, end: usize) {
        self.at = end;
        self.to = end;
    }

    fn is_any_mark(&self, marks: &[&str]) -> bool {
        marks.iter().any(|mark| self.reading.is_mark(self.at, mark))
    }

    fn size(&mut self, size: u32) -> bool {
        let mut end = self.at + 2;
        if self.phrase.vram_gib.is_some() || !self.is_card_memory(end, size) {
            return false;
        }
        self.phrase.vram_gib = Some(size);
        // “40GB or 80GB”: the smaller size suffices, so it is the minimum.
        let alternative =
            gib_at(self.reading, end + 1).filter(|_| self.reading.is(end, &["or", "oder", "o"]));
        if let Some(other) = alternative {
            self.phrase.vram_gib = Some(size.min(other));
            end += 3;
        }
        while self.reading.is(end, SIZE_TAIL) {
            end += 1;
        }
        // A connecting word at the very end belongs to what follows.
        while self
            .reading
            .is(end - 1, &["and", "or", "of", "per", "gpu", "up"])
        {
            end -= 1;
        }
        self.close(end);
        true
    }

    /// Memory after a hyphen, without its unit: “A100-80”.
    fn hyphened_size(&mut self) -> bool {
        let (reading, at) = (self.reading, self.at);
        let hyphened = at > 1
            && reading.is_mark(at - 1, "-")
            && reading.is_glued(at - 1)
            && reading.is_glued(at)
            && !reading.is_glued(at + 1);
        let size = card_count(reading, at).filter(|size| {
            let model = self.phrase.model.as_deref();
            hyphened && model.is_some_and(|model| is_sold_with(model, *size))
        });
        if size.is_some() && self.phrase.vram_gib.is_none() {
            self.phrase.vram_gib = size;
            self.close(at + 1);
            return true;
        }
        false
    }

    /// Whether a size is the card's own memory and not the machine's; `behind` is the token after
    /// it.
    fn is_card_memory(&self, behind: usize, size: u32) -> bool {
        let reading = self.reading;
        let model = self.phrase.model.as_deref();
        let mut at = behind;
        while reading.is(at, &["of", "de", "or", "more", "plus"]) || reading.is_mark(at, "+") {
            at += 1;
        }
        if reading.any_phrase(at, CARD_MEMORY).is_some() {
            return true;
        }
        if is_memory_label(reading, at) {
            // “a GPU that has 40GB of memory” refers to the card, “a GPU box with 64GB memory” does
            // not.
            let plain_memory = reading.is(at, &["memory", "speicher", "memoria"])
                && matches!(self.link, Link::Card);
            return plain_memory && model.is_none_or(|model| is_sold_with(model, size));
        }
        match model {
            Some(model) => is_sold_with(model, size) && (!self.comma || size >= SURELY_CARD_GIB),
            // “a GPU with 24GB”: nothing else named so far could have it.
            None => !self.comma,
        }
    }

    /// A number of cards after the name: `x 8`, `(4)`, `count: 2`, `two of them`.
    fn count(&mut self) -> bool {
        if self.phrase.count.is_some() {
            return false;
        }
        let (reading, at) = (self.reading, self.at);
        let mut set = |count: Option<u32>, end: usize| {
            let is_count = count.is_some();
            if is_count {
                self.phrase.count = count;
                self.at = end;
                self.to = end;
            }
            is_count
        };
        let bracketed = at > 0 && reading.is_mark(at - 1, "(") && reading.is_mark(at + 1, ")");
        if bracketed && set(card_count(reading, at), at + 2) {
            return true;
        }
        let multiplied = reading.is(at, &["x"]) || reading.is_mark(at, "*");
        if multiplied && set(card_count(reading, at + 1), at + 2) {
            return true;
        }
        let labels = ["count", "quantity", "qty", "anzahl", "cantidad"];
        if let Some(label) = reading.any_phrase(at, &labels) {
            let colon = reading.is_mark(label, ":") || reading.is_mark(label, "=");
            let value = if colon { label + 1 } else { label };
            if set(card_count(reading, value), value + 1) {
                return true;
            }
        }
        if reading.is(at, &["pair", "duo"]) && set(Some(2), at + 1) {
            return true;
        }
        // “RTX PRO 6000, two, 1 day”: a number word between commas.
        let apart = reading.digits(at).is_none()
            && at > 0
            && reading.is_mark(at - 1, ",")
            && (reading.is_mark(at + 1, ",") || reading.token(at + 1).is_none());
        let number = reading.number(at).filter(|number| !number.is_article);
        let few = number.filter(|number| apart && number.to == at + 1);
        if let Some(few) = few {
            return set(few.whole().and_then(|n| u32::try_from(n).ok()), few.to);
        }
        let pieces = number.and_then(|n| Some((n, reading.any_phrase(n.to, PIECES)?)));
        match pieces {
            Some((number, end)) => set(number.whole().and_then(|n| u32::try_from(n).ok()), end),
            None => false,
        }
    }

    fn name_tail(&mut self) -> bool {
        let belongs = self.reading.is(self.at, NAME_TAIL)
            && (self.phrase.model.is_some() || self.reading.is(self.at, &["card", "cards"]));
        if belongs {
            self.close(self.at + 1);
        }
        belongs
    }

    fn joint(&mut self) -> bool {
        let is_machine = self.reading.is(self.at, MACHINES);
        let joins =
            is_machine || self.reading.is(self.at, JOINTS) || self.is_any_mark(&[">", "=", "≥"]);
        if joins {
            self.link = match self.link {
                _ if is_machine => Link::Machine,
                Link::Machine => Link::Machine,
                Link::Direct | Link::Card => Link::Card,
            };
            self.at += 1;
        }
        joins
    }
}
