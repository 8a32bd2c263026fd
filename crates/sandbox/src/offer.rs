//! Whether a provider can host a group, and at what price: the single source for screening, prices
//! and bids.

use crate::amount::Uact;
use crate::group::{Group, Resource};
use crate::providers::{AUDITOR, Gpu, Provider};

const GIB: u128 = 1 << 30;

/// Hours in the month of the Console's prices, in thousandths.
const MILLI_HOURS_PER_MONTH: u128 = 730_488;

/// Maximum number of volumes that a provider accepts in a service.
const MAX_VOLUMES: usize = 4;

/// Maximum number of GPUs in one machine.
const MAX_GPUS_PER_REPLICA: u64 = 8;

/// Resources of a provider that are in use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct InUse {
    pub(crate) cpu_milli: u64,
    pub(crate) memory_bytes: u64,
    pub(crate) ephemeral_bytes: u64,
    pub(crate) persistent_bytes: u64,
    pub(crate) gpus: u64,
    pub(crate) leases: u64,
}

impl InUse {
    /// Adds a group that runs on the provider.
    pub(crate) fn add(&mut self, group: &Group) {
        self.cpu_milli += group.total(Resource::cpu_milli);
        self.memory_bytes += group.total(Resource::memory_bytes);
        self.ephemeral_bytes += group.total(Resource::ephemeral_bytes);
        self.persistent_bytes += group.total(|unit| {
            unit.storage
                .iter()
                .filter(|volume| volume.persistent_class().is_some())
                .map(|volume| volume.quantity.val)
                .sum()
        });
        self.gpus += group.total(Resource::gpus);
        self.leases += 1;
    }
}

/// Whether a provider can host a group at its current load. Being online is not checked here.
pub(crate) fn fits(provider: &Provider, in_use: &InUse, group: &Group) -> bool {
    signed(provider, group)
        && declares(provider, group)
        && group.total(Resource::cpu_milli) + in_use.cpu_milli <= provider.cpu_milli
        && group.total(Resource::memory_bytes) + in_use.memory_bytes <= provider.memory_bytes
        && group.total(Resource::ephemeral_bytes) + in_use.ephemeral_bytes
            <= provider.ephemeral_bytes
        && has_persistent(provider, group)
        && (provider.leases_ips || group.total(Resource::leased_ips) == 0)
        && group
            .resources
            .iter()
            .all(|unit| unit.resource.storage.len() <= MAX_VOLUMES)
        && has_gpus(provider, in_use, group)
}

fn signed(provider: &Provider, group: &Group) -> bool {
    let signed_by = &group.requirements.signed_by;
    let by = |auditor: &String| provider.audited && auditor == AUDITOR;
    signed_by.all_of.iter().all(by)
        && (signed_by.any_of.is_empty() || signed_by.any_of.iter().any(by))
}

fn declares(provider: &Provider, group: &Group) -> bool {
    let declared = provider.attributes();
    group.requirements.attributes.iter().all(|wanted| {
        declared
            .iter()
            .any(|(key, value)| *key == wanted.key && *value == wanted.value)
    })
}

fn has_persistent(provider: &Provider, group: &Group) -> bool {
    group.resources.iter().all(|unit| {
        unit.resource.storage.iter().all(|volume| {
            let Some(class) = volume.persistent_class() else {
                return true;
            };
            let needed = group.total(|resource| resource.persistent_bytes(class));
            provider
                .persistent
                .iter()
                .any(|(offered, bytes)| *offered == class && needed <= *bytes)
        })
    })
}

fn has_gpus(provider: &Provider, in_use: &InUse, group: &Group) -> bool {
    let wanted: u64 = group.total(Resource::gpus);
    let owned: u64 = provider.gpus.iter().map(|gpu| gpu.count).sum();
    wanted == 0
        || (wanted + in_use.gpus <= owned
            && group.resources.iter().all(|unit| {
                unit.resource.gpus() == 0
                    || (unit.resource.gpus() <= MAX_GPUS_PER_REPLICA
                        && gpu_for(provider, &unit.resource).is_some())
            }))
}

/// Returns the provider's cheapest kind of GPU that a resource accepts.
pub(crate) fn gpu_for<'a>(provider: &'a Provider, resource: &Resource) -> Option<&'a Gpu> {
    if resource.gpus() == 0 {
        return None;
    }
    provider
        .gpus
        .iter()
        .filter(|gpu| {
            gpu.count >= resource.gpus()
                && resource
                    .gpu
                    .attributes
                    .iter()
                    .any(|attribute| accepts(&attribute.key, gpu))
        })
        .min_by_key(|gpu| gpu.hourly_micro_usd)
}

/// Whether a key such as `vendor/nvidia/model/h100/ram/80Gi/interface/sxm`, or a shorter one,
/// matches this GPU.
fn accepts(key: &str, gpu: &Gpu) -> bool {
    let parts: Vec<&str> = key.split('/').collect();
    parts.chunks(2).all(|pair| match pair {
        ["vendor", vendor] => *vendor == gpu.vendor,
        ["model", model] => *model == "*" || *model == gpu.model,
        ["ram", ram] => *ram == gpu.ram,
        ["interface", interface] => gpu
            .interface
            .to_lowercase()
            .starts_with(&interface.to_lowercase()),
        _ => false,
    })
}

