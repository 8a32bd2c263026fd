//! From a wish, or from an SDL, to a draft with its estimate, and on to a quote or the reason why
//! there is none.
//!
//! A round of drafting asks the market and decides nothing that is stored: its [`Findings`] are
//! put into the order by [`rounds`]. Whatever the market does not say is left out, never guessed.

mod rounds;
mod thoughts;
mod venue;

use domain::journey::{Refusal, Relaxation, ThinkingKind};
use domain::money::UactPerBlock;
use domain::pricing::{BlockTime, GpuPrice, block_price_within, usd_per_hour};
use domain::quote::{MarketView, Quote, QuoteError, quote};
use domain::requirements::{Region, Requirements, Wish};
use domain::time::Seconds;
use sdl::{Dialect, GroupSpec};

pub(crate) use rounds::{reopening, run_round, store_refusal, understood_steps};
pub(crate) use thoughts::Thoughts;
use venue::Venue;

use crate::market_view::{self, Estimate, EstimateError, Workload, cap_of_groups, caps, estimate};
use crate::ports::{ComputeMarket, MarketError};
use crate::{Backend, observe, relax};

/// How long an imported SDL runs where nobody said.
pub(crate) const USUAL_DURATION: Seconds = Seconds::hours(24);

/// What a round found.
#[derive(Debug, Clone)]
pub(crate) struct Findings {
    /// The SDL that was written; `None` where the buyer's own is kept.
    pub(crate) sdl: Option<String>,
    /// What the market said, as far as it said anything.
    pub(crate) market: Option<MarketView>,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// How a round ended.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// With a price.
    Quoted(Quote),
    /// The buyer wanted to see the market only.
    MarketOnly,
    /// There is no price, and this is why.
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

/// Drafts what `wish` was completed to: writes the SDL, prices it, quotes it.
pub(crate) async fn draft_requirements(
    backend: &Backend,
    wish: &Wish,
    requirements: &Requirements,
    thoughts: &mut Thoughts,
) -> Findings {
    let market_only = match venue::choose(requirements) {
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
        (Ok(_), Err(EstimateError::Market(error))) => (None, unanswered(&error, thoughts)),
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

/// Drafts an SDL of the buyer's own: checks it, prices what it asks for, quotes it. Limits,
/// duration and place are the wish's.
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
                Err(EstimateError::Market(error)) => (None, unanswered(&error, thoughts)),
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

/// What the market said about prices.
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
    let faults: Vec<&sdl::Diagnostic> = report.errors(Dialect::Console).collect();
    if let Some(first) = faults.first() {
        let count = match faults.len() {
            1 => "The SDL has a fault".to_owned(),
            n => format!("The SDL has {n} faults, the first"),
        };
        let sentence = format!("{count} in line {}: {}", first.line, first.message);
        let place = (!first.path.is_empty()).then(|| first.path.clone());
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
            let first = report.errors(Dialect::Console).next();
            let sentence = first.map_or_else(
                || "The SDL describes nothing to deploy.".to_owned(),
                |fault| {
                    format!(
                        "The SDL has a fault in line {}: {}",
                        fault.line, fault.message
                    )
                },
            );
            thoughts.add(ThinkingKind::Checked, sentence.clone(), None);
            Err(sentence)
        }
    }
}

/// The price limit to write into a draft: the cap that the quote will have, or the buyer's own
/// limit where that is below what the market asks.
fn cap_to_write(
    wish: &Wish,
    duration: Seconds,
    workload: &Workload,
    estimate: &Estimate,
) -> Option<UactPerBlock> {
    let caps = caps(wish, workload, estimate).ok();
    // Who can host it does not move the cap, and the SDL has none of its own yet.
    let open = MarketView {
        lines: estimate.lines(),
        screened_providers: 1,
        sdl_cap: UactPerBlock::from_scaled(u128::MAX),
        observed_at: domain::time::UnixSeconds(0),
    };
    let made = caps.and_then(|caps| quote(&open, duration, caps, open.observed_at).ok());
    match made {
        Some(quote) => Some(quote.cap_per_block),
        None => wish
            .max_per_hour
            .map(|limit| block_price_within(limit, BlockTime::CONSOLE)),
    }
}

/// Something that can be offered once providers are found.
struct Offer<'a> {
    wish: &'a Wish,
    requirements: Option<&'a Requirements>,
    groups: &'a [GroupSpec],
    workload: &'a Workload,
    priced: &'a Priced,
    duration: Seconds,
    region: Option<Region>,
    market_only: bool,
}

