//! What to favour and what to refuse: priority, kinds of price, persistence, Akash or not.

use std::collections::BTreeSet;

use domain::requirements::{DeployToAkash, PricingModel, Priority, Wish};

use crate::reading::Reading;

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish) {
    read_pricing(reading, wish);
    read_akash(reading, wish);
    read_persistence(reading, wish);
    read_priority(reading, wish);
}

const SPOT: &[&str] = &[
    "spot",
    "spot instances",
    "spot instance",
    "spot pricing",
    "spot prices",
    "spot market",
    "preemptible",
    "preemptibles",
    "interruptible",
    "interruptions",
    "preemption",
    "auction",
    "auctions",
    "spot vms",
    "spot capacity",
    "preemptable",
    "spot price",
    "spot offers",
    "spots",
    "spot instanzen",
    "instancias spot",
    "unterbrechbare",
    "interrumpible",
    "interrumpibles",
    "interruption",
    "spot preise",
    "precios spot",
    "interruptable",
    "preemptible instances",
    "interruptible instances",
    "interruptible capacity",
];
const TOKEN: &[&str] = &[
    "token",
    "tokens",
    "token pricing",
    "token priced",
    "token prices",
    "token based",
    "crypto",
    "crypto priced",
    "volatile",
    "volatile prices",
    "token price",
    "tokenpreise",
    "token offers",
    "cryptocurrency",
];
const FIXED: &[&str] = &[
    "fixed",
    "fixed price",
    "fixed prices",
    "fixed pricing",
    "list price",
    "list prices",
    "on demand",
    "on demand pricing",
    "ondemand",
    "festpreis",
    "festpreise",
    "precio fijo",
    "precios fijos",
    "reserved",
    "on demand instances",
];
const STABLE_CAPACITY: &[&str] = &[
    "uninterrupted",
    "non interruptible",
    "uninterruptible",
    "must not be interrupted",
    "cannot be interrupted",
    "cant be interrupted",
    "on demand only",
    "only on demand",
    "ununterbrochen",
    "sin interrupciones",
    "nicht unterbrochen",
    "not be interrupted",
    "without being interrupted",
    "not interruptible",
    "must not be preempted",
];

fn pricing_at(reading: &Reading<'_>, i: usize) -> Option<(PricingModel, usize)> {
    let kinds = [
        (SPOT, PricingModel::Spot),
        (TOKEN, PricingModel::Token),
        (FIXED, PricingModel::Fixed),
    ];
    kinds
        .into_iter()
        .filter_map(|(names, kind)| Some((kind, reading.any_phrase(i, names)?)))
        .max_by_key(|(_, to)| *to)
}

fn read_pricing(reading: &mut Reading<'_>, wish: &mut Wish) {
    let mut i = 0;
    // A refusal carries over a list: “no spot or token pricing”.
    let mut refused_to = None;
    while i < reading.len() {
        if let Some(to) = reading.any_phrase(i, STABLE_CAPACITY) {
            exclude(reading, wish, &[PricingModel::Spot], i, to);
            i = to;
            continue;
        }
        let Some((kind, to)) = pricing_at(reading, i) else {
            i += 1;
            continue;
        };
        let listed = refused_to.is_some_and(|end: usize| {
            end + 1 == i
                && matches!(
                    reading.seen(end),
                    "or" | "nor" | "and" | "," | "/" | "oder" | "ni" | "o" | "und" | "y"
                )
                || end + 2 == i && matches!(reading.seen(end + 1), "or" | "nor" | "and" | "no")
        });
        let only = reading.is(to, &["only", "nur", "solo", "solamente"])
            || matches!(reading.word_before(i, 1), "only" | "nur" | "solo" | "just");
        if listed || reading.is_refused(i, to) {
            exclude(reading, wish, &[kind], i, to);
            refused_to = Some(to);
        } else if only {
            let others: Vec<_> = [PricingModel::Spot, PricingModel::Token, PricingModel::Fixed]
                .into_iter()
                .filter(|other| *other != kind)
                .collect();
            exclude(reading, wish, &others, i, to);
        } else if kind != PricingModel::Token {
            reading.take(i, to);
        }
        i = to;
    }
}

