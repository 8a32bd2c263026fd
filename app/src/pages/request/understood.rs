//! What was understood and what was assumed, as chips that lead to the field that changes them.

use domain::journey::OrderView;
use domain::requirements::{DeployToAkash, Requirements, Template};
use leptos::prelude::*;

use crate::browser;
use crate::live_order::LiveOrder;

/// One decided field.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Chip {
    /// The form's field, without `wish-`.
    field: &'static str,
    label: &'static str,
    value: String,
    /// Why, where nobody said it.
    assumed: Option<String>,
}

/// The chips.
#[component]
pub(crate) fn Understood() -> impl IntoView {
    let chips = LiveOrder::here().part(chips);
    view! {
        <div class="understood">
            <h2 class="eyebrow">"Understood"</h2>
            {move || {
                let chips = chips.get();
                if chips.is_empty() {
                    view! { <p class="dim">"What to deploy stands in your SDL."</p> }.into_any()
                } else {
                    view! { <ul class="chips">{chips.into_iter().map(|chip| view! { <ChipView chip/> }).collect_view()}</ul> }.into_any()
                }
            }}
        </div>
    }
}

#[component]
fn ChipView(
    /// The field.
    chip: Chip,
) -> impl IntoView {
    let target = format!("wish-{}", chip.field);
    let link = format!("#{target}");
    let is_assumed = chip.assumed.is_some();
    let hint = chip
        .assumed
        .as_ref()
        .map(|reason| format!("Assumed: {reason}"));
    view! {
        <li>
            <a
                class="chip"
                class:assumed=is_assumed
                href=link
                title=hint
                rel="external"
                on:click=move |event| {
                    event.prevent_default();
                    browser::focus(&target);
                }
            >
                <span class="chip-label">{chip.label}</span>
                <span class="chip-value">{chip.value}</span>
                {chip.assumed.map(|reason| view! { <span class="chip-why">{format!("assumed: {reason}")}</span> })}
            </a>
        </li>
    }
}

fn chips(order: &OrderView) -> Vec<Chip> {
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
            label,
            value,
            assumed: reason(field),
        })
        .collect()
}

/// The form has several fields for one requirement.
fn form_field(field: &'static str) -> &'static str {
    if field == "gpu" { "gpu_model" } else { field }
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
        ("gpu", "GPU", wanted.gpu.as_ref().map(ToString::to_string)),
        ("cpu", "CPU", Some(format!("{} vCPU", wanted.cpu))),
        ("memory", "Memory", Some(wanted.memory.to_string())),
        ("storage", "Storage", Some(wanted.storage.to_string())),
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
    use super::values;
    use domain::requirements::{Template, Wish};

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
