//! Interpretation by a model through the sandbox's endpoint, in each wire format: the happy path,
//! every fault, the corrections, and the limits on spending.

mod stage;

use std::sync::Arc;
use std::time::Duration;

use domain::journey::ThinkingKind;
use domain::network::AddressPrefix;
use domain::resources::Bytes;
use serde_json::json;

use super::{DailyAllowance, Purse};
use crate::AgentLimits;
use crate::adapters::gemini::WireForm;
use crate::fakes::World;
use crate::ports::{Allowance, InterpreterError, ModelError};
use crate::visitor::{Visitor, VisitorId};
use stage::Stage;

/// Defines tests that run once per wire format.
macro_rules! in_each_form {
    ($($name:ident)*) => {
        mod generate_content {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::WireForm::GenerateContent).await;
            })*
        }
        mod interactions {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::WireForm::Interactions).await;
            })*
        }
    };
}

in_each_form! {
    a_model_reads_in_the_open_and_fills_what_is_left_open
    what_passes_is_tried_again_and_the_other_model_stands_in
    what_does_not_pass_is_an_error_that_says_why
    a_broken_draft_goes_back_with_the_place_of_its_fault_and_is_mended
    a_model_that_obeys_somebody_else_changes_neither_limit_nor_image
    a_runaway_stops_where_the_allowance_ends
    where_the_model_fails_the_rules_read_and_say_so
}

const WORDS: &str = "a redis cache with KEY=s3cret, at most $0.50 per hour, budget $4";

async fn a_model_reads_in_the_open_and_fills_what_is_left_open(form: WireForm) {
    let stage = Stage::new(form).await;
    let (outcome, steps) = stage.read(WORDS).await;
    let read = outcome.unwrap();
    let rules = interpret::interpret(WORDS);
    assert_eq!(read.wish.template, rules.wish.template);
    assert_eq!(read.wish.max_per_hour, rules.wish.max_per_hour);
    assert_eq!(read.wish.budget, rules.wish.budget);
    assert_eq!(read.wish.env, rules.wish.env);
    assert_eq!(read.wish.memory, Some(Bytes::gib(2)));
    assert_eq!(
        read.wish.inferred["memory"],
        "small, but with room for a burst"
    );
    let told: Vec<_> = steps.iter().map(|step| step.text.as_str()).collect();
    assert_eq!(
        told,
        [
            "Reading your words with the model gemini-3.8-flash.",
            "Looking for what should run, and for sizes, time and limits.",
            "Comparing prices before I choose sizes.",
            "Compared what GPUs cost now.",
            "Looked through the templates.",
            "Chose sizes for what you left open; the draft passes the checks.",
            "Checked the draft’s SDL.",
        ]
    );
    let asked = stage.asked().await;
    assert_eq!(asked.len(), 5, "a document, three rounds of tools, the end");
    let sent = json!(asked).to_string();
    assert!(
        !sent.contains("s3cret"),
        "a variable's value reached the model"
    );
    // Each call does one job.
    for body in &asked {
        let (has_schema, has_tools) = stage.jobs_of(body);
        assert_ne!(has_schema, has_tools);
    }
}

async fn what_passes_is_tried_again_and_the_other_model_stands_in(form: WireForm) {
    for (fault, times) in [
        ("rate-limited", 2),
        ("server-error", 2),
        ("overloaded", 3),
        ("gone", 1),
        ("malformed-json", 3),
        ("unknown-field", 1),
    ] {
        let stage = Stage::new(form).await;
        stage.suffers(fault, times).await;
        let (outcome, _) = stage.read(WORDS).await;
        let read = outcome.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(read.wish.memory, Some(Bytes::gib(2)), "{fault}");
    }
}

async fn what_does_not_pass_is_an_error_that_says_why(form: WireForm) {
    use ModelError::{TimedOut, Unavailable, Unreadable};
    for (fault, times, expected) in [
        ("rate-limited-long", 2, Unavailable.into()),
        ("server-error", 6, Unavailable.into()),
        ("hang", 1, TimedOut.into()),
        ("endless-stream", 1, TimedOut.into()),
        ("flood", 1, Unreadable.into()),
        ("broken-stream", 1, Unreadable.into()),
        ("max-tokens", 1, Unreadable.into()),
        ("blocked", 1, Unreadable.into()),
        ("garbage", 1, Unreadable.into()),
        ("malformed-json", 4, InterpreterError::Unmended),
        ("broken-forever", 9, InterpreterError::Unmended),
        ("runaway", 99, InterpreterError::NoEnd),
    ] {
        let stage = Stage::new(form).await;
        stage.suffers(fault, times).await;
        let (outcome, steps) = stage.read(WORDS).await;
        assert_eq!(outcome.unwrap_err(), expected, "{fault}");
        assert!(steps.len() < 40, "{fault}: {} steps", steps.len());
    }
}

