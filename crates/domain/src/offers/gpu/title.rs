//! Names of cards as people write them: `RTX 4090`, `H100 SXM`, `A100 PCIe 40 GiB`.

use super::models::known;
use super::{Edition, Gpu, GpuKey, sizes_of};
use crate::resources::{GpuInterface, GpuModel, GpuRequest, GpuVendor};

/// Families whose number is written separately, longer prefixes first.
const FAMILIES: [(&str, &str); 6] = [
    ("rtxpro", "RTX PRO "),
    ("rtxa", "RTX A"),
    ("rtx", "RTX "),
    ("gtx", "GTX "),
    ("titan", "TITAN "),
    ("gt", "GT "),
];

/// Suffixes that may follow a number of those families.
const ENDINGS: [(&str, &str); 9] = [
    ("", ""),
    ("ti", " Ti"),
    ("tis", " Ti SUPER"),
    ("s", " SUPER"),
    ("d", " D"),
    ("m", " Mobile"),
    ("ada", " Ada"),
    ("eada", "E Ada"),
    ("sffada", " SFF Ada"),
];

impl GpuModel {
    /// The model's name as people write it.
    #[must_use]
    pub fn title(&self) -> String {
        let id = self.as_str();
        let family = FAMILIES
            .iter()
            .find_map(|(family, title)| Some((id.strip_prefix(family)?, title)));
        let Some((rest, family)) = family else {
            return id.to_uppercase();
        };
        let end = rest
            .find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(rest.len());
        let (number, ending) = rest.split_at(end);
        let known = ENDINGS.iter().find(|(id, _)| *id == ending);
        match known.filter(|_| !number.is_empty()) {
            Some((_, ending)) => format!("{family}{number}{ending}"),
            None => format!("{family}{}", rest.to_uppercase()),
        }
    }
}

impl GpuKey {
    /// The card's name as people write it. The memory is included if the name is sold with several sizes,
    /// and the interface if there is a choice.
    #[must_use]
    pub fn title(&self) -> String {
        let mut title = self.model.title();
        // Desktop cards have only one interface.
        let has_choice = !title.starts_with("RTX") && !title.starts_with("GT");
        if let Some(interface) = self.interface.filter(|_| has_choice) {
            title.push_str(word(interface));
        }
        if let Some(edition) = self.edition {
            title.push_str(match edition {
                Edition::Server => " Server",
                Edition::Workstation => " Workstation",
                Edition::MaxQ => " Max-Q",
            });
        }
        let sold =
            known(self.model.as_str()).map_or(0, |(_, _, sizes)| sizes_of(self, sizes).len());
        if let Some(vram) = self.vram.filter(|_| sold > 1) {
            title.push_str(&format!(" {} GiB", vram.to_gib()));
        }
        title
    }
}

impl GpuRequest {
    /// The request as people write it: `2 × H100 SXM`, `1 × any GPU with 24 GiB`.
    #[must_use]
    pub fn title(&self) -> String {
        let model = self.model.as_ref();
        let mut title = match (model, self.vendor) {
            (Some(model), _) => format!("{} × {}", self.count, model.title()),
            (None, Some(GpuVendor::Amd)) => format!("{} × any GPU of AMD", self.count),
            (None, _) => format!("{} × any GPU", self.count),
        };
        if let Some(interface) = self.interface {
            title.push_str(word(interface));
        }
        if let Some(vram) = self.vram_gib {
            let with = if model.is_none() { " with" } else { "" };
            title.push_str(&format!("{with} {vram} GiB"));
        }
        title
    }
}

/// The interface, as written after the card's name.
const fn word(interface: GpuInterface) -> &'static str {
    match interface {
        GpuInterface::Sxm => " SXM",
        GpuInterface::Pcie => " PCIe",
        GpuInterface::Nvl => " NVL",
    }
}

impl Gpu {
    /// The card's name as people write it, or the source's own words.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Known(key) => key.title(),
            Self::Unrecognized { label, .. } => format!("{label} (unrecognized)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::models::MODELS;
    use super::super::{identify, with_memory};
    use crate::resources::{GpuInterface, GpuRequest};

    #[test]
    fn cards_are_named_as_people_write_them() {
        for (spelling, title) in [
            ("rtx3060 12GB", "RTX 3060 12 GiB"),
            ("rtx4090", "RTX 4090"),
            ("NVIDIA GeForce RTX 4090 PCIe", "RTX 4090"),
            ("RTX 4070 Ti SUPER", "RTX 4070 Ti SUPER"),
            ("H100 80GB HBM3", "H100 SXM"),
            ("H100 PCIe", "H100 PCIe"),
            ("H100", "H100"),
            ("A100-SXM4-40GB", "A100 SXM 40 GiB"),
            ("A6000", "RTX A6000"),
            ("RTX 6000 Ada", "RTX 6000 Ada"),
            (
                "RTX PRO 6000 Blackwell Server Edition",
                "RTX PRO 6000 Server",
            ),
            ("MI300X", "MI300X"),
            ("L40S", "L40S"),
            ("TITAN RTX", "TITAN RTX"),
            ("GTX 1080 Ti", "GTX 1080 Ti"),
        ] {
            let identity = identify(spelling);
            let key = identity.unwrap_or_else(|| panic!("{spelling}")).key;
            let key = with_memory(key, None).unwrap();
            assert_eq!(key.title(), title, "{spelling}");
        }
    }

    #[test]
    fn what_is_asked_for_is_named_the_same_way() {
        let asked = |model: Option<&str>, vram_gib, interface| {
            GpuRequest {
                vendor: None,
                model: model.map(|model| model.parse().unwrap()),
                count: 2,
                vram_gib,
                interface,
            }
            .title()
        };
        let sxm = Some(GpuInterface::Sxm);
        assert_eq!(asked(Some("h100"), Some(80), sxm), "2 × H100 SXM 80 GiB");
        assert_eq!(asked(Some("rtx3060"), None, None), "2 × RTX 3060");
        assert_eq!(asked(None, Some(24), None), "2 × any GPU with 24 GiB");
        assert_eq!(asked(None, None, None), "2 × any GPU");
    }

    #[test]
    fn every_title_is_understood_as_the_card_it_names() {
        for (model, _, _) in MODELS {
            let model: crate::resources::GpuModel = model.parse().unwrap();
            let title = model.title();
            let read = identify(&title).map(|identity| identity.key.model);
            // Laptop cards are spelled in many ways, none of which is parsed.
            if !title.ends_with("Mobile") {
                assert_eq!(read, Some(model), "{title}");
            }
        }
    }
}
