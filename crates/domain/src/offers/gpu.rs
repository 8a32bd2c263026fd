//! Identifies the card that a spelling means. A spelling that is not fully understood is shown as written
//! and never guessed: a wrong card at a low price is the worst row a table can have.

mod alike;
mod models;
mod title;

use std::fmt;

use serde::{Deserialize, Serialize};

pub use alike::alike;

use crate::resources::{GpuInterface, GpuModel, GpuVendor};
use models::{ALIASES, GTX_NUMBERS, Known, RTX_NUMBERS, known};

/// Memory of a card in MiB. Sources mix MiB, GiB and decimal GB; MiB represents all of them exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VramMib(pub u32);

impl VramMib {
    /// `n` GiB.
    #[must_use]
    pub const fn gib(n: u32) -> Self {
        Self(n.saturating_mul(1024))
    }

    /// Whole GiB, rounded to the nearest.
    #[must_use]
    pub const fn to_gib(self) -> u32 {
        self.0.saturating_add(512) / 1024
    }
}

/// Build of a card whose name is sold in several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Edition {
    /// Passively cooled.
    Server,
    /// With its own fan.
    Workstation,
    /// Limited to half the power.
    MaxQ,
}

impl Edition {
    /// Name of the edition in tables.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Workstation => "workstation",
            Self::MaxQ => "max-q",
        }
    }
}

/// Properties that make two cards equivalent to a buyer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct GpuKey {
    /// Maker of the card.
    pub vendor: GpuVendor,
    /// Canonical model name.
    pub model: GpuModel,
    /// Interface of the card; `None` if the source does not say.
    pub interface: Option<GpuInterface>,
    /// Build of the card; `None` if the source does not say.
    pub edition: Option<Edition>,
    /// Memory of the whole card; `None` if it is not known.
    pub vram: Option<VramMib>,
}

impl fmt::Display for GpuKey {
    /// Writes the form used in tables: `h100 sxm 80 GiB`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.model.as_str())?;
        if let Some(interface) = self.interface {
            write!(f, " {}", interface.as_str())?;
        }
        if let Some(edition) = self.edition {
            write!(f, " {}", edition.as_str())?;
        }
        if let Some(vram) = self.vram {
            write!(f, " {} GiB", vram.to_gib())?;
        }
        Ok(())
    }
}

/// A card as an offer names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Gpu {
    /// A card Necto knows.
    Known(GpuKey),
    /// A spelling that Necto does not know, as the source wrote it.
    Unrecognized {
        /// The source's own words.
        label: String,
        /// Reason why it is not one of the known cards, for people.
        reason: String,
    },
}

impl Gpu {
    /// The card; `None` if it is not known.
    #[must_use]
    pub const fn key(&self) -> Option<&GpuKey> {
        match self {
            Self::Known(key) => Some(key),
            Self::Unrecognized { .. } => None,
        }
    }

    /// The canonical model name, or the source's own words.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Known(key) => key.model.as_str(),
            Self::Unrecognized { label, .. } => label,
        }
    }
}

/// Card named by a spelling, and the share of it that is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Card that the spelling names.
    pub key: GpuKey,
    /// Thousandths of the card, below 1000 for a MIG slice.
    pub slice_milli: u32,
}

/// Tolerated difference between reported memory and the size a card is sold with, in per cent: drivers
/// report less than the nominal size, and vendors mix GB and GiB.
const VRAM_GUARD_PERCENT: u64 = 25;

/// Words that do not help to identify the card.
#[rustfmt::skip]
const NOISE: &[&str] = &[
    "nvidia", "amd", "geforce", "instinct", "radeon", "tesla", "quadro", "grid", "generation",
    "blackwell", "tensor", "core", "edition", "gpu", "graphics", "oam", "ac", "hbm2", "hbm2e",
    "hbm3e", "nvlink", "community", "premium",
];

