//! Recognises the workload: frameworks, products and plain words, weighed against each other.

use domain::requirements::{Template, Wish};

use crate::reading::{Matter, Reading, Setting};
use names::{CLEAR_NAMES, FRAMEWORK, LANGUAGE, PLAIN_WORD, UNSPECIFIED, UNSUPPORTED, WORKLOADS};

mod names;

use Template::{MlTraining, Postgres, Redis};

/// Weight of a database or cache that another workload uses.
const COMPANION: u8 = 1;
/// Bonus by which training and serving outweigh the tools around them.
const TRAINING_BONUS: u8 = 2;
/// Lengths of words in which one typo is tolerated: shorter words are too often a different word.
const SLIP_LENGTHS: std::ops::RangeInclusive<usize> = 5..=12;
/// Number of words before a name that may say that the workload only uses it.
const COMPANION_WINDOW: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Product {
    Ready(Template),
    Unsupported,
}

struct Mentioned {
    product: Product,
    weight: u8,
    from: usize,
    to: usize,
    /// `true` if the workload only uses it: “a Django app with Redis”.
    is_companion: bool,
}

/// Facts from other fields: with an image, no question about the workload is needed.
pub(crate) struct Beside {
    pub(crate) has_image: bool,
    pub(crate) wants_gpu: bool,
}

pub(crate) fn read(reading: &mut Reading<'_>, wish: &mut Wish, beside: &Beside) {
    let mentions = find(reading, beside);
    let Some(chosen) = choose(reading, &mentions) else {
        let open = (0..reading.len()).any(|i| reading.any_phrase(i, UNSPECIFIED).is_some());
        if open && !beside.has_image && !beside.wants_gpu {
            let made_of = [
                ("Node.js", Template::WebNode),
                ("Python", Template::WebPython),
                ("Static files", Template::StaticSite),
            ];
            let answers =
                made_of.map(|(title, template)| (title.to_owned(), Setting::Template(template)));
            reading.ask_between(
                Matter::Kind,
                "What is it made of: Node.js, Python, static files, or an image of your own?",
                answers.into(),
            );
        }
        return;
    };
    match chosen.product {
        Product::Ready(template) => {
            wish.template = Some(template);
            reading.note("template", chosen.from, chosen.to);
            let rival = mentions.iter().find(|other| {
                other.weight >= FRAMEWORK
                    && chosen.weight >= FRAMEWORK
                    && !other.is_companion
                    && other.product != chosen.product
                    && is_product(other.product) != is_product(chosen.product)
                    && !reading.corrected_between(other.to, chosen.to)
                    && !reading.corrected_between(chosen.to, other.to)
            });
            if let Some(Product::Ready(other)) = rival.map(|r| r.product) {
                let question = format!(
                    "One deployment at a time: first the {} or the {}?",
                    template.title(),
                    other.title()
                );
                let answers = [template, other]
                    .map(|template| (template.title().to_owned(), Setting::Template(template)));
                reading.ask_between(Matter::Amount, question, answers.into());
            }
        }
        Product::Unsupported if !beside.has_image => {
            let name = reading.written(chosen.from).to_owned();
            reading.ask(
                Matter::Unusable,
                format!("Which container image should run {name}? There is no template for it."),
            );
        }
        Product::Unsupported => {}
    }
}

/// Whether a product is a deployment of its own beside an application, as databases and caches are.
fn is_product(product: Product) -> bool {
    matches!(product, Product::Ready(Postgres | Redis))
}

fn find(reading: &Reading<'_>, beside: &Beside) -> Vec<Mentioned> {
    let mut found = Vec::new();
    let mut i = 0;
    while i < reading.len() {
        let Some((product, weight, to)) = product_at(reading, i) else {
            i += 1;
            continue;
        };
        let from = i;
        i = to;
        let only_a_machine = matches!(reading.word(from), "node" | "nodes") && beside.wants_gpu;
        if reading.is_refused(from, to) || only_a_machine {
            continue;
        }
        found.push(Mentioned {
            product,
            weight,
            from,
            to,
            is_companion: is_companion(reading, from),
        });
    }
    found
}

fn product_at(reading: &Reading<'_>, i: usize) -> Option<(Product, u8, usize)> {
    let word = reading.word(i);
    // “11ty” begins with a number, every other name with a letter.
    let digits = reading.digits(i).is_some() && reading.seen(i) == "11";
    if word.is_empty() && !digits {
        return None;
    }
    let here = reading.seen(i);
    let longest = |names: &[&str]| {
        names
            .iter()
            .filter(|name| name.starts_with(here))
            .filter_map(|name| reading.phrase(i, name))
            .max()
    };
    let unsupported = longest(UNSUPPORTED).map(|to| (Product::Unsupported, FRAMEWORK, to));
    let ready = WORKLOADS.iter().filter_map(|(template, weight, names)| {
        Some((Product::Ready(*template), *weight, longest(names)?))
    });
    ready
        .chain(unsupported)
        .max_by_key(|(_, weight, to)| (*to, *weight))
        .or_else(|| Some((Product::Ready(misspelt(word)?), FRAMEWORK, i + 1)))
}

