//! Recognises priorities: “cheapest”, “low latency matters most”, “reliability over cost”.

use domain::requirements::{Priority, Wish};

use crate::reading::{Matter, Reading, Setting};

/// Weight of a preference that is put above all others: “latency matters most”.
const ABOVE_ALL_ELSE: u8 = 5;
/// Weight of words that rank: “cheapest”.
const EXPRESS: u8 = 3;
/// Weight of words that name a quality and little else: “uptime”.
const NAMED: u8 = 2;
/// Weight of words that often describe something else: “fast”, “cheap”.
const IN_PASSING: u8 = 1;
/// Number of words before a quality that may say that it does not matter.
const NO_MATTER_WINDOW: usize = 3;

#[rustfmt::skip]
const PRIORITIES: &[(Priority, u8, &[&str])] = &[
    (
        Priority::Price,
        EXPRESS,
        &[
            "cheapest", "lowest price", "lowest cost", "cheapest possible",
            "as cheap as possible", "as cheaply as possible", "minimize cost", "minimise cost",
            "minimize costs", "lowest prices", "gunstigste", "gunstigsten", "gunstigster",
            "billigste", "billigsten", "so billig wie moglich", "so gunstig wie moglich",
            "lo mas barato", "mas barato", "mas barata", "mas economico", "as little as possible",
            "save money", "minimal cost", "best price", "cost sensitive", "price sensitive",
            "least expensive", "moglichst billig", "moglichst gunstig", "el mas barato",
            "precio mas bajo", "rock bottom", "cheaply as possible", "on a shoestring",
        ],
    ),
    (
        Priority::Price,
        IN_PASSING,
        &[
            "cheap", "cheaper", "cheaply", "low cost", "inexpensive", "affordable", "economical",
            "cost effective", "gunstig", "gunstige", "gunstigen", "gunstiger", "gunstiges",
            "billiger", "billiges", "billig", "billige", "billigen", "barato", "barata",
            "baratos", "economico", "economica", "price", "cost", "costs", "budget friendly",
            "preis", "precio", "kosten", "preiswert", "cost efficient", "low price", "bargain",
            "tight budget", "frugal", "cost conscious",
        ],
    ),
    (
        Priority::Latency,
        EXPRESS,
        &[
            "low latency", "lowest latency", "latency matters", "minimal latency", "lowest ping",
            "low ping", "niedrige latenz", "niedrigste latenz", "geringe latenz",
            "geringste latenz", "baja latencia", "menor latencia", "close to users",
            "close to my users", "close to our users", "close to the users", "near my users",
            "near our users", "real time", "realtime", "latency critical", "latency sensitive",
            "fastest response", "shortest response", "minimise latency", "minimize latency",
            "poca latencia", "minima latencia", "snappy", "fast response", "fast responses",
            "quick response", "quick responses", "fast response time", "fast response times",
            "quick response times", "reply speed", "response speed", "answer speed", "reply time",
            "schnelle antwort", "schnelle antworten",
            "respuesta rapida", "respuestas rapidas",
        ],
    ),
    (
        Priority::Latency,
        NAMED,
        &[
            "latency", "ping", "response time", "response times", "responsive", "latenz",
            "latencia", "responsiveness", "lag",
        ],
    ),
    (
        Priority::Uptime,
        EXPRESS,
        &[
            "most reliable", "high availability", "highly available", "highest uptime",
            "never go down", "never goes down", "must not go down", "as reliable as possible",
            "zuverlassigste", "zuverlassigsten", "mas fiable", "mas confiable",
            "alta disponibilidad", "hochverfugbar", "hochverfugbarkeit", "always available",
            "best uptime", "mission critical", "cant go down", "cannot go down", "rock solid",
            "99", "maximum uptime", "no downtime", "zero downtime", "high uptime", "most stable",
            "most dependable",
        ],
    ),
    (
        Priority::Uptime,
        NAMED,
        &[
            "reliable", "reliability", "reliably", "uptime", "dependable", "stability",
            "availability", "zuverlassig", "zuverlassige", "zuverlassigen", "zuverlassiger",
            "zuverlassiges", "zuverlassigem", "zuverlassigkeit", "verfugbarkeit", "fiable",
            "confiable", "disponibilidad", "fiabilidad", "ausfallsicher", "robust",
            "fault tolerant", "trustworthy", "trusted", "resilient",
        ],
    ),
    (
        Priority::Performance,
        EXPRESS,
        &[
            "fastest", "as fast as possible", "best performance", "maximum performance",
            "max performance", "highest performance", "high performance", "most powerful",
            "schnellste", "schnellsten", "schnellstmoglich", "mas rapido", "mas rapida",
            "lo mas rapido", "maximum speed", "max speed", "top performance", "quickest",
            "highest throughput", "high throughput", "maximo rendimiento",
            "so schnell wie moglich", "mas potente", "best gpu", "maximale leistung",
            "hochste leistung", "peak performance", "alto rendimiento",
        ],
    ),
    (
        Priority::Performance,
        IN_PASSING,
        &[
            "fast", "performance", "powerful", "speed", "throughput", "quick", "schnell",
            "schnelle", "schneller", "schnellen", "rapido", "rapida", "leistung", "rendimiento",
            "velocidad", "geschwindigkeit", "performant", "beefy", "leistungsstark",
        ],
    ),
];

