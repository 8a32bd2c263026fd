//! Generates the document for a buyer's requirements.

use domain::money::UactPerBlock;
use domain::requirements::Requirements;

use crate::draft::{self, Draft};
use crate::templates;

/// Writes the document that deploys `requirements`.
///
/// `price_cap` is the most to pay per block for the whole deployment; it is divided among the
/// replicas and never rounded up. Without one, the cap is a multiple of typical provider prices.
/// The result passes [`check`](crate::check()), except if the requirements name a GPU vendor that
/// Akash does not have, which the check then reports.
#[must_use]
pub fn generate(requirements: &Requirements, price_cap: Option<UactPerBlock>) -> String {
    let template = requirements.template.map(templates::of_kind);
    let env: Vec<(&str, &str)> = requirements
        .env
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    draft::write(&Draft {
        title: template.map_or("Your image", |template| template.title),
        recipe: template.map(|template| &template.recipe),
        image: requirements.image.as_deref(),
        env: &env,
        ports: &requirements.ports,
        cpu_milli: requirements.cpu.0,
        memory_bytes: requirements.memory.0,
        storage_bytes: requirements.storage.0,
        persistent: requirements.persistent,
        gpu: requirements.gpu.as_ref(),
        replicas: requirements.replicas.max(1),
        region: requirements.region,
        price_cap,
    })
}
