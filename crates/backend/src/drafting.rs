//! From a wish, or from an SDL, to a draft with its estimate, and on to a quote or the reason why
//! there is none.
//!
//! A round of drafting queries the market and decides nothing that is stored: its [`Findings`] are
//! put into the order by [`rounds`]. Whatever the market does not say is left out, never guessed.

pub mod agent;
pub(crate) mod deciding;
mod offer;
mod relaxing;
mod rounds;
pub mod templates;
mod thoughts;
mod venue;

use domain::journey::{Refusal, Relaxation, ThinkingKind};
use domain::money::UactPerBlock;
use domain::pricing::{BlockTime, GpuPrice, block_price_within, usd_per_hour};
use domain::quote::{MarketView, Quote, QuoteError, quote};
use domain::requirements::{Requirements, Wish};
use domain::time::{Seconds, UnixSeconds};
use sdl::{Dialect, GroupSpec};

use offer::Offer;
pub(crate) use relaxing::more_hosts;
use relaxing::relaxations;
pub(crate) use rounds::{nothing_deposited, reopening, run_round, store_refusal, understood_steps};
pub(crate) use thoughts::Thoughts;
use venue::Venue;

use crate::market::estimate::{Estimate, EstimateError, Workload, caps, estimate};
use crate::ports::MarketError;
use crate::{Backend, observe};

/// How long an imported SDL runs if no duration was given.
pub(crate) const USUAL_DURATION: Seconds = Seconds::hours(24);

/// What a round found.
#[derive(Debug, Clone)]
pub(crate) struct Findings {
    /// SDL that the round wrote; `None` where the buyer's own is kept.
    pub(crate) sdl: Option<String>,
    /// Answers of the market in this round; `None` if the round ended without them.
    pub(crate) market: Option<MarketView>,
    /// Result of the round: a price, or the reason for having none.
    pub(crate) outcome: Outcome,
}

/// How a round ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// With a price.
    Quoted(Quote),
    /// The buyer only wanted to see the market.
    MarketOnly,
    /// There is no price, for this reason.
    Refused(Refusal),
    /// The market does not answer: unknown, not refused. The sentence is for the buyer.
    Unanswered(String),
}

impl Outcome {
    /// A refusal without a suggestion.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::Refused(Refusal {
            message: message.into(),
            relaxations: Vec::new(),
        })
    }
}

/// Drafts the completed form of `wish`: writes the SDL, prices it, quotes it.
pub(crate) async fn draft_requirements(
    backend: &Backend,
    wish: &Wish,
    requirements: &Requirements,
    thoughts: &mut Thoughts,
) -> Findings {
    let market_only = match venue::choose(requirements, &backend.settings().akash_rules) {
        Venue::Akash { reason } => {
            thoughts.add(ThinkingKind::Routed, reason, None);
            false
        }
        Venue::MarketOnly { reason } => {
            thoughts.add(ThinkingKind::Routed, reason, None);
            true
        }
        Venue::Impossible { reason } => {
            thoughts.add(ThinkingKind::Routed, reason.clone(), None);
            return impossible(backend, wish, requirements, reason).await;
        }
    };
    let workload = Workload::of_requirements(requirements);
    let priced = price(backend, &workload, thoughts).await;
    let cap = match &priced {
        Ok(priced) => cap_to_write(wish, requirements.duration, &workload, &priced.estimate),
        Err(_) => None,
    };
    let text = sdl::generate(requirements, cap);
    let shape = requirements
        .template
        .map_or("the image you named", |template| template.title());
    thoughts.add(
        ThinkingKind::Drafted,
        format!("Wrote an SDL for {shape}."),
        cap.map(|cap| {
            let usd = usd_per_hour(cap, BlockTime::CONSOLE);
            format!("price limit {cap} uact a block, ${usd} an hour")
        }),
    );
    let outcome = match checked(&text, thoughts) {
        Err(fault) => {
            observe::own_draft_faulty(&fault);
            Err(Outcome::refused(format!(
                "Necto's own draft has a fault: {fault} Change it below, or ask for something else."
            )))
        }
        Ok(groups) => Ok(groups),
    };
    let (market, outcome) = match (outcome, priced) {
        (Err(outcome), _) => (None, outcome),
        (Ok(_), Err(EstimateError::Market(error))) => (None, not_answered(&error, thoughts)),
        (Ok(_), Err(EstimateError::NoPrice(error))) => {
            let outcome = without_price(backend, wish, requirements, &error, thoughts).await;
            (None, outcome)
        }
        (Ok(groups), Ok(priced)) => {
            let offer = Offer {
                wish,
                requirements: Some(requirements),
                groups: &groups,
                workload: &workload,
                priced: &priced,
                duration: requirements.duration,
                region: requirements.region,
                market_only,
            };
            offer.quoted(backend, thoughts).await
        }
    };
    Findings {
        sdl: Some(text),
        market,
        outcome,
    }
}

/// Drafts a buyer's own SDL: checks it, prices what it asks for, quotes it. Limits, duration and
/// place come from the wish.
pub(crate) async fn draft_sdl(
    backend: &Backend,
    wish: &Wish,
    text: &str,
    thoughts: &mut Thoughts,
) -> Findings {
    let (market, outcome) = match checked(text, thoughts) {
        Err(fault) => (None, Outcome::refused(fault)),
        Ok(groups) => {
            let workload = Workload::of_groups(&groups);
            match price(backend, &workload, thoughts).await {
                Err(EstimateError::Market(error)) => (None, not_answered(&error, thoughts)),
                Err(EstimateError::NoPrice(error)) => {
                    (None, refuse(thoughts, error.to_string(), Vec::new()))
                }
                Ok(priced) => {
                    let offer = Offer {
                        wish,
                        requirements: None,
                        groups: &groups,
                        workload: &workload,
                        priced: &priced,
                        duration: wish.duration.unwrap_or(USUAL_DURATION),
                        region: wish.region,
                        market_only: false,
                    };
                    offer.quoted(backend, thoughts).await
                }
            }
        }
    };
    Findings {
        sdl: None,
        market,
        outcome,
    }
}

