//! Log lines as common images write them. A line is a function of its pod and its number, so a
//! stream can be opened anywhere and repeats what it showed before.

use domain::batch::EXIT_LINE;
use domain::time::clock;
use serde_json::json;

use crate::clock::{Moment, utc};
use crate::definition::ServiceSpec;
use crate::dice::Dice;
use crate::fault::Fault;

use super::events::{life_ms, restarts};
use super::{Fate, Pod, Workload};

/// Approximate number of lines that a cluster keeps per container.
const KEPT_LINES: u64 = 5_000;

/// A line with the time at which it was written, in simulated milliseconds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) at_ms: u64,
    pub(crate) pod: String,
    pub(crate) text: String,
}

impl Line {
    /// Returns the frame that a provider sends.
    pub(crate) fn frame(&self) -> String {
        let frame = json!({ "name": self.pod, "message": self.text });
        format!("{frame}\n")
    }
}

/// The kind of program in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    Web,
    Postgres,
    Redis,
    Inference,
    Training,
    Node,
    Python,
    Other,
}

impl Family {
    fn of(image: &str) -> Self {
        let image = image.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| image.contains(word));
        if has(&[
            "vllm",
            "llama",
            "ollama",
            "tgi",
            "text-generation",
            "sglang",
        ]) {
            Self::Inference
        } else if has(&["pytorch", "tensorflow", "train", "jupyter", "cuda"]) {
            Self::Training
        } else if has(&["nginx", "caddy", "httpd", "traefik", "static"]) {
            Self::Web
        } else if has(&["postgres", "timescale", "pgvector"]) {
            Self::Postgres
        } else if has(&["redis", "valkey", "keydb"]) {
            Self::Redis
        } else if has(&["node", "next", "bun", "deno"]) {
            Self::Node
        } else if has(&["python", "flask", "django", "fastapi", "uvicorn"]) {
            Self::Python
        } else {
            Self::Other
        }
    }

    /// Usual interval between two lines.
    fn interval_ms(self) -> u64 {
        match self {
            Self::Web | Self::Node | Self::Python => 2_000,
            Self::Inference | Self::Training => 3_000,
            Self::Other => 5_000,
            Self::Postgres | Self::Redis => 15_000,
        }
    }

    fn opening(self) -> &'static [&'static str] {
        match self {
            Self::Web => &[
                "/docker-entrypoint.sh: Configuration complete; ready for start up",
                "start worker processes",
                "listening on 0.0.0.0:80",
            ],
            Self::Postgres => &[
                "PostgreSQL init process complete; ready for start up.",
                "LOG:  starting PostgreSQL on x86_64-pc-linux-gnu, 64-bit",
                "LOG:  listening on IPv4 address \"0.0.0.0\", port 5432",
                "LOG:  database system is ready to accept connections",
            ],
            Self::Redis => &[
                "oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo",
                "Running mode=standalone, port=6379.",
                "Ready to accept connections tcp",
            ],
            Self::Inference => &[
                "Initializing the engine with dtype=bfloat16, tensor_parallel_size=1",
                "Loading model weights took 14.96 GB",
                "Graph capturing finished",
                "Application startup complete; serving on 0.0.0.0:8000",
            ],
            Self::Training => &["CUDA available: True", "Found 1 GPU", "Starting training"],
            Self::Node => &[
                "> start",
                "> node server.js",
                "Server listening on http://0.0.0.0:3000",
            ],
            Self::Python => &[
                "INFO:     Started server process [1]",
                "INFO:     Application startup complete.",
                "INFO:     Serving on http://0.0.0.0:8000",
            ],
            Self::Other => &["starting", "ready"],
        }
    }
}

/// Returns the lines of some services up to now, oldest first, with replicas interleaved.
pub(crate) fn lines(workload: &Workload<'_>, only: &[String], now: Moment) -> Vec<Line> {
    let mut all: Vec<Line> = workload
        .services()
        .iter()
        .filter(|service| only.is_empty() || only.contains(&service.name))
        .flat_map(|service| {
            let pods = workload.pods(service);
            pods.into_iter()
                .flat_map(|pod| pod_lines(workload, service, &pod, now))
                .collect::<Vec<_>>()
        })
        .collect();
    all.sort();
    all
}

fn pod_lines(workload: &Workload<'_>, service: &ServiceSpec, pod: &Pod, now: Moment) -> Vec<Line> {
    let until_ms = pod
        .ended_ms()
        .map_or(now.sim_ms, |ended| now.sim_ms.min(ended));
    let family = Family::of(&service.image);
    match pod.fate {
        Fate::NoImage | Fate::Pending => Vec::new(),
        Fate::Completes | Fate::Crashes | Fate::OutOfMemory => restarts(pod, until_ms)
            .into_iter()
            .flat_map(|start| short_life(family, service, pod, start))
            .filter(|line| line.at_ms <= until_ms)
            .collect(),
        Fate::Runs => {
            let burst = workload.deployment.has(Fault::StreamBurst);
            running_lines(family, pod, until_ms, now, burst)
        }
    }
}

