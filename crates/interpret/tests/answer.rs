//! The answer's JSON: exact numbers, the stated and the assumed apart.

use interpret::{interpret, to_prompt_json};
use serde_json::{Value, json};

fn answer(text: &str) -> Value {
    let understanding = interpret(text);
    let completed = understanding.wish.complete();
    to_prompt_json(&understanding, completed.as_ref())
}

#[test]
fn numbers_are_exact_decimals() {
    let answer = answer("redis, 0.1 cpu, 100Mi, 50 minutes, at most $0.012345 per hour");
    assert_eq!(answer["cpu"].to_string(), "0.1");
    assert_eq!(answer["memory_gib"].to_string(), "0.09765625");
    assert_eq!(answer["duration_hours"].to_string(), "0.833333333");
    assert_eq!(answer["max_usd_per_hour"].to_string(), "0.012345");
}

#[test]
fn what_was_not_asked_for_is_listed_as_an_assumption() {
    let answer = answer("an H100");
    let listed: Vec<_> = answer["assumptions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["field"].as_str().unwrap())
        .collect();
    for field in [
        "template",
        "cpu",
        "memory_gib",
        "storage_gib",
        "ports",
        "duration_hours",
        "replicas",
        "persistent",
        "priority",
    ] {
        assert!(listed.contains(&field), "{field} is not in {listed:?}");
    }
    assert!(!listed.contains(&"gpu"), "{listed:?}");
    assert_eq!(
        answer["gpu"],
        json!({"vendor": "nvidia", "model": "h100", "count": 1, "vram_gib": null, "interface": null})
    );
}

#[test]
fn a_wish_beyond_the_network_says_why_and_keeps_what_was_said() {
    let answer = answer("redis with 500 cpus");
    assert_eq!(answer["cpu"], json!(500));
    assert_eq!(
        answer["error"],
        "CPU must be between 0.01 vCPU and 384 vCPU; you asked for 500 vCPU."
    );
}
