//! Takes a request as words, as a form or as an SDL, and returns the resulting order and the
//! thinking steps as they happen.

mod understand;

use std::sync::Arc;

use domain::auto_sign::{Origin, confirmed_by};
use domain::ids::OrderId;
use domain::journey::{RequestLine, SdlSource, ThinkingKind};
use domain::requirements::Wish;
use domain::templates::TemplateId;
use domain::time::Seconds;
use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::UnboundedReceiverStream;

pub(super) use understand::{label, name_of, understand};

use super::{import, limits};
use crate::drafting::templates::{self, Found};
use crate::drafting::{Thoughts, run_round, store_refusal};
use crate::orders::changes;
use crate::payment::auto_sign::consider;
use crate::{Backend, Order, UsecaseError, Visitor, observe};

/// Maximum length of a name taken from the buyer's words, used until the request is understood.
const LONGEST_NAME: usize = 60;

/// The answer while as many requests as allowed are already being processed.
const BUSY: &str =
    "As many requests are being read as can be at once. Nothing was lost; try again in a moment.";

/// A buyer's request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// In ordinary words.
    Words(String),
    /// As a filled-in form.
    Form(Wish),
    /// As an SDL of the buyer's own.
    Sdl {
        /// Text of the SDL.
        text: String,
        /// Intended run time, in seconds; `None` if the buyer did not say, which means a day.
        duration: Option<Seconds>,
    },
    /// A template, unchanged.
    Template(TemplateId),
    /// A template with another GPU or duration, as named in a link.
    TemplateAs(TemplateId, Wish),
    /// A community template with the files named under `include` inlined.
    TemplateWithIncludes(TemplateId),
}

/// Creates an order from a request. The first line of the stream names the order; the thinking
/// steps follow as they happen. The work continues and is stored even if no listener is left.
///
/// # Errors
/// Before anything is stored: [`UsecaseError::Invalid`] for an empty or overlong request,
/// [`UsecaseError::Missing`] for an unknown template and [`UsecaseError::Unavailable`] while too
/// many other requests are being processed.
pub async fn describe(
    backend: &Backend,
    visitor: &Visitor,
    request: Request,
) -> Result<impl Stream<Item = RequestLine> + Send + use<>, UsecaseError> {
    describe_from(backend, visitor, request, Origin::Page).await
}

/// Like [`describe`], for a request that may not come from Necto's own page: it is not paid
/// automatically until the buyer has adopted it.
///
/// # Errors
/// As [`describe`].
pub async fn describe_from(
    backend: &Backend,
    visitor: &Visitor,
    request: Request,
    origin: Origin,
) -> Result<impl Stream<Item = RequestLine> + Send + use<>, UsecaseError> {
    let place = Arc::clone(backend.describing()).try_acquire_owned();
    let place = place.map_err(|_| UsecaseError::Unavailable(BUSY.to_owned()))?;
    let order = order_of(backend, visitor, request).await?;
    changes::create_from(backend, visitor, &order, origin).await?;
    let (listener, lines) = mpsc::unbounded_channel();
    let mut thoughts = Thoughts::told_to(backend.ports().clock.clone(), listener);
    thoughts.keep_with(backend, order.id);
    thoughts.tell(RequestLine::Order { id: order.id });
    let thinking = think(backend.clone(), visitor.clone(), order, thoughts);
    tokio::spawn(async move {
        thinking.await;
        drop(place);
    });
    Ok(UnboundedReceiverStream::new(lines))
}

