//! Auto-sign: decides whether an order may be paid from the buyer's kept balance without asking again.
//!
//! [`decide`] works from facts alone: the signed policy, the state on chain, the price, and the origin of
//! every field that affects cost or image. Anything that is not beyond doubt becomes a [`Doubt`], and the
//! buyer confirms as usual. The contract enforces its part of the limits again.

mod grounds;
mod origin;

pub use grounds::{Grounds, confirmed_by};
pub use origin::Origin;

use serde::{Deserialize, Serialize};

use crate::escrow::ScaledRate;
use crate::ids::{Address, Hash32};
use crate::money::{TokenAmount, Usd};
use crate::quote::Quote;
use crate::time::{Seconds, UnixSeconds};

/// The most that one order may cost without explicit confirmation, whatever was signed: 20 USDC.
pub const MOST_PER_ORDER: TokenAmount = TokenAmount::from_micros(20_000_000);

/// The most that may be spent in one UTC day without explicit confirmation: 20 USDC.
pub const MOST_PER_DAY: TokenAmount = TokenAmount::from_micros(20_000_000);

/// Maximum number of orders paid this way that may be open at once.
pub const MOST_OPEN: u32 = 5;

/// Longest validity of a policy.
pub const LONGEST_POLICY: Seconds = Seconds::days(90);

/// Shortest time that every deposit must last at its order's highest rate: the shortest order's duration.
pub const LEAST_RUN_TIME: Seconds = Seconds::minutes(5);

/// Time for which a price is shown before the kept balance pays it, unless the buyer chose immediate
/// payment.
pub const TIME_TO_CANCEL: Seconds = Seconds(10);

/// Maximum age of a price that is paid; an older one is requested again first.
const FRESH: Seconds = Seconds::minutes(1);

/// Limits within which the operator may spend a buyer's kept balance without asking, as signed for the
/// contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendPolicy {
    /// Wallet that owns the kept balance and signs the policy.
    pub buyer: Address,
    /// Accounts that an order may pay for usage.
    pub payees: Vec<Address>,
    /// Highest rate an order's terms may carry, in 10⁻¹² micro-USDC per second.
    pub max_rate: ScaledRate,
    /// The highest fee an order may carry, in parts per 10,000.
    pub max_fee_bps: u16,
    /// Shortest time that each deposit must last at its order's highest rate, in seconds.
    pub min_run_time: Seconds,
    /// Longest silence of the operator that an order's terms may allow, in seconds.
    pub max_heartbeat_window: Seconds,
    /// The most that one order may cost, top-ups included, in micro-USDC.
    pub max_per_order: TokenAmount,
    /// The most that may be spent in one UTC day, in micro-USDC.
    pub max_per_day: TokenAmount,
    /// Number of orders paid within policies that may be open at once.
    pub max_open: u32,
    /// Unix time of the last second in which the policy counts, by the chain's clock.
    pub expiry: UnixSeconds,
    /// The buyer's revocation nonce when it was signed.
    pub nonce: u64,
}

/// Time between pricing an order and paying for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Pays after [`TIME_TO_CANCEL`], within which the buyer can cancel.
    #[default]
    AfterCountdown,
    /// Pays as soon as the order is priced, without a countdown.
    AtOnce,
}

/// Limits that a buyer chooses for a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyLimits {
    /// The most that one order may cost, in micro-USDC.
    pub per_order: TokenAmount,
    /// The most that may be spent in one UTC day, in micro-USDC.
    pub per_day: TokenAmount,
    /// Time for which the policy is valid from its preparation, in seconds.
    pub lasts: Seconds,
}

impl PolicyLimits {
    /// Returns the limits unchanged if a policy may have them.
    ///
    /// # Errors
    /// One sentence for the buyer.
    pub fn checked(self) -> Result<Self, String> {
        let within = |what: &str, value: TokenAmount, most: TokenAmount| {
            if value == TokenAmount::ZERO || value > most {
                return Err(format!(
                    "The most {what} must be more than nothing and at most {most} tUSDC; you asked \
                     for {value}."
                ));
            }
            Ok(())
        };
        within("for one order", self.per_order, MOST_PER_ORDER)?;
        within("for one day", self.per_day, MOST_PER_DAY)?;
        if self.per_day < self.per_order {
            return Err(format!(
                "A day’s limit of {} tUSDC is below the {} for one order: raise it or lower the \
                 other.",
                self.per_day, self.per_order
            ));
        }
        if self.lasts < Seconds::hours(1) || self.lasts > LONGEST_POLICY {
            return Err("A policy counts for an hour at least and 90 days at most.".to_owned());
        }
        Ok(self)
    }

