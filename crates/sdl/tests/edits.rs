//! Form edits change what they name and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use domain::money::UactPerBlock;
use sdl::edit::{self, CannotEdit, Change};
use sdl::{Dialect, Severity};

const WEB: &str = include_str!("fixtures/web.yaml");
const GPU: &str = include_str!("fixtures/gpu.yaml");
const SERVICES: &str = include_str!("fixtures/services.yaml");
const ANCHORS: &str = include_str!("fixtures/anchors.yaml");

fn edited(text: &str, change: &Change) -> String {
    let edits = edit::edits(text, change).expect("the change can be made");
    edit::apply(text, &edits)
}

/// The lines that only one of the two texts has.
fn changed_lines<'t>(before: &'t str, after: &'t str) -> (Vec<&'t str>, Vec<&'t str>) {
    let old: Vec<&str> = before.lines().collect();
    let new: Vec<&str> = after.lines().collect();
    let same_start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = (old.len() - same_start).min(new.len() - same_start);
    let same_end = (0..rest)
        .take_while(|at| old[old.len() - 1 - at] == new[new.len() - 1 - at])
        .count();
    (
        old[same_start..old.len() - same_end].to_vec(),
        new[same_start..new.len() - same_end].to_vec(),
    )
}

fn text(value: &str) -> String {
    value.to_owned()
}

#[test]
fn a_new_image_keeps_quotes_and_comment() {
    let change = Change::Image {
        service: text("web"),
        image: text("ghcr.io/example/shop:3.5.0"),
    };
    let after = edited(WEB, &change);
    assert_eq!(
        changed_lines(WEB, &after),
        (
            vec!["    image: \"ghcr.io/example/shop:3.4.1\" # pinned on purpose"],
            vec!["    image: \"ghcr.io/example/shop:3.5.0\" # pinned on purpose"],
        )
    );
    assert_eq!(edit::edits(&after, &change), Ok(Vec::new()));
}

#[test]
fn each_change_touches_its_own_lines() {
    let set = |name: &str, value: Option<&str>| Change::Variable {
        service: text("web"),
        name: text(name),
        value: value.map(text),
    };
    for (change, removed, added) in [
        (
            set("NODE_ENV", Some("test")),
            vec!["      - NODE_ENV=production"],
            vec!["      - NODE_ENV=test"],
        ),
        (
            set("GREETING", Some("it's")),
            vec!["      - 'GREETING=hello, world'"],
            vec!["      - 'GREETING=it''s'"],
        ),
        (
            set("NEW", Some("a: b")),
            vec![],
            vec!["      - \"NEW=a: b\""],
        ),
        (
            set("NODE_ENV", None),
            vec!["      - NODE_ENV=production"],
            vec![],
        ),
        (set("ABSENT", None), vec![], vec![]),
        (
            Change::Cpu {
                profile: text("web"),
                milli: 1250,
            },
            vec!["          units: 0.5"],
            vec!["          units: 1250m"],
        ),
        (
            Change::Memory {
                profile: text("web"),
                bytes: 3 << 30,
            },
            vec!["          size: 512Mi"],
            vec!["          size: 3Gi"],
        ),
        (
            Change::Storage {
                profile: text("web"),
                volume: 0,
                bytes: 5 << 30,
            },
            vec!["          size: 1Gi"],
            vec!["          size: 5Gi"],
        ),
        (
            Change::Replicas {
                service: text("web"),
                placement: text("anywhere"),
                count: 3,
            },
            vec!["      count: 2"],
            vec!["      count: 3"],
        ),
        (
            Change::Price {
                placement: text("anywhere"),
                profile: text("web"),
                amount: UactPerBlock::from_whole(750),
            },
            vec!["          amount: 1000"],
            vec!["          amount: 750"],
        ),
        (
            Change::Port {
                service: text("web"),
                index: 0,
                port: 4000,
                external: None,
            },
            vec!["      - port: 3000"],
            vec!["      - port: 4000"],
        ),
        (
            Change::Attribute {
                placement: text("anywhere"),
                key: text("location-region"),
                value: Some(text("eu-west")),
            },
            vec![],
            vec!["        location-region: eu-west"],
        ),
        (
            Change::Attribute {
                placement: text("anywhere"),
                key: text("host"),
                value: None,
            },
            vec!["      attributes:", "        host: akash"],
            vec![],
        ),
        (
            Change::AddPort {
                service: text("web"),
                port: 9000,
                external: 9000,
            },
            vec![],
            vec![
                "      - port: 9000",
                "        as: 9000",
                "        to:",
                "          - global: true",
            ],
        ),
        (
            Change::Gpu {
                profile: text("web"),
                units: 1,
                models: vec![text("rtx4090")],
            },
            vec![],
            vec![
                "        gpu:",
                "          units: 1",
                "          attributes:",
                "            vendor:",
                "              nvidia:",
                "                - model: rtx4090",
            ],
        ),
    ] {
        let after = edited(WEB, &change);
        assert_eq!(changed_lines(WEB, &after), (removed, added), "{change:?}");
        assert!(
            sdl::check(&after).is_deployable(Dialect::Console),
            "{change:?}\n{after}"
        );
    }
}

