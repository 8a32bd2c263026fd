//! Resources that a workload needs: CPU, memory, storage and GPUs, in integer units.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Thousandths of a virtual CPU (1000 = one vCPU).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct CpuMilli(pub u64);

impl fmt::Display for CpuMilli {
    /// Writes vCPUs: `4`, `0.5`, `1.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, milli) = (self.0 / 1000, self.0 % 1000);
        if milli == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{milli:03}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// A number of bytes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl Bytes {
    /// `n` mebibytes.
    #[must_use]
    pub const fn mib(n: u64) -> Self {
        Self(n << 20)
    }

    /// `n` gibibytes.
    #[must_use]
    pub const fn gib(n: u64) -> Self {
        Self(n << 30)
    }
}

impl Bytes {
    /// The size for display: `512 MiB`, `16 GiB`, `1.5 GiB`, truncated to hundredths.
    #[must_use]
    pub fn in_words(self) -> String {
        let units = [(40, "TiB"), (30, "GiB"), (20, "MiB"), (10, "KiB")];
        let unit = units.into_iter().find(|(shift, _)| self.0 >> shift > 0);
        let Some((shift, unit)) = unit else {
            return format!("{} bytes", self.0);
        };
        let whole = self.0 >> shift;
        let rest = u128::from(self.0 - (whole << shift));
        let hundredths = format!("{:02}", (rest * 100) >> shift);
        match hundredths.trim_end_matches('0') {
            "" => format!("{whole} {unit}"),
            part => format!("{whole}.{part} {unit}"),
        }
    }
}

impl fmt::Display for Bytes {
    /// Writes the SDL notation: the largest binary unit that divides the size, `512Mi`, `16Gi`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(40, "Ti"), (30, "Gi"), (20, "Mi"), (10, "Ki")];
        for (shift, unit) in units {
            if self.0 > 0 && self.0.trailing_zeros() >= shift {
                return write!(f, "{}{unit}", self.0 >> shift);
            }
        }
        write!(f, "{}", self.0)
    }
}

/// Maker of a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GpuVendor {
    /// NVIDIA: the only vendor an Akash SDL can ask for.
    Nvidia,
    /// AMD: understood in requests, but not deployable on Akash.
    Amd,
}

impl GpuVendor {
    /// The lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nvidia => "nvidia",
            Self::Amd => "amd",
        }
    }
}

/// Interface of a GPU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GpuInterface {
    /// SXM: socketed, with NVLink between cards.
    Sxm,
    /// PCIe: a card in a slot.
    Pcie,
    /// NVL: a pair of cards joined by a bridge.
    Nvl,
}

impl GpuInterface {
    /// The lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sxm => "sxm",
            Self::Pcie => "pcie",
            Self::Nvl => "nvl",
        }
    }
}

/// A GPU model by its canonical name: lower case, no spaces (`a100`, `rtx4090`, `rtxa6000`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct GpuModel(String);

/// A text that cannot be a GPU model's canonical name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("“{0}” is not a GPU model: write it like h100 or rtx4090")]
pub struct GpuModelError(String);

impl GpuModel {
    /// The canonical name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for GpuModel {
    type Err = GpuModelError;

    fn from_str(text: &str) -> Result<Self, GpuModelError> {
        let fits = (2..=32).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(GpuModelError(text.chars().take(40).collect()))
        }
    }
}

impl fmt::Display for GpuModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<GpuModel> for String {
    fn from(model: GpuModel) -> Self {
        model.0
    }
}

impl TryFrom<String> for GpuModel {
    type Error = GpuModelError;

    fn try_from(text: String) -> Result<Self, GpuModelError> {
        text.parse()
    }
}

/// The GPUs one replica needs. A missing field means "any".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GpuRequest {
    /// Vendor; `None` lets any vendor bid where the market has more than one.
    pub vendor: Option<GpuVendor>,
    /// Canonical model name.
    pub model: Option<GpuModel>,
    /// Number of cards, at least one.
    pub count: u32,
    /// Least memory per card, in GiB.
    pub vram_gib: Option<u32>,
    /// Interface of the cards; `None` for any.
    pub interface: Option<GpuInterface>,
}

impl fmt::Display for GpuRequest {
    /// Writes the form that people use: `2 × h100 80 GiB sxm`, `1 × any GPU`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let model = self.model.as_ref().map_or("any GPU", GpuModel::as_str);
        write!(f, "{} × {model}", self.count)?;
        if let Some(vram) = self.vram_gib {
            write!(f, " {vram} GiB")?;
        }
        if let Some(interface) = self.interface {
            write!(f, " {}", interface.as_str())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, CpuMilli, GpuModel};

    #[test]
    fn sizes_print_as_an_sdl_writes_them() {
        assert_eq!(Bytes::gib(16).to_string(), "16Gi");
        assert_eq!(Bytes::mib(512).to_string(), "512Mi");
        assert_eq!(Bytes::mib(1536).to_string(), "1536Mi");
        assert_eq!(Bytes(1000).to_string(), "1000");
        assert_eq!(CpuMilli(500).to_string(), "0.5");
        assert_eq!(CpuMilli(4000).to_string(), "4");
    }

    #[test]
    fn sizes_are_said_in_gibibytes() {
        for (bytes, said) in [
            (Bytes::gib(32), "32 GiB"),
            (Bytes::mib(512), "512 MiB"),
            (Bytes::mib(1536), "1.5 GiB"),
            (Bytes(1_000_000_000), "953.67 MiB"),
            (Bytes::gib(2048), "2 TiB"),
            (Bytes(17), "17 bytes"),
        ] {
            assert_eq!(bytes.in_words(), said);
        }
    }

    #[test]
    fn a_gpu_model_is_canonical_or_refused() {
        assert!("rtx4090".parse::<GpuModel>().is_ok());
        for text in ["RTX 4090", "", "a", "h100; rm"] {
            assert!(text.parse::<GpuModel>().is_err(), "{text}");
        }
    }
}