    /// Builds the policy with these limits, for orders that pay `payee` on Necto's terms.
    #[must_use]
    pub fn policy(self, terms: OrderTerms, nonce: u64, expiry: UnixSeconds) -> SpendPolicy {
        SpendPolicy {
            buyer: terms.buyer,
            payees: vec![terms.payee],
            max_rate: self.max_rate(),
            max_fee_bps: terms.fee_bps,
            min_run_time: LEAST_RUN_TIME,
            max_heartbeat_window: terms.heartbeat_window,
            max_per_order: self.per_order,
            max_per_day: self.per_day,
            max_open: MOST_OPEN,
            expiry,
            nonce,
        }
    }

    /// Highest rate that the limits imply: the most that one order may cost, over the shortest run time.
    #[must_use]
    pub fn max_rate(self) -> ScaledRate {
        let runs_in_an_hour = Seconds::hours(1).0 / LEAST_RUN_TIME.0;
        let micros = u64::try_from(self.per_order.micros()).unwrap_or(u64::MAX);
        ScaledRate::from_usd_per_hour(Usd::from_micros(micros.saturating_mul(runs_in_an_hour)))
    }
}

/// Terms shared by all orders of one buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderTerms {
    /// Wallet of the buyer, who pays for the order.
    pub buyer: Address,
    /// Account that usage is paid to.
    pub payee: Address,
    /// Necto's fee, in parts per 10,000 of what is paid for usage.
    pub fee_bps: u16,
    /// Time in seconds that the operator may be silent before nothing accrues any more.
    pub heartbeat_window: Seconds,
}

/// A buyer's kept balance, as recorded on chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptBalance {
    /// Balance that the buyer keeps with the escrow contract, in micro-USDC.
    pub kept: TokenAmount,
    /// Revocation nonce that a policy must carry to count; the buyer revokes older policies by raising it.
    pub nonce: u64,
    /// Amount spent within policies in the chain's present UTC day, in micro-USDC.
    pub spent_today: TokenAmount,
    /// Number of open orders that were paid within policies.
    pub open: u32,
    /// Unix time for which all of this holds: the chain's, or Necto's if that is later.
    pub at: UnixSeconds,
}

/// Validity of a signed policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStanding {
    /// The policy is valid.
    Live,
    /// The policy has expired.
    Expired,
    /// The buyer revoked the policy on chain.
    Revoked,
}

impl SpendPolicy {
    /// Validity of the policy according to the chain.
    #[must_use]
    pub const fn standing(&self, chain: &KeptBalance) -> PolicyStanding {
        if self.nonce != chain.nonce {
            PolicyStanding::Revoked
        } else if chain.at.0 > self.expiry.0 {
            PolicyStanding::Expired
        } else {
            PolicyStanding::Live
        }
    }

    /// The most that one order may cost: the signed limit, capped at Necto's ceiling.
    #[must_use]
    pub fn per_order(&self) -> TokenAmount {
        self.max_per_order.min(MOST_PER_ORDER)
    }

    /// The most that may be spent in a day: the signed limit, capped at Necto's ceiling.
    #[must_use]
    pub fn per_day(&self) -> TokenAmount {
        self.max_per_day.min(MOST_PER_DAY)
    }

    /// Rest of today's limit.
    #[must_use]
    pub fn left_today(&self, chain: &KeptBalance) -> TokenAmount {
        self.per_day().saturating_sub(chain.spent_today)
    }
}

/// Policy that an order is paid under, as recorded in the order's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyUse {
    /// EIP-712 digest of the policy.
    pub policy: Hash32,
    /// The most that one order may cost, in micro-USDC: the policy's limit, or Necto's ceiling if that is
    /// lower.
    pub per_order: TokenAmount,
    /// The most that may be spent in one UTC day, in micro-USDC: the policy's limit, or Necto's ceiling if
    /// that is lower.
    pub per_day: TokenAmount,
    /// Rest of the day's limit after this order and all that is still on its way to the chain, in micro-USDC.
    pub left_today: TokenAmount,
}

