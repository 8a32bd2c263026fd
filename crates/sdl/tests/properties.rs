//! Properties that hold for every document and every set of requirements.

use std::collections::{BTreeMap, BTreeSet};

use domain::money::UactPerBlock;
use domain::requirements::{DeployToAkash, Priority, Region, Requirements, Template};
use domain::resources::{Bytes, CpuMilli, GpuInterface, GpuRequest, GpuVendor};
use domain::time::Seconds;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use sdl::{Dialect, Severity};

const FIXTURES: [&str; 5] = [
    include_str!("fixtures/web.yaml"),
    include_str!("fixtures/gpu.yaml"),
    include_str!("fixtures/services.yaml"),
    include_str!("fixtures/address.yaml"),
    include_str!("fixtures/anchors.yaml"),
];

fn gpus() -> impl Strategy<Value = GpuRequest> {
    (
        1_u32..=24,
        option::of(select(vec!["h100", "a100", "rtx4090", "rtxa6000", "t4"])),
        option::of(select(vec![16_u32, 24, 40, 48, 80])),
        option::of(select(vec![
            GpuInterface::Sxm,
            GpuInterface::Pcie,
            GpuInterface::Nvl,
        ])),
        option::of(Just(GpuVendor::Nvidia)),
    )
        .prop_map(|(count, model, vram_gib, interface, vendor)| GpuRequest {
            vendor,
            model: model.map(|model| model.parse().expect("canonical names")),
            count,
            vram_gib,
            interface,
        })
}

fn requirements() -> impl Strategy<Value = Requirements> {
    let what = (
        option::of(select(Template::ALL.to_vec())),
        option::of("[a-z]{1,8}(/[a-z]{1,8})?:[0-9]\\.[0-9]{1,2}"),
        option::of(gpus()),
        btree_map("[A-Z][A-Z0-9_]{0,8}", ".{0,20}", 0..4),
        vec(1_u16.., 1..4),
        option::of(select(Region::ALL.to_vec())),
    );
    let size = (
        10_u64..=384_000,
        1_u64..=(2 << 20),
        5_u64..=(32 << 20),
        any::<bool>(),
        1_u32..=20,
    );
    (what, size).prop_map(
        |(
            (template, image, gpu, env, ports, region),
            (cpu, memory, storage, persistent, replicas),
        )| {
            Requirements {
                template,
                image,
                gpu,
                cpu: CpuMilli(cpu),
                memory: Bytes::mib(memory),
                storage: Bytes::mib(storage),
                persistent,
                replicas,
                ports,
                env: readable(env),
                duration: Seconds::hours(1),
                region,
                providers: BTreeSet::new(),
                max_per_gpu_hour: None,
                max_per_hour: None,
                budget: None,
                exclude_pricing: BTreeSet::new(),
                priority: Priority::Price,
                deploy_to_akash: DeployToAkash::Automatic,
            }
        },
    )
}

