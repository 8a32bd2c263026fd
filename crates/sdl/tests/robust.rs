//! Hostile and broken input is refused, located, and bounded.

use sdl::{Diagnostic, Dialect, Severity};

const WEB: &str = include_str!("fixtures/web.yaml");

/// The first finding that refuses a text in both dialects.
fn refusal(text: &str) -> Diagnostic {
    let report = sdl::check(text);
    assert!(!report.is_deployable(Dialect::Console));
    let mut all = report.diagnostics.into_iter();
    all.find(|it| it.severity <= Severity::CliRefuses)
        .expect("a refused text has a finding that refuses it")
}

#[test]
fn bombs_depth_size_and_binary_are_refused_by_name() {
    let mut bomb = "a0: &a0 [x]\n".to_owned();
    for level in 1..60 {
        let alias = format!("*a{}", level - 1);
        bomb.push_str(&format!(
            "a{level}: &a{level} [{}]\n",
            vec![alias; 9].join(", ")
        ));
    }
    for (text, code) in [
        (bomb, "too-many-aliases"),
        ("[".repeat(20_000), "too-deep"),
        ("a: ".repeat(3) + &"{a: ".repeat(20_000), "syntax"),
        ("x".repeat(sdl::MAX_BYTES + 1), "too-large"),
        ("\u{0}\u{1}\u{2}PNG".to_owned(), "control-character"),
        ("k: v\n".repeat(20_000), "too-many-aliases"),
        (String::new(), "empty"),
        ("# nothing\n".to_owned(), "empty"),
        ("- a\n".to_owned(), "not-a-mapping"),
        ("a: &a\n  b: *a\n".to_owned(), "recursive-alias"),
    ] {
        let report = sdl::check(&text);
        assert!(
            report.errors(Dialect::Console).any(|it| it.code == code),
            "{code}: {:?}",
            report.diagnostics.first()
        );
        assert!(sdl::derive(&text, Dialect::Go).is_err(), "{code}");
    }
}

#[test]
fn faults_are_found_where_they_stand() {
    for (from, to, code, line, column) in [
        ("    env:", "\tenv:", "syntax", 7, 2),
        ("  compute:", "  compute: [", "syntax", 23, 16),
        (
            "      - port: 3000",
            "      - port: 3000\n        port: 80",
            "duplicate-key",
            12,
            9,
        ),
        (
            "image: \"ghcr.io",
            "image: \"gh\u{7}cr.io",
            "control-character",
            6,
            15,
        ),
        ("size: 512Mi", "size: [512Mi]", "memory-size", 27, 17),
        ("    image:", "    &a image: &b", "unknown-key", 6, 5),
        ("count: 2", "count: two", "number", 45, 14),
    ] {
        let text = WEB.replacen(from, to, 1);
        assert_ne!(text, WEB);
        let found = sdl::check(&text);
        let refused: Vec<_> = found
            .diagnostics
            .iter()
            .filter(|it| it.severity <= Severity::CliRefuses)
            .map(|it| (it.code, it.line, it.column))
            .collect();
        if code == "unknown-key" {
            // Anchors are no fault.
            assert!(refused.is_empty(), "{refused:?}");
            continue;
        }
        assert!(refused.contains(&(code, line, column)), "{to}: {refused:?}");
    }
}

#[test]
fn every_fault_is_found_in_one_pass() {
    let text = WEB
        .replace("port: 3000", "port: 99999")
        .replace("size: 512Mi", "size: 512MB")
        .replace("denom: uact", "denom: dollars")
        .replace("profile: web", "profile: wob")
        .replace("NODE_ENV=production", "1NODE=production");
    let report = sdl::check(&text);
    let codes: Vec<_> = report.diagnostics.iter().map(|it| it.code).collect();
    for code in [
        "number",
        "env-name",
        "compute-profile",
        "choice",
        "memory-size",
    ] {
        assert!(codes.contains(&code), "{code} is not in {codes:?}");
    }
    let mut places: Vec<_> = report.diagnostics.iter().map(|it| it.span.from).collect();
    let sorted = {
        let mut sorted = places.clone();
        sorted.sort_unstable();
        sorted
    };
    assert_eq!(places, sorted);
    places.dedup();
    assert!(places.len() >= 5);
}

#[test]
fn bytes_that_are_not_text_are_a_finding() {
    let mut bytes = WEB.as_bytes().to_vec();
    let at = WEB.find("production").unwrap();
    bytes[at] = 0xff;
    let report = sdl::check_bytes(&bytes);
    let found = report.errors(Dialect::Go).next().unwrap();
    assert_eq!((found.code, found.span.from), ("not-utf8", at));
    assert!(report.is_deployable(Dialect::Console));
}

#[test]
fn a_byte_order_mark_moves_no_place() {
    let text = format!("\u{feff}{}", WEB.replace("count: 2", "count: 0"));
    let found = refusal(&text);
    assert_eq!(&text[found.span.from..found.span.to], "0");
}

#[test]
fn messages_name_the_fault_in_plain_words() {
    for (from, to, message) in [
        (
            "    env:",
            "    depends_on: [db]\n    env:",
            "SDL has no “depends_on”: services start in any order. Remove it.",
        ),
        (
            "size: 512Mi",
            "size: 16GB",
            "“16GB” is not a size that everyone reads; write 16Gi.",
        ),
        (
            "- global: true",
            "- service: web",
            "Providers refuse a deployment without any port open to the internet: one “to” needs global: true.",
        ),
        (
            "count: 2",
            "count: 0",
            "“count” should be a whole number from 1.",
        ),
    ] {
        let report = sdl::check(&WEB.replacen(from, to, 1));
        assert!(
            report.diagnostics.iter().any(|it| it.message == message),
            "{message}\n{:?}",
            report.diagnostics
        );
    }
}
