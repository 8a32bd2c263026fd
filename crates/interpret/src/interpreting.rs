//! Reads a sentence in a fixed order of steps.

use domain::requirements::Wish;

use crate::chunks::{self, Chunk, Found};
use crate::orders;
use crate::reading::{Matter, Reading, Setting};
use crate::slots::{
    akash, cpu, duration, gpu, memory, money, network, persistence, pricing, priority, region,
    workload,
};
use crate::understanding::{Answer, Understanding};

/// Interprets a request. Never fails: parts that are not understood stay open, and if nothing was
/// understood the result says so and asks.
#[must_use]
pub fn interpret(text: &str) -> Understanding {
    let mut reading = Reading::new(text);
    let mut wish = Wish::default();
    // Literal values first, so that a word inside an address or a value is never part of a wish;
    // then orders, so that nothing inside them is.
    let found = chunks::find(&mut reading);
    let orders = orders::set_aside(&mut reading);
    reading.set_aside.clone_from(&orders);
    let set_aside = orders
        .iter()
        .map(|span| text[span.from..span.to].to_owned())
        .collect();
    apply(&mut reading, &mut wish, found);
    money::read(&mut reading, &mut wish);
    network::read(&mut reading, &mut wish);
    let mut gpus = gpu::read(&mut reading);
    cpu::read(&mut reading, &mut wish);
    let beside = workload::Beside {
        has_image: wish.image.is_some(),
        wants_gpu: gpus.is_wanted(),
    };
    workload::read(&mut reading, &mut wish, &beside);
    duration::read(&mut reading, &mut wish);
    let template = wish.template;
    memory::read(&mut reading, &mut wish, &mut gpus, template);
    gpu::settle(&mut reading, &gpus, &mut wish);
    region::read(&mut reading, &mut wish);
    pricing::read(&mut reading, &mut wish);
    akash::read(&mut reading, &mut wish);
    persistence::read(&mut reading, &mut wish);
    priority::read(&mut reading, &mut wish);
    finish(reading, wish, set_aside)
}

fn apply(reading: &mut Reading<'_>, wish: &mut Wish, found: Vec<Found>) {
    for Found { chunk, span } in found {
        if reading.is_set_aside(span.from) {
            continue;
        }
        match chunk {
            Chunk::Env { key, value } => {
                let port = value.parse().ok().filter(|_| key == "PORT");
                if let Some(port) = port {
                    wish.ports.push(port);
                    reading.note_span("ports", span.from, span.to);
                }
                // The value may be a secret, and evidence is stored and shown: only the name is quoted.
                reading.note_span("env", span.from, span.from + key.len());
                wish.env.insert(key, value);
            }
            Chunk::Image(name) => match &wish.image {
                None => {
                    wish.template = workload::template_of_image(&name);
                    if wish.template.is_some() {
                        reading.note_span("template", span.from, span.to);
                    }
                    wish.image = Some(name);
                    reading.note_span("image", span.from, span.to);
                }
                Some(first) if *first != name => {
                    let question = format!("One deployment at a time: {first} or {name}?");
                    let answers = [first.clone(), name].map(|image| {
                        let setting = Setting::Image(image.clone());
                        (image, setting)
                    });
                    reading.ask_between(Matter::Choice, question, answers.into());
                }
                Some(_) => {}
            },
            Chunk::Provider(provider) => {
                wish.providers.insert(provider);
                reading.note_span("providers", span.from, span.to);
            }
            Chunk::Address => {}
        }
    }
}

const WHAT_TO_RUN: &str = "What should run: a workload such as “a redis cache”, a GPU such as \
                           “2 H100”, or a container image?";

fn finish(reading: Reading<'_>, wish: Wish, set_aside: Vec<String>) -> Understanding {
    let Reading {
        mut evidence,
        mut questions,
        ..
    } = reading;
    evidence.sort_by(|a, b| (a.from, a.to, &a.field).cmp(&(b.from, b.to, &b.field)));
    let unclear = wish.is_empty();
    // A stable sort: of two equally important questions the first in the text is asked.
    questions.sort_by_key(|question| std::cmp::Reverse(question.matter));
    let (asked, answers) = match questions.into_iter().next() {
        Some(question) => (Some(question.text), question.answers),
        None => (None, Vec::new()),
    };
    let question = match asked {
        None if unclear => Some(WHAT_TO_RUN.to_owned()),
        asked => asked,
    };
    let answers = answers.into_iter().map(|(title, setting)| Answer {
        title,
        wish: setting.put_into(&wish),
    });
    let answers = answers.collect();
    Understanding {
        wish,
        evidence,
        set_aside,
        question,
        answers,
        unclear,
    }
}
