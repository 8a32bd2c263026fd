//! A template that was looked up, from whatever source.

use domain::templates::{TemplateCard, TemplateId, TemplateOrigin, TemplateRef};
use domain::time::Seconds;
use sdl::templates::Template;

use crate::UsecaseError;

/// A template from any source.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    /// Card of the template on the shelf: id, title, summary and category.
    pub(crate) card: TemplateCard,
    /// Description by its author, in Markdown; empty for a buyer's own template.
    pub(crate) about: String,
    /// SDL document of the template, as YAML.
    pub(crate) sdl: String,
    /// Duration in the order that a buyer's own template was saved from; `None` if it had none, and
    /// for any other template.
    pub(crate) duration: Option<Seconds>,
    /// Built-in template behind it; `None` for the community's and the buyers' own.
    pub(crate) core: Option<&'static Template>,
    /// Origin in the community's repository; `None` for any other template.
    pub(crate) origin: Option<TemplateOrigin>,
}

impl Found {
    /// Returns the reference by which an order names the template that it began with.
    pub(crate) fn reference(&self) -> TemplateRef {
        TemplateRef {
            id: self.card.id.clone(),
            title: self.card.title.clone(),
        }
    }
}

/// Returns the answer if no template is called `id`, or it belongs to another owner.
pub(super) fn missing(id: &TemplateId) -> UsecaseError {
    UsecaseError::Missing(match id {
        TemplateId::Own(_) => "There is no such template among yours. If you saved it with a \
                               wallet, sign in with that wallet."
            .to_owned(),
        _ => format!("There is no template “{id}”. Choose one from the list of templates."),
    })
}
