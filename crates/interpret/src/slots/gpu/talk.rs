//! Everything that was said about GPUs.

use domain::resources::{Bytes, GpuInterface, GpuVendor};

use crate::reading::{Mention, Reading};

/// Everything said about GPUs.
#[derive(Debug, Default)]
pub(crate) struct GpuTalk {
    pub(super) phrases: Vec<Mention<GpuPhrase>>,
    /// Memory per card that was named apart from any card: “VRAM at least 40GB”.
    pub(crate) vram: Vec<Mention<u32>>,
    pub(super) refused: Option<(usize, usize)>,
}

impl GpuTalk {
    pub(crate) fn is_wanted(&self) -> bool {
        !self.phrases.is_empty()
    }

    /// Whether cards without a name are next to the tokens `from..to`, separated by a comma at
    /// most: such cards are distinguished by their memory.
    pub(crate) fn is_nameless_beside(&self, reading: &Reading<'_>, from: usize, to: usize) -> bool {
        let touches = |left: usize, right: usize| {
            left == right || (left + 1 == right && reading.seen(left) == ",")
        };
        self.vram.is_empty()
            && self.phrases.iter().all(|said| said.value.model.is_none())
            && self.phrases.iter().any(|said| {
                said.value.vram_gib.is_none() && (touches(said.to, from) || touches(to, said.from))
            })
    }

    /// Records the memory of each card, stated by the tokens `from..to`.
    pub(crate) fn has_memory(&mut self, bytes: Bytes, from: usize, to: usize) {
        if let Ok(gib) = u32::try_from(bytes.0 >> 30) {
            let value = gib.max(1);
            self.vram.push(Mention { value, from, to });
        }
    }

    /// Whether several cards were requested and their memory was not mentioned.
    pub(crate) fn is_plain_and_many(&self) -> bool {
        self.vram.is_empty()
            && self
                .phrases
                .iter()
                .all(|said| said.value.vram_gib.is_none())
            && self
                .phrases
                .iter()
                .any(|said| said.value.count.is_some_and(|count| count > 1))
    }
}

/// Content of one phrase about GPUs; several are combined at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GpuPhrase {
    pub(crate) model: Option<String>,
    pub(crate) vendor: Option<GpuVendor>,
    pub(crate) count: Option<u32>,
    pub(crate) vram_gib: Option<u32>,
    pub(crate) interface: Option<GpuInterface>,
}