fn exclude(
    reading: &mut Reading<'_>,
    wish: &mut Wish,
    kinds: &[PricingModel],
    from: usize,
    to: usize,
) {
    let kinds: BTreeSet<_> = kinds.iter().copied().collect();
    wish.exclude_pricing.extend(kinds);
    reading.note("exclude_pricing", from, to);
    reading.take(from, to);
}

const NOT_DEPLOYED: &[&str] = &[
    "dont deploy",
    "do not deploy",
    "not deploy",
    "never deploy",
    "without deploying",
    "just show prices",
    "just show me prices",
    "only compare",
    "just compare",
    "market only",
    "only the market",
    "only show the market",
    "just the market",
    "no deployment",
    "compare only",
    "just compare prices",
    "only show prices",
    "nicht deployen",
    "nur vergleichen",
    "solo comparar",
    "no desplegar",
    "just a quote",
    "only a quote",
    "prices only",
];
const AKASH_NEVER: &[&str] = &[
    "never", "no", "not", "dont", "without", "avoid", "except", "kein", "nicht", "ohne", "nie",
    "niemals", "nunca", "sin", "exclude", "off",
];

fn read_akash(reading: &mut Reading<'_>, wish: &mut Wish) {
    for i in 0..reading.len() {
        if let Some(to) = reading.any_phrase(i, NOT_DEPLOYED) {
            wish.deploy_to_akash = DeployToAkash::Never;
            reading.note("deploy_to_akash", i, to);
            reading.take(i, to);
            return;
        }
        if !reading.is(i, &["akash"]) {
            continue;
        }
        let behind = (1..=3).find_map(|step| {
            let at = i + step;
            let end = at >= reading.len() || reading.breaks_before(at) || reading.is_mark(at, ",");
            let word = if end { "" } else { reading.word(at) };
            match word {
                "automatic" | "automatically" | "auto" | "automatisch" | "automatico" => {
                    Some((DeployToAkash::Automatic, at + 1))
                }
                "always" | "only" | "immer" | "siempre" | "nur" => {
                    Some((DeployToAkash::Always, at + 1))
                }
                "never" | "no" | "off" | "nie" | "nunca" => Some((DeployToAkash::Never, at + 1)),
                _ => None,
            }
        });
        let before = (1..=4).any(|back| AKASH_NEVER.contains(&reading.word_before(i, back)));
        let if_best =
            (1..=6).any(|step| reading.is(i + step, &["if", "unless", "falls", "si", "wenn"]));
        let (choice, to) = match behind {
            Some(found) => found,
            None if before => (DeployToAkash::Never, i + 1),
            None if if_best => (DeployToAkash::Automatic, i + 1),
            None => (DeployToAkash::Always, i + 1),
        };
        wish.deploy_to_akash = choice;
        reading.note("deploy_to_akash", i, to);
        reading.take(i, to);
        return;
    }
}

const PERSISTENT: &[&str] = &[
    "persistent",
    "persist",
    "persists",
    "persisted",
    "persistence",
    "durable",
    "persistente",
    "persistenter",
    "persistentem",
    "persistenten",
    "survive restarts",
    "survives restarts",
    "survive a restart",
    "survives a restart",
    "keep the data",
    "keep my data",
    "keeps its data",
    "keep its data",
    "keep data",
    "keeps data",
    "permanent storage",
    "permanent disk",
    "dauerhaft speichern",
    "dauerhafter speicher",
    "must not lose data",
    "dont lose data",
    "dont lose my data",
    "not lose data",
    "not lose my data",
    "survive reboots",
    "almacenamiento permanente",
    "persistencia",
    "persistieren",
    "persistenz",
    "conservar los datos",
    "daten behalten",
    "without losing data",
    "data must survive",
    "survives reboots",
    "never lose data",
    "stateful",
    "dauerhaftem speicher",
    "permanent volume",
    "persistently",
];
const TRANSIENT: &[&str] = &[
    "ephemeral",
    "non persistent",
    "not persistent",
    "no persistence",
    "temporary storage",
    "scratch",
    "can lose data",
    "data can be lost",
    "fluchtig",
    "efimero",
    "efimera",
    "stateless",
    "without persistence",
    "throwaway",
    "no persistent",
    "ephemeren",
    "nicht persistent",
    "sin persistencia",
    "no need to persist",
    "losing data is fine",
];

