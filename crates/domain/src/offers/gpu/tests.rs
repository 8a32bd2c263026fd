use proptest::prelude::*;

use super::{Edition, VramMib, identify, models, with_memory};
use crate::resources::GpuInterface;

fn shown(label: &str) -> Option<String> {
    let identity = identify(label)?;
    Some(if identity.slice_milli == 1000 {
        identity.key.to_string()
    } else {
        format!("{} ×{}/1000", identity.key, identity.slice_milli)
    })
}

#[test]
fn spellings_of_the_venues_name_one_card_each() {
    let cases = [
        ("NVIDIA H100 80GB HBM3", "h100 sxm 80 GiB"),
        ("H100 (80 GB SXM5)", "h100 sxm 80 GiB"),
        ("H100 PCIE", "h100 pcie 80 GiB"),
        ("H100-NVL", "h100 nvl 94 GiB"),
        ("H100-MEGA", "h100 sxm 80 GiB"),
        ("h200nvl", "h200 nvl 141 GiB"),
        ("NVIDIA A100-SXM4-40GB", "a100 sxm 40 GiB"),
        ("A100 PCIe", "a100 pcie"),
        ("A100X", "a100x 80 GiB"),
        ("NVIDIA RTX A6000", "rtxa6000 48 GiB"),
        ("A6000 (48 GB)", "rtxa6000 48 GiB"),
        ("RTX 6000 (24 GB)", "rtx6000 24 GiB"),
        ("RTX 6000Ada", "rtx6000ada 48 GiB"),
        ("NVIDIA RTX 4000 SFF Ada Generation", "rtx4000sffada 20 GiB"),
        ("RTX 4000 Ada SFF", "rtx4000sffada 20 GiB"),
        ("Q RTX 8000", "rtx8000 48 GiB"),
        ("TITAN RTX", "titanrtx 24 GiB"),
        ("NVIDIA GeForce RTX 4090 D", "rtx4090d"),
        ("NVIDIA GeForce RTX 4080 SUPER", "rtx4080s 16 GiB"),
        ("RTX4070TiSUPER", "rtx4070tis 16 GiB"),
        ("4070 Ti SUPER", "rtx4070tis 16 GiB"),
        ("GeForce 4080 SUPER", "rtx4080s 16 GiB"),
        ("1660 SUPER", "gtx1660s 6 GiB"),
        (
            "NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition",
            "rtxpro6000 max-q 96 GiB",
        ),
        ("pro6000se", "rtxpro6000 server 96 GiB"),
        ("RTX PRO 6000 WS", "rtxpro6000 workstation 96 GiB"),
        (
            "NVIDIA RTX PRO 6000 Blackwell Server Edition MIG 1g.24gb",
            "rtxpro6000 server 96 GiB ×250/1000",
        ),
        ("PRO 6000 MIG 48GB", "rtxpro6000 96 GiB ×500/1000"),
        ("AMD Instinct MI300X OAM", "mi300x 192 GiB"),
        ("NVIDIA B300 SXM6 AC", "b300 sxm 288 GiB"),
        ("Tesla V100-PCIE-16GB", "v100 pcie 16 GiB"),
        ("NVIDIA T4 Tensor Core", "t4 16 GiB"),
        ("NVIDIA 4090 Community", "rtx4090 24 GiB"),
        ("AMD Radeon Pro V520", "v520 8 GiB"),
    ];
    for (label, expected) in cases {
        assert_eq!(shown(label).as_deref(), Some(expected), "{label}");
    }
}

#[test]
fn a_spelling_with_an_unknown_word_is_not_guessed() {
    for label in [
        "unknown",
        "",
        "NVIDIA",
        "RTX 9090",
        "H100 Turbo",
        "RTX 4090 Ultra",
        "6000",
        "A1000000",
        "GB202",
        "Gaudi2",
        "L4 mega",
        "PRO 6000 MIG",
        "H100 24GB",
        "rtx 4090 d d",
        "4090 SUPER",
        "SUPER",
    ] {
        assert_eq!(shown(label), None, "{label}");
    }
}

#[test]
fn reported_memory_moves_to_the_size_the_card_is_sold_with() {
    let cases = [
        ("A100 SXM4", 39_936, Some(40)),
        ("A100 SXM4", 81_920, Some(80)),
        ("B200", 183_359, Some(180)),
        ("L4", 22_888, Some(24)),
        ("H100 NVL", 95_830, Some(94)),
        ("H200 NVL", 143 * 1024, Some(141)),
        ("H200", 80 * 1024, None),
        ("RTX 4090", 48 * 1024, None),
    ];
    for (label, mib, gib) in cases {
        let key = identify(label).unwrap().key;
        let found = with_memory(key, Some(VramMib(mib)))
            .ok()
            .and_then(|key| key.vram);
        assert_eq!(found.map(VramMib::to_gib), gib, "{label}");
    }
    let error = with_memory(identify("H200").unwrap().key, Some(VramMib::gib(80))).unwrap_err();
    assert_eq!(
        error.to_string(),
        "80 GiB of memory is not a size h200 is sold with (141 GiB)"
    );
}

#[test]
fn the_same_name_in_another_build_is_another_card() {
    let sxm = identify("H100 SXM").unwrap().key;
    let pcie = identify("H100 PCIe").unwrap().key;
    assert_ne!(sxm, pcie);
    assert_eq!(sxm.interface, Some(GpuInterface::Sxm));
    let server = identify("RTX PRO 6000 S").unwrap().key;
    assert_eq!(server.edition, Some(Edition::Server));
}

#[test]
fn every_canonical_name_reads_as_itself_and_stands_once() {
    for (name, vendor, sizes) in models::MODELS {
        let identity = identify(name).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(identity.key.model.as_str(), *name);
        assert_eq!(identity.key.vendor, *vendor);
        assert!(sizes.is_sorted(), "{name}");
        let same = models::MODELS.iter().filter(|(other, _, _)| other == name);
        assert_eq!(same.count(), 1, "{name}");
    }
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the folder of recorded samples is named by the environment"
)]
fn all_recorded_spellings_are_known() {
    let Ok(shared) = std::env::var("NECTO_SHARED") else {
        println!("skipped: NECTO_SHARED names no folder with recorded spellings");
        return;
    };
    let path = format!("{shared}/reference/offers/gpu_aliases.csv");
    let table = std::fs::read_to_string(path).unwrap();
    let mut seen = 0;
    for line in table.lines().skip(1) {
        let mut fields = line.split(',');
        let (vendor, name) = (fields.next().unwrap(), fields.next().unwrap());
        let identity = identify(name).unwrap_or_else(|| panic!("“{name}” is not recognized"));
        assert_eq!(identity.key.vendor.as_str(), vendor, "{name}");
        seen += 1;
    }
    assert!(seen >= 270, "only {seen} spellings were read");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused_without_panic(label in ".{0,60}") {
        let _identity = identify(&label);
    }

    #[test]
    fn case_spaces_and_hyphens_do_not_matter(at in 0..models::MODELS.len(), upper: bool) {
        let (name, _, _) = models::MODELS[at];
        let spelled = if upper { name.to_uppercase() } else { format!("NVIDIA-{name}") };
        prop_assert_eq!(identify(&spelled), identify(name));
    }
}
