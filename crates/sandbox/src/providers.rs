//! The fourteen providers of the simulated market.
//!
//! They are fictitious. The set covers what a client must cope with: three GPU providers of the
//! three usual kinds and more beside them, one unaudited, one offline, one flaky, one always the
//! dearest, one with persistent storage and little else, one that rents out IP addresses.

use crate::address::address_of;
use crate::dice::Dice;

/// Address of the auditor the Console accepts; it writes it into every placement.
pub(crate) const AUDITOR: &str = "akash1365yvmc4s7awdyj3n2sav7xfx76adc6dnmlx63";

const GIB: u64 = 1 << 30;

/// A kind of GPU, how many of it, and what one costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gpu {
    pub(crate) vendor: &'static str,
    pub(crate) model: &'static str,
    pub(crate) ram: &'static str,
    pub(crate) interface: &'static str,
    /// Name for people.
    pub(crate) display_name: &'static str,
    pub(crate) count: u64,
    /// Micro-dollars per GPU and hour before the provider's own factor.
    pub(crate) hourly_micro_usd: u64,
}

/// A provider: what it is, what it has, and how it behaves.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) address: String,
    pub(crate) name: &'static str,
    pub(crate) organization: &'static str,
    /// What an SDL's `location-region` and `region` match.
    pub(crate) region: &'static str,
    pub(crate) country: &'static str,
    pub(crate) country_name: &'static str,
    pub(crate) city: &'static str,
    pub(crate) timezone: &'static str,
    pub(crate) latitude: &'static str,
    pub(crate) longitude: &'static str,
    pub(crate) audited: bool,
    /// Online unless a test says otherwise.
    pub(crate) online: bool,
    /// Answers and bids only most of the time.
    pub(crate) flaky: bool,
    /// Share of the last 30 days it answered, in ten-thousandths.
    pub(crate) uptime: u64,
    /// Its prices in thousandths of the usual ones.
    pub(crate) price_permille: u64,
    pub(crate) cpu_milli: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) ephemeral_bytes: u64,
    /// Classes of persistent storage with bytes.
    pub(crate) persistent: Vec<(&'static str, u64)>,
    pub(crate) leases_ips: bool,
    pub(crate) gpus: Vec<Gpu>,
    /// Notice before it takes resources back.
    pub(crate) reclamation_seconds: Option<u64>,
}

impl Provider {
    /// Root of its gateway, which only the provider proxy reaches.
    pub(crate) fn host_uri(&self) -> String {
        format!("https://provider.{}.example:8443", self.name)
    }

    /// Everything it declares about itself.
    pub(crate) fn attributes(&self) -> Vec<(String, String)> {
        let mut list: Vec<(String, String)> = Vec::new();
        let mut put = |key: &str, value: &str| list.push((key.to_owned(), value.to_owned()));
        put("host", "akash");
        put("tier", "community");
        put("organization", self.organization);
        put("region", self.region);
        put("location-region", self.region);
        put("country", self.country);
        put("city", self.city);
        put("timezone", self.timezone);
        put("location-type", "datacenter");
        put(
            "feat-persistent-storage",
            bool_text(!self.persistent.is_empty()),
        );
        put("feat-endpoint-ip", bool_text(self.leases_ips));
        put("ip-lease", bool_text(self.leases_ips));
        for (index, (class, _)) in self.persistent.iter().enumerate() {
            let number = index + 1;
            put(&format!("capabilities/storage/{number}/class"), class);
            put(&format!("capabilities/storage/{number}/persistent"), "true");
        }
        for gpu in &self.gpus {
            let model = format!("capabilities/gpu/vendor/{}/model/{}", gpu.vendor, gpu.model);
            put(&model, "true");
            put(&format!("{model}/ram/{}", gpu.ram), "true");
        }
        list
    }
}

fn bool_text(fact: bool) -> &'static str {
    if fact { "true" } else { "false" }
}

/// One line of the table below.
struct Seed {
    name: &'static str,
    organization: &'static str,
    place: Place,
    uptime: u64,
    traits: &'static [Trait],
    cpus: u64,
    memory_gib: u64,
    disk_gib: u64,
    persistent: &'static [(&'static str, u64)],
    gpus: &'static [Gpu],
}

#[derive(PartialEq, Eq)]
enum Trait {
    Unaudited,
    Offline,
    Flaky,
    Dear,
    LeasesIps,
    Reclaims,
}

struct Place(
    &'static str, // region
    &'static str, // country code
    &'static str, // country
    &'static str, // city
    &'static str, // time zone
    &'static str, // latitude
    &'static str, // longitude
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

const TABLE: [Seed; 14] = [
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

/// The providers of a world. The seed moves their prices, nothing else: tests may rely on the
/// rest.
pub(crate) fn providers(seed: u64) -> Vec<Provider> {
    TABLE.iter().map(|line| provider(line, seed)).collect()
}

fn provider(line: &Seed, seed: u64) -> Provider {
    let has = |wanted: Trait| line.traits.contains(&wanted);
    let usual = Dice::new(seed, &["provider price", line.name]).between(870, 1_130);
    let Place(region, country, country_name, city, timezone, latitude, longitude) = line.place;
    Provider {
        address: address_of(line.name),
        name: line.name,
        organization: line.organization,
        region,
        country,
        country_name,
        city,
        timezone,
        latitude,
        longitude,
        audited: !has(Trait::Unaudited),
        online: !has(Trait::Offline),
        flaky: has(Trait::Flaky),
        uptime: line.uptime,
        price_permille: if has(Trait::Dear) { 1_900 } else { usual },
        cpu_milli: line.cpus * 1000,
        memory_bytes: line.memory_gib * GIB,
        ephemeral_bytes: line.disk_gib * GIB,
        persistent: line
            .persistent
            .iter()
            .map(|(class, gib)| (*class, gib * GIB))
            .collect(),
        leases_ips: has(Trait::LeasesIps),
        gpus: line.gpus.to_vec(),
        reclamation_seconds: has(Trait::Reclaims).then_some(86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_market_has_the_odd_ones_a_client_must_cope_with() {
        let all = providers(1);
        assert_eq!(all.len(), 14);
        assert_eq!(all.iter().filter(|p| !p.audited).count(), 1);
        assert_eq!(all.iter().filter(|p| !p.online).count(), 1);
        assert_eq!(all.iter().filter(|p| p.flaky).count(), 1);
        assert!(all.iter().any(|p| p.leases_ips));
        let dearest = all.iter().max_by_key(|p| p.price_permille).unwrap();
        assert_eq!(dearest.name, "grachtenbelt");
        for model in ["h100", "a100", "rtx4090"] {
            let with = all
                .iter()
                .filter(|p| p.audited && p.online && p.gpus.iter().any(|g| g.model == model));
            assert!(with.count() >= 2, "{model}");
        }
    }

    #[test]
    fn a_seed_moves_prices_and_leaves_the_rest() {
        let (one, two) = (providers(1), providers(2));
        assert!(
            one.iter()
                .zip(&two)
                .any(|(a, b)| a.price_permille != b.price_permille)
        );
        assert!(one.iter().zip(&two).all(|(a, b)| a.address == b.address));
    }
}
