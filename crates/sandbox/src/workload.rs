//! Workloads on leases: pods, their status, their events and their logs, each a function of time.

pub(crate) mod events;
pub(crate) mod logs;

use serde_json::{Map, Value, json};

use crate::definition::ServiceSpec;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::world::{Deployment, Lease, LeaseEnd, World};

/// Time after the manifest's arrival during which a provider does not know the pods yet.
const SETTLING_MS: u64 = 3_000;
/// Time that a workload outlives its lease if its provider does not stop it.
const RUNS_ON_MS: u64 = 180_000;
/// Additional time that a slow start takes.
const SLOW_START_MS: u64 = 240_000;

/// The workload of one group at its provider.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Workload<'a> {
    world: &'a World,
    pub(crate) deployment: &'a Deployment,
    pub(crate) lease: &'a Lease,
    /// Index of the group in the deployment, from 0.
    index: usize,
}

/// A pod, with the times of its container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pod {
    pub(crate) name: String,
    pub(crate) node: String,
    /// Simulated time at which it was scheduled, in milliseconds.
    pub(crate) scheduled_ms: u64,
    /// Simulated time at which its container starts, in milliseconds.
    pub(crate) started_ms: u64,
    /// Simulated time at which an update replaced it, in milliseconds; `None` if none did.
    pub(crate) replaced_ms: Option<u64>,
    /// Behaviour of its container.
    pub(crate) fate: Fate,
}

/// Time for which a replaced container keeps running.
const LAST_WORDS_MS: u64 = 1_000;

impl Pod {
    /// Time at which its container ended, if an update replaced it.
    pub(crate) fn ended_ms(&self) -> Option<u64> {
        self.replaced_ms.map(|replaced| replaced + LAST_WORDS_MS)
    }

    /// Whether an update replaced it and its container has ended.
    pub(crate) fn is_gone(&self, sim_ms: u64) -> bool {
        self.ended_ms().is_some_and(|ended| ended <= sim_ms)
    }
}

/// Behaviour of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It runs.
    Runs,
    /// It never gets its image.
    NoImage,
    /// It ends successfully after a while, and is restarted.
    Completes,
    /// It starts and crashes, over and over.
    Crashes,
    /// It is killed for using too much memory, over and over.
    OutOfMemory,
    /// It is never scheduled.
    Pending,
}

impl Pod {
    /// Whether the container is up.
    fn runs_at(&self, sim_ms: u64) -> bool {
        match self.fate {
            Fate::Runs => self.started_ms <= sim_ms,
            Fate::Completes => events::restarts(self, sim_ms)
                .last()
                .is_some_and(|start| sim_ms < start + events::life_ms(self.fate)),
            _ => false,
        }
    }
}

impl<'a> Workload<'a> {
    /// Returns the workload of a group whose manifest has arrived and whose lease is running.
    pub(crate) fn of(world: &'a World, deployment: &'a Deployment, index: usize) -> Option<Self> {
        Self::when(world, deployment, index, |lease| lease.end.is_none())
    }

    /// Returns a workload that its provider has not stopped although the lease has ended.
    pub(crate) fn left_over(
        world: &'a World,
        deployment: &'a Deployment,
        index: usize,
        sim_ms: u64,
    ) -> Option<Self> {
        Self::when(world, deployment, index, |lease| {
            let soon_after = |end: &LeaseEnd| sim_ms < end.at_ms + RUNS_ON_MS;
            deployment.has(Fault::RunsOn) && lease.end.as_ref().is_some_and(soon_after)
        })
    }

    /// Returns the workload of a lease, if it has a manifest and `runs` holds for it.
    fn when(
        world: &'a World,
        deployment: &'a Deployment,
        index: usize,
        runs: impl FnOnce(&Lease) -> bool,
    ) -> Option<Self> {
        let lease = deployment.orders.get(index)?.lease.as_ref()?;
        (lease.manifest_ms.is_some() && runs(lease)).then_some(Self {
            world,
            deployment,
            lease,
            index,
        })
    }

