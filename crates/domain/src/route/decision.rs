//! The decision: every offer with its outcome, the ranking, the choice, and the missing venues.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::reject::rejections;
use super::score::{leading, score};
use super::{Criteria, Rejection, Score, Suitability, Weights};
use crate::money::Usd;
use crate::offers::tokens::TokenPrice;
use crate::offers::{Offer, Provenance, Quarantined, Venue, cost_order};
use crate::requirements::Priority;
use crate::time::{Seconds, UnixSeconds};

/// Outcome of asking one venue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum VenueState {
    /// The venue's rows are in the table.
    Answered {
        /// Number of its offers in the market.
        offers: u32,
        /// Time since the venue was asked.
        age: Seconds,
    },
    /// The venue did not answer in time, but its last good rows are still shown.
    Stale {
        /// Number of its offers in the market.
        offers: u32,
        /// Age of those offers.
        age: Seconds,
        /// Reason why there are no newer ones, for people.
        reason: String,
    },
    /// The venue has no rows in the table.
    Missing {
        /// Reason why it has no rows, for people.
        reason: String,
    },
}

/// A venue's part in a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VenueReport {
    /// Venue that was asked.
    pub venue: Venue,
    /// Outcome of asking it.
    pub state: VenueState,
}

/// The market at the time of the decision.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Market {
    /// Every offer fetched.
    pub offers: Vec<Offer>,
    /// Rows held back.
    pub quarantined: Vec<Quarantined>,
    /// Token prices used.
    pub token_prices: Vec<TokenPrice>,
    /// Each venue's latest answer, or the reason why it has no rows.
    pub venues: Vec<VenueReport>,
}

/// Rank and score of an offer that fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// Place in the order of effective cost, from 1.
    pub rank: u32,
    /// Price for one hour, of the whole shape or of the cards asked for, whichever is more.
    pub cost_per_hour: Usd,
    /// Score of the offer, with the parts it is made of.
    pub score: Score,
}

/// Outcome for an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The offer meets the criteria.
    Fits(Fit),
    /// The offer does not meet the criteria, for at least one reason.
    Rejected(Vec<Rejection>),
}

/// An offer with its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Offer that was compared with the criteria.
    pub offer: Offer,
    /// Rank and score of an offer that fits, or the reasons against one that does not.
    pub outcome: Outcome,
}

impl Entry {
    /// Rank and score, if the offer fits.
    #[must_use]
    pub const fn fit(&self) -> Option<&Fit> {
        match &self.outcome {
            Outcome::Fits(fit) => Some(fit),
            Outcome::Rejected(_) => None,
        }
    }
}

/// Result of the scoring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This offer is recommended.
    Recommended {
        /// Index of the offer in [`Decision::entries`].
        entry: usize,
    },
    /// Only stored prices fit: this offer would lead, but none is recommended.
    OnPaper {
        /// Index of the offer in [`Decision::entries`].
        entry: usize,
    },
    /// Nothing fits.
    Nothing,
}

/// A routing decision with all its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Unix time at which the decision was made.
    pub made_at: UnixSeconds,
    /// Criteria that every offer was compared with.
    pub criteria: Criteria,
    /// Weight of each factor in the scores.
    pub weights: Weights,
    /// Every offer: those that fit in the order of cost, then the rejected in the order of cost.
    pub entries: Vec<Entry>,
    /// Indices into `entries` of those that fit, best score first.
    pub by_score: Vec<usize>,
    /// Offer that was chosen, if any.
    pub choice: Choice,
    /// Verdict on whether the workload suits Akash, with the reasons.
    pub akash: Suitability,
    /// Rows held back.
    pub quarantined: Vec<Quarantined>,
    /// Token prices used.
    pub token_prices: Vec<TokenPrice>,
    /// Each venue's latest answer, or the reason why it has no rows.
    pub venues: Vec<VenueReport>,
}

impl Decision {
    /// The recommended entry; `None` if there is none.
    #[must_use]
    pub fn recommended(&self) -> Option<&Entry> {
        match self.choice {
            Choice::Recommended { entry } => self.entries.get(entry),
            Choice::OnPaper { .. } | Choice::Nothing => None,
        }
    }

    /// Reason for the choice, as one sentence.
    #[must_use]
    pub fn choice_reason(&self) -> String {
        let fits = self.by_score.len();
        match self.choice {
            Choice::Recommended { .. } if fits == 1 => "The only matching offer.".to_owned(),
            Choice::Recommended { entry } => self.best_of(fits, entry),
            Choice::OnPaper { .. } => {
                "Every price that fits is a stored one: shown for comparison, \
                                       not recommended."
                    .to_owned()
            }
            Choice::Nothing if self.criteria.gpu.is_none() => {
                "No GPU was asked for, and the market compared here is of GPUs.".to_owned()
            }
            Choice::Nothing if self.entries.is_empty() => "No venue had an offer.".to_owned(),
            Choice::Nothing if fits > 0 => {
                "Only published price lists fit, and nobody stands behind them.".to_owned()
            }
            Choice::Nothing if self.entries.len() == 1 => "The only offer does not fit.".to_owned(),
            Choice::Nothing => format!("None of {} offers fits.", self.entries.len()),
        }
    }