#[test]
fn a_value_of_several_lines_is_replaced_whole() {
    let before = WEB.replace(
        "image: \"ghcr.io/example/shop:3.4.1\" # pinned on purpose",
        "image: >- # folded\n      ghcr.io/example/shop:3.4.1\n",
    );
    let change = Change::Image {
        service: text("web"),
        image: text("ghcr.io/example/shop:3.5.0"),
    };
    let after = edited(&before, &change);
    assert!(
        after.contains("    image: ghcr.io/example/shop:3.5.0\n"),
        "{after}"
    );
    assert!(sdl::check(&after).is_deployable(Dialect::Console));
}

#[test]
fn line_endings_and_a_missing_last_one_survive() {
    let windows = WEB.replace('\n', "\r\n");
    let change = Change::Variable {
        service: text("web"),
        name: text("NEW"),
        value: Some(text("1")),
    };
    let after = edited(&windows, &change);
    assert_eq!(after.matches('\n').count(), after.matches("\r\n").count());
    assert_eq!(after.replace("\r\n", "\n"), edited(WEB, &change));
    let open = WEB.trim_end();
    let more = Change::Replicas {
        service: text("web"),
        placement: text("anywhere"),
        count: 9,
    };
    assert!(edited(open, &more).ends_with("count: 9"));
}

#[test]
fn flow_collections_stay_in_flow() {
    let after = edited(
        GPU,
        &Change::Memory {
            profile: text("trainer"),
            bytes: 128 << 30,
        },
    );
    assert!(after.contains("memory: {size: 128Gi}"));
    let after = edited(
        ANCHORS,
        &Change::Variable {
            service: text("one"),
            name: text("C"),
            value: Some(text("3")),
        },
    );
    assert!(after.contains("env: [A=1, B=2, C=3]"));
    let after = edited(
        ANCHORS,
        &Change::Variable {
            service: text("one"),
            name: text("A"),
            value: None,
        },
    );
    assert!(after.contains("env: [B=2]"));
}

#[test]
fn what_an_alias_shares_is_not_changed_behind_the_authors_back() {
    let change = Change::Cpu {
        profile: text("same"),
        milli: 500,
    };
    let error = edit::edits(ANCHORS, &change).unwrap_err();
    assert_eq!(
        error.to_string(),
        "profiles.compute.same is shared through an alias. Change it in the text."
    );
    // Another service takes its image from this one.
    let change = Change::Image {
        service: text("one"),
        image: text("nginx:1.28"),
    };
    let error = edit::edits(ANCHORS, &change).unwrap_err();
    assert_eq!(
        error.to_string(),
        "This is shared through an alias. Change it in the text."
    );
    // A key that came in through a merge gets a value of its own.
    let after = edited(
        ANCHORS,
        &Change::Image {
            service: text("two"),
            image: text("nginx:1.28"),
        },
    );
    let form = edit::form(&after).unwrap();
    let images: Vec<&str> = form.services.iter().map(|it| it.image.as_str()).collect();
    assert_eq!(images, ["nginx:1.27", "nginx:1.28"]);
}

#[test]
fn models_that_stay_keep_what_is_said_about_them() {
    let after = edited(
        GPU,
        &Change::Gpu {
            profile: text("trainer"),
            units: 4,
            models: vec![text("h100"), text("a100")],
        },
    );
    assert_eq!(
        changed_lines(GPU, &after),
        (vec!["          units: 2"], vec!["          units: 4"])
    );
    let none = edited(
        &after,
        &Change::Gpu {
            profile: text("trainer"),
            units: 0,
            models: Vec::new(),
        },
    );
    assert!(!none.contains("nvidia"));
    assert!(sdl::check(&none).is_deployable(Dialect::Console));
}

#[test]
fn a_port_goes_and_the_last_takes_its_section_along() {
    let more = edited(
        SERVICES,
        &Change::AddPort {
            service: text("app"),
            port: 9090,
            external: 9090,
        },
    );
    let remove = |index| Change::RemovePort {
        service: text("app"),
        index,
    };
    assert_eq!(edited(&more, &remove(1)), SERVICES);
    let less = edited(SERVICES, &remove(0));
    assert_eq!(less.matches("expose:").count(), 2);
}

#[test]
fn what_is_not_there_is_named() {
    let change = Change::Image {
        service: text("ghost"),
        image: text("a"),
    };
    let error = edit::edits(WEB, &change).unwrap_err();
    assert_eq!(error, CannotEdit::Missing(text("services.ghost")));
    assert_eq!(error.to_string(), "There is no services.ghost in the text.");
    assert_eq!(edit::edits("a: [", &change), Err(CannotEdit::Unreadable));
}

