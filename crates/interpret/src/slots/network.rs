//! Ports: “on port 8080”, “listening on 8000”, “expose 7860”, “ports 80 and 443”.

use domain::requirements::Wish;

use crate::gpu_names::model_at;
use crate::reading::Reading;

#[rustfmt::skip]
const LEADS: &[&str] = &[
    "port", "ports", "puerto", "puertos", "listening on", "listening to", "listens to",
    "listen to", "tls on", "grpc on", "expose grpc on", "listens on", "listen on", "lauscht auf",
    "expose", "exposes", "exposing", "exposed on", "exposed at", "exponer", "served on",
    "serving on", "serve on", "available on", "reachable on", "tcp", "bind to", "binds to",
    "open", "hort auf", "escucha en", "http on", "https on", "running on", "localhost", "up on",
    "publish", "expone", "port number", "container port", "freigeben",
];

/// Words that count the number before them: `port 8080, 2 cpus` names one port.
#[rustfmt::skip]
const COUNTED: &[&str] = &[
    "gb", "gib", "gi", "mb", "mib", "mi", "tb", "gig", "gigs", "g", "m", "k", "cpu", "cpus",
    "vcpu", "vcpus", "core", "cores", "gpu", "gpus", "x", "replica", "replicas", "instance",
    "instances", "copies", "hour", "hours", "h", "hr", "hrs", "day", "days", "d", "week", "weeks",
    "month", "months", "min", "mins", "minutes", "minute", "usd", "dollars", "bucks", "threads",
    "cards", "stunden", "tage", "woche", "horas", "dias", "semanas", "kerne", "nucleos", "ram",
    "times", "half", "megs", "pods", "dollar", "usdc", "cents", "nodes", "servers", "pm", "am",
    "a100", "h100", "ti", "a", "instanzen", "replicas", "percent", "weekend", "ms", "s",
];

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    let mut i = 0;
    while i < reading.len() {
        let Some((ports, from, to)) = ports_at(reading, i) else {
            i += 1;
            continue;
        };
        for port in ports {
            if !wish.ports.contains(&port) {
                wish.ports.push(port);
            }
        }
        reading.note("ports", from, to);
        reading.take(from, to);
        i = to.max(i + 1);
    }
}

fn ports_at(reading: &Reading<'_>, i: usize) -> Option<(Vec<u16>, usize, usize)> {
    let (mut at, from) = match reading.any_phrase(i, LEADS) {
        Some(to) => (to, i),
        // “:3000” and “8080/tcp” on their own.
        // docker's “-p 8080:80”
        None if reading.is_mark(i, "-") && reading.is_glued(i + 1) && reading.is(i + 1, &["p"]) => {
            (i + 2, i)
        }
        None if reading.is(i, &["on", "at", "auf", "en"]) && is_bare_port(reading, i + 1) => {
            (i + 1, i)
        }
        None if reading.is_mark(i, ":") && !is_glued_to_word(reading, i) => (i + 1, i),
        None if stands_alone(reading, i) => (i, i),
        None => {
            let transport = reading.is_mark(i + 1, "/")
                && reading.is(i + 2, &["tcp", "udp", "http"])
                && reading.is_glued(i + 2);
            let port = port_number(reading, i).filter(|_| transport)?;
            return Some((vec![port], i, i + 3));
        }
    };
    let named = (from..at).any(|n| reading.is(n, &["port", "ports", "puerto", "puertos"]));
    while reading.is(
        at,
        &[
            "port", "ports", "number", "numbers", "is", "puerto", "puertos", "to", "http", "the",
            "on", "at", "den", "el", "los", "als", "tcp",
        ],
    ) || [":", "=", "(", "#"]
        .iter()
        .any(|mark| reading.is_mark(at, mark))
    {
        at += 1;
    }
    let mut ports = Vec::new();
    let mut to = at;
    while ports.len() < 64 {
        // “80,443” is one token when it looks like a decimal; its parts are the ports.
        let written = reading.written(at);
        let parts: Option<Vec<u16>> = written.split(',').map(|part| part.parse().ok()).collect();
        let Some(parts) =
            parts.filter(|_| reading.digits(at).is_some() && !counts(reading, at, named))
        else {
            break;
        };
        ports.extend(parts);
        at += 1;
        // A mapping 8080:80 listens inside on the second.
        let maps = reading.is_mark(at, ":") && reading.is_glued(at) && reading.is_glued(at + 1);
        if let Some(inner) = port_number(reading, at + 1).filter(|_| maps) {
            ports.pop();
            ports.push(inner);
            at += 2;
        }
        if reading.is_mark(at, "/") && reading.is(at + 1, &["tcp", "udp", "http"]) {
            at += 2;
        }
        to = at;
        let mut joined = false;
        while at < to + 3
            && (reading.is(at, &["and", "or", "und", "y", "plus", "port", "as", "well"])
                || [",", "&", "+", "/"]
                    .iter()
                    .any(|mark| reading.is_mark(at, mark)))
        {
            at += 1;
            joined = true;
        }
        if !joined {
            break;
        }
    }
    (!ports.is_empty()).then_some((ports, from, to))
}

/// “Python API. 8080.”: a well-known port that is a clause of its own.
fn stands_alone(reading: &Reading<'_>, i: usize) -> bool {
    let edge = |at: usize| {
        reading.token(at).is_none() || [",", ".", ";"].iter().any(|mark| reading.is_mark(at, mark))
    };
    let usual = [
        80, 443, 3000, 4000, 5000, 5432, 6379, 8000, 8080, 8081, 8443, 8888, 9000,
    ];
    i > 0
        && edge(i - 1)
        && edge(i + 1)
        && !reading.is_glued(i)
        && port_number(reading, i).is_some_and(|port| usual.contains(&port))
}

fn is_glued_to_word(reading: &Reading<'_>, i: usize) -> bool {
    reading.is_glued(i) || !reading.is_glued(i + 1)
}

fn port_number(reading: &Reading<'_>, at: usize) -> Option<u16> {
    u16::try_from(reading.digits(at)?.as_whole()?).ok()
}

/// Whether the number counts something and is therefore not a port.
fn counts(reading: &Reading<'_>, at: usize, named: bool) -> bool {
    let next = at + 1;
    let unit = reading.is(next, COUNTED)
        && !(named && reading.is(next, &["a", "half", "x", "s"]) && !reading.is_glued(next));
    let money = (at > 0 && reading.is_mark(at - 1, "$")) || reading.is_mark(next, "$");
    let a_unit = reading.is_mark(next, "-") && reading.is(next + 1, COUNTED);
    let small = !named
        && reading
            .digits(at)
            .and_then(|n| n.as_whole())
            .is_none_or(|n| n < 20);
    unit || money || a_unit || small
}

/// Whether a number after “on” is a port and nothing else: “on 8080”, but not the graphics card “on
/// 4090”.
fn is_bare_port(reading: &Reading<'_>, at: usize) -> bool {
    let is_port = port_number(reading, at).is_some_and(|n| n == 80 || n == 443 || n >= 1024);
    let ends = reading.token(at + 1).is_none_or(|next| {
        !next.text.starts_with(char::is_alphanumeric)
            || matches!(
                &*next.text,
                "and" | "with" | "for" | "in" | "und" | "mit" | "y" | "con"
            )
    });
    is_port && ends && model_at(reading, at).is_none()
}
