//! CPU and replicas: “4 vCPU”, “half a CPU”, “500m cpu”, “16 cores”; “3 replicas”, “scale to 3”.

use domain::requirements::Wish;
use domain::resources::CpuMilli;

use crate::reading::{Matter, Mention, Reading};

#[rustfmt::skip]
const CPU: &[&str] = &[
    "cpu", "cpus", "vcpu", "vcpus", "core", "cores", "thread", "threads", "kern", "kerne",
    "kernen", "prozessor", "prozessoren", "nucleo", "nucleos", "hilos", "procesador",
    "procesadores", "cpu cores", "cpu core", "virtual cpus", "virtual cpu", "v cpu", "v cpus",
    "virtual cores", "vcores", "vcore", "processor", "processors", "cpu kerne", "cpu kernen",
    "physical cores", "nucleos de cpu", "cpu threads", "ghz cores", "vcpu cores",
];
#[rustfmt::skip]
const MILLI: &[&str] = &[
    "millicores", "millicore", "millicpu", "millicpus", "mcpu", "milli cpu", "milli cores",
];

#[rustfmt::skip]
const REPLICAS: &[&str] = &[
    "replica", "replicas", "instance", "instances", "copies", "pods", "pod", "instanzen",
    "instanz", "repliken", "kopien", "instancias", "copias", "containers", "nodes", "servers",
    "machines", "boxes", "app instances", "knoten", "nodos", "servidores", "workers", "vms",
];

/// Words between a number and the copies it counts: “three fastapi containers”.
#[rustfmt::skip]
const BETWEEN_COUNT_AND_COPIES: &[&str] = &[
    "x", "identical", "running", "app", "web", "api", "separate", "node", "load", "fastapi",
    "flask", "django", "express", "nginx", "redis", "postgres", "nodejs", "python", "small",
    "backend", "frontend", "docker", "worker", "server",
];

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    let mut cpus: Vec<Mention<CpuMilli>> = Vec::new();
    let mut replicas: Vec<Mention<u32>> = Vec::new();
    let mut i = 0;
    while i < reading.len() {
        if let Some(found) = cpu_at(reading, i) {
            i = found.to;
            reading.take(found.from, found.to);
            cpus.push(found);
        } else if let Some(found) = replicas_at(reading, i) {
            i = found.to;
            reading.take(found.from, found.to);
            replicas.push(found);
        } else {
            i += 1;
        }
    }
    if let Some(settled) = reading.settle(&cpus) {
        wish.cpu = Some(settled.chosen.value);
        reading.note("cpu", settled.chosen.from, settled.chosen.to);
        if let Some(rival) = settled.rival {
            let question = format!(
                "How many vCPUs: {} or {}?",
                settled.chosen.value, rival.value
            );
            reading.ask(Matter::Amount, question);
        }
    }
    if let Some(settled) = reading.settle(&replicas) {
        wish.replicas = Some(settled.chosen.value);
        reading.note("replicas", settled.chosen.from, settled.chosen.to);
        if let Some(rival) = settled.rival {
            let question = format!(
                "How many replicas: {} or {}?",
                settled.chosen.value, rival.value
            );
            reading.ask(Matter::Amount, question);
        }
    }
}