/// Parses a spelling of a card; `None` if any word of it is not understood.
#[must_use]
pub fn identify(label: &str) -> Option<Identity> {
    let mut read = Words::of(label);
    let (model, edition) = model_of(&read.name).or_else(|| {
        let (stem, interface) = split_interface(&read.name)?;
        let found = model_of(stem)?;
        read.interface.get_or_insert(interface);
        Some(found)
    })?;
    let (name, vendor, sizes) = *model;
    let mut interface = read.interface;
    // Only the SXM H100 has HBM3; the driver's name for it omits SXM.
    if name == "h100" && (read.has_hbm3 || read.is_mega) {
        interface.get_or_insert(GpuInterface::Sxm);
    } else if read.is_mega {
        return None;
    }
    let key = GpuKey {
        vendor,
        model: name.parse().ok()?,
        interface,
        edition,
        vram: None,
    };
    let sizes = sizes_of(&key, sizes);
    if !read.is_mig {
        let stated = read.gigabytes.map(VramMib::gib);
        let key = with_memory(key, stated).ok()?;
        return Some(Identity {
            key,
            slice_milli: 1000,
        });
    }
    // A slice states its own memory; the card's is the largest size it is sold with.
    let whole = *sizes.last()?;
    let slice = read.gigabytes.filter(|slice| *slice <= whole)?;
    Some(Identity {
        key: GpuKey {
            vram: Some(VramMib::gib(whole)),
            ..key
        },
        slice_milli: slice * 1000 / whole,
    })
}

/// Reason why reported memory cannot belong to a card.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reported} GiB of memory is not a size {model} is sold with ({sold})")]
pub struct MemoryMismatch {
    reported: u32,
    model: String,
    sold: String,
}

/// The card with its memory: the reported size, moved to the nearest one it is sold with, or its only size.
///
/// # Errors
/// If the reported size is more than a quarter away from every size the card is sold with.
pub fn with_memory(key: GpuKey, reported: Option<VramMib>) -> Result<GpuKey, MemoryMismatch> {
    let sizes = known(key.model.as_str()).map_or(&[][..], |(_, _, sizes)| sizes_of(&key, sizes));
    let Some(reported) = reported.or(key.vram) else {
        let only = match sizes {
            [only] => Some(VramMib::gib(*only)),
            _ => None,
        };
        return Ok(GpuKey { vram: only, ..key });
    };
    let distance = |size: u32| VramMib::gib(size).0.abs_diff(reported.0);
    let nearest = sizes.iter().copied().min_by_key(|size| distance(*size));
    let near = nearest.filter(|size| {
        let guard = u64::from(VramMib::gib(*size).0) * VRAM_GUARD_PERCENT / 100;
        u64::from(distance(*size)) <= guard
    });
    match near {
        Some(size) => Ok(GpuKey {
            vram: Some(VramMib::gib(size)),
            ..key
        }),
        None => Err(MemoryMismatch {
            reported: reported.to_gib(),
            model: key.model.to_string(),
            sold: sizes
                .iter()
                .map(|size| format!("{size} GiB"))
                .collect::<Vec<_>>()
                .join(", "),
        }),
    }
}

/// The NVL H100 has its own size; sources that write 80 for it mean the same card.
fn sizes_of(key: &GpuKey, sizes: &'static [u32]) -> &'static [u32] {
    match (key.model.as_str(), key.interface) {
        ("h100", Some(GpuInterface::Nvl)) => &[94],
        ("h100", Some(_)) => &[80],
        _ => sizes,
    }
}

/// A spelling split into its parts.
#[derive(Debug, Default)]
struct Words {
    /// Words that name the model, joined without spaces.
    name: String,
    interface: Option<GpuInterface>,
    gigabytes: Option<u32>,
    is_mig: bool,
    has_hbm3: bool,
    is_mega: bool,
}

impl Words {
    fn of(label: &str) -> Self {
        let lower = label.to_ascii_lowercase();
        let tokens: Vec<&str> = lower
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|token| !token.is_empty())
            .collect();
        let mut words = Self::default();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            let next = tokens.get(at + 1).copied();
            at += 1 + words.take(token, next, at == 0);
        }
        words
    }

    /// Consumes one token; returns the number of further tokens that belonged to it.
    fn take(&mut self, token: &str, next: Option<&str>, is_first: bool) -> usize {
        if let Some(interface) = interface_of(token) {
            self.interface = Some(interface);
        } else if let Some(size) = gigabytes(token) {
            self.gigabytes = Some(size);
        } else if let (Ok(size), Some("gb" | "gib")) = (token.parse(), next) {
            self.gigabytes = Some(size);
            return 1;
        } else if token == "mig" {
            self.is_mig = true;
        } else if token == "hbm3" {
            self.has_hbm3 = true;
        } else if token == "mega" {
            self.is_mega = true;
        } else if !self.is_silent(token, is_first) {
            self.name.push_str(token);
        }
        0
    }

    /// Whether a token does not help to identify the model. A leading `q` is the Quadro of “Q RTX 8000”.
    fn is_silent(&self, token: &str, is_first: bool) -> bool {
        (self.is_mig && is_mig_profile(token))
            || NOISE.contains(&token)
            || (is_first && token == "q")
    }
}

