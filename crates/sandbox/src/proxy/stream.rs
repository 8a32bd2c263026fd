//! A provider's log or event stream, as passed on by the proxy.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::clock::Moment;
use crate::fault::Fault;
use crate::gateway::{LeaseRoute, Route, Target, allow};
use crate::state::Shared;
use crate::workload::{Fate, Workload, events, logs};
use crate::world::World;

/// Number of lines that a broken or silent stream still sends.
const LINES_BEFORE_FAULT: usize = 5;
/// Length in bytes of a line that is too long for providers to read.
const LONG_LINE_BYTES: usize = 70 * 1024;

/// A frame for the client.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// A frame; the stream continues.
    Frame(Value),
    /// A frame after which the stream ends.
    End(Value),
}

/// The outcome of a request for a stream.
#[derive(Debug)]
pub(super) enum Opened {
    Stream(Box<ProviderStream>),
    /// The frame with the refusal.
    Refused(Value),
}

/// An open stream.
#[derive(Debug)]
pub(super) struct ProviderStream {
    url: String,
    provider: String,
    route: LeaseRoute,
    /// Position up to which everything has been sent.
    sent_until: Option<u64>,
    sent: usize,
    /// Pods that existed when the stream was opened; later ones are not added.
    pods: BTreeSet<String>,
}

