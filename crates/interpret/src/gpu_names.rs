//! The names of GPUs, and the canonical name, vendor and memory sizes of each.

use domain::resources::{GpuInterface, GpuVendor};

use crate::reading::Reading;

/// A model that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) model: String,
    pub(crate) vendor: GpuVendor,
    /// An interface that is part of the name: `h100nvl`.
    pub(crate) interface: Option<GpuInterface>,
    pub(crate) to: usize,
}

use GpuVendor::{Amd, Nvidia};

/// Models with a name of their own: canonical name, vendor, GiB per card as sold.
const MODELS: &[(&str, GpuVendor, &[u32])] = &[
    ("a100", Nvidia, &[40, 80]),
    ("a100x", Nvidia, &[80]),
    ("a800", Nvidia, &[40, 80]),
    ("h100", Nvidia, &[80, 94, 96]),
    ("h800", Nvidia, &[80]),
    ("h20", Nvidia, &[96, 141]),
    ("h200", Nvidia, &[141, 143]),
    ("b100", Nvidia, &[192]),
    ("b200", Nvidia, &[180, 192]),
    ("b300", Nvidia, &[288]),
    ("gh200", Nvidia, &[96, 144]),
    ("gb200", Nvidia, &[186, 192]),
    ("gb300", Nvidia, &[288]),
    ("l4", Nvidia, &[24]),
    ("l40", Nvidia, &[48]),
    ("l40s", Nvidia, &[48]),
    ("a2", Nvidia, &[16]),
    ("a10", Nvidia, &[24]),
    ("a10g", Nvidia, &[24]),
    ("a16", Nvidia, &[16]),
    ("a30", Nvidia, &[24]),
    ("a40", Nvidia, &[48]),
    ("t4", Nvidia, &[16]),
    ("t4g", Nvidia, &[16]),
    ("v100", Nvidia, &[16, 32]),
    ("v100s", Nvidia, &[32]),
    ("p100", Nvidia, &[12, 16]),
    ("p40", Nvidia, &[24]),
    ("p4", Nvidia, &[8]),
    ("k80", Nvidia, &[12, 24]),
    ("m60", Nvidia, &[8]),
    ("m40", Nvidia, &[12, 24]),
    ("p2000", Nvidia, &[4, 5]),
    ("p4000", Nvidia, &[8]),
    ("p5000", Nvidia, &[16]),
    ("p6000", Nvidia, &[24]),
    ("m4000", Nvidia, &[8]),
    ("mi50", Amd, &[16, 32]),
    ("mi60", Amd, &[32]),
    ("mi100", Amd, &[32]),
    ("mi210", Amd, &[64]),
    ("mi250", Amd, &[128]),
    ("mi250x", Amd, &[128]),
    ("mi300a", Amd, &[128]),
    ("mi300x", Amd, &[192]),
    ("mi325x", Amd, &[256]),
    ("mi350x", Amd, &[288]),
    ("mi355x", Amd, &[288]),
    ("w7900", Amd, &[48]),
];

/// Workstation cards that are often named without their `RTX`.
#[rustfmt::skip]
const WORKSTATION: &[(&str, u32)] = &[
    ("a2000", 6), ("a3000", 12), ("a4000", 16), ("a4500", 20), ("a5000", 24), ("a5500", 24),
    ("a6000", 48),
];

/// Consumer cards: the number, GiB of the plain card.
const CONSUMER: &[(u64, &[u32])] = &[
    (1050, &[2, 3, 4]),
    (1060, &[3, 6]),
    (1070, &[8]),
    (1080, &[8, 11]),
    (1650, &[4]),
    (1660, &[6]),
    (2060, &[6, 12]),
    (2070, &[8]),
    (2080, &[8, 11]),
    (3050, &[8]),
    (3060, &[12, 8]),
    (3070, &[8]),
    (3080, &[10, 12]),
    (3090, &[24]),
    (4060, &[8, 16]),
    (4070, &[12, 16]),
    (4080, &[16]),
    (4090, &[24, 48]),
    (5050, &[8]),
    (5060, &[8, 16]),
    (5070, &[12, 16]),
    (5080, &[16]),
    (5090, &[32]),
];

