//! The part of a deployment that is priced: the cards and the rest, summed.

use domain::money::UactPerBlock;
use domain::requirements::Requirements;
use domain::resources::{Bytes, CpuMilli, GpuInterface, GpuRequest, GpuVendor};
use sdl::spec::{GpuModel, GroupSpec, ResourceUnit};

use crate::ports::ComputeSpec;

/// Resources that a deployment asks for, over all copies of all services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Workload {
    /// One entry per kind of card.
    pub(crate) gpus: Vec<GpuNeed>,
    /// CPU, memory and storage in total.
    pub(crate) compute: ComputeSpec,
}

/// Cards of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GpuNeed {
    /// Number of cards over all copies of the service.
    pub(crate) cards: u32,
    /// Kinds that are equally suitable. Counts in these are for one replica.
    pub(crate) alternatives: Vec<GpuRequest>,
    /// Text for people, with the cards of all copies: `4 × h100 80 GiB`.
    pub(crate) label: String,
}

impl Workload {
    /// Returns the needs of a buyer's requirements.
    pub(crate) fn of_requirements(requirements: &Requirements) -> Self {
        let copies = u64::from(requirements.replicas);
        let gpus = requirements.gpu.iter().map(|gpu| {
            let cards = gpu.count.saturating_mul(requirements.replicas);
            let all = GpuRequest {
                count: cards,
                ..gpu.clone()
            };
            GpuNeed {
                cards,
                alternatives: vec![gpu.clone()],
                label: all.to_string(),
            }
        });
        Self {
            gpus: gpus.collect(),
            compute: ComputeSpec {
                cpu: CpuMilli(requirements.cpu.0.saturating_mul(copies)),
                memory: Bytes(requirements.memory.0.saturating_mul(copies)),
                storage: Bytes(requirements.storage.0.saturating_mul(copies)),
            },
        }
    }

    /// Returns the needs of an SDL, over all groups and services.
    pub(crate) fn of_groups(groups: &[GroupSpec]) -> Self {
        let mut gpus: Vec<GpuNeed> = Vec::new();
        let (mut cpu, mut memory, mut storage) = (0_u64, 0_u64, 0_u64);
        for unit in groups.iter().flat_map(|group| &group.resources) {
            let copies = u64::from(unit.count);
            let volumes = unit.storage.iter().map(|volume| volume.bytes);
            let stored = volumes.fold(0, u64::saturating_add);
            cpu = cpu.saturating_add(unit.cpu_milli.saturating_mul(copies));
            memory = memory.saturating_add(unit.memory_bytes.saturating_mul(copies));
            storage = storage.saturating_add(stored.saturating_mul(copies));
            if unit.gpu.units > 0 {
                gpus.push(GpuNeed::of_unit(unit));
            }
        }
        Self {
            gpus,
            compute: ComputeSpec {
                cpu: CpuMilli(cpu),
                memory: Bytes(memory),
                storage: Bytes(storage),
            },
        }
    }

    /// Returns the total number of cards.
    pub(crate) fn cards(&self) -> u32 {
        self.gpus.iter().map(|need| need.cards).sum()
    }
}

impl GpuNeed {
    fn of_unit(unit: &ResourceUnit) -> Self {
        let count = u32::try_from(unit.gpu.units).unwrap_or(u32::MAX);
        let cards = count.saturating_mul(unit.count);
        let kinds: Vec<GpuModel<'_>> = unit.gpu.models().collect();
        let named: Vec<&str> = kinds.iter().map(|kind| kind.model).collect();
        let label = if named.is_empty() || named.contains(&"*") {
            format!("{cards} × any GPU")
        } else {
            format!("{cards} × {}", named.join(" or "))
        };
        let alternatives = if kinds.is_empty() {
            vec![any_card(count)]
        } else {
            kinds
                .iter()
                .filter_map(|kind| request_for(kind, count))
                .collect()
        };
        Self {
            cards,
            alternatives,
            label,
        }
    }
}

const fn any_card(count: u32) -> GpuRequest {
    GpuRequest {
        vendor: None,
        model: None,
        count,
        vram_gib: None,
        interface: None,
    }
}

/// Returns the kind in Necto's terms; `None` for a name that no market can have a price for.
fn request_for(kind: &GpuModel<'_>, count: u32) -> Option<GpuRequest> {
    let model = match kind.model {
        "*" => None,
        name => Some(name.to_ascii_lowercase().parse().ok()?),
    };
    let vendor = match kind.vendor {
        "nvidia" => Some(GpuVendor::Nvidia),
        "amd" => Some(GpuVendor::Amd),
        _ => return None,
    };
    let interface = kind.interface.and_then(|interface| {
        let known = [GpuInterface::Sxm, GpuInterface::Pcie, GpuInterface::Nvl];
        known
            .into_iter()
            .find(|known| interface.to_ascii_lowercase().starts_with(known.as_str()))
    });
    Some(GpuRequest {
        vendor,
        model,
        count,
        vram_gib: kind.ram.and_then(gibibytes),
        interface,
    })
}

fn gibibytes(ram: &str) -> Option<u32> {
    ram.strip_suffix("Gi")?.parse().ok()
}

/// Returns the highest price per block that an SDL allows, for all copies of everything. Console
/// prices every denomination in uact, so the amounts are read as uact.
pub(crate) fn cap_of_groups(groups: &[GroupSpec]) -> UactPerBlock {
    groups
        .iter()
        .flat_map(|group| &group.resources)
        .map(|unit| UactPerBlock::from_scaled(unit.price.atto).times(unit.count))
        .sum()
}