#[rustfmt::skip]
const ABOVE_ALL: &[&str] = &[
    "matters most", "is most important", "is the most important", "first", "above all", "is key",
    "is everything", "is critical", "is crucial", "is the priority", "is priority",
    "is my priority", "is our priority", "over", "more important than", "matters more than",
    "before", "ist am wichtigsten", "es lo mas importante", "is paramount", "matters more",
    "is essential", "is what matters", "am wichtigsten", "more than", "is a must", "as priority",
    "rather than", "beats", "ist wichtiger als", "importa mas", "is number one",
];

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    let mut best: Option<(u8, Priority, usize, usize)> = None;
    let mut rival = None;
    let mut i = 0;
    while i < reading.len() {
        let Some((priority, weight, to)) = priority_at(reading, i) else {
            i += 1;
            continue;
        };
        let from = i;
        i = to;
        let beaten = matches!(
            reading.word_before(from, 1),
            "over" | "than" | "before" | "as"
        );
        if beaten && best.is_some()
            || reading.is_refused(from, to)
            || no_matter(reading, from)
            || is_attribute(reading, to)
        {
            continue;
        }
        let above_all = reading.any_phrase(to, ABOVE_ALL);
        let asked = matches!(
            reading.word_before(from, 1),
            "priority"
                | "prioritise"
                | "prioritize"
                | "prefer"
                | "favour"
                | "favor"
                | "optimise"
                | "optimize"
                | "prioritat"
                | "prioridad"
                | "priorisiere"
        ) || (from > 1
            && reading.is(
                from - 2,
                &[
                    "priority",
                    "prioritat",
                    "prioridad",
                    "optimise",
                    "optimize",
                    "optimised",
                    "optimized",
                ],
            ))
            || (from > 2 && reading.is(from - 3, &["priority", "optimise", "optimize"]));
        let weight = if above_all.is_some() || asked {
            ABOVE_ALL_ELSE
        } else {
            weight
        };
        // “price”, “cost” and “performance” alone express no preference; they count only if they
        // are preferred.
        if weight == IN_PASSING
            && matches!(
                reading.word(from),
                "price" | "cost" | "costs" | "preis" | "precio" | "kosten"
            )
        {
            continue;
        }
        match best {
            Some((held, favoured, ..)) if weight == held && favoured != priority => {
                rival = Some(priority)
            }
            Some((held, ..)) if weight <= held => {}
            _ => {
                best = Some((weight, priority, from, to));
                rival = None;
            }
        }
    }
    let Some((_, priority, from, to)) = best else {
        return;
    };
    wish.priority = Some(priority);
    reading.note("priority", from, to);
    if let Some(other) = rival {
        let question = format!("What matters more, {} or {}?", word(priority), word(other));
        let answers = [priority, other]
            .map(|priority| (word(priority).to_owned(), Setting::Priority(priority)));
        reading.ask_between(Matter::Preference, question, answers.into());
    }
}

/// The priority as a word for people.
pub(crate) fn word(priority: Priority) -> &'static str {
    match priority {
        Priority::Price => "price",
        Priority::Latency => "latency",
        Priority::Uptime => "uptime",
        Priority::Performance => "performance",
    }
}

fn priority_at(reading: &Reading<'_>, i: usize) -> Option<(Priority, u8, usize)> {
    PRIORITIES
        .iter()
        .filter_map(|(priority, weight, phrases)| {
            Some((*priority, *weight, reading.any_phrase(i, phrases)?))
        })
        .max_by_key(|(_, weight, to)| (*to, *weight))
}

/// Whether the quality is said not to matter: “no matter the price”, “egal wie teuer”; a comma ends
/// the scope.
fn no_matter(reading: &Reading<'_>, from: usize) -> bool {
    (1..=NO_MATTER_WINDOW)
        .map(|back| reading.word_before(from, back))
        .take_while(|word| !word.is_empty())
        .any(|word| matches!(word, "matter" | "regardless" | "whatever" | "egal"))
}

/// Whether the word describes something else: “fast disk”, “price cap”.
fn is_attribute(reading: &Reading<'_>, to: usize) -> bool {
    reading.is(
        to,
        &[
            "storage",
            "disk",
            "ssd",
            "nvme",
            "cap",
            "limit",
            "speicher",
            "festplatte",
            "tracker",
            "api",
            "chart",
            "network",
            "test",
            "testing",
            "comparison",
            "monitor",
            "estimate",
        ],
    )
}