#[rustfmt::skip]
const BRANDS: &[&str] = &["nvidia", "geforce", "tesla", "quadro", "amd", "instinct", "radeon"];

/// Whether `vram` is a size in which the model is sold. Only then is a size next to a model its own
/// memory: the size in `4090 64GB` is the machine's.
pub(crate) fn is_sold_with(model: &str, vram: u32) -> bool {
    let digits: String = model.chars().filter(char::is_ascii_digit).collect();
    let consumer = CONSUMER
        .iter()
        .find(|(number, _)| model.contains("tx") && digits == number.to_string())
        .is_some_and(|(_, sizes)| sizes.contains(&vram));
    let plain = MODELS
        .iter()
        .any(|(name, _, sizes)| *name == model && sizes.contains(&vram));
    let workstation = WORKSTATION
        .iter()
        .any(|(name, size)| model.strip_prefix("rtx") == Some(*name) && *size == vram);
    let ada = match model {
        "rtx6000ada" | "rtx8000" | "rtxpro5000" => vram == 48,
        "rtx5000ada" | "rtxpro4500" => vram == 32,
        "rtx4000ada" => vram == 20,
        "rtx4500ada" | "rtx6000" | "titanrtx" | "rtxpro4000" => vram == 24,
        "rtxpro6000" => vram == 96,
        _ => false,
    };
    consumer || plain || workstation || ada
}

/// The model named at token `i`, brand and family included.
pub(crate) fn model_at(reading: &Reading<'_>, i: usize) -> Option<Named> {
    let mut at = i;
    while reading.is(at, BRANDS) {
        at += 1;
        if reading.is_mark(at, "-") {
            at += 1;
        }
    }
    let word = reading.word(at);
    let branded = at > i;
    if matches!(word, "rtx" | "gtx" | "rx" | "q") {
        let next = if reading.is_mark(at + 1, "-") {
            at + 2
        } else {
            at + 1
        };
        if word == "q" {
            return None;
        }
        return family(reading, word, next);
    }
    if word == "titan" {
        let next = if reading.is(at + 1, &["rtx", "v", "xp", "x"]) {
            at + 2
        } else {
            at + 1
        };
        let suffix = if next == at + 2 {
            reading.word(at + 1)
        } else {
            ""
        };
        return Some(named(format!("titan{suffix}"), Nvidia, next));
    }
    if word == "grace" && reading.is(at + 1, &["hopper"]) {
        return Some(named("gh200".to_owned(), Nvidia, at + 2));
    }
    if word == "mi" && reading.digits(at + 1).is_some() {
        let joined = format!("mi{}{}", reading.seen(at + 1), reading.word(at + 2));
        return plain(&joined, at + 3)
            .or_else(|| plain(&format!("mi{}", reading.seen(at + 1)), at + 2));
    }
    // “H-100” is the H100.
    let hyphened = word.len() <= 2 && reading.is_mark(at + 1, "-") && reading.is_glued(at + 1);
    if hyphened && reading.is_glued(at + 2) && reading.digits(at + 2).is_some() {
        return plain(&format!("{word}{}", reading.seen(at + 2)), at + 3);
    }
    if let Some(number) = reading.digits(at).and_then(|n| n.as_whole()) {
        return bare_number(reading, number, at, branded);
    }
    from_word(reading, word, at)
}

fn named(model: String, vendor: GpuVendor, to: usize) -> Named {
    Named {
        model,
        vendor,
        interface: None,
        to,
    }
}

fn plain(word: &str, to: usize) -> Option<Named> {
    let (name, vendor, _) = MODELS.iter().find(|(name, _, _)| *name == word)?;
    Some(named((*name).to_owned(), *vendor, to))
}