impl Offer<'_> {
    async fn quoted(
        &self,
        backend: &Backend,
        thoughts: &mut Thoughts,
    ) -> (Option<MarketView>, Outcome) {
        let providers = match screen(backend, self.groups, self.region).await {
            Ok(providers) => providers,
            Err(error) => return (None, unanswered(&error, thoughts)),
        };
        thoughts.add(
            ThinkingKind::Screened,
            match providers.count {
                0 => "No audited provider can host it now.".to_owned(),
                1 => "1 audited provider can host it now.".to_owned(),
                n => format!("{n} audited providers can host it now."),
            },
            Some(providers.evidence),
        );
        let now = backend.ports().clock.now();
        let market = MarketView {
            lines: self.priced.estimate.lines(),
            screened_providers: providers.count,
            sdl_cap: cap_of_groups(self.groups),
            observed_at: now,
        };
        if self.market_only {
            return (Some(market), Outcome::MarketOnly);
        }
        let caps = match caps(self.wish, self.workload, &self.priced.estimate) {
            Ok(caps) => caps,
            Err(error) => {
                let without = Wish {
                    max_per_gpu_hour: None,
                    ..self.wish.clone()
                };
                let title = "Without the limit for one GPU".to_owned();
                let relaxations = self.relaxed_limit(providers.count, vec![(title, without)]);
                let outcome = refuse(thoughts, error.to_string(), relaxations);
                return (Some(market), outcome);
            }
        };
        let outcome = match quote(&market, self.duration, caps, now) {
            Ok(quote) => {
                self.tell_quote(&quote, &market, thoughts);
                Outcome::Quoted(quote)
            }
            Err(QuoteError::NoProviders) => {
                let relaxations = self.relaxations(backend).await;
                refuse(thoughts, QuoteError::NoProviders.to_string(), relaxations)
            }
            Err(error) => {
                let relaxations =
                    self.relaxed_limit(providers.count, limits_dropped(self.wish, &error));
                refuse(thoughts, error.to_string(), relaxations)
            }
        };
        (Some(market), outcome)
    }

    fn tell_quote(&self, quote: &Quote, market: &MarketView, thoughts: &mut Thoughts) {
        if quote.cap_per_hour < quote.typical_per_hour {
            thoughts.add(
                ThinkingKind::Checked,
                format!(
                    "The SDL's price limit is ${} an hour, below the usual ${}: providers may not \
                     bid. Raise the amounts under pricing to get more bids.",
                    quote.cap_per_hour, quote.typical_per_hour
                ),
                Some(format!("{} uact a block in all", market.sdl_cap)),
            );
        }
        thoughts.add(
            ThinkingKind::Quoted,
            format!(
                "At most ${} an hour; ${} for {} is the deposit, and what is not used comes back.",
                quote.cap_per_hour,
                quote.deposit,
                quote.duration.in_words()
            ),
            Some(format!(
                "usually ${} an hour; bids up to the cap are accepted",
                quote.typical_per_hour
            )),
        );
    }

    async fn relaxations(&self, backend: &Backend) -> Vec<Relaxation> {
        match self.requirements {
            Some(requirements) => {
                relaxations(backend, self.wish, requirements, &self.priced.prices).await
            }
            // What an SDL of the buyer's own says can only be changed in it.
            None => Vec::new(),
        }
    }

    fn relaxed_limit(&self, providers: u32, changes: Vec<(String, Wish)>) -> Vec<Relaxation> {
        let changes = changes.into_iter().filter(|_| providers > 0);
        changes
            .map(|(title, wish)| Relaxation {
                title,
                providers,
                wish,
            })
            .collect()
    }
}