/// Reason to ask the buyer instead of paying. Each is shown as the sentence of [`Doubt::sentence`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The policy has expired.
    PolicyExpired,
    /// The policy was revoked on chain.
    PolicyRevoked,
    /// The policy does not allow an order with this fee, payee or rate.
    OutsidePolicy {
        /// Term of the order that the policy does not allow, such as `rate` or `fee`; fits “does not allow
        /// its …”.
        what: String,
    },
    /// The order costs more than the limit for one order.
    AboveOrderLimit {
        /// Deposit of the order, in micro-USDC.
        costs: TokenAmount,
        /// Limit for one order under the policy, in micro-USDC.
        limit: TokenAmount,
    },
    /// The order costs more than what is left of the day's limit.
    AboveDayLimit {
        /// Deposit of the order, in micro-USDC.
        costs: TokenAmount,
        /// Rest of today's limit, in micro-USDC, without what is on its way into other orders.
        left: TokenAmount,
    },
    /// The kept balance is smaller than the cost.
    KeptTooLittle {
        /// Deposit of the order, in micro-USDC.
        costs: TokenAmount,
        /// Kept balance that is not on its way into another order, in micro-USDC.
        kept: TokenAmount,
    },
    /// The maximum number of open orders is reached.
    TooManyOpen {
        /// Number of orders paid within policies that may be open at once.
        most: u32,
    },
    /// The price is out of date.
    StalePrice,
    /// A field that affects cost or image was assumed.
    Assumed {
        /// Name of the field, as in [`crate::requirements::Requirements`].
        field: String,
    },
    /// A model inferred a field that the rules do not find in the buyer's words.
    ReadByModelAlone {
        /// Name of the field, as in [`crate::requirements::Requirements`].
        field: String,
    },
    /// The buyer's words came with a link.
    CameByLink,
    /// The request was sent as a plain form, which shows no price.
    CameAsPlainForm,
    /// The words contained instructions to the agent, which were set aside.
    OrdersSetAside,
    /// Something was unclear and led to a question.
    Unclear,
    /// The SDL was not written by Necto, so its text may come from anywhere.
    OwnSdl,
    /// The state on chain could not be read.
    ChainSilent,
    /// Necto's daily gas budget is used up.
    GasSpent,
    /// The operator's exposure has reached its cap.
    NoPlace {
        /// Sentence for the buyer that names the cap and says when there is room again
        /// ([`crate::exposure::Refusal::sentence`]).
        sentence: String,
    },
}

impl Doubt {
    /// One sentence for the buyer.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::PolicyExpired => "your spend policy has expired".to_owned(),
            Self::PolicyRevoked => "your spend policy was revoked".to_owned(),
            Self::OutsidePolicy { what } => format!("your spend policy does not allow its {what}"),
            Self::AboveOrderLimit { costs, limit } => {
                format!("it costs {costs} tUSDC, and your limit for one order is {limit}")
            }
            Self::AboveDayLimit { costs, left } => {
                format!("it costs {costs} tUSDC, and {left} is left of today’s limit")
            }
            Self::KeptTooLittle { costs, kept } => {
                format!("it costs {costs} tUSDC, and {kept} is left of your prepaid balance")
            }
            Self::TooManyOpen { most } => {
                format!("{most} orders paid this way are open already")
            }
            Self::StalePrice => "the price is more than a minute old: ask for it again".to_owned(),
            Self::Assumed { field } => match field.as_str() {
                "ports" => "the ports were assumed".to_owned(),
                field => format!("the {} was assumed", named(field)),
            },
            Self::ReadByModelAlone { field } => {
                format!("only a model read the {} out of your words", named(field))
            }
            Self::CameByLink => {
                "the request came with a link, and what a link says is never paid by itself"
                    .to_owned()
            }
            Self::CameAsPlainForm => "the request was sent before you saw its price".to_owned(),
            Self::OrdersSetAside => {
                "your words hold instructions to the agent, which were set aside".to_owned()
            }
            Self::Unclear => "something in your words is unclear".to_owned(),
            Self::OwnSdl => "an SDL of your own is confirmed by you each time".to_owned(),
            Self::ChainSilent => "the chain does not answer right now".to_owned(),
            Self::GasSpent => "what Necto pays for gas in a day is used up".to_owned(),
            Self::NoPlace { sentence } => sentence.trim_end_matches('.').to_owned(),
        }
    }
}