/// `rtx` and what follows it: `4090 ti`, `a6000`, `6000 ada`, `pro 6000`.
fn family(reading: &Reading<'_>, family: &str, at: usize) -> Option<Named> {
    if let Some(number) = reading.digits(at).and_then(|n| n.as_whole()) {
        let (suffix, to) = suffix_at(reading, at + 1);
        let vendor = if family == "rx" { Amd } else { Nvidia };
        let fits = (900..=9999).contains(&number);
        return fits.then(|| named(format!("{family}{number}{suffix}"), vendor, to));
    }
    if reading.is(at, &["pro"]) {
        let number = reading.digits(at + 1)?.as_whole()?;
        let editions = [
            "server edition",
            "workstation edition",
            "max q",
            "blackwell",
            "se",
            "we",
        ];
        let to = reading.any_phrase(at + 2, &editions).unwrap_or(at + 2);
        return Some(named(format!("rtxpro{number}"), Nvidia, to));
    }
    let word = reading.word(at);
    let single = strip_plural(word);
    WORKSTATION
        .iter()
        .find(|(name, _)| *name == word || *name == single)
        .map(|(name, _)| workstation(reading, name, at + 1))
}

fn workstation(reading: &Reading<'_>, name: &str, to: usize) -> Named {
    match reading.any_phrase(to, &["ada generation", "ada"]) {
        Some(end) => named(
            format!("rtx{}ada", name.trim_start_matches('a')),
            Nvidia,
            end,
        ),
        None => named(format!("rtx{name}"), Nvidia, to),
    }
}

