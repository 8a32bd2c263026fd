//! Many requests of many kinds: each ends with a price or a reason, none with an internal error.

use std::fs;
use std::path::{Path, PathBuf};

use domain::deployment::State;
use domain::journey::OrderView;
use domain::requirements::{Template, Wish};
use domain::resources::GpuRequest;
use serde_json::Value;

use super::{asked, card, quote_of, visitor, words, world};
use crate::fakes::World;
use crate::fakes::market::provider;
use crate::ports::ScreenedProvider;
use crate::usecases::Request;

/// A market that offers some of everything, everywhere.
async fn rich_world() -> World {
    let world = world().await;
    world.market.script(|script| {
        for (model, vram) in [("v100", 16), ("rtxa6000", 48), ("l4", 24), ("t4", 16)] {
            script.gpu_prices.push(card(model, vram, "0.45"));
        }
        for price in &mut script.gpu_prices {
            price.interface = Some("sxm".to_owned());
        }
        let places = ["us-east", "us-central", "eu-west", "ap-southeast"];
        for (at, place) in places.into_iter().enumerate() {
            script.screened.push(ScreenedProvider {
                address: provider(&format!("place{at}")),
                region: Some(place.to_owned()),
                audited: true,
            });
        }
    });
    world
}

#[expect(
    clippy::disallowed_methods,
    reason = "the shared material is found through an environment variable"
)]
fn shared(path: &str) -> Option<PathBuf> {
    let found = std::env::var("NECTO_SHARED")
        .ok()
        .map(|root| Path::new(&root).join(path))
        .filter(|path| path.exists());
    if found.is_none() {
        println!("skipped: no {path} (NECTO_SHARED is not set or does not have it)");
    }
    found
}

#[tokio::test]
async fn every_template_is_drafted_within_its_cap_in_any_number() {
    let world = rich_world().await;
    let visitor = visitor(&world).await;
    for template in Template::ALL {
        for replicas in [1, 3, 50] {
            let wish = Wish {
                template: Some(template),
                replicas: Some(replicas),
                gpu: template.defaults().needs_gpu.then_some(GpuRequest {
                    vendor: None,
                    model: None,
                    count: 2,
                    vram_gib: Some(40),
                    interface: None,
                }),
                ..Wish::default()
            };
            let view = asked(&world, &visitor, Request::Form(wish)).await;
            let quote = quote_of(&view);
            let market = view.market.as_ref().unwrap();
            assert_eq!(quote.cap_per_block, market.sdl_cap, "{template:?}");
            assert!(quote.cap_per_hour >= quote.typical_per_hour, "{template:?}");
            assert!(quote.deposit.micros() > 0, "{template:?}");
        }
    }
}

#[tokio::test]
async fn every_known_sentence_ends_in_a_price_unless_it_says_nothing() {
    let Some(path) = shared("evals/prompts.jsonl") else {
        return;
    };
    let world = rich_world().await;
    let visitor = visitor(&world).await;
    for line in fs::read_to_string(path).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let sentence = case["prompt"].as_str().unwrap();
        let view = asked(&world, &visitor, words(sentence)).await;
        if case["expect"]["unclear"] == Value::Bool(true) {
            assert_eq!(view.state, State::Drafted, "{sentence}");
            assert!(view.refusal.is_some(), "{sentence}");
        } else {
            println!("{sentence}");
            quote_of(&view);
        }
    }
}

#[tokio::test]
async fn every_real_file_ends_in_a_price_or_in_a_reason() {
    let Some(folder) = shared("sdl/corpus/awesome") else {
        return;
    };
    let world = rich_world().await;
    let (mut quoted, mut refused) = (0, 0);
    for file in yaml_files(&folder) {
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        let request = Request::Sdl {
            text,
            duration: None,
        };
        // One visitor may not keep that many drafts.
        let visitor = visitor(&world).await;
        let view = asked(&world, &visitor, request).await;
        match &view.state {
            State::Quoted { quote } => {
                assert!(quote.deposit.micros() > 0, "{}", file.display());
                quoted += 1;
            }
            _ => {
                let reason = reason_of(&view);
                let known = ["The SDL ", "The market has no current price"];
                let understood = known.iter().any(|known| reason.starts_with(known));
                assert!(understood, "{}: {reason}", file.display());
                refused += 1;
            }
        }
    }
    println!("{quoted} quoted, {refused} refused with a reason");
    assert!(quoted >= 100, "{quoted} quoted, {refused} refused");
}

fn reason_of(view: &OrderView) -> &str {
    view.refusal
        .as_ref()
        .map_or("no reason at all", |refusal| refusal.message.as_str())
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(yaml_files(&path));
        } else if path
            .extension()
            .is_some_and(|kind| kind == "yaml" || kind == "yml")
        {
            found.push(path);
        }
    }
    found.sort();
    found
}