fn named(field: &str) -> &str {
    match field {
        "template" => "kind of workload",
        "gpu" => "GPU",
        "cpu" => "CPU",
        "env" => "environment",
        other => other,
    }
}

/// Outcome of auto-sign for an order's price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The order is paid from the kept balance.
    Pays(PolicyUse),
    /// The order will be paid from the kept balance unless the buyer cancels or changes it first.
    WillPay {
        /// Policy and limits under which it will be paid.
        under: PolicyUse,
        /// Unix time at which it is paid unless the buyer cancels: [`TIME_TO_CANCEL`] after the decision.
        at: UnixSeconds,
    },
    /// The buyer cancelled the payment.
    Cancelled,
    /// The buyer must confirm, for these reasons.
    Asks {
        /// Reasons to ask the buyer; at least one.
        doubts: Vec<Doubt>,
    },
}

/// Facts that a decision is based on.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Policy that the buyer signed and switched on.
    pub policy: &'a SpendPolicy,
    /// EIP-712 digest of the policy.
    pub digest: Hash32,
    /// State of the kept balance, as the chain shows it now.
    pub chain: &'a KeptBalance,
    /// Sum on its way into other orders of the buyer and not yet on chain, in micro-USDC.
    pub under_way: TokenAmount,
    /// Number of the orders that `under_way` adds up.
    pub orders_under_way: u32,
    /// Quote the order would be paid at.
    pub quote: &'a Quote,
    /// Terms that the order shares with all orders of the buyer.
    pub terms: OrderTerms,
    /// Origin of the order's fields, from which most reasons to ask follow.
    pub grounds: &'a Grounds<'a>,
    /// Unix time of the decision, by Necto's clock.
    pub now: UnixSeconds,
}

/// Decides whether the order is paid from the kept balance, listing every reason against it.
#[must_use]
pub fn decide(facts: &Facts<'_>) -> Verdict {
    let (policy, chain) = (facts.policy, facts.chain);
    let costs = facts.quote.deposit;
    let mut doubts = Vec::new();
    match policy.standing(chain) {
        PolicyStanding::Live => {}
        PolicyStanding::Expired => doubts.push(Doubt::PolicyExpired),
        PolicyStanding::Revoked => doubts.push(Doubt::PolicyRevoked),
    }
    doubts.extend(outside(facts).map(|what| Doubt::OutsidePolicy {
        what: what.to_owned(),
    }));
    let limit = policy.per_order();
    if costs > limit {
        doubts.push(Doubt::AboveOrderLimit { costs, limit });
    }
    let left = policy.left_today(chain).saturating_sub(facts.under_way);
    if costs > left {
        doubts.push(Doubt::AboveDayLimit { costs, left });
    }
    let kept = chain.kept.saturating_sub(facts.under_way);
    if costs > kept {
        doubts.push(Doubt::KeptTooLittle { costs, kept });
    }
    let most = policy.max_open.min(MOST_OPEN);
    if chain.open.saturating_add(facts.orders_under_way) >= most {
        doubts.push(Doubt::TooManyOpen { most });
    }
    let age = facts.now.since(facts.quote.quoted_at);
    if age > FRESH || facts.now >= facts.quote.expires_at {
        doubts.push(Doubt::StalePrice);
    }
    doubts.extend(facts.grounds.doubts());
    if !doubts.is_empty() {
        return Verdict::Asks { doubts };
    }
    Verdict::Pays(PolicyUse {
        policy: facts.digest,
        per_order: limit,
        per_day: policy.per_day(),
        left_today: left.saturating_sub(costs),
    })
}

/// Terms of the order that the policy does not allow and the contract would therefore refuse.
fn outside<'a>(facts: &Facts<'a>) -> impl Iterator<Item = &'static str> + use<'a> {
    let (policy, quote, terms) = (facts.policy, facts.quote, facts.terms);
    let lasts = quote.max_rate.required_deposit(policy.min_run_time) <= quote.deposit;
    [
        (policy.buyer != terms.buyer, "buyer"),
        (!policy.payees.contains(&terms.payee), "payee"),
        (quote.max_rate > policy.max_rate, "rate"),
        (terms.fee_bps > policy.max_fee_bps, "fee"),
        (!lasts, "short run time"),
        (
            terms.heartbeat_window > policy.max_heartbeat_window,
            "heartbeat window",
        ),
    ]
    .into_iter()
    .filter_map(|(refused, what)| refused.then_some(what))
}

#[cfg(test)]
mod tests;
