//! Texts as users paste them: copied from pages and chats, from templates, with a typo. Each gets
//! the finding that names the mistake and its position, with a fix that helps.

use sdl::{Diagnostic, Dialect, Severity, check};

const GOOD: &str = r#"version: "2.0"
services:
  api:
    image: ghcr.io/acme/api:1.4.0
    env:
      - MODE=quiet
    expose:
      - port: 8080
        as: 80
        accept:
          - api.acme.example
        to:
          - global: true
profiles:
  compute:
    api:
      resources:
        cpu:
          units: 1
        memory:
          size: 1Gi
        storage:
          - size: 2Gi
        gpu:
          units: 1
          attributes:
            vendor:
              nvidia:
                - model: rtx4090
  placement:
    somewhere:
      pricing:
        api:
          denom: uact
          amount: 5000
deployment:
  api:
    somewhere:
      profile: api
      count: 1
"#;

fn with(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from), "{from}");
    GOOD.replacen(from, to, 1)
}

/// The only finding with this code.
fn only(text: &str, code: &str) -> Diagnostic {
    let report = check(text);
    let mut found = report.diagnostics.iter().filter(|one| one.code == code);
    let one = found
        .next()
        .unwrap_or_else(|| panic!("no {code} in {report:?}"));
    assert_eq!(found.next(), None, "{code} once");
    one.clone()
}

fn fixed(text: &str, finding: &Diagnostic) -> String {
    let mut fixed = text.to_owned();
    let fix = finding.fix.as_ref().expect("a fix");
    for edit in fix.edits.iter().rev() {
        fixed.replace_range(edit.from..edit.to, &edit.insert);
    }
    fixed
}

fn hash(text: &str) -> String {
    let derived = sdl::derive(text, Dialect::Console).expect("derives");
    derived.manifest.hash_hex()
}

#[test]
fn the_good_text_has_no_findings_at_all() {
    assert_eq!(check(GOOD).diagnostics, []);
}

#[test]
fn a_text_copied_with_the_page_around_it_is_cut_out() {
    let cases = [
        (
            format!("Here you go:\n\n```yaml\n{GOOD}```\n\nEnjoy it!\n"),
            "fence",
            3,
        ),
        (format!("~~~\n{GOOD}~~~\n"), "fence", 1),
        (format!("{GOOD}```\n"), "fence", 41),
        (format!("```\n{GOOD}"), "fence", 1),
        (format!("Certainly, this is it.\n\n{GOOD}"), "prose", 1),
        (format!("{GOOD}\nChange the image first.\n"), "prose", 42),
    ];
    for (text, code, line) in cases {
        let finding = only(&text, code);
        assert_eq!(finding.line, line, "{text}");
        assert_eq!(check(&text).diagnostics.len(), 1, "no cascade: {text}");
        let fixed = fixed(&text, &finding);
        assert_eq!(fixed.trim(), GOOD.trim());
    }
    let finding = only("Certainly, this is it.\nversion: \"2.0\"\n", "prose");
    assert!(
        finding.message.contains("“Certainly, this is it.”"),
        "{finding:?}"
    );
}

#[test]
fn a_variable_with_json_is_quoted_whole() {
    let json = r#"{"levels": {"a": 1}, "it's": ["x", "y"]}"#;
    let text = with("- MODE=quiet", &format!("- SETTINGS={json}"));
    let finding = only(&text, "unquoted");
    assert_eq!(finding.line, 6);
    assert!(
        finding.message.contains("whole item in quotes"),
        "{finding:?}"
    );
    let fixed = fixed(&text, &finding);
    assert!(check(&fixed).is_deployable(Dialect::Console), "{fixed}");
    let derived = sdl::derive(&fixed, Dialect::Console).unwrap();
    let manifest: serde_json::Value =
        serde_json::from_str(&derived.manifest.sorted_json()).unwrap();
    let variables = manifest[0]["services"][0]["env"].as_array().unwrap();
    assert_eq!(
        variables,
        &[format!("SETTINGS={json}")],
        "its JSON is unchanged"
    );
}

#[test]
fn a_value_with_a_colon_is_quoted_whole() {
    let text = with("image: ghcr.io/acme/api:1.4.0", "image: note: this");
    let finding = only(&text, "unquoted");
    assert!(fixed(&text, &finding).contains("image: 'note: this'\n"));
}