/// Without the characters that YAML or Console cannot carry.
fn readable(env: BTreeMap<String, String>) -> BTreeMap<String, String> {
    let fits = |c: &char| !matches!(c, '\u{2028}' | '\u{2029}');
    env.into_iter()
        .map(|(name, value)| (name, value.chars().filter(fits).collect()))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_requirements_give_a_document_that_states_exactly_them(
        wanted in requirements(),
        cap in option::of(1_u64..50_000_000),
    ) {
        let cap = cap.map(UactPerBlock::from_whole);
        let text = sdl::generate(&wanted, cap);
        let report = sdl::check(&text);
        let advice: Vec<_> = report
            .diagnostics
            .iter()
            .filter(|it| it.severity < Severity::Warning || !it.code.starts_with("guessable-secret"))
            .collect();
        prop_assert!(advice.is_empty(), "{advice:?}\n{text}");
        let console = sdl::derive(&text, Dialect::Console).unwrap();
        let command_line = sdl::derive(&text, Dialect::Go).unwrap();
        prop_assert_eq!(&console.manifest, &command_line.manifest);
        let unit = &console.groups[0].resources[0];
        prop_assert_eq!(unit.cpu_milli, wanted.cpu.0);
        prop_assert_eq!(unit.memory_bytes, wanted.memory.0);
        prop_assert_eq!(unit.storage.len(), 1);
        prop_assert_eq!(unit.storage[0].bytes, wanted.storage.0);
        prop_assert_eq!(unit.storage[0].is_persistent(), wanted.persistent);
        prop_assert_eq!(unit.count, wanted.replicas);
        prop_assert_eq!(unit.gpu.units, wanted.gpu.as_ref().map_or(0, |gpu| u64::from(gpu.count)));
        if let Some(model) = wanted.gpu.as_ref().and_then(|gpu| gpu.model.as_ref()) {
            prop_assert!(unit.gpu.models().all(|it| it.model == model.as_str()));
        }
        let service = &console.manifest.groups[0].services[0];
        prop_assert_eq!(service.count, wanted.replicas);
        prop_assert_eq!(&service.resources.gpu, &unit.gpu);
        prop_assert_eq!(&service.resources.storage, &unit.storage);
        prop_assert_eq!(service.resources.cpu_milli, wanted.cpu.0);
        prop_assert_eq!(service.resources.memory_bytes, wanted.memory.0);
        for (name, value) in &wanted.env {
            let variable = format!("{name}={value}");
            prop_assert!(service.env.iter().flatten().any(|it| *it == variable), "{}", variable);
        }
        if let Some(image) = &wanted.image {
            prop_assert_eq!(&service.image, image);
        }
        if let Some(cap) = cap {
            let limit = cap.scaled();
            prop_assert!(unit.price.atto * u128::from(unit.count) <= limit.max(u128::from(unit.count) * 1_000_000_000_000));
        }
    }

    #[test]
    fn no_text_makes_the_check_panic_or_point_outside(text in ".{0,400}") {
        sane(&text)?;
    }

    #[test]
    fn no_damage_to_a_document_makes_the_check_panic(
        fixture in select(FIXTURES.to_vec()),
        cuts in vec((0_usize..2000, 0_usize..12, "[-:{}\\[\\]&*!|>'\"#%@`,?~a-z0-9 \n\t]{0,4}"), 1..6),
    ) {
        let mut text = fixture.to_owned();
        for (at, length, insert) in cuts {
            let from = text.floor_char_boundary(at % (text.len() + 1));
            let to = text.floor_char_boundary((from + length).min(text.len()));
            text.replace_range(from..to, &insert);
        }
        sane(&text)?;
    }
}

/// Checks what must hold for every text.
fn sane(text: &str) -> Result<(), TestCaseError> {
    let report = sdl::check(text);
    for it in &report.diagnostics {
        prop_assert!(
            it.span.from <= it.span.to && it.span.to <= text.len(),
            "{it:?}"
        );
        prop_assert!(it.line >= 1 && it.column >= 1);
        prop_assert!(!it.message.is_empty());
        for edit in it.fix.iter().flat_map(|fix| &fix.edits) {
            prop_assert!(text.get(edit.from..edit.to).is_some(), "{it:?}");
        }
    }
    for dialect in Dialect::ALL {
        let derived = sdl::derive(text, dialect);
        prop_assert_eq!(derived.is_ok(), report.is_deployable(dialect));
        // What both dialects read the same way is read once there, and once per dialect here.
        let (_, groups) = sdl::check_and_groups(text, dialect);
        prop_assert_eq!(derived.as_ref().ok().map(|it| &it.groups), groups.as_ref());
        if let Ok(derived) = derived {
            prop_assert!(!derived.groups.is_empty());
            prop_assert_eq!(derived.manifest.hash_hex().len(), 64);
        }
    }
    Ok(())
}

#[test]
fn the_fixtures_are_deployable_in_both_dialects() {
    for text in FIXTURES {
        let report = sdl::check(text);
        assert!(
            Dialect::ALL.iter().all(|it| report.is_deployable(*it)),
            "{report:?}"
        );
        assert!(sdl::derive(text, Dialect::Console).is_ok());
        assert!(sdl::derive(text, Dialect::Go).is_ok());
    }
}
