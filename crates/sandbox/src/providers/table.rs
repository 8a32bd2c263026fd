//! The table of providers: facts only, one entry per provider.

use super::Gpu;

/// One line of the table.
pub(super) struct Seed {
    pub(super) name: &'static str,
    pub(super) organization: &'static str,
    pub(super) place: Place,
    pub(super) uptime: u64,
    pub(super) traits: &'static [Trait],
    pub(super) cpus: u64,
    pub(super) memory_gib: u64,
    pub(super) disk_gib: u64,
    pub(super) persistent: &'static [(&'static str, u64)],
    pub(super) gpus: &'static [Gpu],
}

/// A distinguishing feature of a provider.
#[derive(PartialEq, Eq)]
pub(super) enum Trait {
    Unaudited,
    Offline,
    Flaky,
    Dear,
    LeasesIps,
    Reclaims,
}

/// The location of a provider.
pub(super) struct Place(
    pub(super) &'static str, // region
    pub(super) &'static str, // country code
    pub(super) &'static str, // country
    pub(super) &'static str, // city
    pub(super) &'static str, // time zone
    pub(super) &'static str, // latitude
    pub(super) &'static str, // longitude
);

const OREGON: Place = Place(
    "us-west",
    "US",
    "United States",
    "Portland",
    "America/Los_Angeles",
    "45.52",
    "-122.68",
);
const NEVADA: Place = Place(
    "us-west",
    "US",
    "United States",
    "Reno",
    "America/Los_Angeles",
    "39.53",
    "-119.81",
);
const VIRGINIA: Place = Place(
    "us-east",
    "US",
    "United States",
    "Ashburn",
    "America/New_York",
    "39.04",
    "-77.49",
);
const TEXAS: Place = Place(
    "us-central",
    "US",
    "United States",
    "Dallas",
    "America/Chicago",
    "32.78",
    "-96.80",
);
const QUEBEC: Place = Place(
    "ca-east",
    "CA",
    "Canada",
    "Montreal",
    "America/Toronto",
    "45.50",
    "-73.57",
);
const FRANKFURT: Place = Place(
    "eu-central",
    "DE",
    "Germany",
    "Frankfurt",
    "Europe/Berlin",
    "50.11",
    "8.68",
);
const AMSTERDAM: Place = Place(
    "eu-west",
    "NL",
    "Netherlands",
    "Amsterdam",
    "Europe/Amsterdam",
    "52.37",
    "4.90",
);
const HELSINKI: Place = Place(
    "eu-north",
    "FI",
    "Finland",
    "Helsinki",
    "Europe/Helsinki",
    "60.17",
    "24.94",
);
const SINGAPORE: Place = Place(
    "ap-southeast",
    "SG",
    "Singapore",
    "Singapore",
    "Asia/Singapore",
    "1.35",
    "103.82",
);
const TOKYO: Place = Place(
    "ap-northeast",
    "JP",
    "Japan",
    "Tokyo",
    "Asia/Tokyo",
    "35.68",
    "139.69",
);

const fn gpu(
    model: &'static str,
    ram: &'static str,
    interface: &'static str,
    display_name: &'static str,
    count: u64,
    hourly_micro_usd: u64,
) -> Gpu {
    Gpu {
        vendor: "nvidia",
        model,
        ram,
        interface,
        display_name,
        count,
        hourly_micro_usd,
    }
}

const H100: Gpu = gpu("h100", "80Gi", "SXM5", "H100", 16, 2_450_000);
const H100_PCIE: Gpu = gpu("h100", "80Gi", "PCIe", "H100", 8, 2_200_000);
const H200: Gpu = gpu("h200", "141Gi", "SXM5", "H200", 8, 3_100_000);
const A100: Gpu = gpu("a100", "80Gi", "SXM4", "A100", 16, 1_350_000);
const A100_PCIE: Gpu = gpu("a100", "40Gi", "PCIe", "A100", 8, 900_000);
const RTX4090: Gpu = gpu("rtx4090", "24Gi", "PCIe", "RTX 4090", 24, 390_000);
const RTX3090: Gpu = gpu("rtx3090", "24Gi", "PCIe", "RTX 3090", 12, 220_000);
const RTXA6000: Gpu = gpu("rtxa6000", "48Gi", "PCIe", "RTX A6000", 8, 480_000);
const A40: Gpu = gpu("a40", "48Gi", "PCIe", "A40", 4, 420_000);
const T4: Gpu = gpu("t4", "16Gi", "PCIe", "T4", 16, 120_000);
const L40S: Gpu = gpu("l40s", "48Gi", "PCIe", "L40S", 8, 850_000);