/// The wishes without the limit that stands in the way.
fn limits_dropped(wish: &Wish, error: &QuoteError) -> Vec<(String, Wish)> {
    match error {
        QuoteError::AboveHourlyLimit { limit, .. } => vec![(
            format!("Without the limit of ${limit} an hour"),
            Wish {
                max_per_hour: None,
                max_per_gpu_hour: None,
                ..wish.clone()
            },
        )],
        QuoteError::AboveBudget {
            budget, typical, ..
        } => {
            let lasts = Seconds(budget.micros().saturating_mul(3600) / typical.micros().max(1));
            // Whole minutes, so that the button says what it does.
            let shorter = Seconds(lasts.0 / 60 * 60);
            let mut changes = Vec::new();
            if shorter >= Seconds::minutes(5) {
                changes.push((
                    format!("Run it for {}", shorter.in_words()),
                    Wish {
                        duration: Some(shorter),
                        ..wish.clone()
                    },
                ));
            }
            changes.push((
                format!("Without the budget of ${budget}"),
                Wish {
                    budget: None,
                    ..wish.clone()
                },
            ));
            changes
        }
        QuoteError::NoProviders | QuoteError::NoPrice(_) => Vec::new(),
    }
}

/// Providers that passed the screening.
struct Screened {
    count: u32,
    evidence: String,
}

/// Asks who could host all groups. Console adds an auditor to every deployment, so only audited
/// providers count.
async fn screen(
    backend: &Backend,
    groups: &[GroupSpec],
    region: Option<Region>,
) -> Result<Screened, MarketError> {
    let providers = backend.ports().market.screen(groups, region).await?;
    let audited: Vec<_> = providers
        .iter()
        .filter(|provider| provider.audited)
        .collect();
    let mut places: Vec<&str> = audited
        .iter()
        .filter_map(|provider| provider.region.as_deref())
        .collect();
    places.sort_unstable();
    places.dedup();
    let mut evidence = "Akash Console's bid screening".to_owned();
    if !places.is_empty() {
        evidence.push_str(": ");
        evidence.push_str(&places.join(", "));
    }
    Ok(Screened {
        count: u32::try_from(audited.len()).unwrap_or(u32::MAX),
        evidence,
    })
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
        Err(error) => return unanswered(&error, thoughts),
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
        // The refusal holds whatever the market says; only the suggestions need it.
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

/// The single changes with which providers were found, most providers first.
async fn relaxations(
    backend: &Backend,
    wish: &Wish,
    requirements: &Requirements,
    prices: &[GpuPrice],
) -> Vec<Relaxation> {
    let mut found: Vec<Relaxation> = Vec::new();
    let mut helped = Vec::new();
    for candidate in relax::candidates(wish, requirements, prices) {
        // Less of the same once more helps no more than less of it did.
        if helped.contains(&candidate.series) {
            continue;
        }
        match hosts(backend, &candidate.wish, prices).await {
            Ok(0) => {}
            Ok(providers) => {
                helped.extend(candidate.series.is_amount().then_some(candidate.series));
                found.push(Relaxation {
                    title: candidate.title,
                    providers,
                    wish: candidate.wish,
                });
            }
            Err(error) => {
                observe::relaxation_not_tried(&error);
                break;
            }
        }
    }
    found.sort_by_key(|relaxation| std::cmp::Reverse(relaxation.providers));
    found
}

/// How many providers could host `wish` at the market's prices.
async fn hosts(backend: &Backend, wish: &Wish, prices: &[GpuPrice]) -> Result<u32, MarketError> {
    let Ok((requirements, _)) = wish.complete() else {
        return Ok(0);
    };
    if matches!(venue::choose(&requirements), Venue::Impossible { .. }) {
        return Ok(0);
    }
    let market: &dyn ComputeMarket = backend.ports().market.as_ref();
    let workload = Workload::of_requirements(&requirements);
    let estimate = match market_view::estimate(market, prices, &workload).await {
        Ok(estimate) => estimate,
        Err(EstimateError::NoPrice(_)) => return Ok(0),
        Err(EstimateError::Market(error)) => return Err(error),
    };
    let cap = cap_to_write(wish, requirements.duration, &workload, &estimate);
    let text = sdl::generate(&requirements, cap);
    match sdl::derive(&text, Dialect::Console) {
        Ok(derived) => Ok(screen(backend, &derived.groups, requirements.region)
            .await?
            .count),
        Err(_) => Ok(0),
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

fn unanswered(error: &MarketError, thoughts: &mut Thoughts) -> Outcome {
    observe::market_unanswered(error);
    let sentence = match error {
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