/// The suffix of a card's number, in the network's spelling.
fn suffix_at(reading: &Reading<'_>, at: usize) -> (&'static str, usize) {
    let at = if reading.is_mark(at, "-") && reading.is_glued(at + 1) {
        at + 1
    } else {
        at
    };
    let suffixes: [(&[&str], &'static str); 6] = [
        (&["ti super"], "tis"),
        (&["ti", "tis"], "ti"),
        (&["super", "supers"], "s"),
        (&["sff ada generation", "sff ada"], "sffada"),
        (&["ada generation", "ada"], "ada"),
        (&["xtx"], "xtx"),
    ];
    for (phrases, suffix) in suffixes {
        if let Some(to) = reading.any_phrase(at, phrases) {
            return (suffix, to);
        }
    }
    // The plural of a card: 3090s.
    if reading.is(at, &["s"]) && reading.is_glued(at) {
        return ("", at + 1);
    }
    if reading.is(at, &["d"]) && reading.is_glued(at) {
        return ("d", at + 1);
    }
    (
        "",
        if at > 0 && reading.is_mark(at - 1, "-") {
            at - 1
        } else {
            at
        },
    )
}

/// A number alone, such as `4090`: only if it is a card's and cannot be anything else.
fn bare_number(reading: &Reading<'_>, number: u64, at: usize, branded: bool) -> Option<Named> {
    let (suffix, to) = suffix_at(reading, at + 1);
    if suffix == "ada" && matches!(number, 2000 | 4000 | 4500 | 5000 | 6000) {
        return Some(named(format!("rtx{number}ada"), Nvidia, to));
    }
    CONSUMER.iter().find(|(known, _)| *known == number)?;
    let before = reading.word_before(at, 1);
    let counted = matches!(
        before,
        "x" | "a"
            | "an"
            | "one"
            | "two"
            | "three"
            | "four"
            | "eight"
            | "single"
            | "dual"
            | "eine"
            | "einer"
            | "una"
            | "quad"
            | "the"
    ) || (at > 0 && reading.digits(at - 1).is_some());
    let called =
        reading.is(to, &["gpu", "gpus", "card", "cards"]) || !suffix.is_empty() || to > at + 1;
    let alone = matches!(
        before,
        "" | "on"
            | "with"
            | "of"
            | "und"
            | "mit"
            | "con"
            | "or"
            | "need"
            | "rent"
            | "lease"
            | "get"
            | "want"
            | "use"
            | "using"
            | "give"
            | "me"
            | "my"
            | "via"
            | "auf"
            | "miete"
            | "not"
    );
    if !(branded || counted || called || alone) || (at > 0 && reading.is_mark(at - 1, "$")) {
        return None;
    }
    let family = if number < 2000 { "gtx" } else { "rtx" };
    Some(named(format!("{family}{number}{suffix}"), Nvidia, to))
}

/// A model in one word, possibly in the plural or joined with its interface.
fn from_word(reading: &Reading<'_>, word: &str, at: usize) -> Option<Named> {
    if word.len() < 2 || !word.is_ascii() {
        return None;
    }
    let single = strip_plural(word);
    // “V100s” are several V100; only a capital S names the V100S.
    let word = match word {
        "v100s" if !reading.written(at).ends_with('S') => single,
        word => word,
    };
    for form in [word, single] {
        if let Some(found) = plain(form, at + 1) {
            return Some(found);
        }
        if WORKSTATION.iter().any(|(name, _)| *name == form) {
            return Some(workstation(reading, form, at + 1));
        }
        if let Some(found) = glued_family(reading, form, at) {
            return Some(found);
        }
    }
    let (stem, interface) = glued_interface(word)?;
    let mut found = plain(stem, at + 1)?;
    found.interface = Some(interface);
    Some(found)
}

/// `rtx4090`, `rtx4090ti`, `rtxa6000`, `gtx1080`, `rtx6000ada`.
fn glued_family(reading: &Reading<'_>, word: &str, at: usize) -> Option<Named> {
    let family = ["rtx", "gtx"].into_iter().find(|f| word.starts_with(f))?;
    let rest = &word[3..];
    if WORKSTATION.iter().any(|(name, _)| *name == rest) {
        return Some(workstation(reading, rest, at + 1));
    }
    if rest
        .strip_prefix("pro")
        .is_some_and(|n| n.len() == 4 && n.bytes().all(|b| b.is_ascii_digit()))
    {
        return Some(named(word.to_owned(), Nvidia, at + 1));
    }
    let digits = rest.trim_end_matches(|c: char| c.is_ascii_lowercase());
    let suffix = &rest[digits.len()..];
    let suffix = match suffix {
        "" => "",
        "ti" => "ti",
        "super" => "s",
        "ada" => "ada",
        "d" => "d",
        "tisuper" => "tis",
        _ => return None,
    };
    let fits = (3..=4).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if !fits {
        return None;
    }
    let (more, to) = if suffix.is_empty() {
        suffix_at(reading, at + 1)
    } else {
        (suffix, at + 1)
    };
    Some(named(format!("{family}{digits}{more}"), Nvidia, to))
}

fn glued_interface(word: &str) -> Option<(&str, GpuInterface)> {
    let forms = [
        ("sxm5", GpuInterface::Sxm),
        ("sxm4", GpuInterface::Sxm),
        ("sxm3", GpuInterface::Sxm),
        ("sxm2", GpuInterface::Sxm),
        ("sxm", GpuInterface::Sxm),
        ("pcie", GpuInterface::Pcie),
        ("nvl", GpuInterface::Nvl),
    ];
    forms
        .into_iter()
        .find_map(|(form, interface)| Some((word.strip_suffix(form)?, interface)))
}

fn strip_plural(word: &str) -> &str {
    word.strip_suffix('s').unwrap_or(word)
}

/// The interface of a card, as a word.
pub(crate) fn interface_at(reading: &Reading<'_>, i: usize) -> Option<(GpuInterface, usize)> {
    let interface = match reading.word(i) {
        "sxm" | "sxm2" | "sxm3" | "sxm4" | "sxm5" | "sxm6" | "nvlink" | "hgx" | "dgx" => {
            GpuInterface::Sxm
        }
        "pcie" => GpuInterface::Pcie,
        "nvl" => GpuInterface::Nvl,
        "pci" => {
            let to = reading.any_phrase(i, &["pci e", "pci express"])?;
            return Some((GpuInterface::Pcie, to));
        }
        _ => return None,
    };
    Some((interface, i + 1))
}