pub(super) const TABLE: [Seed; 14] = [
    Seed {
        name: "cascadia",
        organization: "Cascadia Compute",
        place: OREGON,
        uptime: 9_998,
        traits: &[],
        cpus: 512,
        memory_gib: 2_048,
        disk_gib: 20_480,
        persistent: &[("beta3", 10_240)],
        gpus: &[H100, A100],
    },
    Seed {
        name: "sagebrush",
        organization: "Sagebrush Hosting",
        place: NEVADA,
        uptime: 9_971,
        traits: &[Trait::Reclaims],
        cpus: 256,
        memory_gib: 1_024,
        disk_gib: 10_240,
        persistent: &[],
        gpus: &[RTX4090, RTX3090],
    },
    Seed {
        name: "tidewater",
        organization: "Tidewater Cloud",
        place: VIRGINIA,
        uptime: 9_995,
        traits: &[Trait::LeasesIps],
        cpus: 384,
        memory_gib: 1_536,
        disk_gib: 20_480,
        persistent: &[("beta2", 8_192), ("beta3", 8_192)],
        gpus: &[],
    },
    Seed {
        name: "longhorn",
        organization: "Longhorn Data",
        place: TEXAS,
        uptime: 9_940,
        traits: &[],
        cpus: 384,
        memory_gib: 1_024,
        disk_gib: 12_288,
        persistent: &[("beta3", 6_144)],
        gpus: &[A100_PCIE, RTXA6000, A40],
    },
    Seed {
        name: "boreal",
        organization: "Boreal Servers",
        place: QUEBEC,
        uptime: 9_989,
        traits: &[Trait::LeasesIps],
        cpus: 256,
        memory_gib: 768,
        disk_gib: 8_192,
        persistent: &[("beta1", 16_384), ("beta3", 4_096)],
        gpus: &[T4],
    },
    Seed {
        name: "mainkraft",
        organization: "Mainkraft GmbH",
        place: FRANKFURT,
        uptime: 9_999,
        traits: &[],
        cpus: 512,
        memory_gib: 2_048,
        disk_gib: 16_384,
        persistent: &[("beta3", 12_288), ("default", 4_096)],
        gpus: &[H100_PCIE, L40S, RTX4090],
    },
    Seed {
        name: "grachtenbelt",
        organization: "Grachtenbelt Hosting",
        place: AMSTERDAM,
        uptime: 9_990,
        traits: &[Trait::Dear],
        cpus: 256,
        memory_gib: 1_024,
        disk_gib: 8_192,
        persistent: &[("beta3", 4_096)],
        gpus: &[A100, H200],
    },
    Seed {
        name: "aurora",
        organization: "Aurora Compute Oy",
        place: HELSINKI,
        uptime: 9_996,
        traits: &[],
        cpus: 384,
        memory_gib: 1_536,
        disk_gib: 16_384,
        persistent: &[("beta3", 8_192)],
        gpus: &[RTX4090],
    },
    Seed {
        name: "merlion",
        organization: "Merlion Cloud",
        place: SINGAPORE,
        uptime: 9_982,
        traits: &[],
        cpus: 256,
        memory_gib: 1_024,
        disk_gib: 8_192,
        persistent: &[("beta2", 4_096)],
        gpus: &[A100, RTX3090],
    },
    Seed {
        name: "hayabusa",
        organization: "Hayabusa Systems",
        place: TOKYO,
        uptime: 9_930,
        traits: &[Trait::Reclaims],
        cpus: 192,
        memory_gib: 512,
        disk_gib: 6_144,
        persistent: &[],
        gpus: &[RTX4090],
    },
    Seed {
        name: "vaultkeep",
        organization: "Vaultkeep Storage",
        place: FRANKFURT,
        uptime: 9_994,
        traits: &[],
        cpus: 64,
        memory_gib: 256,
        disk_gib: 2_048,
        persistent: &[("beta1", 65_536), ("beta2", 32_768), ("beta3", 16_384)],
        gpus: &[],
    },
    Seed {
        name: "quicksand",
        organization: "Quicksand Labs",
        place: VIRGINIA,
        uptime: 9_310,
        traits: &[Trait::Flaky],
        cpus: 128,
        memory_gib: 512,
        disk_gib: 4_096,
        persistent: &[],
        gpus: &[RTX3090],
    },
    Seed {
        name: "garageband",
        organization: "Garage Compute",
        place: OREGON,
        uptime: 9_650,
        traits: &[Trait::Unaudited],
        cpus: 48,
        memory_gib: 128,
        disk_gib: 2_048,
        persistent: &[("beta3", 1_024)],
        gpus: &[RTX4090],
    },
    Seed {
        name: "nightfall",
        organization: "Nightfall Hosting",
        place: TEXAS,
        uptime: 9_402,
        traits: &[Trait::Offline],
        cpus: 128,
        memory_gib: 512,
        disk_gib: 4_096,
        persistent: &[("beta3", 2_048)],
        gpus: &[H100],
    },
];