    /// Reason why the best of `fits` matching offers is the best, as far as is known.
    fn best_of(&self, fits: usize, chosen: usize) -> String {
        let score = self.entries.get(chosen).and_then(Entry::fit);
        let only_price = score.is_some_and(|fit| fit.score.knows_only_the_price());
        if only_price && score.is_some_and(|fit| fit.score.is_cheapest()) {
            return format!("Cheapest of {fits} matching offers; nothing else is known of it.");
        }
        let counted = match self.criteria.priority {
            Priority::Price => "price counts most",
            Priority::Latency => "latency counts most",
            Priority::Uptime => "uptime counts most",
            Priority::Performance => "price and free capacity count most",
        };
        let known = if only_price {
            " Nothing besides its price is known."
        } else {
            ""
        };
        format!("Best of {fits} matching offers; {counted}.{known}")
    }

    /// Number of offers that each reason excluded, most frequent first.
    #[must_use]
    pub fn rejection_counts(&self) -> Vec<(&'static str, u32)> {
        let mut counts: BTreeMap<&'static str, u32> = BTreeMap::new();
        for entry in &self.entries {
            if let Outcome::Rejected(reasons) = &entry.outcome {
                for reason in reasons {
                    *counts.entry(reason.code()).or_default() += 1;
                }
            }
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(code, count)| (Reverse(*count), *code));
        counts
    }
}

/// Makes the decision. The order of the market's rows does not matter.
#[must_use]
pub fn route(
    criteria: Criteria,
    market: Market,
    weights: Weights,
    akash: Suitability,
    now: UnixSeconds,
) -> Decision {
    let Market {
        mut offers,
        mut quarantined,
        token_prices,
        mut venues,
    } = market;
    offers.sort_by(cost_order);
    quarantined.sort_by(|a, b| (a.venue, &a.shape, &a.place).cmp(&(b.venue, &b.shape, &b.place)));
    venues.sort_by_key(|report| report.venue);
    let mut fitting = Vec::new();
    let mut rejected = Vec::new();
    for offer in offers {
        let reasons = rejections(&offer, &criteria);
        if reasons.is_empty() {
            fitting.push((criteria.cost_per_hour(&offer), offer));
        } else {
            let outcome = Outcome::Rejected(reasons);
            rejected.push(Entry { offer, outcome });
        }
    }
    let cheapest = fitting
        .iter()
        .map(|(cost, _)| *cost)
        .min()
        .unwrap_or(Usd::ZERO);
    let wanted = criteria.cards();
    let mut entries: Vec<Entry> = (1..)
        .zip(fitting)
        .map(|(rank, (cost_per_hour, offer))| Entry {
            outcome: Outcome::Fits(Fit {
                rank,
                cost_per_hour,
                score: score(&offer, cost_per_hour, cheapest, wanted, weights),
            }),
            offer,
        })
        .collect();
    let by_score = by_score(&entries, &criteria);
    entries.extend(rejected);
    let choice = choose(&entries, &by_score);
    Decision {
        made_at: now,
        criteria,
        weights,
        entries,
        by_score,
        choice,
        akash,
        quarantined,
        token_prices,
        venues,
    }
}

/// Indices of the fitting offers, best first. An offer for which the favoured quality is unknown ranks
/// behind all offers for which it is known: a missing figure must not win.
fn by_score(entries: &[Entry], criteria: &Criteria) -> Vec<usize> {
    let lead = leading(criteria.priority);
    let mut order: Vec<usize> = (0..entries.len()).collect();
    order.sort_by_cached_key(|at| {
        let fit = entries[*at].fit();
        let key = fit.map(|fit| {
            (
                lead.is_some_and(|lead| !fit.score.knows(lead)),
                Reverse(fit.score.score_bps),
                Reverse(fit.score.confidence_bps),
                fit.cost_per_hour,
            )
        });
        // Entries are in the order of cost, so their index breaks every tie.
        (key, *at)
    });
    order
}

fn choose(entries: &[Entry], by_score: &[usize]) -> Choice {
    let first = |is_wanted: fn(Provenance) -> bool| {
        by_score
            .iter()
            .copied()
            .find(|at| is_wanted(entries[*at].offer.provenance))
    };
    if let Some(entry) = first(Provenance::is_recommendable) {
        return Choice::Recommended { entry };
    }
    match first(|provenance| provenance == Provenance::Recorded) {
        Some(entry) => Choice::OnPaper { entry },
        None => Choice::Nothing,
    }
}

#[cfg(test)]
mod tests;
