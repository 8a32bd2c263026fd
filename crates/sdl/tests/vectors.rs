//! Compares this crate with both reference implementations using recorded vectors.
//!
//! The vectors lie outside the repository; `NECTO_SHARED` names the folder that holds `sdl/`.

use std::fs;
use std::path::PathBuf;

use sdl::{Derived, Dialect, Report};
use serde_json::{Map, Value};

#[test]
fn every_vector_gets_the_verdict_the_groups_and_the_hash_of_both_references() {
    let Some(folder) = vectors() else {
        println!("skipped: NECTO_SHARED names no folder with SDL vectors");
        return;
    };
    let rows = fs::read_to_string(folder.join("vectors.jsonl")).unwrap();
    let mut passed = 0;
    let mut failures = Vec::new();
    for row in rows.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let file = row["file"].as_str().unwrap();
        let bytes = fs::read(folder.join("corpus").join(file)).unwrap();
        let faults = compare(&row, &bytes);
        if faults.is_empty() {
            passed += 1;
        }
        failures.extend(faults.into_iter().map(|fault| format!("{file}: {fault}")));
    }
    for failure in &failures {
        println!("{failure}");
    }
    println!("{passed} passed, {} failed", rows.lines().count() - passed);
    assert!(failures.is_empty(), "{} disagreements", failures.len());
    assert!(passed > 0, "no vectors in the folder");
}

fn vectors() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds its optional vectors through the environment"
    )]
    let shared = std::env::var("NECTO_SHARED").ok()?;
    let folder = PathBuf::from(shared).join("sdl");
    folder.join("vectors.jsonl").exists().then_some(folder)
}

fn compare(row: &Value, bytes: &[u8]) -> Vec<String> {
    let mut faults = Vec::new();
    let report = sdl::check_bytes(bytes);
    let text = String::from_utf8_lossy(bytes);
    let (go, ts) = (&row["go"], &row["ts"]);
    let ok = |value: &Value| value["ok"].as_bool().expect("each side has a verdict");
    let wanted_go = ok(go);
    let wanted_console = ok(ts) && ts["provider_accepts"].as_bool().unwrap_or(false);
    for (dialect, wanted) in [(Dialect::Go, wanted_go), (Dialect::Console, wanted_console)] {
        if report.is_deployable(dialect) != wanted {
            faults.push(format!(
                "{dialect:?}: wanted ok={wanted}, found {:?}; reference {}",
                codes(&report, dialect),
                if dialect == Dialect::Go { go } else { ts }
                    .to_string()
                    .chars()
                    .take(300)
                    .collect::<String>()
            ));
            continue;
        }
        if !wanted {
            continue;
        }
        let derived = match sdl::derive(&text, dialect) {
            Ok(derived) => derived,
            Err(_) => {
                faults.push(format!("{dialect:?}: checks but does not derive"));
                continue;
            }
        };
        let reference = if dialect == Dialect::Go { go } else { ts };
        let same = ts["same_manifest_as_go"].as_bool() == Some(true);
        let manifest = match dialect {
            Dialect::Console if same => &go["manifest_sorted"],
            _ => &reference["manifest_sorted"],
        };
        // What both dialects read the same way is read once there.
        if sdl::check_and_groups(&text, dialect).1.as_ref() != Some(&derived.groups) {
            faults.push(format!(
                "{dialect:?}: other groups when both dialects are read"
            ));
        }
        faults.extend(compare_derived(&derived, reference, manifest));
    }
    faults.extend(compare_paths(&report, ts));
    for diagnostic in &report.diagnostics {
        let span = diagnostic.span;
        if span.from > span.to || span.to > text.len() || diagnostic.line == 0 {
            faults.push(format!("the place of {diagnostic:?} is outside the text"));
        }
    }
    faults
}

fn codes(report: &Report, dialect: Dialect) -> Vec<String> {
    report
        .errors(dialect)
        .map(|diagnostic| format!("{} at {}", diagnostic.code, diagnostic.path))
        .collect()
}

fn compare_derived(derived: &Derived, reference: &Value, manifest: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let dialect = derived.dialect;
    if derived.manifest.hash_hex() != reference["version"].as_str().unwrap_or_default() {
        faults.push(format!("{dialect:?}: another hash"));
        if let Some(manifest) = manifest.as_str() {
            let ours = derived.manifest.sorted_json();
            let at = ours
                .bytes()
                .zip(manifest.bytes())
                .take_while(|(a, b)| a == b)
                .count();
            let from = at.saturating_sub(60);
            let excerpt = |text: &str| text.chars().skip(from).take(160).collect::<String>();
            faults.push(format!(
                "   ours {}\n   ref  {}",
                excerpt(&ours),
                excerpt(manifest)
            ));
        }
    } else if let Some(manifest) = manifest.as_str() {
        assert_eq!(derived.manifest.sorted_json(), manifest);
    }
    if let Some(groups) = reference.get("groups") {
        let ours = normalized(&derived.groups_json());
        let theirs = normalized(groups);
        if ours != theirs {
            faults.push(format!(
                "{dialect:?}: other groups\n   ours {ours}\n   ref  {theirs}"
            ));
        }
    }
    faults
}

/// Where the reference names positions, each is the position of one of our findings, or above it.
fn compare_paths(report: &Report, ts: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for error in ts["errors"].as_array().into_iter().flatten() {
        let Some(pointer) = error["instancePath"].as_str() else {
            continue;
        };
        let wanted = dotted(pointer);
        let found = report.errors(Dialect::Console).any(|diagnostic| {
            let path = diagnostic.path.as_str();
            path.strip_prefix(wanted.as_str()).is_some_and(|rest| {
                rest.is_empty() || wanted.is_empty() || rest.starts_with(['.', '['])
            })
        });
        if !found {
            faults.push(format!(
                "nothing at {wanted} ({}), only {:?}",
                error["message"],
                codes(report, Dialect::Console)
            ));
        }
    }
    faults
}

/// `/services/web/expose/0/port` as `services.web.expose[0].port`.
fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if part.bytes().all(|byte| byte.is_ascii_digit()) && !part.is_empty() {
            path.push_str(&format!("[{part}]"));
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&part);
        }
    }
    path
}

/// Without empty values, nulls and zeros; amounts as plain decimals.
fn normalized(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let kept: Map<String, Value> = map
                .iter()
                .map(|(key, value)| match (key.as_str(), value) {
                    ("amount", Value::String(amount)) => (key.clone(), decimal(amount).into()),
                    _ => (key.clone(), normalized(value)),
                })
                .filter(|(_, value)| !is_empty(value))
                .collect();
            Value::Object(kept)
        }
        Value::Array(items) => items.iter().map(normalized).collect(),
        other => other.clone(),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => number.as_u64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) => false,
    }
}

fn decimal(text: &str) -> String {
    match text.split_once('.') {
        Some((whole, fraction)) => {
            let fraction = fraction.trim_end_matches('0');
            if fraction.is_empty() {
                whole.to_owned()
            } else {
                format!("{whole}.{fraction}")
            }
        }
        None => text.to_owned(),
    }
}