fn misspelt(word: &str) -> Option<Template> {
    if !SLIP_LENGTHS.contains(&word.len()) || !word.is_ascii() {
        return None;
    }
    CLEAR_NAMES
        .iter()
        .find(|(name, _)| is_one_slip(word.as_bytes(), name.as_bytes()))
        .map(|(_, template)| *template)
}

/// Whether two words differ by one extra, missing or wrong letter, or by two swapped ones, after
/// the same first letter.
fn is_one_slip(typed: &[u8], meant: &[u8]) -> bool {
    if typed.first() != meant.first() || typed.len().abs_diff(meant.len()) > 1 {
        return false;
    }
    let same = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (typed, meant) = (&typed[same..], &meant[same..]);
    let swapped = typed.len() >= 2
        && meant.len() >= 2
        && typed[0] == meant[1]
        && typed[1] == meant[0]
        && typed[2..] == meant[2..];
    match typed.len().cmp(&meant.len()) {
        std::cmp::Ordering::Less => typed == &meant[1..],
        std::cmp::Ordering::Greater => &typed[1..] == meant,
        std::cmp::Ordering::Equal => swapped || (!typed.is_empty() && typed[1..] == meant[1..]),
    }
}

#[rustfmt::skip]
const COMPANION_LEADS: &[&str] = &[
    "backed by", "connects to", "connecting to", "connected to", "talks to", "talking to",
    "connect to", "that uses", "plus", "along with", "together with", "in front of", "next to",
    "against", "reads from", "writes to", "behind",
];

fn is_companion(reading: &Reading<'_>, from: usize) -> bool {
    if from > 0 && (reading.is_mark(from - 1, "+") || reading.is_mark(from - 1, "&")) {
        return true;
    }
    (1..=COMPANION_WINDOW).any(|back| {
        from.checked_sub(back).is_some_and(|at| {
            let lead = reading
                .any_phrase(at, COMPANION_LEADS)
                .is_some_and(|to| to <= from);
            let with = matches!(
                reading.word(at),
                "with" | "mit" | "con" | "and" | "using" | "via" | "und" | "y"
            ) && (at + 1..from).all(|n| {
                reading.is(
                    n,
                    &[
                        "a", "an", "its", "the", "my", "some", "eine", "einer", "una", "un",
                    ],
                )
            });
            lead || with
        })
    })
}

/// The mention with the greatest weight. A correction discards everything before it, and a
/// companion counts only if nothing else of weight was said.
fn choose<'m>(reading: &Reading<'_>, mentions: &'m [Mentioned]) -> Option<&'m Mentioned> {
    let mut best: Option<&Mentioned> = None;
    for mention in mentions {
        let Some(held) = best else {
            best = Some(mention);
            continue;
        };
        let corrected = reading.corrected_between(held.to, mention.to);
        if (corrected && mention.weight >= PLAIN_WORD) || rank(mention) > rank(held) {
            best = Some(mention);
        }
    }
    best
}

fn rank(mention: &Mentioned) -> u8 {
    let is_training = mention.product == Product::Ready(MlTraining);
    match mention.product {
        // Training and serving outweigh the tools around them.
        _ if is_training && mention.weight >= FRAMEWORK => mention.weight + TRAINING_BONUS,
        Product::Ready(Postgres | Redis) if mention.is_companion => COMPANION,
        _ if mention.is_companion && mention.weight < FRAMEWORK => mention.weight.saturating_sub(1),
        _ => mention.weight,
    }
}

/// The template an image belongs to, by the last part of its name.
pub(crate) fn template_of_image(image: &str) -> Option<Template> {
    let path = image.split('@').next().unwrap_or(image);
    let base = path.rsplit('/').next().unwrap_or(path);
    let name = base.split(':').next().unwrap_or(base);
    let reading = Reading::new(name);
    match product_at(&reading, 0) {
        // `vllm-openai` is vLLM under another name; `redis-proxy` is not Redis.
        Some((Product::Ready(template), weight, to))
            if weight >= LANGUAGE && (to == reading.len() || template == MlTraining) =>
        {
            Some(template)
        }
        _ => None,
    }
}