/// Whether a token is a MIG profile: the `1g` of `1g.24gb`.
fn is_mig_profile(token: &str) -> bool {
    matches!(token.strip_suffix('g'), Some(count) if count.len() == 1 && count.bytes().all(|b| b.is_ascii_digit()))
}

fn gigabytes(token: &str) -> Option<u32> {
    let digits = ["gib", "gb", "gi"]
        .into_iter()
        .find_map(|unit| token.strip_suffix(unit))?;
    digits.parse().ok()
}

/// Interface of a card, from one word: `SXM5`, `PCIe`, `nvl`.
#[must_use]
pub fn interface_of(word: &str) -> Option<GpuInterface> {
    let lower = word.to_ascii_lowercase();
    match lower.as_str() {
        "sxm" | "sxm2" | "sxm3" | "sxm4" | "sxm5" | "sxm6" => Some(GpuInterface::Sxm),
        "pcie" => Some(GpuInterface::Pcie),
        "nvl" => Some(GpuInterface::Nvl),
        _ => None,
    }
}

fn split_interface(name: &str) -> Option<(&str, GpuInterface)> {
    ["sxm2", "sxm3", "sxm4", "sxm5", "sxm6", "sxm", "pcie", "nvl"]
        .into_iter()
        .find_map(|suffix| Some((name.strip_suffix(suffix)?, interface_of(suffix)?)))
}

fn model_of(name: &str) -> Option<(&'static Known, Option<Edition>)> {
    if let Some(model) = known(name) {
        return Some((model, None));
    }
    if let Some((_, canonical)) = ALIASES.iter().find(|(alias, _)| *alias == name) {
        return known(canonical).map(|model| (model, None));
    }
    if let Some(found) = pro_of(name) {
        return Some(found);
    }
    // “4080 SUPER” is sold as the 4080s, “4070 Ti SUPER” as the 4070tis.
    if let Some(stem) = name.strip_suffix("super") {
        return model_of(&format!("{stem}s"));
    }
    let end = name
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(name.len());
    let number: u32 = name.get(..end)?.parse().ok()?;
    let family = if GTX_NUMBERS.contains(&number) {
        "gtx"
    } else if RTX_NUMBERS.contains(&number) && !number.is_multiple_of(1000) {
        "rtx"
    } else {
        return None;
    };
    known(&format!("{family}{name}")).map(|model| (model, None))
}

/// Parses `rtxpro6000serveredition` or `pro6000we`: the number and its edition.
fn pro_of(name: &str) -> Option<(&'static Known, Option<Edition>)> {
    let rest = name
        .strip_prefix("rtxpro")
        .or_else(|| name.strip_prefix("pro"))?;
    let (number, edition) = rest.split_at_checked(4)?;
    let edition = match edition {
        "" => None,
        "s" | "se" | "server" => Some(Edition::Server),
        "we" | "wk" | "ws" | "workstation" => Some(Edition::Workstation),
        "mq" | "maxq" | "maxqworkstation" => Some(Edition::MaxQ),
        _ => return None,
    };
    known(&format!("rtxpro{number}")).map(|model| (model, edition))
}

#[cfg(test)]
mod tests;
