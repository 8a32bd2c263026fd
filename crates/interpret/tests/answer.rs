//! The answer's JSON: exact numbers, stated and assumed fields separated.

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

#[test]
fn a_provider_is_named_by_its_address_and_only_where_it_is_wanted() {
    let provider = "akash1q9r2yhl2m3lwn8zuv4efpye8d3rr4hxqvn0xx4";
    let said = |text: &str| {
        let read = interpret(text);
        let quoted = read.evidence_for("providers").is_some();
        let names: Vec<String> = read
            .wish
            .providers
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(quoted, !names.is_empty(), "{text}");
        names
    };
    for text in [
        format!("2 × H100 SXM from {provider} for 6 h"),
        format!("one H100, provider: {provider}."),
        format!("redis ({provider})"),
    ] {
        assert_eq!(said(&text), [provider], "{text}");
    }
    let read = interpret(&format!("2 × H100 SXM from {provider} for 6 h"));
    let gpu = read.wish.gpu.expect("a GPU");
    assert_eq!(
        (gpu.count, gpu.model.expect("a model").as_str()),
        (2, "h100")
    );
    for text in [
        format!("one H100 but not from {provider}"),
        "one H100 from akash1short".to_owned(),
        "one H100 on akash".to_owned(),
    ] {
        assert_eq!(said(&text), [""; 0], "{text}");
    }
}
