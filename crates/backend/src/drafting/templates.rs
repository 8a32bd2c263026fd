//! The catalogue of templates: built-in ones, the community's and the buyers' own, all viewed and
//! used in the same way.

mod community;
mod found;
pub(crate) mod listing;
mod prose;

pub use community::run_templates;
pub(crate) use community::with_includes;
#[cfg(test)]
pub(crate) use community::{confirm, read_ahead};
pub(crate) use found::Found;

use domain::ids::OwnTemplateId;
use domain::templates::{
    Remark, TemplateCard, TemplateCost, TemplateId, TemplatePage, TemplatePart, TemplateShelf,
};
use sdl::manifest::Service;
use sdl::spec::EndpointKind;
use sdl::templates::Template;
use sdl::{Dialect, Severity};

use found::missing;

use crate::audit::{self, SecurityEvent};
use crate::market::estimate::{EstimateError, Workload, estimate, total};
use crate::storage::own_templates::{self, OwnTemplate};
use crate::storage::{Connection, StorageError};
use crate::{Backend, UsecaseError, Visitor, observe};

/// Maximum number of remarks about a document; further ones would add nothing.
const MOST_REMARKS: usize = 12;

/// Returns the template called `id`, if `visitor` may see it.
///
/// # Errors
/// [`UsecaseError::Missing`] if there is none, or it belongs to another owner.
pub(crate) async fn find(
    backend: &Backend,
    visitor: &Visitor,
    id: &TemplateId,
) -> Result<Found, UsecaseError> {
    match id {
        TemplateId::Core(name) => sdl::templates::by_id(name)
            .map(core)
            .ok_or_else(|| missing(id)),
        TemplateId::Community(folder) => community::find(backend, folder).await,
        TemplateId::Own(id) => {
            let mut connection = backend.storage().read().await?;
            own(backend, &mut connection, visitor, *id).await.map(kept)
        }
    }
}

/// Returns every template that `visitor` may use.
pub(crate) async fn shelf(
    backend: &Backend,
    visitor: &Visitor,
) -> Result<TemplateShelf, StorageError> {
    let own = match visitor.acts_for() {
        Some(owner) => own_templates::of(&mut backend.storage().read().await?, owner).await?,
        None => Vec::new(),
    };
    let mut cards: Vec<TemplateCard> = own.iter().map(own_card).collect();
    cards.extend(core_cards());
    let community = community::shelf(backend).await?.map(|(theirs, state)| {
        cards.extend(theirs);
        state
    });
    Ok(TemplateShelf {
        cards,
        community,
        now: backend.ports().clock.now(),
    })
}

/// Returns the templates that all visitors may use, built-in ones first. The community's are left
/// out if they cannot be read.
pub(crate) async fn public_cards(backend: &Backend) -> Vec<TemplateCard> {
    let mut cards = core_cards();
    match community::shelf(backend).await {
        Ok(shelf) => cards.extend(shelf.into_iter().flat_map(|(theirs, _)| theirs)),
        Err(error) => observe::templates_not_kept(&error),
    }
    cards
}

/// Returns `visitor`'s own template called `id`.
///
/// # Errors
/// [`UsecaseError::Missing`] if there is none, or it belongs to another owner.
pub(crate) async fn own(
    backend: &Backend,
    connection: &mut Connection,
    visitor: &Visitor,
    id: OwnTemplateId,
) -> Result<OwnTemplate, UsecaseError> {
    own_templates::load(connection, id)
        .await?
        .filter(|template| template.owner().is(visitor))
        .ok_or_else(|| {
            let event = SecurityEvent::NotTheirs { what: "template" };
            audit::of_visitor(backend, visitor, event);
            missing(&TemplateId::Own(id))
        })
}

fn kept(template: OwnTemplate) -> Found {
    Found {
        card: own_card(&template),
        about: String::new(),
        sdl: template.sdl,
        duration: template.duration,
        core: None,
        origin: None,
    }
}

fn own_card(template: &OwnTemplate) -> TemplateCard {
    TemplateCard {
        id: TemplateId::Own(template.id),
        title: template.name.clone(),
        summary: None,
        category: "Yours".to_owned(),
    }
}

fn core(template: &'static Template) -> Found {
    Found {
        card: core_card(template),
        about: template.about().to_owned(),
        sdl: template.sdl(),
        duration: None,
        core: Some(template),
        origin: None,
    }
}