fn read_persistence(reading: &mut Reading<'_>, wish: &mut Wish) {
    // The size recogniser has taken “50Gi persistent storage”: its words are looked at again.
    let source = reading.source;
    let again = Reading::new(source);
    for i in 0..again.len() {
        let token = again.token(i);
        let found = match (
            again.any_phrase(i, TRANSIENT),
            again.any_phrase(i, PERSISTENT),
        ) {
            (Some(to), _) => Some((false, to)),
            (None, Some(to)) => Some((!again.is_refused(i, to), to)),
            (None, None) => None,
        };
        let Some((value, to)) = found else { continue };
        let Some(first) = token else { continue };
        if reading.is_set_aside(first.from) {
            continue;
        }
        wish.persistent = Some(value);
        reading.note("persistent", i, to);
        return;
    }
}

const PRIORITIES: &[(Priority, u8, &[&str])] = &[
    (
        Priority::Price,
        3,
        &[
            "cheapest",
            "lowest price",
            "lowest cost",
            "cheapest possible",
            "as cheap as possible",
            "as cheaply as possible",
            "minimize cost",
            "minimise cost",
            "minimize costs",
            "lowest prices",
            "gunstigste",
            "gunstigsten",
            "gunstigster",
            "billigste",
            "billigsten",
            "so billig wie moglich",
            "so gunstig wie moglich",
            "lo mas barato",
            "mas barato",
            "mas barata",
            "mas economico",
            "as little as possible",
            "save money",
            "minimal cost",
            "best price",
            "cost sensitive",
            "price sensitive",
            "least expensive",
            "moglichst billig",
            "moglichst gunstig",
            "el mas barato",
            "precio mas bajo",
            "rock bottom",
            "cheaply as possible",
            "on a shoestring",
        ],
    ),
    (
        Priority::Price,
        1,
        &[
            "cheap",
            "cheaper",
            "cheaply",
            "low cost",
            "inexpensive",
            "affordable",
            "economical",
            "cost effective",
            "gunstig",
            "gunstige",
            "gunstigen",
            "gunstiger",
            "gunstiges",
            "billiger",
            "billiges",
            "billig",
            "billige",
            "billigen",
            "barato",
            "barata",
            "baratos",
            "economico",
            "economica",
            "price",
            "cost",
            "costs",
            "budget friendly",
            "preis",
            "precio",
            "kosten",
            "preiswert",
            "cost efficient",
            "low price",
            "bargain",
            "tight budget",
            "frugal",
            "cost conscious",
        ],
    ),
    (
        Priority::Latency,
        3,
        &[
            "low latency",
            "lowest latency",
            "latency matters",
            "minimal latency",
            "lowest ping",
            "low ping",
            "niedrige latenz",
            "niedrigste latenz",
            "geringe latenz",
            "geringste latenz",
            "baja latencia",
            "menor latencia",
            "close to users",
            "close to my users",
            "close to our users",
            "close to the users",
            "near my users",
            "near our users",
            "real time",
            "realtime",
            "latency critical",
            "latency sensitive",
            "fastest response",
            "shortest response",
            "minimise latency",
            "minimize latency",
            "poca latencia",
            "minima latencia",
            "snappy",
        ],
    ),
    (
        Priority::Latency,
        2,
        &[
            "latency",
            "ping",
            "response time",
            "response times",
            "responsive",
            "latenz",
            "latencia",
            "responsiveness",
            "lag",
        ],
    ),
    (
        Priority::Uptime,
        3,
        &[
            "most reliable",
            "high availability",
            "highly available",
            "highest uptime",
            "never go down",
            "never goes down",
            "must not go down",
            "as reliable as possible",
            "zuverlassigste",
            "zuverlassigsten",
            "mas fiable",
            "mas confiable",
            "alta disponibilidad",
            "hochverfugbar",
            "hochverfugbarkeit",
            "always available",
            "best uptime",
            "mission critical",
            "cant go down",
            "cannot go down",
            "rock solid",
            "99",
            "maximum uptime",
            "no downtime",
            "zero downtime",
            "high uptime",
            "most stable",
            "most dependable",
        ],
    ),
    (
        Priority::Uptime,
        2,
        &[
            "reliable",
            "reliability",
            "reliably",
            "uptime",
            "dependable",
            "stability",
            "availability",
            "zuverlassig",
            "zuverlassige",
            "zuverlassigen",
            "zuverlassiger",
            "zuverlassiges",
            "zuverlassigem",
            "zuverlassigkeit",
            "verfugbarkeit",
            "fiable",
            "confiable",
            "disponibilidad",
            "fiabilidad",
            "ausfallsicher",
            "robust",
            "fault tolerant",
            "trustworthy",
            "trusted",
            "resilient",
        ],
    ),
    (
        Priority::Performance,
        3,
        &[
            "fastest",
            "as fast as possible",
            "best performance",
            "maximum performance",
            "max performance",
            "highest performance",
            "high performance",
            "most powerful",
            "schnellste",
            "schnellsten",
            "schnellstmoglich",
            "mas rapido",
            "mas rapida",
            "lo mas rapido",
            "maximum speed",
            "max speed",
            "top performance",
            "quickest",
            "highest throughput",
            "high throughput",
            "maximo rendimiento",
            "so schnell wie moglich",
            "mas potente",
            "best gpu",
            "maximale leistung",
            "hochste leistung",
            "peak performance",
            "alto rendimiento",
        ],
    ),
    (
        Priority::Performance,
        1,
        &[
            "fast",
            "performance",
            "powerful",
            "speed",
            "throughput",
            "quick",
            "schnell",
            "schnelle",
            "schneller",
            "schnellen",
            "rapido",
            "rapida",
            "leistung",
            "rendimiento",
            "velocidad",
            "geschwindigkeit",
            "performant",
            "beefy",
            "leistungsstark",
        ],
    ),
];

const ABOVE_ALL: &[&str] = &[
    "matters most",
    "is most important",
    "is the most important",
    "first",
    "above all",
    "is key",
    "is everything",
    "is critical",
    "is crucial",
    "is the priority",
    "is priority",
    "is my priority",
    "is our priority",
    "over",
    "more important than",
    "matters more than",
    "before",
    "ist am wichtigsten",
    "es lo mas importante",
    "is paramount",
    "matters more",
    "is essential",
    "is what matters",
    "am wichtigsten",
    "more than",
    "is a must",
    "as priority",
    "rather than",
    "beats",
    "ist wichtiger als",
    "importa mas",
    "is number one",
];

fn read_priority(reading: &mut Reading<'_>, wish: &mut Wish) {
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
            5
        } else {
            weight
        };
        // “price”, “cost” and “performance” alone are only words; they count when they are favoured.
        if weight == 1
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
        reading.ask(3, question);
    }
}

fn word(priority: Priority) -> &'static str {
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

fn no_matter(reading: &Reading<'_>, from: usize) -> bool {
    (1..=3).any(|back| {
        matches!(
            reading.word_before(from, back),
            "matter" | "regardless" | "whatever" | "egal"
        )
    })
}

/// “fast disk” and “price cap” describe something else.
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