fn cpu_at(reading: &Reading<'_>, i: usize) -> Option<Mention<CpuMilli>> {
    let milli_of = |amount: crate::amount::Amount| CpuMilli(amount.of(1000));
    if let Some(number) = reading.number(i).filter(|n| !n.is_article) {
        let mut amount = number.amount;
        let mut at = number.to;
        // “4-8 cores”: the larger one fits both.
        if (["-", "–"].iter().any(|mark| reading.is_mark(at, mark))
            || reading.is(at, &["to", "bis"]))
            && let Some(high) = reading.digits(at + 1).filter(|high| *high > amount)
            && reading.any_phrase(at + 2, CPU).is_some()
        {
            amount = high;
            at += 2;
        }
        if reading.is_mark(at, "-")
            || reading.is(
                at,
                &[
                    "x",
                    "virtual",
                    "dedicated",
                    "shared",
                    "fast",
                    "de",
                    "amd",
                    "intel",
                    "epyc",
                    "of",
                    "a",
                    "an",
                    "physical",
                ],
            )
        {
            at += 1;
        }
        if let Some(to) = reading.any_phrase(at, MILLI) {
            return Some(mention(CpuMilli(number.amount.of(1)), i, to));
        }
        let milli = reading.is(number.to, &["m"]) && reading.is_glued(number.to);
        if milli && let Some(to) = reading.any_phrase(number.to + 1, CPU) {
            return Some(mention(CpuMilli(number.amount.of(1)), i, to));
        }
        if let Some(to) = reading.any_phrase(at, CPU) {
            // “4 cpu 8 ram” is fine, “8 threads per core” must not be multiplied here.
            return Some(mention(milli_of(amount), i, to));
        }
    }
    let label = reading.any_phrase(i, CPU)?;
    let mut at = label;
    while reading.is(at, &["of", "is", "count", "de", "at", "least", "limit"])
        || [":", "="].iter().any(|m| reading.is_mark(at, m))
    {
        at += 1;
    }
    let amount = reading.number(at).filter(|n| !n.is_article)?;
    if reading.is(amount.to, &["m"]) && reading.is_glued(amount.to) {
        return Some(mention(CpuMilli(amount.amount.of(1)), i, amount.to + 1));
    }
    // “cpu, 2 gb”: the number belongs to the unit after it.
    let counts_other = reading.token(amount.to).is_some_and(|next| {
        reading.is_glued(amount.to) && next.text.starts_with(char::is_alphabetic)
    }) || reading.is(
        amount.to,
        &[
            "gb", "gib", "gi", "mb", "mi", "gig", "gigs", "tb", "hours", "hour", "days",
            "replicas", "gpus", "gpu", "day", "h", "x",
        ],
    ) || !reading.is(
        label - 1,
        &["cpu", "cpus", "vcpu", "vcpus", "cores", "kerne", "nucleos"],
    );
    (!counts_other).then(|| mention(milli_of(amount.amount), i, amount.to))
}

fn replicas_at(reading: &Reading<'_>, i: usize) -> Option<Mention<u32>> {
    let count_of = |amount: Option<u64>| amount.and_then(|n| u32::try_from(n).ok());
    if let Some(number) = reading.number(i).filter(|n| !n.is_article) {
        let mut at = number.to;
        while at < number.to + 2
            && (reading.is(at, BETWEEN_COUNT_AND_COPIES) || reading.is_mark(at, "×"))
        {
            at += 1;
        }
        // “3 x 8 GPU H100 nodes”: what lies between was read as the GPUs of each.
        let gpus = at;
        while at < gpus + 12 && at < reading.len() && reading.is_taken(at) {
            at += 1;
        }
        let machines = [
            "nodes",
            "machines",
            "servers",
            "boxes",
            "instances",
            "hosts",
        ];
        if at > gpus && !reading.is(at, &machines) {
            return None;
        }
        // “a 3-node cluster”
        let hyphen = reading.is_mark(at, "-") && reading.is_glued(at);
        if hyphen && reading.is(at + 1, &["node", "replica", "instance", "pod"]) {
            return Some(mention(count_of(number.whole())?, i, at + 2));
        }
        if let Some(to) = reading.any_phrase(at, REPLICAS) {
            return Some(mention(count_of(number.whole())?, i, to));
        }
    }
    let lead = [
        "scale to",
        "scaled to",
        "scale it to",
        "scale out to",
        "replicated",
        "skaliert auf",
        "escalar a",
    ];
    if let Some(at) = reading.any_phrase(i, &lead) {
        let number = reading.number(at).filter(|n| !n.is_article)?;
        let to = reading
            .any_phrase(number.to, &["times", "mal", "veces"])
            .unwrap_or(number.to);
        return Some(mention(count_of(number.whole())?, i, to));
    }
    let mut at = reading.any_phrase(
        i,
        &[
            "replicas",
            "replica count",
            "instances",
            "count",
            "replica",
            "copies",
        ],
    )?;
    let label = at;
    while [":", "="].iter().any(|m| reading.is_mark(at, m)) || reading.is(at, &["of", "is"]) {
        at += 1;
    }
    let count = reading.digits(at).filter(|_| at > label)?;
    Some(mention(count_of(count.as_whole())?, i, at + 1))
}

fn mention<T>(value: T, from: usize, to: usize) -> Mention<T> {
    Mention { value, from, to }
}
