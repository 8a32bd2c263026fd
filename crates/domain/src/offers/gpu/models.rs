//! The models Necto knows: canonical name, vendor, and the memory sizes they are sold with.

use crate::resources::GpuVendor::{self, Amd, Nvidia};

/// One model: canonical name, vendor, GiB per card as sold.
pub(super) type Known = (&'static str, GpuVendor, &'static [u32]);

/// Names as the interpreter emits and Akash uses them: lower case, without spaces.
#[rustfmt::skip]
pub(super) const MODELS: &[Known] = &[
    // Data centre
    ("a2", Nvidia, &[16]), ("a10", Nvidia, &[24]), ("a10g", Nvidia, &[24]),
    ("a16", Nvidia, &[16]), ("a30", Nvidia, &[24]), ("a40", Nvidia, &[48]),
    ("a100", Nvidia, &[40, 64, 80]), ("a100x", Nvidia, &[80]), ("a800", Nvidia, &[40, 80]),
    ("h20", Nvidia, &[96, 141]), ("h100", Nvidia, &[80, 94]), ("h800", Nvidia, &[80]),
    ("h200", Nvidia, &[141]), ("gh200", Nvidia, &[96, 144]),
    ("b100", Nvidia, &[192]), ("b200", Nvidia, &[180]), ("b300", Nvidia, &[288]),
    ("gb200", Nvidia, &[186]), ("gb300", Nvidia, &[288]),
    ("l4", Nvidia, &[24]), ("l40", Nvidia, &[48]), ("l40s", Nvidia, &[48]),
    ("t4", Nvidia, &[16]), ("t4g", Nvidia, &[16]),
    ("v100", Nvidia, &[16, 32]), ("v100s", Nvidia, &[32]),
    ("p4", Nvidia, &[8]), ("p40", Nvidia, &[24]), ("p100", Nvidia, &[12, 16]),
    ("k80", Nvidia, &[12]), ("k520", Nvidia, &[4]), ("m40", Nvidia, &[12, 24]), ("m60", Nvidia, &[8]),
    // Workstation
    ("m4000", Nvidia, &[8]), ("p2000", Nvidia, &[4, 5]), ("p4000", Nvidia, &[8]),
    ("p5000", Nvidia, &[16]), ("p6000", Nvidia, &[24]),
    ("rtx4000", Nvidia, &[8]), ("rtx5000", Nvidia, &[16]), ("rtx6000", Nvidia, &[24]),
    ("rtx8000", Nvidia, &[48]),
    ("rtxa2000", Nvidia, &[6, 12]), ("rtxa3000", Nvidia, &[12]), ("rtxa4000", Nvidia, &[16]),
    ("rtxa4500", Nvidia, &[20]), ("rtxa5000", Nvidia, &[24]), ("rtxa5500", Nvidia, &[24]),
    ("rtxa6000", Nvidia, &[48]),
    ("rtx2000ada", Nvidia, &[16]), ("rtx2000eada", Nvidia, &[16]), ("rtx4000ada", Nvidia, &[20]),
    ("rtx4000sffada", Nvidia, &[20]), ("rtx4500ada", Nvidia, &[24]), ("rtx5000ada", Nvidia, &[32]),
    ("rtx5880ada", Nvidia, &[48]), ("rtx6000ada", Nvidia, &[48]),
    ("rtxpro2000", Nvidia, &[16]), ("rtxpro4000", Nvidia, &[24]), ("rtxpro4500", Nvidia, &[32]),
    ("rtxpro5000", Nvidia, &[48, 72]), ("rtxpro6000", Nvidia, &[96]),
    // Consumer
    ("gt1030", Nvidia, &[2]), ("mx150", Nvidia, &[2]),
    ("gtx960", Nvidia, &[2, 4]), ("gtx970", Nvidia, &[4]), ("gtx980", Nvidia, &[4]),
    ("gtx980ti", Nvidia, &[6]), ("gtx1050", Nvidia, &[2, 3]), ("gtx1050ti", Nvidia, &[4]),
    ("gtx1060", Nvidia, &[3, 5, 6]), ("gtx1070", Nvidia, &[8]), ("gtx1070ti", Nvidia, &[8]),
    ("gtx1080", Nvidia, &[8]), ("gtx1080ti", Nvidia, &[11]), ("gtx1650", Nvidia, &[4]),
    ("gtx1650s", Nvidia, &[4]), ("gtx1650ti", Nvidia, &[4]), ("gtx1660", Nvidia, &[6]),
    ("gtx1660s", Nvidia, &[6]), ("gtx1660ti", Nvidia, &[6]),
    ("rtx2060", Nvidia, &[6, 12]), ("rtx2060s", Nvidia, &[8]), ("rtx2070", Nvidia, &[8]),
    ("rtx2070s", Nvidia, &[8]), ("rtx2080", Nvidia, &[8]), ("rtx2080s", Nvidia, &[8]),
    ("rtx2080ti", Nvidia, &[11]), ("titanrtx", Nvidia, &[24]), ("titanv", Nvidia, &[12]),
    ("titanxp", Nvidia, &[12]),
    ("rtx3050", Nvidia, &[6, 8]), ("rtx3060", Nvidia, &[8, 12]), ("rtx3060m", Nvidia, &[6]),
    ("rtx3060ti", Nvidia, &[8]), ("rtx3070", Nvidia, &[8]), ("rtx3070ti", Nvidia, &[8]),
    ("rtx3080", Nvidia, &[10, 12]), ("rtx3080ti", Nvidia, &[12]), ("rtx3090", Nvidia, &[24]),
    ("rtx3090ti", Nvidia, &[24]),
    ("rtx4060", Nvidia, &[8]), ("rtx4060ti", Nvidia, &[8, 16]), ("rtx4070", Nvidia, &[12]),
    ("rtx4070s", Nvidia, &[12]), ("rtx4070ti", Nvidia, &[12]), ("rtx4070tis", Nvidia, &[16]),
    ("rtx4080", Nvidia, &[16]), ("rtx4080s", Nvidia, &[16]), ("rtx4090", Nvidia, &[24]),
    ("rtx4090d", Nvidia, &[24, 48]),
    ("rtx5060", Nvidia, &[8]), ("rtx5060ti", Nvidia, &[8, 16]), ("rtx5070", Nvidia, &[12]),
    ("rtx5070ti", Nvidia, &[16]), ("rtx5080", Nvidia, &[16]), ("rtx5090", Nvidia, &[32]),
    ("rtx5090d", Nvidia, &[32]), ("rtx5090m", Nvidia, &[24]),
    // AMD
    ("mi50", Amd, &[16, 32]), ("mi60", Amd, &[32]), ("mi100", Amd, &[32]), ("mi210", Amd, &[64]),
    ("mi250", Amd, &[128]), ("mi250x", Amd, &[128]), ("mi300a", Amd, &[128]),
    ("mi300x", Amd, &[192]), ("mi308x", Amd, &[128]), ("mi325x", Amd, &[256]),
    ("mi350x", Amd, &[288]), ("mi355x", Amd, &[288]), ("v520", Amd, &[8]), ("w7900", Amd, &[48]),
];

/// Spellings that differ from the canonical name in more than spaces and case.
#[rustfmt::skip]
pub(super) const ALIASES: &[(&str, &str)] = &[
    ("a2000", "rtxa2000"), ("a3000", "rtxa3000"), ("a4000", "rtxa4000"), ("a4500", "rtxa4500"),
    ("a5000", "rtxa5000"), ("a5500", "rtxa5500"), ("a6000", "rtxa6000"),
    ("rtx4000adasff", "rtx4000sffada"), ("rtx4000sada", "rtx4000sffada"),
    ("prov520", "v520"),
    ("titanvolta", "titanv"),
];

/// Consumer model numbers that identify one card even without the family name.
pub(super) const GTX_NUMBERS: std::ops::RangeInclusive<u32> = 900..=1999;

/// See [`GTX_NUMBERS`]. The numbers 4000, 5000, 6000 and 8000 are workstation cards of several generations
/// and stay unrecognized without their family.
pub(super) const RTX_NUMBERS: std::ops::RangeInclusive<u32> = 2000..=5999;

/// The entry of a canonical name.
pub(super) fn known(name: &str) -> Option<&'static Known> {
    MODELS.iter().find(|(model, _, _)| *model == name)
}