impl ProviderStream {
    pub(super) fn open(shared: &Shared, url: &str, token: Option<&str>) -> Opened {
        let target = match Target::parse(shared, url) {
            Ok(target) => target,
            Err(_) => return Opened::Refused(refused()),
        };
        let Route::Lease(route) = &target.route else {
            return Opened::Refused(refused());
        };
        if !matches!(route.what.as_str(), "logs" | "kubeevents") {
            return Opened::Refused(refused());
        }
        match allow(shared, &target, route, token) {
            Ok(()) => {}
            Err("JWT is expired") => return Opened::Refused(expired()),
            Err(_) => return Opened::Refused(refused()),
        }
        let first = shared.look(|world, now| first_look(world, &target, route, now));
        match first {
            Ok(pods) => Opened::Stream(Box::new(Self {
                url: url.to_owned(),
                provider: target.provider.clone(),
                route: route.clone(),
                sent_until: None,
                sent: 0,
                pods,
            })),
            Err(frame) => Opened::Refused(frame),
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Whether the stream has fallen silent, including pongs.
    pub(super) fn is_silent(&self) -> bool {
        self.sent == usize::MAX
    }

    /// Returns the frames since the last step.
    pub(super) fn step(&mut self, shared: &Shared) -> Vec<Step> {
        if self.is_silent() {
            return Vec::new();
        }
        let (lines, fault, is_over) = shared.look(|world, now| self.news(world, now));
        let mut steps = Vec::new();
        for line in lines {
            steps.push(Step::Frame(envelope(&line, fault)));
            self.sent += 1;
            if self.sent == LINES_BEFORE_FAULT
                && let Some(end) = self.fault_mid_stream(fault)
            {
                steps.extend(end);
                return steps;
            }
        }
        if is_over {
            steps.push(Step::End(self.natural_end()));
        }
        steps
    }

    fn fault_mid_stream(&mut self, fault: Option<Fault>) -> Option<Vec<Step>> {
        match fault? {
            Fault::StreamBroken => Some(vec![Step::End(closed(1006, ""))]),
            Fault::StreamStalled => {
                self.sent = usize::MAX;
                Some(Vec::new())
            }
            Fault::StreamLongLine => {
                let pod = self.pods.first().cloned().unwrap_or_default();
                let line = json!({ "name": pod, "message": "x".repeat(LONG_LINE_BYTES) });
                let frame = envelope(&format!("{line}\n"), None);
                Some(vec![Step::Frame(frame), Step::End(closed(1006, ""))])
            }
            _ => None,
        }
    }

    /// Returns the new lines, the fault that affects the stream, and whether it ends after them.
    fn news(&mut self, world: &World, now: Moment) -> (Vec<String>, Option<Fault>, bool) {
        let Some((deployment, index)) = self.route.find(world, &self.provider) else {
            return (Vec::new(), None, true);
        };
        let fault = deployment.faults.iter().copied().find(is_stream_fault);
        let workload = Workload::of(world, deployment, index);
        let lines = match &workload {
            Some(workload) => self.lines(workload, now),
            None => Vec::new(),
        };
        let is_over = !self.route.follow || workload.is_some_and(|it| self.pods_are_gone(&it, now));
        let mut fresh: Vec<String> = lines
            .into_iter()
            .filter(|(at_ms, _)| self.sent_until.is_none_or(|until| *at_ms > until))
            .map(|(_, line)| line)
            .collect();
        if let (None, Some(tail)) = (self.sent_until, self.route.tail) {
            let keep = usize::try_from(tail).unwrap_or(usize::MAX);
            fresh.drain(..fresh.len().saturating_sub(keep));
        }
        self.sent_until = Some(now.sim_ms);
        (fresh, fault, is_over)
    }

    /// Whether all containers of the log are gone, which ends it: pods started by an update are not
    /// part of it.
    fn pods_are_gone(&self, workload: &Workload<'_>, now: Moment) -> bool {
        let services = workload.services().iter();
        self.route.what == "logs"
            && services
                .flat_map(|service| workload.pods(service))
                .filter(|pod| self.pods.contains(&pod.name))
                .all(|pod| pod.is_gone(now.sim_ms))
    }

    fn lines(&self, workload: &Workload<'_>, now: Moment) -> Vec<(u64, String)> {
        if self.route.what == "logs" {
            logs::lines(workload, &self.route.services, now)
                .into_iter()
                .filter(|line| self.pods.contains(&line.pod))
                .map(|line| (line.at_ms, line.frame()))
                .collect()
        } else {
            events::events(workload, &self.route.services, now.sim_ms)
                .into_iter()
                .map(|event| (event.at_ms, format!("{}\n", event.frame)))
                .collect()
        }
    }

    /// Returns the natural end of a stream: events end in order, logs by a closed connection.
    fn natural_end(&self) -> Value {
        if self.route.what == "logs" {
            closed(1006, "")
        } else {
            closed(1000, "")
        }
    }
}

/// Returns a provider's reaction to a request for a stream: the pods that it will cover, or the
/// frame that closes it.
fn first_look(
    world: &World,
    target: &Target,
    route: &LeaseRoute,
    now: Moment,
) -> Result<BTreeSet<String>, Value> {
    let Some((deployment, index)) = route.find(world, &target.provider) else {
        return Err(closed(4001, "lease not found"));
    };
    match deployment
        .faults
        .iter()
        .find(|fault| is_stream_fault(fault))
    {
        Some(Fault::StreamNoPods) => return Err(closed(4000, "no running pods")),
        Some(Fault::StreamNoLease) => return Err(closed(4001, "lease not found")),
        Some(Fault::StreamUnavailable) => return Err(closed(4002, "service unavailable")),
        Some(Fault::StreamTokenExpired) => return Err(expired()),
        Some(Fault::StreamInvalidCertificate) => {
            return Err(closed(1008, "invalidCertificate.unknownCertificate"));
        }
        _ => {}
    }
    let pods: BTreeSet<String> = Workload::of(world, deployment, index)
        .map(|workload| {
            let services = workload.services().iter();
            services
                .flat_map(|service| workload.pods(service))
                .filter(|pod| pod.started_ms <= now.sim_ms && !pod.is_gone(now.sim_ms))
                .filter(|pod| !matches!(pod.fate, Fate::NoImage | Fate::Pending))
                .map(|pod| pod.name)
                .collect()
        })
        .unwrap_or_default();
    if route.what == "logs" && pods.is_empty() {
        return Err(closed(4000, "no running pods"));
    }
    Ok(pods)
}

fn is_stream_fault(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::StreamBroken
            | Fault::StreamNoPods
            | Fault::StreamNoLease
            | Fault::StreamUnavailable
            | Fault::StreamTokenExpired
            | Fault::StreamStalled
            | Fault::StreamInvalidCertificate
            | Fault::StreamBuffer
            | Fault::StreamLongLine
    )
}

fn envelope(line: &str, fault: Option<Fault>) -> Value {
    if fault == Some(Fault::StreamBuffer) {
        return json!({ "type": "websocket", "message": { "type": "Buffer", "data": line.as_bytes() } });
    }
    json!({ "type": "websocket", "message": line })
}

fn closed(code: u16, reason: &str) -> Value {
    json!({ "type": "websocket", "message": "", "closed": true, "code": code, "reason": reason })
}

fn expired() -> Value {
    json!({ "type": "websocket", "error": "tokenExpired" })
}

/// Returns the frame for a refused upgrade, of which neither status nor close gets through.
fn refused() -> Value {
    let text = "Received error from provider websocket";
    json!({ "type": "websocket", "message": text, "error": text })
}
