//! Origin of the fields that affect what an order costs and what it runs.

use std::collections::BTreeSet;

use super::{Doubt, Origin};
use crate::record::{SdlSource, ThinkingKind, ThinkingStep};
use crate::requirements::Wish;

/// Calls `$each!(name, field)` for every field that affects cost, image or what the image does.
macro_rules! each_field {
    ($each:ident) => {
        $each!("template", template);
        $each!("image", image);
        $each!("gpu", gpu);
        $each!("cpu", cpu);
        $each!("memory", memory);
        $each!("storage", storage);
        $each!("persistent", persistent);
        $each!("replicas", replicas);
        $each!("ports", ports);
        $each!("env", env);
        $each!("duration", duration);
        $each!("region", region);
    };
}

/// Fields that a template sets: its defaults are confirmed once the template itself is.
const OF_TEMPLATE: [&str; 5] = ["cpu", "memory", "storage", "persistent", "ports"];

/// Origin of an order's fields.
#[derive(Debug, Clone, Copy)]
pub struct Grounds<'a> {
    /// Wish that the order is for.
    pub wish: &'a Wish,
    /// Wish that the rules alone read out of the buyer's own words; `None` without words.
    pub rules: Option<&'a Wish>,
    /// Names of the fields that the buyer set or kept by hand.
    pub confirmed: &'a BTreeSet<String>,
    /// `true` if the rules find orders to the agent in the buyer's words.
    pub sets_aside: bool,
    /// Steps of thinking on the way to the price, in their order.
    pub steps: &'a [ThinkingStep],
    /// Author of the SDL: Necto, the buyer, or both.
    pub sdl_source: SdlSource,
    /// Origin of the request: Necto's page, a link or a plain form.
    pub origin: Origin,
}

impl Grounds<'_> {
    /// All reasons to ask the buyer that follow from the origin of the fields.
    pub(super) fn doubts(&self) -> Vec<Doubt> {
        let mut doubts = Vec::new();
        let thought = |kind| self.steps.iter().any(|step| step.kind == kind);
        doubts.extend(match self.origin {
            Origin::Page => None,
            Origin::Link => Some(Doubt::CameByLink),
            Origin::PlainForm => Some(Doubt::CameAsPlainForm),
        });
        if self.sdl_source != SdlSource::Generated {
            doubts.push(Doubt::OwnSdl);
        }
        if self.sets_aside || thought(ThinkingKind::SetAside) {
            doubts.push(Doubt::OrdersSetAside);
        }
        if thought(ThinkingKind::Asked) {
            doubts.push(Doubt::Unclear);
        }
        let template_stands = self.wish.template.is_some() && self.doubt_of("template").is_none();
        macro_rules! look {
            ($name:literal, $field:ident) => {
                doubts.extend(self.doubt_of($name));
            };
        }
        each_field!(look);
        let assumed = |field: &str| Doubt::Assumed {
            field: field.to_owned(),
        };
        if self.wish.template.is_none() && self.wish.image.is_none() {
            doubts.push(assumed("image"));
        }
        let needs_gpu = self
            .wish
            .template
            .is_some_and(|template| template.defaults().needs_gpu);
        if needs_gpu && self.wish.gpu.is_none() && !self.wish.no_gpu {
            doubts.push(assumed("gpu"));
        }
        if !template_stands {
            let open = OF_TEMPLATE
                .into_iter()
                // Storage that does not have to survive costs nothing extra.
                .filter(|field| *field != "persistent" && self.is_open(field));
            doubts.extend(open.map(assumed));
        }
        if self.is_open("duration") {
            doubts.push(assumed("duration"));
        }
        doubts
    }

    /// Reason to doubt the value of a field; `None` if the value is certain or the field is open.
    fn doubt_of(&self, field: &str) -> Option<Doubt> {
        let named = || field.to_owned();
        if self.is_open(field) {
            return None;
        }
        if self.wish.inferred.contains_key(field) {
            return Some(Doubt::Assumed { field: named() });
        }
        let stands = self.confirmed.contains(field)
            || self
                .rules
                .is_some_and(|rules| is_same(rules, self.wish, field));
        (!stands).then(|| Doubt::ReadByModelAlone { field: named() })
    }

    fn is_open(&self, field: &str) -> bool {
        is_same(self.wish, &Wish::default(), field)
    }
}

/// Whether two wishes agree on a field; an unknown field is never set.
fn is_same(one: &Wish, other: &Wish, field: &str) -> bool {
    macro_rules! compare {
        ($name:literal, $field:ident) => {
            if field == $name {
                return one.$field == other.$field;
            }
        };
    }
    each_field!(compare);
    true
}

/// Fields that the buyer set or kept when changing the request from `before` to `after`.
#[must_use]
pub fn confirmed_by(before: &Wish, after: &Wish) -> BTreeSet<String> {
    let mut confirmed = BTreeSet::new();
    macro_rules! compare {
        ($name:literal, $field:ident) => {
            let kept = before.inferred.contains_key($name) && !after.inferred.contains_key($name);
            if kept || before.$field != after.$field {
                confirmed.insert($name.to_owned());
            }
        };
    }
    each_field!(compare);
    confirmed
}
