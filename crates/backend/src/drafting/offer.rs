//! From a price estimate and the screened providers to a quote, or to the reason why there is none.

use domain::journey::{Relaxation, ThinkingKind};
use domain::quote::{MarketView, Quote, QuoteError, quote};
use domain::requirements::{Region, Requirements, Wish};
use domain::time::Seconds;
use sdl::GroupSpec;

use super::outcome::{Outcome, not_answered, refuse};
use super::price::Priced;
use super::relaxing::relaxations;
use super::screening::screen;
use super::thoughts::Thoughts;
use crate::Backend;
use crate::market::estimate::{Workload, cap_of_groups, caps};

/// A draft that can be quoted once providers are found.
pub(super) struct Offer<'a> {
    pub(super) wish: &'a Wish,
    pub(super) requirements: Option<&'a Requirements>,
    pub(super) groups: &'a [GroupSpec],
    pub(super) workload: &'a Workload,
    pub(super) priced: &'a Priced,
    pub(super) duration: Seconds,
    pub(super) region: Option<Region>,
    pub(super) market_only: bool,
}

impl Offer<'_> {
    /// Screens providers, then quotes.
    pub(super) async fn quoted(
        &self,
        backend: &Backend,
        thoughts: &mut Thoughts,
    ) -> (Option<MarketView>, Outcome) {
        let providers = match screen(backend, self.groups, self.region, &self.wish.providers).await
        {
            Ok(providers) => providers,
            Err(error) => return (None, not_answered(&error, thoughts)),
        };
        thoughts.add(
            ThinkingKind::Screened,
            match providers.count {
                0 if !self.wish.providers.is_empty() => {
                    "The provider you chose cannot host it now.".to_owned()
                }
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
            observed_at: backend.ports().market.answers_since(now),
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
                quote.limits_in_words(market.sdl_cap),
                Some(format!("{} uact a block in all", market.sdl_cap)),
            );
        }
        thoughts.add(
            ThinkingKind::Quoted,
            format!(
                "Expected ${}, at most ${} an hour. For {} {} USDC is set aside; what is not used \
                 comes back.",
                quote.expected_per_hour(),
                quote.cap_per_hour,
                quote.duration.in_words(),
                quote.deposit
            ),
            Some(format!(
                "you will probably pay about {} in all; no bid above the maximum is accepted",
                quote.expected()
            )),
        );
    }

    async fn relaxations(&self, backend: &Backend) -> Vec<Relaxation> {
        match self.requirements {
            Some(requirements) => {
                relaxations(backend, self.wish, requirements, &self.priced.prices).await
            }
            // The demands of a buyer's own SDL can only be changed in the SDL itself.
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

/// Returns wishes without the limit that prevents a quote.
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
            // Whole minutes, so that the button does exactly what it says.
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
