//! The data that a model may look up: prices and templates, as plain data.

use std::collections::BTreeSet;

use async_trait::async_trait;
use domain::templates::{TemplateCard, TemplateId};
use serde_json::{Value, json};

use crate::Backend;
use crate::drafting::templates;
use crate::ports::Library;

/// Maximum number of rows in a result; a model needs no more to choose from.
const MOST_ROWS: usize = 8;

/// Library with the market and the templates of a running Necto.
#[derive(Debug)]
pub(super) struct MarketLibrary<'a> {
    backend: &'a Backend,
}

impl<'a> MarketLibrary<'a> {
    pub(super) const fn of(backend: &'a Backend) -> Self {
        Self { backend }
    }
}

#[async_trait]
impl Library for MarketLibrary<'_> {
    async fn offers(&self, model: Option<&str>) -> Value {
        let prices = match self.backend.ports().market.gpu_prices().await {
            Ok(prices) => prices,
            Err(_) => return json!({"error": "the market does not answer now"}),
        };
        let wanted = model.map(str::to_lowercase);
        let mut fitting: Vec<_> = prices
            .iter()
            .filter(|price| wanted.as_ref().is_none_or(|wanted| price.model == *wanted))
            .filter_map(|price| Some((price.median?, price)))
            .collect();
        fitting.sort_by_key(|(median, _)| *median);
        let rows: Vec<Value> = fitting
            .iter()
            .take(MOST_ROWS)
            .map(|(median, price)| {
                json!({
                    "gpu": price.model,
                    "vram_gib": price.vram_gib,
                    "available": price.available,
                    "usd_per_gpu_hour": median.to_string(),
                })
            })
            .collect();
        json!({"offers": rows})
    }

    async fn templates(&self, words: &str) -> Value {
        let words: BTreeSet<String> = words
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| word.len() > 2)
            .map(str::to_lowercase)
            .collect();
        let cards = templates::public_cards(self.backend).await;
        let fits = |card: &TemplateCard| {
            let summary = card.summary.as_deref().unwrap_or_default();
            let text = format!("{} {} {summary} {}", card.id, card.title, card.category);
            let text = text.to_lowercase();
            words.iter().filter(|word| text.contains(*word)).count()
        };
        let mut ranked: Vec<_> = cards.iter().map(|card| (fits(card), card)).collect();
        // If two match equally well, the built-in one comes first, as it does on the shelf.
        ranked.sort_by_key(|(fit, _)| std::cmp::Reverse(*fit));
        let rows: Vec<Value> = ranked
            .iter()
            .take(MOST_ROWS)
            .map(|(_, card)| row(card))
            .collect();
        json!({"templates": rows})
    }
}

/// Describes a template. Only built-in templates can be proposed by their kind; others are named
/// with their page, for the buyer to look at.
fn row(card: &TemplateCard) -> Value {
    let core = match &card.id {
        TemplateId::Core(name) => sdl::templates::by_id(name),
        TemplateId::Community(_) | TemplateId::Own(_) => None,
    };
    match core {
        Some(core) => built_in_row(core),
        None => json!({
            "page": format!("/templates/{}", card.id),
            "title": card.title,
            "description": card.summary,
            "note": "written by others, not checked: cannot be proposed, only named",
        }),
    }
}

/// Describes a built-in template to a model.
pub(super) fn built_in_row(core: &sdl::templates::Template) -> Value {
    json!({
        "template": core.kind.id(),
        "title": core.title,
        "description": core.description,
    })
}
