//! The decided fields as chips, updated with changes in the draft's text.

use domain::journey::OrderView;
use domain::requirements::{DeployToAkash, Requirements, Template};
use domain::resources::{Bytes, CpuMilli, GpuRequest};
use sdl::edit::{Form, FormService};

/// One decided field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Chip {
    /// Name of the form's field, without `wish-`.
    pub(super) field: &'static str,
    /// Name of the requirement.
    pub(super) requirement: &'static str,
    /// Display label.
    pub(super) label: &'static str,
    /// Display value, with its unit.
    pub(super) value: String,
    /// Reason for the assumed value; `None` if the value is not an assumption.
    pub(super) assumed: Option<String>,
    /// `true` if the text differs from the decision: the field must then be changed in the text.
    pub(super) in_text: bool,
}

/// The decided fields of an order; empty before any decision.
pub(super) fn chips(order: &OrderView) -> Vec<Chip> {
    let Some(requirements) = &order.requirements else {
        return Vec::new();
    };
    let reason = |field: &str| {
        order
            .assumptions
            .iter()
            .find(|assumed| assumed.field == field)
            .map(|assumed| assumed.reason.clone())
    };
    values(requirements)
        .into_iter()
        .map(|(field, label, value)| Chip {
            field: form_field(field),
            requirement: field,
            label,
            value,
            assumed: reason(field),
            in_text: false,
        })
        .collect()
}

/// Updates the chips from the text. With several services, only what is equal in all of them is left.
pub(super) fn following(decided: &[Chip], form: Option<&Form>) -> Vec<Chip> {
    let Some(form) = form else {
        return decided.to_vec();
    };
    let follow = |chip: &Chip| match form.services.as_slice() {
        [] => Some(chip.clone()),
        [service] => match in_text(service, chip.requirement) {
            None => Some(chip.clone()),
            Some(value) if value.as_ref() == Some(&chip.value) => Some(chip.clone()),
            Some(value) => Some(Chip {
                value: value?,
                assumed: None,
                in_text: true,
                ..chip.clone()
            }),
        },
        _ => (!OF_A_SERVICE.contains(&chip.requirement)).then(|| chip.clone()),
    };
    decided.iter().filter_map(follow).collect()
}

/// The fields that each service has separately.
const OF_A_SERVICE: [&str; 8] = [
    "image", "gpu", "cpu", "memory", "storage", "replicas", "ports", "env",
];

/// A field's value according to a service's text: `None` if the text cannot say anything about it,
/// `Some(None)` if it says that there is no value.
fn in_text(service: &FormService, field: &str) -> Option<Option<String>> {
    let some = |value: String| Some(Some(value));
    match field {
        "image" => some(service.image.clone()),
        "gpu" if service.gpu_units == 0 => Some(None),
        "cpu" => some(format!("{} vCPU", CpuMilli(service.cpu_milli?))),
        "memory" => some(Bytes(service.memory_bytes?).in_words()),
        "replicas" => Some((service.count > 1).then(|| service.count.to_string())),
        "ports" => {
            let ports: Vec<String> = service.ports.iter().map(|it| it.port.to_string()).collect();
            Some((!ports.is_empty()).then(|| ports.join(", ")))
        }
        _ => None,
    }
}

/// The form's field for a requirement; if the form has several, the first.
fn form_field(field: &'static str) -> &'static str {
    if field == "gpu" { "gpu_model" } else { field }
}

/// The providers that the order is bound to, each abbreviated to the ends of its address.
fn only_from(wanted: &Requirements) -> Option<String> {
    let providers = wanted.providers.iter();
    let short: Vec<String> = providers.map(|provider| provider.shortened()).collect();
    (!short.is_empty()).then(|| short.join(", "))
}

fn values(wanted: &Requirements) -> Vec<(&'static str, &'static str, String)> {
    let dollars = |usd: domain::money::Usd| format!("${usd}");
    let list = |ports: &[u16]| {
        ports
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let rows = [
        (
            "template",
            "Workload",
            wanted
                .template
                .map(|template: Template| template.title().to_owned()),
        ),
        ("image", "Image", wanted.image.clone()),
        ("gpu", "GPU", wanted.gpu.as_ref().map(GpuRequest::title)),
        ("cpu", "CPU", Some(format!("{} vCPU", wanted.cpu))),
        ("memory", "Memory", Some(wanted.memory.in_words())),
        ("storage", "Storage", Some(wanted.storage.in_words())),
        (
            "persistent",
            "Survives restarts",
            wanted.persistent.then(|| "yes".to_owned()),
        ),
        (
            "replicas",
            "Copies",
            (wanted.replicas > 1).then(|| wanted.replicas.to_string()),
        ),
        ("ports", "Ports", Some(list(&wanted.ports))),
        (
            "env",
            "Variables",
            (!wanted.env.is_empty())
                .then(|| wanted.env.keys().cloned().collect::<Vec<_>>().join(", ")),
        ),
        ("duration", "For", Some(wanted.duration.in_words())),
        (
            "region",
            "Region",
            wanted.region.map(|region| region.to_string()),
        ),
        ("providers", "Only from", only_from(wanted)),
        (
            "max_per_gpu_hour",
            "At most per GPU-hour",
            wanted.max_per_gpu_hour.map(dollars),
        ),
        (
            "max_per_hour",
            "At most per hour",
            wanted.max_per_hour.map(dollars),
        ),
        ("budget", "Budget", wanted.budget.map(dollars)),
        ("priority", "Favour", Some(wanted.priority.id().to_owned())),
        (
            "deploy_to_akash",
            "Deploy to Akash",
            match wanted.deploy_to_akash {
                DeployToAkash::Automatic => None,
                DeployToAkash::Always => Some("always".to_owned()),
                DeployToAkash::Never => Some("never".to_owned()),
            },
        ),
    ];
    rows.into_iter()
        .filter_map(|(field, label, value)| Some((field, label, value?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Chip, following, values};
    use domain::requirements::{Template, Wish};

    #[test]
    fn a_chip_follows_what_the_text_says() {
        let wish = Wish {
            template: Some(Template::Redis),
            ..Wish::default()
        };
        let (requirements, _) = wish.complete().unwrap();
        let decided: Vec<Chip> = values(&requirements)
            .into_iter()
            .map(|(requirement, label, value)| Chip {
                requirement,
                label,
                value,
                ..Chip::default()
            })
            .collect();
        let text = sdl::generate(&requirements, None);
        let shown = |text: &str| following(&decided, sdl::edit::form(text).as_ref());
        assert!(
            shown(&text).iter().all(|chip| !chip.in_text),
            "{:?}",
            shown(&text)
        );
        let ports = |text: &str| {
            let chips = shown(text).into_iter();
            let mut ports = chips.filter(|chip| chip.requirement == "ports");
            ports.next().map(|chip| (chip.value, chip.in_text))
        };
        assert_eq!(ports(&text), Some(("6379".to_owned(), false)));
        let other = text.replace("port: 6379", "port: 6380");
        assert_eq!(ports(&other), Some(("6380".to_owned(), true)));
    }

    #[test]
    fn chips_show_what_was_decided_and_nothing_that_was_not() {
        let wish = Wish {
            template: Some(Template::Redis),
            ..Wish::default()
        };
        let (requirements, _) = wish.complete().unwrap();
        let labels: Vec<_> = values(&requirements)
            .into_iter()
            .map(|(_, label, _)| label)
            .collect();
        assert_eq!(
            labels,
            [
                "Workload", "CPU", "Memory", "Storage", "Ports", "For", "Favour"
            ]
        );
    }
}