async fn order_of(
    backend: &Backend,
    visitor: &Visitor,
    request: Request,
) -> Result<Order, UsecaseError> {
    let id = OrderId::from_bytes(backend.ports().random.bytes16());
    let mut order = Order::draft(id, visitor, backend.ports().clock.now());
    match request {
        Request::Words(words) => {
            let words = limits::readable_words(words)?;
            order.name = words.trim().chars().take(LONGEST_NAME).collect();
            order.sentence = Some(words);
        }
        Request::Form(wish) => {
            if wish.is_empty() {
                return Err(UsecaseError::Invalid(
                    "Fill in at least one field: a kind of workload, a GPU or an image.".to_owned(),
                ));
            }
            limits::wish_fits(&wish)?;
            order.confirmed = confirmed_by(&Wish::default(), &wish);
            order.wish = wish;
        }
        Request::Sdl { text, duration } => import::fill(&mut order, text, duration)?,
        Request::Template(id) => {
            let found = templates::find(backend, visitor, &id).await?;
            begin_with(&mut order, found)?;
        }
        Request::TemplateAs(id, asked) => {
            limits::duration_fits(asked.duration)?;
            let found = templates::find(backend, visitor, &id).await?;
            begin_with(&mut order, found)?;
            as_asked(&mut order, asked)?;
        }
        Request::TemplateWithIncludes(id) => {
            let mut found = templates::find(backend, visitor, &id).await?;
            found.sdl = templates::with_includes(backend, &found).await?;
            begin_with(&mut order, found)?;
        }
    }
    Ok(order)
}

fn begin_with(order: &mut Order, found: Found) -> Result<(), UsecaseError> {
    order.template = Some(found.reference());
    match found.core.filter(|core| core.is_its_kind()) {
        // Every field can still be changed, and whatever was not requested is pointed out.
        Some(core) => {
            order.wish.template = Some(core.kind);
            order.confirmed = confirmed_by(&Wish::default(), &order.wish);
        }
        None => import::fill(order, found.sdl, found.duration)?,
    }
    order.name = found.card.title.chars().take(LONGEST_NAME).collect();
    Ok(())
}

/// Puts a link's request into a draft. The buyer did not state it, so none of it is confirmed.
fn as_asked(order: &mut Order, asked: Wish) -> Result<(), UsecaseError> {
    if asked.gpu.is_some() && order.sdl_source == SdlSource::Imported {
        return Err(UsecaseError::Invalid(
            "This template says itself which GPUs it takes. Use it as it is, and change them in its \
             draft."
                .to_owned(),
        ));
    }
    order.wish.gpu = asked.gpu.or(order.wish.gpu.take());
    order.wish.no_gpu = asked.no_gpu;
    order.wish.duration = asked.duration.or(order.wish.duration);
    Ok(())
}

async fn think(backend: Backend, visitor: Visitor, order: Order, mut thoughts: Thoughts) {
    let last_line = match drafted(&backend, &visitor, order.clone(), &mut thoughts).await {
        Ok(last_line) => last_line,
        Err(error) => {
            observe::drafting_failed(order.id, &error);
            RequestLine::Refused {
                message: error.to_string(),
            }
        }
    };
    thoughts.tell(last_line);
}

async fn drafted(
    backend: &Backend,
    visitor: &Visitor,
    order: Order,
    thoughts: &mut Thoughts,
) -> Result<RequestLine, UsecaseError> {
    let order = match order.sdl_source {
        SdlSource::Imported => {
            let duration = order.wish.duration.map_or_else(
                || {
                    format!(
                        "{} (nobody said how long)",
                        crate::drafting::USUAL_DURATION.in_words()
                    )
                },
                Seconds::in_words,
            );
            let lines = order.sdl.lines().count();
            let what = match &order.template {
                Some(template) => format!("The template “{}”", template.title),
                None => "An SDL".to_owned(),
            };
            thoughts.add(
                ThinkingKind::Understood,
                format!("{what} of {lines} lines, to run for {duration}."),
                None,
            );
            order
        }
        SdlSource::Generated | SdlSource::Edited => {
            let understood = understand(backend, visitor, &order, thoughts).await;
            let stored = changes::edit(backend, order.id, |stored| {
                understood.write_to(stored, thoughts.steps());
                Ok(Vec::new())
            });
            let order = stored.await?;
            if let Some(refusal) = understood.refusal {
                store_refusal(backend, &order, refusal.clone(), thoughts.steps()).await?;
                return Ok(RequestLine::Refused { message: refusal });
            }
            order
        }
    };
    run_round(backend, &order, thoughts).await?;
    consider(backend, visitor, order.id).await?;
    Ok(RequestLine::Done)
}
