//! The command line as somebody types it: answers, sentences and exit statuses.

use std::io::Write;
use std::process::{Command, Output, Stdio};

const SITE: &str = r#"version: "2.0"
services:
  web:
    image: nginx:1.27.3
    expose:
      - port: 80
        to:
          - global: true
profiles:
  compute:
    web:
      resources:
        cpu:
          units: 0.5
        memory:
          size: 512Mi
        storage:
          size: 1Gi
  placement:
    akash:
      pricing:
        web:
          denom: uact
          amount: 1000
deployment:
  web:
    akash:
      profile: web
      count: 1
"#;

fn necto(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_necto"))
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it has a standard input");
    stdin.write_all(input.as_bytes()).expect("it reads or ends");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn refused_with(arguments: &[&str], input: &str, sentence: &str) {
    let output = necto(arguments, input);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{arguments:?} said: {said}");
    assert!(said.contains(sentence), "{arguments:?} said: {said}");
}

#[test]
fn a_good_sdl_checks_and_hashes_from_standard_input() {
    let output = necto(&["sdl", "check", "-"], SITE);
    assert!(output.status.success(), "{}", text(&output.stdout));
    let hash = text(&necto(&["sdl", "hash", "-"], SITE).stdout);
    assert_eq!(hash.trim().len(), 64);
    assert!(hash.trim().bytes().all(|digit| digit.is_ascii_hexdigit()));
    let manifest = text(&necto(&["sdl", "manifest", "-"], SITE).stdout);
    assert!(manifest.starts_with("[{\"name\":\"akash\""), "{manifest}");
    let groups = necto(&["sdl", "groups", "-"], SITE);
    let groups: serde_json::Value = serde_json::from_slice(&groups.stdout).expect("JSON");
    assert_eq!(groups[0]["name"], "akash");
}

#[test]
fn bad_sdl_is_one_clear_sentence_and_exit_status_1() {
    refused_with(
        &["sdl", "check", "no-such-file.yaml"],
        "",
        "There is no file no-such-file.yaml",
    );
    refused_with(&["sdl", "check", "-"], "a: [1", "cannot be deployed");
    let unknown = SITE.replace("deployment:\n  web:", "deployment:\n  api:");
    refused_with(&["sdl", "check", "-"], &unknown, "api");
    refused_with(&["sdl", "hash", "-"], "", "cannot be deployed");
}

#[test]
fn a_finding_names_line_and_column() {
    let wrong = SITE.replace("units: 0.5", "units: -1");
    let output = necto(&["sdl", "check", "-", "--json"], &wrong);
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let finding = &report[0]["diagnostics"][0];
    assert_eq!(finding["line"], 14);
    assert_eq!(finding["path"], "profiles.compute.web.resources.cpu.units");
}

#[test]
fn a_sentence_is_interpreted_or_the_way_out_is_named() {
    let output = necto(&["interpret", "2 H100 for 3 hours", "--json"], "");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["gpu"]["model"], "h100");
    assert_eq!(answer["gpu"]["count"], 2);
    assert_eq!(answer["duration_hours"], 3);
    refused_with(&["interpret", "  "], "", "Say what to run");
    refused_with(&["interpret", "hello"], "", "Say what to run");
}

#[test]
fn a_server_without_settings_lists_all_it_needs_and_does_not_start() {
    let output = necto(&["serve"], "");
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    for name in [
        "NECTO_DATABASE_URL",
        "NECTO_CONSOLE_KEY",
        "NECTO_ESCROW_ADDRESS",
        "NECTO_USDC_ADDRESS",
        "NECTO_OPERATOR_KEY",
    ] {
        assert!(said.contains(name), "{name} is missing in: {said}");
    }
}

#[test]
fn a_chain_that_does_not_answer_is_one_sentence() {
    let key = format!("--key=0x{}", "1".repeat(64));
    refused_with(
        &["chain", "deploy", "--rpc", "http://127.0.0.1:9", &key],
        "",
        "The chain does not answer",
    );
}

#[test]
fn a_reader_that_has_read_enough_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_necto"))
        .args(["interpret", "one H100 for three hours"])
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stderr), "");
    assert!(output.status.success());
}

/// Answers of three venues in files named as recordings are.
fn recordings() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let fixtures = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../crates/backend/src/adapters/price_sources/fixtures"
    );
    for (fixture, name) in [
        ("ionet.json", "ionet_vmaas_hardware.json"),
        ("runpod.json", "runpod_gpuTypes.json"),
        ("vast.json", "vast_bundles.json"),
    ] {
        std::fs::copy(format!("{fixtures}/{fixture}"), folder.path().join(name))
            .expect("the fixture is there");
    }
    folder
}