/// Key of the GPU in a bid.
pub(crate) fn gpu_key(gpu: &Gpu) -> String {
    let interface = if gpu.interface.starts_with("SXM") {
        "sxm"
    } else {
        "pcie"
    };
    format!(
        "vendor/{}/model/{}/ram/{}/interface/{interface}",
        gpu.vendor, gpu.model, gpu.ram
    )
}

/// Returns a provider's price per block for a group.
pub(crate) fn price(provider: &Provider, group: &Group) -> Uact {
    let monthly: u128 = group
        .resources
        .iter()
        .map(|unit| monthly_micro_usd(provider, &unit.resource) * u128::from(unit.count))
        .sum();
    Uact::per_block_from_monthly(monthly).permille(provider.price_permille)
}

/// Returns the usual price in micro-dollars per month, without the provider's own factor.
fn monthly_micro_usd(provider: &Provider, resource: &Resource) -> u128 {
    let gpu = gpu_for(provider, resource).map_or(0, |gpu| {
        u128::from(gpu.hourly_micro_usd) * u128::from(resource.gpus()) * MILLI_HOURS_PER_MONTH
            / 1000
    });
    let persistent: u128 = resource
        .storage
        .iter()
        .map(|volume| {
            let per_gib = match volume.persistent_class() {
                Some("beta1") => 10_000,
                Some("beta2") => 30_000,
                Some(_) => 40_000,
                None => 0,
            };
            u128::from(volume.quantity.val) * per_gib / GIB
        })
        .sum();
    let endpoints = resource.endpoints.len() as u128 * 50_000;
    let ips = u128::from(resource.leased_ips()) * 5_000_000;
    basic_monthly_micro_usd(
        resource.cpu_milli(),
        resource.memory_bytes(),
        resource.ephemeral_bytes(),
    ) + gpu
        + persistent
        + endpoints
        + ips
}

/// Price of CPU, memory and disk per month in micro-dollars: $1.60 per thread, $0.80 and $0.02 per
/// GiB.
pub(crate) fn basic_monthly_micro_usd(cpu_milli: u64, memory: u64, storage: u64) -> u128 {
    u128::from(cpu_milli) * 1_600
        + u128::from(memory) * 800_000 / GIB
        + u128::from(storage) * 20_000 / GIB
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::providers::providers;

    fn group(gpu: &str, storage: &str) -> Group {
        serde_json::from_str(&format!(
            r#"{{"name":"akash","resources":[{{"count":1,"price":{{"denom":"uact","amount":"10000"}},
            "resource":{{"id":1,"cpu":{{"units":{{"val":"1000"}}}},"memory":{{"quantity":{{"val":"1073741824"}}}},
            "gpu":{gpu},"storage":[{storage}],"endpoints":[]}}}}]}}"#
        ))
        .unwrap()
    }

    const NO_GPU: &str = r#"{"units":{"val":"0"}}"#;
    const DISK: &str = r#"{"name":"default","quantity":{"val":"1073741824"}}"#;

    fn takers(group: &Group) -> Vec<&'static str> {
        providers(1)
            .iter()
            .filter(|p| fits(p, &InUse::default(), group))
            .map(|p| p.name)
            .collect()
    }

    #[test]
    fn a_gpu_is_found_by_model_memory_and_interface() {
        let h100 = |key: &str| {
            takers(&group(
                &format!(
                    r#"{{"units":{{"val":"1"}},"attributes":[{{"key":"{key}","value":"true"}}]}}"#
                ),
                DISK,
            ))
        };
        assert_eq!(
            h100("vendor/nvidia/model/h100"),
            ["cascadia", "mainkraft", "nightfall"]
        );
        assert_eq!(
            h100("vendor/nvidia/model/h100/ram/80Gi/interface/sxm"),
            ["cascadia", "nightfall"]
        );
        assert!(h100("vendor/nvidia/model/h100/ram/40Gi").is_empty());
        assert_eq!(h100("vendor/nvidia/model/*").len(), 12);
    }

    #[test]
    fn persistent_storage_needs_its_class() {
        let volume = r#"{"name":"data","quantity":{"val":"1073741824"},"attributes":[
            {"key":"class","value":"beta1"},{"key":"persistent","value":"true"}]}"#;
        assert_eq!(takers(&group(NO_GPU, volume)), ["boreal", "vaultkeep"]);
    }

    #[test]
    fn a_thread_a_gib_and_a_disk_cost_what_the_table_says() {
        let provider = Provider {
            price_permille: 1_000,
            ..providers(1)[0].clone()
        };
        let expected = Uact::per_block_from_monthly(1_600_000 + 800_000 + 20_000);
        assert_eq!(price(&provider, &group(NO_GPU, DISK)), expected);
    }
}
