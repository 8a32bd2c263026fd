//! The services of a document, its batches and their images.

use crate::check::with_models;
use crate::diagnostic::Findings;
use crate::dialect::Dialect;
use crate::edit;
use crate::model::Model;

/// The images of a text, each once, in order of appearance; empty if it cannot be read.
#[must_use]
pub fn images(text: &str) -> Vec<String> {
    let mut images: Vec<String> = Vec::new();
    for service in edit::form(text).into_iter().flat_map(|form| form.services) {
        if !images.contains(&service.image) {
            images.push(service.image);
        }
    }
    images
}

/// The names of the deployed services, in order; as many as can be read from a broken document.
#[must_use]
pub fn services(text: &str) -> Vec<String> {
    services_that(text, |_, _| true)
}

/// The names of the services that a document declares as batches, in order: their work has an end,
/// and once they have succeeded nothing is left to run.
#[must_use]
pub fn batch_services(text: &str) -> Vec<String> {
    services_that(text, |model, name| {
        let environment = model.service(name).and_then(|service| service.env.as_ref());
        domain::batch::is_batch(environment.into_iter().flatten().map(|word| word.text))
    })
}

/// The names of the deployed services that are `wanted`, in order.
fn services_that(text: &str, wanted: impl Fn(&Model<'_>, &str) -> bool) -> Vec<String> {
    let mut names = Vec::new();
    let mut findings = Findings::default();
    with_models(text, &[Dialect::Console], &mut findings, |model, _| {
        let deployed = model.deployments.iter();
        names = deployed
            .map(|deployed| deployed.service.text)
            .filter(|name| wanted(model, name))
            .map(str::to_owned)
            .collect();
    });
    names.sort();
    names
}