async fn a_broken_draft_goes_back_with_the_place_of_its_fault_and_is_mended(form: WireForm) {
    let stage = Stage::new(form).await;
    stage.suffers("broken-draft", 1).await;
    let (outcome, steps) = stage.read(WORDS).await;
    let read = outcome.unwrap();
    assert_eq!(read.wish.gpu, None);
    assert_eq!(read.wish.memory, Some(Bytes::gib(2)));
    let went_back = steps
        .iter()
        .any(|step| step.text.contains("goes back to it") && step.evidence.is_some());
    assert!(went_back, "{steps:?}");
    let asked = stage.asked().await;
    let results = stage.results_of(asked.last().unwrap());
    let diagnostics = results
        .iter()
        .map(|given| &given["diagnostics"][0])
        .find(|diagnostic| diagnostic.is_object())
        .unwrap();
    assert!(diagnostics["line"].as_u64().unwrap() > 1, "{diagnostics}");
    assert!(diagnostics["column"].as_u64().unwrap() > 0, "{diagnostics}");
    assert!(
        !diagnostics["path"].as_str().unwrap().is_empty(),
        "{diagnostics}"
    );
}

async fn a_model_that_obeys_somebody_else_changes_neither_limit_nor_image(form: WireForm) {
    let rules = interpret::interpret(WORDS).wish;
    for fault in ["over-cap", "obeys-template", "hostile-thought"] {
        let stage = Stage::new(form).await;
        stage.suffers(fault, 1).await;
        let (outcome, steps) = stage.read(WORDS).await;
        let read = outcome.unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(read.wish.max_per_hour, rules.max_per_hour, "{fault}");
        assert_eq!(read.wish.budget, rules.budget, "{fault}");
        assert_eq!(read.wish.image, None, "{fault}");
        assert_eq!(read.wish.env, rules.env, "{fault}");
        for step in steps {
            assert!(
                !step.text.contains("0xdead") && !step.text.contains("evil"),
                "{step:?}"
            );
        }
    }
}

async fn a_runaway_stops_where_the_allowance_ends(form: WireForm) {
    let stage = Stage::new(form).await;
    stage.suffers("runaway", 99).await;
    let purse = Purse::with(7_000);
    let (outcome, _) = stage.read_within(WORDS, &purse).await;
    assert_eq!(outcome.unwrap_err(), InterpreterError::AllowanceSpent);
    assert!(stage.asked().await.len() < 6);
}

#[tokio::test]
async fn a_day_s_allowance_holds_for_each_visitor_and_for_all() {
    let world = World::new().await;
    let limits = AgentLimits {
        tokens_per_visitor: 1000,
        tokens_per_day: 1500,
    };
    let backend = world.with_agent_limits(limits).await;
    let of = |number: u8| {
        let visitor = Visitor {
            visitor: VisitorId::from_bytes([number; 16]),
            address: None,
            ..world.buyer()
        };
        DailyAllowance::of(&backend, &visitor)
    };
    let (first, second) = (of(1), of(2));
    let all: Vec<_> = (0..20).map(|_| first.take(100)).collect();
    let taken = futures::future::join_all(all).await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 10);
    assert!(second.take(500).await, "500 are left for others");
    assert!(!second.take(1).await, "nothing is left for anybody");
    first.give_back(200).await;
    assert!(second.take(200).await);
    assert!(!first.take(200).await, "it went to the other");
    world.clock.advance(Duration::from_secs(86_400));
    assert!(of(1).take(1000).await, "the next day begins anew");
}

#[tokio::test]
async fn an_allowance_is_the_account_s_or_the_network_s_and_a_new_cookie_brings_none() {
    let world = World::new().await;
    let limits = AgentLimits {
        tokens_per_visitor: 1000,
        tokens_per_day: 100_000,
    };
    let backend = world.with_agent_limits(limits).await;
    let anonymous = |cookie: u8, network: [u8; 4]| Visitor {
        visitor: VisitorId::from_bytes([cookie; 16]),
        address: None,
        from: Some(AddressPrefix::of(network.into())),
        ..world.buyer()
    };
    let network = [203, 0, 113, 7];
    let first = anonymous(1, network);
    assert!(DailyAllowance::of(&backend, &first).take(1000).await);
    let again = anonymous(2, network);
    assert!(!DailyAllowance::of(&backend, &again).take(1).await);
    let elsewhere = anonymous(2, [203, 0, 113, 8]);
    assert!(DailyAllowance::of(&backend, &elsewhere).take(1000).await);
    let signed_in = Visitor {
        from: first.from,
        ..world.buyer()
    };
    assert!(DailyAllowance::of(&backend, &signed_in).take(1000).await);
    let in_another_browser = Visitor {
        visitor: VisitorId::from_bytes([9; 16]),
        from: elsewhere.from,
        ..signed_in
    };
    let share = DailyAllowance::of(&backend, &in_another_browser);
    assert!(!share.take(1).await, "signing in again brings none");
}

async fn where_the_model_fails_the_rules_read_and_say_so(form: WireForm) {
    let stage = Stage::new(form).await;
    stage.suffers("broken-forever", 9).await;
    let world = World::new().await;
    let backend = world
        .with_interpreter(Arc::new(stage.interpreter.clone()))
        .await;
    let mut thoughts = crate::drafting::Thoughts::unheard(backend.ports().clock.clone());
    let visitor = world.buyer();
    let read = super::read(&backend, &visitor, WORDS, &mut thoughts).await;
    assert_eq!(read, interpret::interpret(WORDS));
    let last = thoughts.steps().last().unwrap();
    assert_eq!(last.kind, ThinkingKind::Reading);
    assert_eq!(
        last.text,
        "The model’s answer still had a fault after three corrections. The built-in rules read \
         your words instead."
    );
}