#[test]
fn a_space_that_is_none_is_named_and_replaced() {
    let cases = [
        (
            "      - MODE=quiet",
            "    \u{a0}\u{a0}- MODE=quiet",
            "U+00A0",
            6,
        ),
        ("    image:", "\u{a0}\u{a0}\u{a0}\u{a0}image:", "U+00A0", 4),
        (
            "  api:\n    image",
            "\u{3000}\u{3000}api:\n    image",
            "U+3000",
            3,
        ),
    ];
    for (from, to, name, line) in cases {
        let text = with(from, to);
        let report = check(&text);
        assert!(!report.is_deployable(Dialect::Console) && !report.is_deployable(Dialect::Go));
        let finding = only(&text, "strange-space");
        assert_eq!(finding.line, line, "{text}");
        assert!(finding.message.contains(name), "{finding:?}");
        assert_eq!(fixed(&text, &finding), GOOD);
    }
    // In a text that does not indent, it is a character like any other.
    let inside = with("MODE=quiet", "MODE=very\u{a0}quiet");
    assert!(check(&inside).is_deployable(Dialect::Console));
}

#[test]
fn a_key_without_its_colon_is_found_where_it_stands() {
    for (from, to, line, word) in [
        ("services:\n", "services\n", 2, "services"),
        ("    image: ghcr", "    image ghcr", 4, "image"),
        ("  placement:\n", "  placement\n", 30, "placement"),
    ] {
        let text = with(from, to);
        let finding = only(&text, "no-colon");
        assert_eq!(finding.line, line, "{finding:?}");
        let fix = finding.fix.as_ref().unwrap();
        assert_eq!(fix.title, format!("Put a colon behind “{word}”"));
        assert_eq!(fixed(&text, &finding), GOOD);
    }
}

#[test]
fn a_fault_never_stands_behind_the_end_of_the_text() {
    for text in ["a: \"b\n", "version: \"2.0\"\nservices: {\n", "- [\n\n\n"] {
        let lines = u32::try_from(text.trim_end().lines().count()).unwrap();
        for finding in check(text).diagnostics {
            assert!(finding.line <= lines, "{text:?}: {finding:?}");
        }
    }
}

#[test]
fn a_profile_that_is_not_there_comes_before_what_follows_from_it() {
    let text = with("profile: api", "profile: api-small");
    let report = check(&text);
    let first = report.errors(Dialect::Console).next().unwrap();
    assert_eq!((first.code, first.line), ("compute-profile", 39));
    assert_eq!(
        first.message,
        "There is no compute profile “api-small”. Known here: api."
    );
    assert_eq!(fixed(&text, first), GOOD);
}

#[test]
fn what_looks_like_an_alias_in_a_variable_is_said_to_be_text() {
    let text = with(
        "- MODE=quiet",
        "- &mode MODE=quiet\n      - OTHER=*mode\n      - GLOB=*nothing",
    );
    let finding = only(&text, "alias-in-text");
    assert_eq!((finding.severity, finding.line), (Severity::Warning, 7));
    assert!(
        finding.message.starts_with("“*mode” is plain text"),
        "{finding:?}"
    );
    assert!(check(&text).is_deployable(Dialect::Console));
}

#[test]
fn names_on_a_port_that_is_not_the_web_s_are_said_to_have_no_effect() {
    for (from, to) in [
        ("        as: 80\n", ""),
        ("        as: 80\n", "        as: 443\n"),
        ("        as: 80\n", "        as: 80\n        proto: udp\n"),
    ] {
        let text = with(from, to);
        let finding = only(&text, "accept-without-effect");
        assert_eq!(finding.severity, Severity::Warning);
        assert_eq!(finding.path, "services.api.expose[0].accept");
    }
    let web = with("port: 8080\n        as: 80\n", "port: 80\n");
    assert_eq!(check(&web).diagnostics, [], "port 80 stays 80 outside");
}

