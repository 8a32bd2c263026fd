//! From a wish or an SDL to a draft with its estimate, and on to a quote or the reason why there is
//! none. Queries the market and stores nothing; facts that the market does not give are left out,
//! never guessed.

use domain::journey::{Refusal, ThinkingKind};
use domain::pricing::{BlockTime, usd_per_hour};
use domain::quote::QuoteError;
use domain::requirements::{Requirements, Wish};
use domain::time::Seconds;
use sdl::{Dialect, GroupSpec};

use super::offer::Offer;
use super::outcome::{Findings, Outcome, not_answered, refuse};
use super::price::{cap_to_write, price};
use super::relaxing::relaxations;
use super::thoughts::Thoughts;
use super::venue::{self, Venue};
use crate::market::estimate::{EstimateError, Workload};
use crate::{Backend, observe};

/// Duration of an imported SDL if none was given.
pub(crate) const USUAL_DURATION: Seconds = Seconds::hours(24);

/// Drafts the completed form of `wish`: writes the SDL, prices it and quotes it.
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

/// Drafts a buyer's own SDL: checks it, prices its resources and quotes it. Limits, duration and
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

/// Returns the SDL's groups, or the first fault as a sentence.
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
        // The refusal holds whatever the market answers; only the suggestions depend on it.
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
