//! The cards of EC2 instance types. EC2's API reports a whole card for an eighth of one, and too
//! little memory for others, so the table is kept here.

use domain::offers::CardsMilli;
use domain::offers::gpu::VramMib;
use domain::resources::GpuInterface;

/// The cards of an instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cards {
    /// Name under which the card is sold, such as `A10G`.
    pub(super) label: &'static str,
    /// Number of cards; a part of a card for the fractional types.
    pub(super) count: CardsMilli,
    /// Memory of one whole card.
    pub(super) vram: VramMib,
    /// Interface of the cards: SXM for socketed types; `None` for the others.
    pub(super) interface: Option<GpuInterface>,
}

/// Family, card, GiB of one card, whether socketed, and sizes with thousandths of a card.
type Family = (
    &'static str,
    &'static str,
    u32,
    bool,
    &'static [(&'static str, u32)],
);

#[rustfmt::skip]
const FAMILIES: &[Family] = &[
    ("g2", "K520", 4, false, &[("2xlarge", 1000), ("8xlarge", 4000)]),
    ("g3s", "M60", 8, false, &[("xlarge", 1000)]),
    ("g3", "M60", 8, false, &[("4xlarge", 1000), ("8xlarge", 2000), ("16xlarge", 4000)]),
    ("g4dn", "T4", 16, false, &[("xlarge", 1000), ("2xlarge", 1000), ("4xlarge", 1000), ("8xlarge", 1000), ("16xlarge", 1000), ("12xlarge", 4000), ("metal", 8000)]),
    ("p2", "K80", 12, false, &[("xlarge", 1000), ("8xlarge", 8000), ("16xlarge", 16_000)]),
    ("p3", "V100", 16, true, &[("2xlarge", 1000), ("8xlarge", 4000), ("16xlarge", 8000)]),
    ("p3dn", "V100", 32, true, &[("24xlarge", 8000)]),
    ("g5", "A10G", 24, false, &[("xlarge", 1000), ("2xlarge", 1000), ("4xlarge", 1000), ("8xlarge", 1000), ("16xlarge", 1000), ("12xlarge", 4000), ("24xlarge", 4000), ("48xlarge", 8000)]),
    ("g6", "L4", 24, false, &[("xlarge", 1000), ("2xlarge", 1000), ("4xlarge", 1000), ("8xlarge", 1000), ("16xlarge", 1000), ("12xlarge", 4000), ("24xlarge", 4000), ("48xlarge", 8000)]),
    ("gr6", "L4", 24, false, &[("4xlarge", 1000), ("8xlarge", 1000)]),
    ("g6e", "L40S", 48, false, &[("xlarge", 1000), ("2xlarge", 1000), ("4xlarge", 1000), ("8xlarge", 1000), ("16xlarge", 1000), ("12xlarge", 4000), ("24xlarge", 4000), ("48xlarge", 8000)]),
    ("g7e", "RTX PRO 6000 Server", 96, false, &[("2xlarge", 1000), ("4xlarge", 1000), ("8xlarge", 1000), ("12xlarge", 2000), ("24xlarge", 4000), ("48xlarge", 8000)]),
    ("g7", "RTX PRO 4500", 32, false, &[("2xlarge", 1000), ("4xlarge", 1000), ("8xlarge", 1000), ("12xlarge", 2000), ("24xlarge", 4000), ("48xlarge", 8000)]),
    ("p4d", "A100", 40, true, &[("24xlarge", 8000)]),
    ("p4de", "A100", 80, true, &[("24xlarge", 8000)]),
    ("p5e", "H200", 141, true, &[("48xlarge", 8000)]),
    ("p5en", "H200", 141, true, &[("48xlarge", 8000)]),
    ("g5g", "T4G", 16, false, &[("xlarge", 1000), ("2xlarge", 1000), ("4xlarge", 1000), ("8xlarge", 1000), ("16xlarge", 2000), ("metal", 2000)]),
    ("g4ad", "Radeon Pro V520", 8, false, &[("xlarge", 1000), ("2xlarge", 1000), ("4xlarge", 1000), ("8xlarge", 2000), ("16xlarge", 4000)]),
    ("p5", "H100", 80, true, &[("4xlarge", 1000), ("48xlarge", 8000)]),
    ("p6e-gb200", "GB200", 185, false, &[("36xlarge", 36_000)]),
    ("p6-b200", "B200", 180, true, &[("48xlarge", 8000)]),
    ("p6-b300", "B300", 262, true, &[("48xlarge", 8000)]),
    ("gr6f", "L4", 24, false, &[("4xlarge", 500)]),
    ("g6f", "L4", 24, false, &[("large", 125), ("4xlarge", 500), ("2xlarge", 250), ("xlarge", 125)]),
    ("dl2q", "Qualcomm AI 100 Accelerators", 16, false, &[("24xlarge", 8000)]),
];

/// Returns the name of every instance type with a GPU.
pub(super) fn instance_types() -> impl Iterator<Item = String> {
    FAMILIES.iter().flat_map(|(family, _, _, _, sizes)| {
        sizes
            .iter()
            .map(move |(size, _)| format!("{family}.{size}"))
    })
}

/// Whether the name of a type that is not in the table suggests GPUs: families with a GPU begin
/// with `g` or `p` (and `gr`) and a number, and AWS adds new ones.
pub(super) fn is_unknown_gpu_type(instance_type: &str) -> bool {
    let family = instance_type.split('.').next().unwrap_or_default();
    let rest = family
        .strip_prefix("gr")
        .or_else(|| family.strip_prefix(['g', 'p']));
    let is_gpu = rest.is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()));
    is_gpu && cards_of(instance_type).is_none()
}

/// Returns the cards of `instance_type`; `None` for a type that is unknown or has none.
pub(super) fn cards_of(instance_type: &str) -> Option<Cards> {
    let (family, size) = instance_type.split_once('.')?;
    FAMILIES
        .iter()
        .filter(|(name, ..)| *name == family)
        .find_map(|(_, label, gib, is_socketed, sizes)| {
            let (_, milli) = sizes.iter().find(|(name, _)| *name == size)?;
            Some(Cards {
                label,
                count: CardsMilli(*milli),
                vram: VramMib::gib(*gib),
                interface: is_socketed.then_some(GpuInterface::Sxm),
            })
        })
}