/// The market's answers about prices.
#[derive(Debug)]
struct Priced {
    prices: Vec<GpuPrice>,
    estimate: Estimate,
}

async fn price(
    backend: &Backend,
    workload: &Workload,
    thoughts: &mut Thoughts,
) -> Result<Priced, EstimateError> {
    let market = backend.ports().market.as_ref();
    let prices = if workload.gpus.is_empty() {
        Vec::new()
    } else {
        market.gpu_prices().await.map_err(EstimateError::Market)?
    };
    let estimate = estimate(market, &prices, workload).await?;
    for line in estimate.lines() {
        thoughts.add(
            ThinkingKind::Priced,
            format!("{}: ${} an hour.", line.what, line.usd_per_hour),
            Some(line.source),
        );
    }
    Ok(Priced { prices, estimate })
}

/// The SDL's groups, or the first fault as a sentence.
fn checked(text: &str, thoughts: &mut Thoughts) -> Result<Vec<GroupSpec>, String> {
    let report = sdl::check(text);
    if let Some(sentence) = report.fault(Dialect::Console) {
        let first = report.errors(Dialect::Console).next();
        let place = first.map(|first| first.path.clone());
        let place = place.filter(|path| !path.is_empty());
        thoughts.add(ThinkingKind::Checked, sentence.clone(), place);
        return Err(sentence);
    }
    match sdl::derive(text, Dialect::Console) {
        Ok(derived) => {
            let advice = report.diagnostics.len();
            thoughts.add(
                ThinkingKind::Checked,
                "The SDL passes the checks of Akash's Console, chain and providers.",
                (advice > 0).then(|| format!("{advice} remarks, see the editor")),
            );
            Ok(derived.groups)
        }
        Err(report) => {
            let fault = report.fault(Dialect::Console);
            let sentence =
                fault.unwrap_or_else(|| "The SDL describes nothing to deploy.".to_owned());
            thoughts.add(ThinkingKind::Checked, sentence.clone(), None);
            Err(sentence)
        }
    }
}

/// The price limit to write into a draft: the cap that the quote will have, or the buyer's own
/// limit where that is below the market's prices.
fn cap_to_write(
    wish: &Wish,
    duration: Seconds,
    workload: &Workload,
    estimate: &Estimate,
) -> Option<UactPerBlock> {
    let caps = caps(wish, workload, estimate).ok();
    // The number of possible hosts does not change the cap, and the SDL has none of its own yet.
    let open = MarketView {
        lines: estimate.lines(),
        screened_providers: 1,
        sdl_cap: UactPerBlock::from_scaled(u128::MAX),
        observed_at: UnixSeconds(0),
    };
    let made = caps.and_then(|caps| quote(&open, duration, caps, open.observed_at).ok());
    match made {
        Some(quote) => Some(quote.cap_per_block),
        None => wish
            .max_per_hour
            .map(|limit| block_price_within(limit, BlockTime::CONSOLE)),
    }
}

async fn without_price(
    backend: &Backend,
    wish: &Wish,
    requirements: &Requirements,
    error: &QuoteError,
    thoughts: &mut Thoughts,
) -> Outcome {
    let prices = match backend.ports().market.gpu_prices().await {
        Ok(prices) => prices,
        Err(error) => return not_answered(&error, thoughts),
    };
    let relaxations = relaxations(backend, wish, requirements, &prices).await;
    refuse(thoughts, error.to_string(), relaxations)
}

async fn impossible(
    backend: &Backend,
    wish: &Wish,
    requirements: &Requirements,
    reason: String,
) -> Findings {
    let relaxations = match backend.ports().market.gpu_prices().await {
        Ok(prices) => relaxations(backend, wish, requirements, &prices).await,
        // The refusal holds whatever the market answers; only the suggestions need it.
        Err(error) => {
            observe::relaxation_not_tried(&error);
            Vec::new()
        }
    };
    Findings {
        sdl: None,
        market: None,
        outcome: Outcome::Refused(Refusal {
            message: reason,
            relaxations,
        }),
    }
}

fn refuse(thoughts: &mut Thoughts, message: String, relaxations: Vec<Relaxation>) -> Outcome {
    let evidence = match relaxations.as_slice() {
        [] => None,
        [one] => Some(format!("would help: {}", one.title)),
        [first, rest @ ..] => Some(format!(
            "would help: {} and {} more",
            first.title,
            rest.len()
        )),
    };
    thoughts.add(ThinkingKind::Refused, message.clone(), evidence);
    Outcome::Refused(Refusal {
        message,
        relaxations,
    })
}

/// A query that the market did not answer, or refused.
fn not_answered(error: &MarketError, thoughts: &mut Thoughts) -> Outcome {
    observe::market_unanswered(error);
    let sentence = match error {
        MarketError::Refused { message } => {
            let words: String = message.chars().take(300).collect();
            return refuse(thoughts, format!("Akash refuses this: {words}"), Vec::new());
        }
        MarketError::RateLimited { .. } => {
            "Akash asks us to slow down, so there is no price yet. Your draft is kept; ask for the \
             price again in a minute."
        }
        _ => {
            "Akash does not answer, so there is no price yet. Your draft is kept; ask for the price \
             again in a moment."
        }
    };
    thoughts.add(ThinkingKind::Priced, sentence, None);
    Outcome::Unanswered(sentence.to_owned())
}