#[test]
fn every_row_of_the_offers_says_what_it_is_and_what_it_costs() {
    let folder = recordings();
    let from = folder.path().to_str().expect("the folder's name is text");
    let output = necto(&["offers", "--recorded", from, "--json"], "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(rows.len() >= 8, "{} rows", rows.len());
    let mut last = 0.0;
    for row in &rows {
        for field in ["venue", "shape", "gpu", "pricing_model", "observed_at"] {
            assert!(row[field].is_string(), "{field} of {row}");
        }
        for field in ["gpu_count", "usd_per_gpu_hour", "usd_per_hour"] {
            assert!(row[field].is_number(), "{field} of {row}");
        }
        assert!(row.get("region").is_some(), "{row}");
        assert_eq!(row["provenance"], "recorded");
        let price = row["usd_per_gpu_hour"].as_f64().expect("a number");
        assert!(price >= last, "cheapest first");
        last = price;
    }
    let chosen = [
        "offers",
        "--recorded",
        from,
        "--gpu",
        "H100 SXM",
        "--max-price",
        "3",
        "--json",
    ];
    let output = necto(&chosen, "");
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(!rows.is_empty() && rows.iter().all(|row| row["gpu"] == "h100"));
}

#[test]
fn offers_end_quietly_when_nobody_reads_on() {
    let folder = recordings();
    let mut child = Command::new(env!("CARGO_BIN_EXE_necto"))
        .args(["offers", "--recorded"])
        .arg(folder.path())
        .env_clear()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    drop(child.stderr.take());
    let status = child.wait().expect("it ends");
    assert!(status.success(), "{status}");
}

/// The shapes in the rows of `necto offers --json` with these further arguments, and what it remarks.
fn shapes(from: &str, arguments: &[&str]) -> (Vec<String>, String) {
    let mut all = vec!["offers", "--recorded", from, "--json"];
    all.extend(arguments);
    let output = necto(&all, "");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let rows: Vec<serde_json::Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let shape = |row: &serde_json::Value| row["shape"].as_str().expect("a shape").to_owned();
    (rows.iter().map(shape).collect(), text(&output.stderr))
}

#[test]
fn each_option_of_the_offers_takes_what_it_says() {
    let folder = recordings();
    let from = folder.path().to_str().expect("the folder's name is text");
    let of = |arguments: &[&str]| shapes(from, arguments).0;
    let all = of(&[]);
    assert_eq!(of(&["--min-vram", "150"]), ["B200_sxm6x8__AU"]);
    assert_eq!(
        of(&["--region", "eu"]),
        ["L40S ×7 #7"],
        "Sweden, and nothing whose place is not stated"
    );
    assert_eq!(of(&["--gpu", "4090"]), ["12__2"]);
    assert_eq!(of(&["--max-price", "0.5"]), ["12__2"]);
    assert_eq!(of(&["--exclude", "spot"]), all);
    assert!(of(&["--exclude", "fixed"]).is_empty());
    let (none, remark) = shapes(from, &["--gpu", "gb300"]);
    assert!(
        none.is_empty() && remark.contains("No offer fits."),
        "{remark}"
    );
    assert!(
        remark.contains("Akash: no offers: no file begins with"),
        "{remark}"
    );
    for (arguments, sentence) in [
        (
            ["--region", "atlantis"],
            "--region: there is no region “atlantis”",
        ),
        (
            ["--max-price", "cheap"],
            "--max-price: “cheap” is not an amount",
        ),
        (["--gpu", "teapot"], "No GPU is called “teapot”"),
    ] {
        let mut all = vec!["offers", "--recorded", from];
        all.extend(arguments);
        refused_with(&all, "", sentence);
    }
}

#[test]
fn a_decision_is_the_same_document_for_the_same_recordings() {
    let folder = recordings();
    let from = folder.path().to_str().expect("the folder's name is text");
    let asked = [
        "route",
        "one A100 for 3 hours",
        "--recorded",
        from,
        "--json",
    ];
    let (one, two) = (necto(&asked, ""), necto(&asked, ""));
    assert!(one.status.success(), "{}", text(&one.stderr));
    assert_eq!(one.stdout, two.stdout);
    let document: serde_json::Value = serde_json::from_slice(&one.stdout).expect("JSON");
    assert_eq!(document["criteria"]["gpu"]["model"], "a100");
    assert_eq!(
        document["choice"]["recommended"], false,
        "a stored price is never recommended"
    );
    assert!(document["ranking"].as_array().expect("a list").len() >= 2);
    for part in ["offers", "rejections", "venues", "weights", "choice_reason"] {
        assert!(!document[part].is_null(), "{part}");
    }
    let missing = document["venues"].as_array().expect("a list").iter();
    let missing = missing.filter(|venue| venue["state"] == "missing");
    assert!(missing.count() >= 5, "who was not there is named");
    let shown = necto(&["route", "one A100 for 3 hours", "--recorded", from], "");
    let shown = text(&shown.stdout);
    assert!(
        shown.contains("Leads on paper: Vast.ai A100 SXM4"),
        "{shown}"
    );
    assert!(shown.contains("not recommended"), "{shown}");
}