/// Returns the built-in templates on the shelf.
pub(crate) fn core_cards() -> Vec<TemplateCard> {
    sdl::templates::ALL.iter().map(core_card).collect()
}

fn core_card(template: &Template) -> TemplateCard {
    TemplateCard {
        id: TemplateId::Core(template.id.to_owned()),
        title: template.title.to_owned(),
        summary: Some(template.description.to_owned()),
        category: template.category.to_owned(),
    }
}

/// Returns the template in full, priced at the current market.
pub(crate) async fn page(backend: &Backend, found: Found) -> TemplatePage {
    let (report, derived) = sdl::check_and_derive(&found.sdl, Dialect::Console);
    let mut remarks: Vec<Remark> = report
        .diagnostics
        .iter()
        // Each order from a built-in template gets secrets of its own.
        .filter(|finding| found.core.is_none() || !finding.is_guessable_secret())
        .map(|finding| Remark {
            is_fault: matches!(finding.severity, Severity::Error | Severity::ConsoleRefuses),
            line: finding.line,
            text: finding.message.clone(),
        })
        .collect();
    remarks.sort_by_key(|remark| (!remark.is_fault, remark.line));
    remarks.truncate(MOST_REMARKS);
    let parts = derived.iter().flat_map(|derived| &derived.manifest.groups);
    let parts = parts.flat_map(|group| &group.services).map(part).collect();
    let cost = match &derived {
        Some(derived) => cost(backend, &Workload::of_groups(&derived.groups)).await,
        None => TemplateCost::Unknown {
            why: "Without a document that can be deployed there is nothing to price.".to_owned(),
        },
    };
    let adjustable = found.core.map(|core| {
        let fields = core.adjustable().into_iter();
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    });
    TemplatePage {
        about: prose::read(&found.about),
        card: found.card,
        remarks,
        parts,
        adjustable: adjustable.unwrap_or_default(),
        cost,
        includes: sdl::includes(&found.sdl),
        origin: found.origin,
        sdl: found.sdl,
        now: backend.ports().clock.now(),
    }
}

async fn cost(backend: &Backend, workload: &Workload) -> TemplateCost {
    let market = backend.ports().market.as_ref();
    let prices = if workload.gpus.is_empty() {
        Ok(Vec::new())
    } else {
        market.gpu_prices().await
    };
    let estimated = match prices {
        Ok(prices) => estimate(market, &prices, workload).await,
        Err(error) => Err(EstimateError::Market(error)),
    };
    match estimated {
        Ok(estimated) => {
            let lines = estimated.lines();
            TemplateCost::Typical {
                per_hour: total(&lines),
                lines,
            }
        }
        Err(EstimateError::NoPrice(error)) => TemplateCost::Unknown {
            why: error.to_string(),
        },
        Err(EstimateError::Market(_)) => TemplateCost::Unknown {
            why: "Akash does not answer right now, so there is no price. The draft asks again."
                .to_owned(),
        },
    }
}

fn part(service: &Service) -> TemplatePart {
    let given = &service.resources;
    let storage: u64 = given.storage.iter().map(|volume| volume.bytes).sum();
    let mut size = format!(
        "{} vCPU, {} memory, {} storage",
        domain::resources::CpuMilli(given.cpu_milli),
        domain::resources::Bytes(given.memory_bytes),
        domain::resources::Bytes(storage),
    );
    if given.storage.iter().any(sdl::spec::Volume::is_persistent) {
        size.push_str(" that survives restarts");
    }
    if given.gpu.units > 0 {
        let models: Vec<&str> = given.gpu.models().map(|model| model.model).collect();
        let model = match models.as_slice() {
            [] | ["*"] => "any GPU".to_owned(),
            several => several.join(" or "),
        };
        size = format!("{} × {model}, {size}", given.gpu.units);
    }
    let ports = service.expose.iter().filter(|expose| expose.global);
    let is_web = given
        .endpoints
        .iter()
        .any(|endpoint| endpoint.kind == EndpointKind::SharedHttp);
    TemplatePart {
        name: service.name.clone(),
        image: service.image.clone(),
        count: service.count,
        size,
        ports: ports
            .map(|expose| match expose.external_port {
                80 if is_web => format!("{}, at a web address", expose.port),
                _ => format!("{}, at a number of the provider's choice", expose.port),
            })
            .collect(),
    }
}
