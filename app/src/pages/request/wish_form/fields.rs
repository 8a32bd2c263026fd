//! The form's fields: plain inputs that are read when the form is submitted.

use domain::requirements::{Region, Template};
use leptos::prelude::*;

use crate::components::raw_text::TextArea;
use crate::wish_fields::WishFields;

const PRIORITIES: [(&str, &str); 5] = [
    ("", "Not said (price)"),
    ("price", "Price"),
    ("latency", "Latency"),
    ("uptime", "Uptime"),
    ("performance", "Performance"),
];
const INTERFACES: [(&str, &str); 4] = [
    ("", "Any"),
    ("sxm", "SXM"),
    ("pcie", "PCIe"),
    ("nvl", "NVL"),
];
const UNITS: [(&str, &str); 4] = [
    ("h", "hours"),
    ("min", "minutes"),
    ("d", "days"),
    ("w", "weeks"),
];
const ANSWERS: [(&str, &str); 3] = [("", "Not said"), ("yes", "Yes"), ("no", "No")];
const TO_AKASH: [(&str, &str); 3] = [
    ("automatic", "Necto decides"),
    ("always", "Always"),
    ("never", "Never: show the market only"),
];

/// All fields, in groups.
#[component]
pub(super) fn Fields(
    /// Initial values of the fields.
    initial: WishFields,
    /// Reason why Akash was chosen or not; `None` if that was not decided.
    #[prop(optional_no_strip)]
    routed: Option<String>,
) -> impl IntoView {
    let templates = std::iter::once(("", "Not said"))
        .chain(Template::ALL.map(|template| (template.id(), template.title())));
    let regions = std::iter::once(("", "Anywhere"))
        .chain(Region::ALL.map(|region| (region.id(), region.id())));
    view! {
        <fieldset>
            <legend>"Workload"</legend>
            {choice("template", "Kind", &initial.template, templates)}
            {text("image", "Container image", &initial.image, "python:3.12-slim")}
            {text("ports", "Ports", &initial.ports, "80, 8080")}
            {lines("env", "Variables, NAME=value a line", &initial.env)}
            {text("replicas", "Copies", &initial.replicas, "1")}
        </fieldset>
        <fieldset>
            <legend>"GPU"</legend>
            {text("gpu_model", "Model", &initial.gpu_model, "h100, rtx4090, any")}
            {text("gpu_count", "Cards (0 for none)", &initial.gpu_count, "1")}
            {text("vram", "VRAM at least, GiB", &initial.vram, "80")}
            {choice("gpu_interface", "Attached by", &initial.gpu_interface, INTERFACES)}
        </fieldset>
        <fieldset>
            <legend>"Size of each copy"</legend>
            {text("cpu", "vCPU", &initial.cpu, "4")}
            {text("memory", "Memory", &initial.memory, "16Gi")}
            {text("storage", "Storage", &initial.storage, "100Gi")}
            {choice("persistent", "Storage survives restarts", &initial.persistent, ANSWERS)}
        </fieldset>
        <fieldset>
            <legend>"Time, place and price"</legend>
            {text("duration", "For", &initial.duration, "24")}
            {choice("duration_unit", "Unit", &initial.duration_unit, UNITS)}
            {choice("region", "Region", &initial.region, regions)}
            {text("providers", "Only from these providers", &initial.providers, "akash1…, any")}
            {choice("priority", "Favour", &initial.priority, PRIORITIES)}
            {text("max_per_hour", "At most, $ per hour", &initial.max_per_hour, "2.00")}
            {text("max_per_gpu_hour", "At most, $ per GPU-hour", &initial.max_per_gpu_hour, "1.50")}
            {text("budget", "At most in all, $", &initial.budget, "50")}
            {tick("no_spot", "No spot prices", &initial.no_spot)}
            {tick("no_token", "No token prices", &initial.no_token)}
        </fieldset>
        <fieldset>
            <legend>"Where it goes"</legend>
            {choice("deploy_to_akash", "Deploy to Akash", &initial.deploy_to_akash, TO_AKASH)}
            {routed.map(|reason| view! { <p class="dim field-note">{reason}</p> })}
        </fieldset>
    }
}

fn text(
    name: &'static str,
    label: &'static str,
    value: &str,
    example: &'static str,
) -> impl IntoView + use<> {
    let value = value.to_owned();
    view! {
        <label class="field" for=format!("wish-{name}")>
            <span>{label}</span>
            <input type="text" id=format!("wish-{name}") name=format!("fields[{name}]") value=value placeholder=example autocomplete="off"/>
        </label>
    }
}

fn lines(name: &'static str, label: &'static str, value: &str) -> impl IntoView + use<> {
    let value = value.to_owned();
    view! {
        <label class="field wide" for=format!("wish-{name}")>
            <span>{label}</span>
            <TextArea initial=value attr:class="mono" attr:rows="2" attr:id=format!("wish-{name}") attr:name=format!("fields[{name}]") attr:spellcheck="false"/>
        </label>
    }
}

fn choice(
    name: &'static str,
    label: &'static str,
    value: &str,
    options: impl IntoIterator<Item = (&'static str, &'static str)>,
) -> AnyView {
    let option = |(id, title): (&'static str, &'static str)| {
        let selected = id == value;
        view! { <option value=id selected=selected>{title}</option> }
    };
    let options: Vec<_> = options.into_iter().map(option).collect();
    view! {
        <label class="field" for=format!("wish-{name}")>
            <span>{label}</span>
            <select id=format!("wish-{name}") name=format!("fields[{name}]")>{options}</select>
        </label>
    }
    .into_any()
}

fn tick(name: &'static str, label: &'static str, value: &str) -> impl IntoView + use<> {
    view! {
        <label class="tick" for=format!("wish-{name}")>
            <input type="checkbox" id=format!("wish-{name}") name=format!("fields[{name}]") value="yes" checked=value == "yes"/>
            <span>{label}</span>
        </label>
    }
}