#[test]
fn a_card_by_another_spelling_is_named_as_providers_do() {
    for (written, name) in [
        ("\"4090\"", "rtx4090"),
        ("1080ti", "gtx1080ti"),
        ("RTX-4090", "rtx4090"),
        ("H100", "h100"),
    ] {
        let text = with("model: rtx4090", &format!("model: {written}"));
        let finding = only(&text, "gpu-model-name");
        assert_eq!(finding.severity, Severity::Warning);
        let fixed = fixed(&text, &finding);
        assert!(fixed.contains(&format!("- model: {name}\n")), "{fixed}");
        assert_eq!(check(&fixed).diagnostics, []);
    }
    let text = with("model: rtx4090", "model: a100-40gb");
    let finding = only(&text, "gpu-model-name");
    assert!(
        finding.message.contains("“a100” with “ram: 40Gi”"),
        "{finding:?}"
    );
    let named = with("model: rtx4090", "model: a100\n                  ram: 40Gi");
    assert_eq!(fixed(&text, &finding), named);
    let flow = with("- model: rtx4090", "- {model: a100-40gb}");
    let finding = only(&flow, "gpu-model-name");
    assert!(fixed(&flow, &finding).contains("- {model: a100, ram: 40Gi}"));
    // Names that providers have, and ones that are unknown here, are left alone.
    for name in [
        "rtx4090",
        "gtx1080ti",
        "t4",
        "a100",
        "pro6000se",
        "unheard-of",
    ] {
        let text = with("model: rtx4090", &format!("model: {name}"));
        assert_eq!(check(&text).diagnostics, [], "{name}");
    }
}

#[test]
fn a_placeholder_that_a_template_left_in_is_named_as_it_is_written() {
    let text = GOOD.replace("api:\n", "{{ APP }}:\n");
    let report = check(&text);
    assert!(!report.is_deployable(Dialect::Console) && !report.is_deployable(Dialect::Go));
    let keys = || report.diagnostics.iter().filter(|one| one.code == "key");
    assert_eq!(keys().count(), 4);
    for finding in keys() {
        assert!(
            finding.message.contains("“{{ APP }}” is a placeholder"),
            "{finding:?}"
        );
    }
    for (from, to, named) in [
        (
            "ghcr.io/acme/api:1.4.0",
            "<YOUR_NAME>/api:1.4.0",
            "<YOUR_NAME>",
        ),
        ("MODE=quiet", "TOKEN={{SECRET}}", "{{SECRET}}"),
    ] {
        let finding = only(&with(from, to), "template-placeholder");
        assert_eq!(finding.severity, Severity::Warning);
        assert!(
            finding.message.contains(&format!("“{named}”")),
            "{finding:?}"
        );
    }
    let value = with("image: ghcr.io/acme/api:1.4.0", "image: {{IMAGE}}");
    assert!(
        check(&value)
            .diagnostics
            .iter()
            .any(|one| one.message.contains("“{{IMAGE}}”"))
    );
    // What a program substitutes itself is no placeholder.
    for kept in ["MODE=${MODE}", "MODE=$5", "MODE=a<b>c", "MODE=<x>"] {
        let text = with("MODE=quiet", kept);
        assert_eq!(check(&text).diagnostics, [], "{kept}");
        assert_ne!(hash(&text), hash(GOOD));
    }
}

/// Files of the same kinds that were seen in public, where they are available: what is refused
/// stays refused, and each gets its message.
#[test]
fn files_that_were_seen_in_public_get_their_word() {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds its optional files through the environment"
    )]
    let Ok(shared) = std::env::var("NECTO_SHARED") else {
        println!("skipped: NECTO_SHARED names no folder with cases");
        return;
    };
    let folder = std::path::PathBuf::from(shared).join("bugs");
    let Ok(files) = std::fs::read_dir(&folder) else {
        println!("skipped: {} has no cases", folder.display());
        return;
    };
    let expected = [
        ("001", "fence"),
        ("003", "compute-profile"),
        ("005", "alias-in-text"),
        ("006", "unquoted"),
        ("007", "accept-without-effect"),
        ("008", "gpu-model-name"),
        ("009", "key"),
        ("010", "strange-space"),
    ];
    let mut seen = 0;
    for file in files.map(|file| file.unwrap().path()) {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let code = expected.iter().find(|(number, _)| name.starts_with(number));
        let Some((number, code)) = code else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        let report = check(&text);
        let first = report
            .diagnostics
            .iter()
            .find(|one| one.severity != Severity::Hint)
            .unwrap();
        assert_eq!(first.code, *code, "{number}: {report:?}");
        seen += 1;
    }
    println!("{seen} of {} cases at hand", expected.len());
}
