use super::*;
use crate::{Dialect, Severity};

#[test]
fn every_template_is_deployable_as_it_is_and_the_same_in_both_dialects() {
    for template in ALL {
        let text = template.sdl();
        let report = crate::check(&text);
        for diagnostic in &report.diagnostics {
            let expected =
                diagnostic.severity == Severity::Warning && diagnostic.code == "guessable-secret";
            assert!(expected, "{}: {diagnostic:?}\n{text}", template.id);
        }
        let console = crate::derive(&text, Dialect::Console).unwrap();
        let command_line = crate::derive(&text, Dialect::Go).unwrap();
        assert_eq!(
            console.manifest.sorted_json(),
            command_line.manifest.sorted_json(),
            "{}",
            template.id
        );
        let unit = &console.groups[0].resources[0];
        assert_eq!(unit.price.denom, "uact");
    }
}

#[test]
fn every_kind_of_workload_has_its_template() {
    for kind in Kind::ALL {
        assert_eq!(of_kind(kind).kind, kind);
        assert_eq!(of_kind(kind).title, kind.title());
        assert_eq!(of_kind(kind).recipe.port, kind.defaults().port);
    }
    assert_eq!(by_id("nothing"), None);
}

#[test]
fn no_template_names_an_image_without_a_version() {
    for template in ALL {
        let (_, tag) = template.recipe.image.rsplit_once(':').unwrap();
        assert_ne!(tag, "latest");
    }
}

/// The groups on chain for each template: CPU in thousandths of a core, memory and storage in
/// bytes, GPUs, endpoints, and whether the data survives restarts.
#[test]
fn the_groups_of_every_template_are_these() {
    use crate::spec::EndpointKind::{RandomPort, SharedHttp};
    const GIB: u64 = 1 << 30;
    let expected = [
        (
            "ml-training",
            8000,
            32 * GIB,
            100 * GIB,
            1,
            SharedHttp,
            false,
        ),
        ("web-node", 1000, GIB, 2 * GIB, 0, SharedHttp, false),
        ("web-python", 1000, GIB, 2 * GIB, 0, SharedHttp, false),
        ("static-site", 500, GIB / 2, GIB, 0, SharedHttp, false),
        ("postgres", 1000, 2 * GIB, 10 * GIB, 0, RandomPort, true),
        ("redis", 1000, GIB, GIB, 0, RandomPort, false),
        ("next", 1000, 2 * GIB, 2 * GIB, 0, SharedHttp, false),
        ("react", 1000, 2 * GIB, 2 * GIB, 0, SharedHttp, false),
        ("vue", 1000, 2 * GIB, 2 * GIB, 0, SharedHttp, false),
    ];
    let found = ALL.map(|template| {
        let derived = crate::derive(&template.sdl(), Dialect::Console).unwrap();
        let [group] = derived.groups.as_slice() else {
            panic!("{} has one group", template.id);
        };
        let [unit] = group.resources.as_slice() else {
            panic!("{} has one unit", template.id);
        };
        assert_eq!(unit.count, 1);
        let [endpoint] = unit.endpoints.as_slice() else {
            panic!("{} has one way in", template.id);
        };
        let [volume] = unit.storage.as_slice() else {
            panic!("{} has one volume", template.id);
        };
        (
            template.id,
            unit.cpu_milli,
            unit.memory_bytes,
            volume.bytes,
            unit.gpu.units,
            endpoint.kind,
            volume.is_persistent(),
        )
    });
    assert_eq!(found, expected);
}

#[test]
fn every_template_says_what_it_is_and_what_must_be_changed() {
    for template in ALL {
        assert!(template.about().len() > 200, "{}", template.id);
        let adjustable = template.adjustable();
        assert!(adjustable.iter().any(|(name, _)| *name == "image"));
        let must = template
            .recipe
            .env
            .iter()
            .any(|(_, value)| *value == TO_BE_GENERATED);
        assert_eq!(adjustable[0].1 == TO_BE_GENERATED, must, "{}", template.id);
    }
}