    /// Services of the group; none if the definition has none for it.
    pub(crate) fn services(&self) -> &'a [ServiceSpec] {
        self.deployment
            .definition
            .services
            .get(self.index)
            .map_or(&[], Vec::as_slice)
    }

    fn manifest_ms(&self) -> u64 {
        self.lease
            .manifest_ms
            .expect("`of` only makes workloads with a manifest")
    }

    /// Returns the pods of a service: those of the running generation, and replaced ones that are
    /// still shutting down.
    pub(crate) fn pods(&self, service: &ServiceSpec) -> Vec<Pod> {
        let generations = self.deployment.generation;
        let first = generations.saturating_sub(1).max(1);
        (first..=generations)
            .flat_map(|generation| {
                (0..service.replicas).map(move |replica| self.pod(service, generation, replica))
            })
            .collect()
    }

    fn pod(&self, service: &ServiceSpec, generation: u32, replica: u32) -> Pod {
        let seed = self.world.seed;
        let ordinal = self.deployment.ordinal.to_string();
        let generation_text = generation.to_string();
        let labels = ["pod", &ordinal, &service.name, &generation_text];
        let template = Dice::new(seed, &labels).pod_suffix(10);
        let replica_text = replica.to_string();
        let mut dice = Dice::new(seed, &["replica", &template, &replica_text]);
        let name = if service.stateful {
            format!("{}-{replica}", service.name)
        } else {
            format!("{}-{template}-{}", service.name, dice.pod_suffix(5))
        };
        let node = format!("node{}", dice.between(1, 6));
        let scheduled_ms = match self.deployment.rolled_out_ms {
            Some(rolled_out_ms) if generation == self.deployment.generation => rolled_out_ms,
            _ => self.manifest_ms(),
        };
        let slowness = if self.deployment.has(Fault::SlowStart) {
            SLOW_START_MS
        } else {
            0
        };
        let start_up = self.world.hastened(dice.between(8_000, 35_000)) + slowness;
        let is_old = generation < self.deployment.generation;
        Pod {
            name,
            node,
            scheduled_ms,
            started_ms: scheduled_ms + start_up,
            replaced_ms: self.deployment.rolled_out_ms.filter(|_| is_old),
            fate: self.fate(replica),
        }
    }

    fn fate(&self, replica: u32) -> Fate {
        let has = |fault| self.deployment.has(fault);
        if has(Fault::Completes) {
            Fate::Completes
        } else if has(Fault::CrashLoop) {
            Fate::Crashes
        } else if has(Fault::OomKilled) {
            Fate::OutOfMemory
        } else if has(Fault::ImagePullBackOff) {
            Fate::NoImage
        } else if has(Fault::PartialReplicas) && replica > 0 {
            Fate::Pending
        } else {
            Fate::Runs
        }
    }

    /// Returns when a service first answers: its address is reported from then on.
    pub(crate) fn answers_from(&self, service: &ServiceSpec) -> Option<u64> {
        self.pods(service)
            .iter()
            .filter(|pod| pod.fate == Fate::Runs)
            .map(|pod| pod.started_ms)
            .min()
    }

    /// Returns the provider's report; null while it does not know the pods yet.
    pub(crate) fn status(&self, sim_ms: u64, origin: &str) -> Value {
        if self.deployment.has(Fault::StatusNull)
            || sim_ms < self.manifest_ms() + self.world.hastened(SETTLING_MS)
        {
            return Value::Null;
        }
        let mut services = Map::new();
        let mut forwarded_ports = Map::new();
        let mut ips = Map::new();
        for service in self.services() {
            services.insert(
                service.name.clone(),
                self.service_status(service, sim_ms, origin),
            );
            if !service.ports.is_empty() {
                forwarded_ports.insert(service.name.clone(), self.forwarded_ports(service));
            }
            if !service.ip_ports.is_empty() {
                ips.insert(service.name.clone(), self.ips(service));
            }
        }
        // Go serialises a map that was never filled as null.
        let or_null = |map: Map<String, Value>| {
            if map.is_empty() {
                Value::Null
            } else {
                Value::Object(map)
            }
        };
        json!({
            "services": services,
            "forwarded_ports": or_null(forwarded_ports),
            "ips": or_null(ips),
        })
    }

    fn service_status(&self, service: &ServiceSpec, sim_ms: u64, origin: &str) -> Value {
        let up = self
            .pods(service)
            .iter()
            .filter(|pod| pod.runs_at(sim_ms) && pod.replaced_ms.is_none())
            .count();
        // A rolling update keeps the old pods until the new ones are running.
        let available = if up == 0 && self.deployment.generation > 1 && self.is_healthy() {
            usize::try_from(service.replicas).unwrap_or_default()
        } else {
            up
        };
        let told = self
            .answers_from(service)
            .is_some_and(|from| from <= sim_ms || self.deployment.generation > 1);
        let uris = if service.web && told && !self.deployment.has(Fault::UrisNull) {
            let mut uris = vec![self.uri(service, origin)];
            uris.extend(service.hosts.iter().cloned());
            json!(uris)
        } else {
            Value::Null
        };
        json!({
            "name": service.name,
            "available": available,
            "total": service.replicas,
            "uris": uris,
            "observed_generation": self.deployment.generation,
            "replicas": service.replicas,
            "updated_replicas": up,
            "ready_replicas": available,
            "available_replicas": available,
        })
    }

    fn is_healthy(&self) -> bool {
        self.fate(0) == Fate::Runs
    }

    /// Returns the address at which the service answers. Real leases have host names of their own;
    /// here it is a path on the sandbox itself, because names below `localhost` resolve in browsers
    /// but not everywhere.
    fn uri(&self, service: &ServiceSpec, origin: &str) -> String {
        let host = origin.strip_prefix("http://").unwrap_or(origin);
        format!("{host}/__lease/{}/{}/", self.deployment.dseq, service.name)
    }

    fn forwarded_ports(&self, service: &ServiceSpec) -> Value {
        let host = self.world.provider(&self.lease.provider).map_or_else(
            || "provider.example".to_owned(),
            |provider| format!("provider.{}.example", provider.name),
        );
        let list: Vec<Value> = service
            .ports
            .iter()
            .map(|(port, proto)| {
                let labels = [
                    "port",
                    &self.deployment.ordinal.to_string(),
                    &service.name,
                    &port.to_string(),
                ];
                let outside = Dice::new(self.world.seed, &labels).between(30_000, 32_767);
                json!({ "host": host, "port": port, "externalPort": outside, "proto": proto, "name": service.name })
            })
            .collect();
        json!(list)
    }

    fn ips(&self, service: &ServiceSpec) -> Value {
        // 192.0.2.0/24 is reserved for examples: no host has such an address.
        let labels = ["ip", &self.deployment.ordinal.to_string()];
        let last = Dice::new(self.world.seed, &labels).between(1, 254);
        let list: Vec<Value> = service
            .ip_ports
            .iter()
            .map(|(port, proto)| {
                json!({ "IP": format!("192.0.2.{last}"), "Port": port, "ExternalPort": port, "Protocol": proto })
            })
            .collect();
        json!(list)
    }
}