/// Returns the output of a container that does not stay up. A killed one has no time for its last
/// line.
fn short_life(family: Family, service: &ServiceSpec, pod: &Pod, start: u64) -> Vec<Line> {
    let (last, code) = match pod.fate {
        Fate::Completes => ("all the work is done", Some(0)),
        Fate::OutOfMemory => ("memory is running out", None),
        _ => (
            "fatal: required configuration is missing, exiting with status 1",
            Some(1),
        ),
    };
    let end = start + life_ms(pod.fate);
    let opening = family.opening().first().map(|text| (*text).to_owned());
    let told = code
        .filter(|_| service.tells_its_end)
        .map(|code| format!("{EXIT_LINE}{code}"));
    [
        (start + 50, opening),
        (end - 200, Some(last.to_owned())),
        (end - 100, told),
    ]
    .into_iter()
    .filter_map(|(at_ms, text)| {
        let pod = pod.name.clone();
        text.map(|text| Line { at_ms, pod, text })
    })
    .collect()
}

fn running_lines(family: Family, pod: &Pod, until_ms: u64, now: Moment, burst: bool) -> Vec<Line> {
    if until_ms < pod.started_ms {
        return Vec::new();
    }
    let opening = family.opening();
    let mut list: Vec<Line> = opening
        .iter()
        .zip(0_u64..)
        .map(|(text, number)| Line {
            at_ms: pod.started_ms + 60 * (number + 1),
            pod: pod.name.clone(),
            text: (*text).to_owned(),
        })
        .collect();
    if burst {
        list.extend((0..2_000_u64).map(|number| Line {
            at_ms: pod.started_ms + 500,
            pod: pod.name.clone(),
            text: format!("line {number} of a burst of 2000"),
        }));
    }
    let interval = family.interval_ms();
    let begin = pod.started_ms + 1_000;
    let count = until_ms.saturating_sub(begin) / interval + 1;
    list.extend((count.saturating_sub(KEPT_LINES)..count).map(|number| {
        let number_text = number.to_string();
        let mut dice = Dice::new(0, &["line", &pod.name, &number_text]);
        let at_ms = begin + number * interval + dice.between(0, interval - 1);
        Line {
            at_ms,
            pod: pod.name.clone(),
            text: line(family, number, now.date_ms(at_ms), &mut dice),
        }
    }));
    list.retain(|line| line.at_ms <= until_ms);
    list
}

fn line(family: Family, number: u64, date_ms: u64, dice: &mut Dice) -> String {
    let paths = [
        "/",
        "/",
        "/favicon.ico",
        "/robots.txt",
        "/api/items",
        "/assets/app.css",
    ];
    let path = *dice.pick(&paths);
    let client = format!("10.42.{}.{}", dice.between(0, 5), dice.between(2, 254));
    let took = dice.between(1, 240);
    match family {
        Family::Web => {
            let size = dice.between(180, 9_400);
            let date = nginx_date(date_ms);
            format!("{client} - - [{date}] \"GET {path} HTTP/1.1\" 200 {size}")
        }
        Family::Node => format!("GET {path} 200 {took} ms"),
        Family::Python => format!(
            "INFO:     {client}:{} - \"GET {path} HTTP/1.1\" 200 OK",
            dice.between(32_768, 60_999)
        ),
        Family::Postgres if number.is_multiple_of(2) => {
            "LOG:  checkpoint starting: time".to_owned()
        }
        Family::Postgres => format!(
            "LOG:  checkpoint complete: wrote {} buffers",
            dice.between(3, 900)
        ),
        Family::Redis => format!(
            "{} changes in 60 seconds. Saving...",
            dice.between(100, 9_000)
        ),
        Family::Inference => format!(
            "Avg prompt throughput: {}.{} tokens/s, Avg generation throughput: {}.{} tokens/s, Running: {} reqs",
            dice.between(20, 900),
            dice.between(0, 9),
            dice.between(30, 120),
            dice.between(0, 9),
            dice.between(1, 8)
        ),
        Family::Training => {
            let loss = 3_500_000 / (1_000 + number * 7) + dice.between(0, 40);
            format!(
                "step {} loss {}.{:03} ({} samples/s)",
                number * 10,
                loss / 1000,
                loss % 1000,
                dice.between(300, 420)
            )
        }
        Family::Other => format!("working, {number} done"),
    }
}

/// Formats a date like `21/Nov/2026:05:55:01 +0000`.
fn nginx_date(unix_ms: u64) -> String {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let at = utc(unix_ms);
    let name = MONTHS[usize::try_from(at.month() - 1).expect("a month is small")];
    format!("{:02}/{name}/{}:{} +0000", at.day(), at.year(), clock(at))
}
