//! The fields of one service in one placement.

use domain::resources::CpuMilli;
use leptos::prelude::*;
use sdl::edit::{Change, FormPort, FormService};

use super::document::Document;
use super::field::{Field, adding, field, removing};
use super::read;

/// The set of fields of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ServiceShape {
    pub(super) name: String,
    pub(super) placement: String,
    pub(super) variables: Vec<String>,
    /// Labels of the ports, by position, because two ports may have the same number.
    pub(super) ports: Vec<String>,
    pub(super) volumes: Vec<String>,
}

/// All fields of a service.
#[component]
pub(super) fn Service(
    /// Document that the service is part of.
    document: Document,
    /// Index of the service in the form.
    index: usize,
    /// Fields that the service has.
    shape: ServiceShape,
    /// `true` if the form has other services too.
    several: bool,
) -> impl IntoView {
    let ServiceShape {
        name,
        placement,
        variables,
        ports,
        volumes,
    } = shape;
    let of = Fields { document, index };
    let title = if several {
        format!("{name} in {placement}")
    } else {
        name
    };
    view! {
        <section class="form-service">
            <h3>{title}</h3>
            {of.plain("image", "Image", "nginx:1.27", |it| it.image.clone(), read::image)}
            <div class="form-row">
                {of.plain("replicas", "Copies", "1", |it| it.count.to_string(), read::replicas)}
                {of.plain("cpu", "vCPU", "0.5", cpu_text, read::cpu)}
                {of.plain("memory", "Memory", "512Mi", |it| size_text(it.memory_bytes), read::memory)}
                {volumes.into_iter().enumerate().map(|(at, volume)| of.volume(at, &volume)).collect_view()}
                {of.plain("gpus", "GPUs", "0", |it| it.gpu_units.to_string(), read::gpu_units)}
                {of.proposed("gpu-models", "GPU models", "any", "form-gpu-models", |it| it.gpu_models.join(", "), read::gpu_models)}
            </div>
            <h4>"Ports"</h4>
            {ports.into_iter().enumerate().map(|(at, name)| of.port(at, name)).collect_view()}
            {adding(document, index, of.id("new-port"), "Add a port", "8080", read::new_port)}
            <h4>"Variables"</h4>
            {variables.into_iter().enumerate().map(|(at, name)| of.variable(at, name)).collect_view()}
            {adding(document, index, of.id("new-variable"), "Add a variable", "NAME=value", read::new_variable)}
            <h4>"Placement"</h4>
            <div class="form-row">
                {of.proposed("region", "Region", "anywhere", "form-regions", |it| it.region.clone().unwrap_or_default(), read::region)}
                {of.plain("price", "Cap, uact a block", "1000", |it| it.price.clone().unwrap_or_default(), read::price)}
            </div>
        </section>
    }
}

/// Creates the fields of one service.
#[derive(Clone, Copy)]
struct Fields {
    document: Document,
    index: usize,
}

impl Fields {
    fn id(self, name: &str) -> String {
        format!("form-{}-{name}", self.index)
    }

    fn plain(
        self,
        name: &str,
        label: &str,
        hint: &'static str,
        value: fn(&FormService) -> String,
        change: fn(&FormService, &str) -> Result<Change, String>,
    ) -> AnyView {
        self.proposed(name, label, hint, "", value, change)
    }

    fn proposed(
        self,
        name: &str,
        label: &str,
        hint: &'static str,
        proposals: &'static str,
        value: fn(&FormService) -> String,
        change: fn(&FormService, &str) -> Result<Change, String>,
    ) -> AnyView {
        let made = Field {
            id: self.id(name),
            label: label.to_owned(),
            hint,
            proposals,
            is_secret: false,
            value: Box::new(value),
            change: Box::new(change),
        };
        field(self.document, self.index, made)
    }

    fn volume(self, at: usize, name: &str) -> AnyView {
        let value = move |it: &FormService| size_text(it.volumes.get(at).and_then(|it| it.bytes));
        let label = match name {
            "default" => "Storage".to_owned(),
            name => format!("Storage “{name}”"),
        };
        let made = Field {
            id: self.id(&format!("storage-{at}")),
            label,
            hint: "1Gi",
            proposals: "",
            is_secret: false,
            value: Box::new(value),
            change: Box::new(move |it, typed| read::storage(it, at, typed)),
        };
        field(self.document, self.index, made)
    }

    fn port(self, at: usize, name: String) -> AnyView {
        let of = move |it: &FormService, pick: fn(&FormPort) -> Option<u32>| {
            let port = it.ports.get(at).and_then(pick);
            port.map(|port| port.to_string()).unwrap_or_default()
        };
        let inner = Field {
            id: self.id(&format!("port-{at}")),
            label: name.clone(),
            hint: "80",
            proposals: "",
            is_secret: false,
            value: Box::new(move |it| of(it, |port| Some(port.port))),
            change: Box::new(move |it, typed| read::port(it, at, typed)),
        };
        let outer = Field {
            id: self.id(&format!("as-{at}")),
            label: "seen as".to_owned(),
            hint: "the same",
            proposals: "",
            is_secret: false,
            value: Box::new(move |it| of(it, |port| port.external)),
            change: Box::new(move |it, typed| read::external(it, at, typed)),
        };
        let Self { document, index } = self;
        let remove = move || {
            let service = document.part(index, |it| it.name.clone());
            Change::RemovePort { service, index: at }
        };
        let removed = name.replacen('P', "p", 1);
        view! {
            <div class="form-line">
                {field(document, index, inner)} {field(document, index, outer)}
                {removing(document, removed, self.id("new-port"), remove)}
            </div>
        }
        .into_any()
    }

    fn variable(self, at: usize, name: String) -> AnyView {
        let (of, typed_for) = (name.clone(), name.clone());
        let value = move |it: &FormService| {
            let found = it.env.iter().find(|(name, _)| *name == of);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let made = Field {
            id: self.id(&format!("variable-{at}")),
            label: name.clone(),
            hint: "",
            proposals: "",
            is_secret: sdl::secrets::is_secret(&name),
            value: Box::new(value),
            change: Box::new(move |it, typed| read::variable(it, &typed_for, typed)),
        };
        let Self { document, index } = self;
        let what = format!("variable {name}");
        let remove = move || Change::Variable {
            service: document.part(index, |it| it.name.clone()),
            name: name.clone(),
            value: None,
        };
        view! {
            <div class="form-line wide">
                {field(document, index, made)}
                {removing(document, what, self.id("new-variable"), remove)}
            </div>
        }
        .into_any()
    }
}

fn cpu_text(service: &FormService) -> String {
    let cpu = service.cpu_milli.map(CpuMilli);
    cpu.map(|cpu| cpu.to_string()).unwrap_or_default()
}

fn size_text(bytes: Option<u64>) -> String {
    bytes.map(sdl::bytes_text).unwrap_or_default()
}
