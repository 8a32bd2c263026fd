//! Events of the provider's cluster.

use serde_json::{Value, json};

use crate::definition::ServiceSpec;

use super::{Fate, Pod, Workload};

/// An event with the time at which it happened, in simulated milliseconds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) at_ms: u64,
    pub(crate) frame: Value,
}

/// Time for which a cluster keeps events.
const KEPT_MS: u64 = 3_600_000;
/// Lifetime of a crashing container.
const CRASHING_MS: u64 = 5_000;
/// Time that a container takes to complete its work.
const WORKING_MS: u64 = 20_000;
/// Maximum time between restarts.
const MAX_BACK_OFF_MS: u64 = 300_000;

/// Returns the events of some services up to now, oldest first.
pub(crate) fn events(workload: &Workload<'_>, only: &[String], now_ms: u64) -> Vec<Event> {
    let mut all: Vec<Event> = workload
        .services()
        .iter()
        .filter(|service| only.is_empty() || only.contains(&service.name))
        .flat_map(|service| {
            let pods = workload.pods(service);
            pods.into_iter()
                .flat_map(|pod| pod_events(workload, service, &pod, now_ms))
                .collect::<Vec<_>>()
        })
        .filter(|event| event.at_ms <= now_ms && event.at_ms + KEPT_MS > now_ms)
        .collect();
    all.sort_by_key(|event| event.at_ms);
    all
}

/// Returns the lifetime of a container that does not stay up.
pub(super) const fn life_ms(fate: Fate) -> u64 {
    match fate {
        Fate::Completes => WORKING_MS,
        _ => CRASHING_MS,
    }
}

/// Returns the times up to now at which a pod's container that does not stay up was started.
pub(super) fn restarts(pod: &Pod, now_ms: u64) -> Vec<u64> {
    starts(pod.started_ms, life_ms(pod.fate), now_ms)
}

fn starts(first_ms: u64, life_ms: u64, now_ms: u64) -> Vec<u64> {
    let (mut starts, mut at_ms, mut back_off_ms) = (Vec::new(), first_ms, 10_000);
    while at_ms <= now_ms {
        starts.push(at_ms);
        at_ms += life_ms + back_off_ms;
        back_off_ms = (back_off_ms * 2).min(MAX_BACK_OFF_MS);
    }
    starts
}

fn pod_events(
    workload: &Workload<'_>,
    service: &ServiceSpec,
    pod: &Pod,
    now_ms: u64,
) -> Vec<Event> {
    let name = &pod.name;
    let image = &service.image;
    let container = &service.name;
    let namespace = format!("lease-{}", workload.deployment.dseq);
    let event = |at_ms: u64, kind: &str, component: &str, reason: &str, note: String| Event {
        at_ms,
        frame: json!({
            "type": kind,
            "reportingController": component,
            "reportingInstance": pod.node,
            "reason": reason,
            "note": note,
            "object": { "kind": "Pod", "namespace": namespace, "name": name },
        }),
    };
    let normal =
        |at_ms, reason: &str, note: String| event(at_ms, "Normal", "kubelet", reason, note);
    let warning =
        |at_ms, reason: &str, note: String| event(at_ms, "Warning", "kubelet", reason, note);
    let scheduled = pod.scheduled_ms + 300;
    if pod.fate == Fate::Pending {
        let note = "0/6 nodes are available: 6 Insufficient cpu.".to_owned();
        return vec![event(
            scheduled,
            "Warning",
            "default-scheduler",
            "FailedScheduling",
            note,
        )];
    }
    let assigned = format!("Successfully assigned {namespace}/{name} to {}", pod.node);
    let mut list = vec![
        event(
            scheduled,
            "Normal",
            "default-scheduler",
            "Scheduled",
            assigned,
        ),
        normal(
            scheduled + 400,
            "Pulling",
            format!("Pulling image \"{image}\""),
        ),
    ];
    if pod.fate == Fate::NoImage {
        let failed = scheduled + 2_000;
        list.push(warning(
            failed,
            "Failed",
            format!("Failed to pull image \"{image}\": not found"),
        ));
        for retry in starts(failed + 500, CRASHING_MS, now_ms) {
            let note = format!("Back-off pulling image \"{image}\"");
            list.push(warning(retry, "BackOff", note));
        }
        return list;
    }
    let pulled = pod.started_ms.saturating_sub(400).max(scheduled + 500);
    let took = pulled.saturating_sub(scheduled + 400);
    list.push(normal(
        pulled,
        "Pulled",
        format!("Successfully pulled image \"{image}\" in {took}ms"),
    ));
    let starts = match pod.fate {
        Fate::Completes | Fate::Crashes | Fate::OutOfMemory => restarts(pod, now_ms),
        _ => vec![pod.started_ms],
    };
    for (number, start) in starts.iter().enumerate() {
        let created = format!("Created container {container}");
        list.push(normal(start.saturating_sub(100), "Created", created));
        list.push(normal(
            *start,
            "Started",
            format!("Started container {container}"),
        ));
        if pod.fate == Fate::OutOfMemory {
            let note = format!("Container {container} was killed: OOMKilled (exit code 137)");
            list.push(warning(start + CRASHING_MS, "OOMKilling", note));
        }
        // A cluster reports this for every container that ends, whatever the reason.
        if pod.fate != Fate::Runs && number > 0 {
            let note = format!("Back-off restarting failed container {container} in pod {name}");
            list.push(warning(start + life_ms(pod.fate), "BackOff", note));
        }
    }
    if let Some(replaced_ms) = pod.replaced_ms {
        let note = format!("Stopping container {container}");
        list.push(normal(replaced_ms + 1_000, "Killing", note));
    }
    list
}