#[test]
fn a_form_shows_what_the_document_says() {
    let form = edit::form(SERVICES).unwrap();
    let names: Vec<&str> = form.services.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["app", "db", "cache"]);
    let db = &form.services[1];
    assert_eq!(db.cpu_milli, Some(1000));
    assert_eq!(db.memory_bytes, Some(2 << 30));
    assert_eq!(db.volumes.len(), 2);
    assert!(db.volumes[1].is_persistent);
    assert_eq!(db.price.as_deref(), Some("1500.5"));
    assert_eq!(
        edit::form(GPU).unwrap().services[0].gpu_models,
        ["h100", "a100"]
    );
}

/// Fixes are edits too: applying them must remove the finding.
#[test]
fn applying_a_fix_removes_what_it_fixes() {
    let mut fixed = 0;
    for (from, to) in [
        ("version: \"2.0\"", "version: 2.0"),
        ("size: 512Mi", "size: 512MB"),
        ("size: 512Mi", "size: 512m"),
        ("size: 512Mi", "size: 536870912"),
        ("denom: uact", "denom: uakt"),
        ("    image:", "    imagee:"),
        ("port: 3000", "port: \"3000\""),
        ("global: true", "global: yes"),
        ("      profile: web", "      profile: Web"),
    ] {
        let broken = WEB.replacen(from, to, 1);
        let report = sdl::check(&broken);
        let with_fix = report
            .diagnostics
            .iter()
            .find(|diagnostic| diagnostic.fix.is_some())
            .unwrap_or_else(|| panic!("no fix for {to}: {report:?}"));
        let fix = with_fix.fix.as_ref().unwrap();
        let after = sdl::check(&edit::apply(&broken, &fix.edits));
        let still = after
            .diagnostics
            .iter()
            .any(|it| it.code == with_fix.code && it.path == with_fix.path);
        assert!(!still, "{to}: {after:?}");
        fixed += usize::from(with_fix.severity != Severity::Hint);
    }
    assert!(fixed >= 8);
}

#[test]
fn a_new_image_changes_one_line_of_every_real_file() {
    let Some(folder) = corpus() else {
        println!("skipped: NECTO_SHARED names no folder with an SDL corpus");
        return;
    };
    let (mut one_line, mut several) = (0, 0);
    for file in files(&folder) {
        let bytes = fs::read(&file).unwrap();
        let before = String::from_utf8_lossy(&bytes);
        let Ok(derived) = sdl::derive(&before, Dialect::Console) else {
            continue;
        };
        let service = derived.manifest.groups[0].services[0].name.clone();
        let image = "registry.example/changed:1".to_owned();
        let change = Change::Image {
            service: service.clone(),
            image: image.clone(),
        };
        let after = match edit::edits(&before, &change) {
            Ok(edits) => edit::apply(&before, &edits),
            Err(CannotEdit::Shared(_)) => continue,
            Err(error) => panic!("{}: {error}", file.display()),
        };
        let mut wanted = derived;
        for group in &mut wanted.manifest.groups {
            for it in group.services.iter_mut().filter(|it| it.name == service) {
                it.image.clone_from(&image);
            }
        }
        let found = sdl::derive(&after, Dialect::Console).unwrap();
        assert_eq!(found.manifest, wanted.manifest, "{}", file.display());
        match changed_lines(&before, &after) {
            (old, new) if old.len() == 1 && new.len() == 1 => one_line += 1,
            _ => several += 1,
        }
    }
    println!("{one_line} files changed in one line, {several} in more");
    assert!(one_line > 150 && several <= 1, "{one_line} {several}");
}

#[test]
fn formatting_changes_nothing_that_a_real_file_says() {
    let Some(folder) = corpus() else {
        println!("skipped: NECTO_SHARED names no folder with an SDL corpus");
        return;
    };
    let (mut formatted, mut unusual) = (0, 0);
    for file in files(&folder) {
        let bytes = fs::read(&file).unwrap();
        let before = String::from_utf8_lossy(&bytes);
        match sdl::format(&before) {
            Ok(after) => {
                for dialect in Dialect::ALL {
                    let derived = sdl::derive(&before, dialect).ok();
                    assert_eq!(
                        sdl::derive(&after, dialect).ok(),
                        derived,
                        "{}",
                        file.display()
                    );
                }
                assert_eq!(
                    sdl::format(&after).as_ref(),
                    Ok(&after),
                    "{}",
                    file.display()
                );
                formatted += 1;
            }
            Err(_) => unusual += 1,
        }
    }
    println!("{formatted} files formatted, {unusual} left as they are");
    assert!(formatted > 20 * unusual);
}

fn corpus() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds its optional corpus through the environment"
    )]
    let shared = std::env::var("NECTO_SHARED").ok()?;
    let folder = PathBuf::from(shared).join("sdl/corpus/awesome");
    folder.is_dir().then_some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read") {
        let path = entry.expect("the entry can be read").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files
}
