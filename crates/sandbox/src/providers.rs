//! The fourteen providers of the simulated market.
//!
//! They are fictitious. The set covers what a client must handle: three GPU providers of the three
//! usual kinds and some others, one unaudited, one offline, one flaky, one that is always the most
//! expensive, one with persistent storage and little else, and one that rents out IP addresses.

mod table;

use crate::address::address_of;
use crate::dice::Dice;

use table::{Place, Seed, TABLE, Trait};

/// Address of the auditor that the Console accepts and adds to every placement.
pub(crate) const AUDITOR: &str = "akash1365yvmc4s7awdyj3n2sav7xfx76adc6dnmlx63";

const GIB: u64 = 1 << 30;

/// A kind of GPU, with its quantity and unit price.
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

/// A provider: its identity, resources and behaviour.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub(crate) address: String,
    pub(crate) name: &'static str,
    pub(crate) organization: &'static str,
    /// Region that an SDL's `location-region` and `region` match.
    pub(crate) region: &'static str,
    pub(crate) country: &'static str,
    pub(crate) country_name: &'static str,
    pub(crate) city: &'static str,
    pub(crate) timezone: &'static str,
    pub(crate) latitude: &'static str,
    pub(crate) longitude: &'static str,
    pub(crate) audited: bool,
    /// `true` if the provider is online, unless a test has switched it.
    pub(crate) online: bool,
    /// `true` if it only answers and bids most of the time.
    pub(crate) flaky: bool,
    /// Share of the last 30 days in which it answered, in ten-thousandths.
    pub(crate) uptime: u64,
    /// Prices of the provider, in thousandths of the usual ones.
    pub(crate) price_permille: u64,
    pub(crate) cpu_milli: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) ephemeral_bytes: u64,
    /// Classes of persistent storage, with their sizes in bytes.
    pub(crate) persistent: Vec<(&'static str, u64)>,
    pub(crate) leases_ips: bool,
    pub(crate) gpus: Vec<Gpu>,
    /// Notice before it reclaims resources, in seconds; `None` if it never does.
    pub(crate) reclamation_seconds: Option<u64>,
}

impl Provider {
    /// Root of its gateway, reachable only through the provider proxy.
    pub(crate) fn host_uri(&self) -> String {
        format!("https://provider.{}.example:8443", self.name)
    }

    /// Attributes that it declares.
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

/// Returns the providers of a world. The seed changes only their prices: tests may rely on the
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
        let most_expensive = all.iter().max_by_key(|p| p.price_permille).unwrap();
        assert_eq!(most_expensive.name, "grachtenbelt");
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
