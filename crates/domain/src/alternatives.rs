//! The one alternative offered beside a buyer's configuration; the buyer decides.

use crate::requirements::{Requirements, Template, Wish};

/// A template offered as an alternative to the buyer's own configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alternative {
    /// The same template in its usual size.
    UsualSize(Template),
    /// The same template with its own image.
    OwnImage(Template),
    /// A template instead of an image that was named without one.
    Instead(Template),
}

/// Prefixes of image names, each with the template meant for what the image contains.
const KNOWN: [(&str, Template); 11] = [
    ("postgres", Template::Postgres),
    ("redis", Template::Redis),
    ("valkey", Template::Redis),
    ("pytorch", Template::MlTraining),
    ("tensorflow", Template::MlTraining),
    ("jupyter", Template::MlTraining),
    ("node", Template::WebNode),
    ("python", Template::WebPython),
    ("nginx", Template::StaticSite),
    ("caddy", Template::StaticSite),
    ("httpd", Template::StaticSite),
];

impl Alternative {
    /// The alternative to the configuration that `wish` led to; `None` if it would change nothing.
    #[must_use]
    pub fn to(wish: &Wish, decided: &Requirements) -> Option<Self> {
        match (decided.template, &decided.image) {
            (Some(template), Some(_)) => Some(Self::OwnImage(template)),
            (Some(template), None) => {
                let usual = wish.in_usual_sizes().complete().ok()?.0;
                let differs = (usual.cpu, usual.memory, usual.storage)
                    != (decided.cpu, decided.memory, decided.storage);
                differs.then_some(Self::UsualSize(template))
            }
            (None, Some(image)) => {
                let by_name = of_image(image);
                let by_card = decided.gpu.as_ref().map(|_| Template::MlTraining);
                by_name.or(by_card).map(Self::Instead)
            }
            (None, None) => None,
        }
    }

    /// The offer, as one sentence.
    #[must_use]
    pub fn sentence(self) -> String {
        match self {
            Self::UsualSize(template) => format!(
                "I can deploy the {} template in its usual size, or this configuration.",
                template.title()
            ),
            Self::OwnImage(template) => format!(
                "I can deploy the {} template as it is, or this custom configuration with your \
                 image.",
                template.title()
            ),
            Self::Instead(template) => format!(
                "I can deploy the {} template, or this custom configuration.",
                template.title()
            ),
        }
    }

    /// Label of the button that takes the alternative.
    #[must_use]
    pub const fn action(self) -> &'static str {
        match self {
            Self::UsualSize(_) => "Take the usual size",
            Self::OwnImage(_) | Self::Instead(_) => "Take the template",
        }
    }

    /// The wish with the alternative applied. Duration, region, limits, GPU and secrets are kept.
    #[must_use]
    pub fn taken(self, wish: &Wish) -> Wish {
        match self {
            Self::UsualSize(_) => wish.in_usual_sizes(),
            Self::OwnImage(template) | Self::Instead(template) => {
                let mut taken = Wish {
                    template: Some(template),
                    image: None,
                    // The ports belonged to the image that is being replaced.
                    ports: Vec::new(),
                    ..wish.clone()
                };
                for field in ["template", "image", "ports"] {
                    taken.inferred.remove(field);
                }
                taken
            }
        }
    }
}

fn of_image(image: &str) -> Option<Template> {
    let known = |part: &str| {
        let name = part.split([':', '@']).next().unwrap_or(part);
        let found = KNOWN.iter().find(|(known, _)| name == *known);
        found.map(|(_, template)| *template)
    };
    image.rsplit('/').find_map(known)
}

#[cfg(test)]
mod tests {
    use super::Alternative;
    use crate::requirements::{Template, Wish};
    use crate::resources::{Bytes, GpuRequest};
    use crate::time::Seconds;

    fn offered(wish: &Wish) -> Option<Alternative> {
        let (decided, _) = wish.complete().unwrap();
        Alternative::to(wish, &decided)
    }

    fn image(name: &str) -> Wish {
        Wish {
            image: Some(name.to_owned()),
            duration: Some(Seconds::hours(5)),
            ports: vec![9000],
            ..Wish::default()
        }
    }

    #[test]
    fn a_template_is_offered_for_what_an_image_holds_or_for_its_cards() {
        for (name, template) in [
            ("postgres:16", Template::Postgres),
            ("docker.io/library/python:3.12", Template::WebPython),
            ("pytorch/pytorch:2.5.1", Template::MlTraining),
            ("ghcr.io/acme/node@sha256:00", Template::WebNode),
        ] {
            assert_eq!(
                offered(&image(name)),
                Some(Alternative::Instead(template)),
                "{name}"
            );
        }
        assert_eq!(offered(&image("ghcr.io/acme/postgresql-exporter:1")), None);
        let with_card = Wish {
            gpu: Some(GpuRequest {
                vendor: None,
                model: None,
                count: 1,
                vram_gib: None,
                interface: None,
            }),
            ..image("ghcr.io/acme/trainer:1")
        };
        let offer = offered(&with_card).unwrap();
        assert_eq!(
            offer.sentence(),
            "I can deploy the ML training with GPU template, or this custom configuration."
        );
        let taken = offer.taken(&with_card);
        assert_eq!(
            (taken.template, &taken.image),
            (Some(Template::MlTraining), &None)
        );
        assert_eq!(
            (taken.duration, &taken.gpu),
            (with_card.duration, &with_card.gpu)
        );
        assert!(taken.ports.is_empty());
        assert_eq!(offered(&taken), None);
    }

    #[test]
    fn a_template_that_was_changed_is_offered_as_it_is() {
        let own_image = Wish {
            template: Some(Template::WebNode),
            ..image("ghcr.io/acme/shop:2")
        };
        let offer = offered(&own_image).unwrap();
        assert_eq!(offer, Alternative::OwnImage(Template::WebNode));
        assert_eq!(offered(&offer.taken(&own_image)), None);
        let larger = Wish {
            template: Some(Template::Redis),
            memory: Some(Bytes::gib(8)),
            ..Wish::default()
        };
        let offer = offered(&larger).unwrap();
        assert_eq!(offer, Alternative::UsualSize(Template::Redis));
        assert_eq!(offered(&offer.taken(&larger)), None);
    }
}
