//! Auto-sign: whether an order may be paid from the balance its buyer keeps with the escrow
//! contract, without asking again.
//!
//! [`decide`] answers from facts alone: what the buyer signed, what the chain says now, what the
//! price is, and where every field that bears on cost and image came from. Whatever is not beyond
//! doubt is a [`Doubt`], and the buyer confirms as usual. The contract enforces its half again.

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

/// The most one order may cost without an explicit confirmation, whatever was signed: 20 USDC.
pub const MOST_PER_ORDER: TokenAmount = TokenAmount::from_micros(20_000_000);

/// The most that may be spent in a UTC day without an explicit confirmation: 20 USDC.
pub const MOST_PER_DAY: TokenAmount = TokenAmount::from_micros(20_000_000);

/// How many orders paid this way may run at once.
pub const MOST_OPEN: u32 = 5;

/// The longest a policy may count.
pub const LONGEST_POLICY: Seconds = Seconds::days(90);

/// How long every deposit must last at its order's highest rate: as long as the shortest order.
pub const LEAST_RUN_TIME: Seconds = Seconds::minutes(5);

/// How long a price stands in view before the prepaid balance pays it, where the buyer has not
/// asked for at once.
pub const TIME_TO_CANCEL: Seconds = Seconds(10);

/// A price older than this is asked for again before anything is paid.
const FRESH: Seconds = Seconds::minutes(1);

/// What a buyer allows the operator to spend without being asked again, as signed for the contract.
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

/// How soon after its price an order is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// After [`TIME_TO_CANCEL`], in which the buyer can cancel.
    #[default]
    AfterCountdown,
    /// As soon as it is priced, without a countdown.
    AtOnce,
}

/// The limits a buyer chooses for a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyLimits {
    /// The most that one order may cost, in micro-USDC.
    pub per_order: TokenAmount,
    /// The most that may be spent in one UTC day, in micro-USDC.
    pub per_day: TokenAmount,
    /// Time for which the policy counts from its preparation, in seconds.
    pub lasts: Seconds,
}

impl PolicyLimits {
    /// The limits themselves, if a policy may have them.
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

    /// The policy that has these limits, for orders that pay `payee` on Necto's terms.
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

    /// The highest rate that goes with them: what one order may cost, in the shortest time.
    #[must_use]
    pub fn max_rate(self) -> ScaledRate {
        let runs_in_an_hour = Seconds::hours(1).0 / LEAST_RUN_TIME.0;
        let micros = u64::try_from(self.per_order.micros()).unwrap_or(u64::MAX);
        ScaledRate::from_usd_per_hour(Usd::from_micros(micros.saturating_mul(runs_in_an_hour)))
    }
}

/// Terms that all orders of one buyer have in common.
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

/// A buyer's kept balance, as the chain shows it.
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
    /// Unix time for which all of this holds: the chain's, or Necto's where that is later.
    pub at: UnixSeconds,
}

/// Where a signed policy stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStanding {
    /// It counts.
    Live,
    /// Its time is over.
    Expired,
    /// The buyer revoked it on chain.
    Revoked,
}

impl SpendPolicy {
    /// Where the policy stands, by the chain's word.
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

    /// The most one order may cost: what was signed, and never more than Necto's own ceiling.
    #[must_use]
    pub fn per_order(&self) -> TokenAmount {
        self.max_per_order.min(MOST_PER_ORDER)
    }

    /// The most that may be spent in a day: what was signed, and never more than the ceiling.
    #[must_use]
    pub fn per_day(&self) -> TokenAmount {
        self.max_per_day.min(MOST_PER_DAY)
    }

    /// What is left of the day.
    #[must_use]
    pub fn left_today(&self, chain: &KeptBalance) -> TokenAmount {
        self.per_day().saturating_sub(chain.spent_today)
    }
}

/// Under which policy an order is paid, as its history tells it.
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

/// Why the buyer is asked instead. Each is shown, as a sentence of [`Doubt::sentence`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The policy's time is over.
    PolicyExpired,
    /// The policy was revoked on chain.
    PolicyRevoked,
    /// The policy does not allow orders like this: a fee, a payee, a rate.
    OutsidePolicy {
        /// Term of the order that the policy does not allow, such as `rate` or `fee`; fits “does not allow
        /// its …”.
        what: String,
    },
    /// The order costs more than one order may.
    AboveOrderLimit {
        /// Deposit of the order, in micro-USDC.
        costs: TokenAmount,
        /// Limit for one order under the policy, in micro-USDC.
        limit: TokenAmount,
    },
    /// The order costs more than the day leaves.
    AboveDayLimit {
        /// Deposit of the order, in micro-USDC.
        costs: TokenAmount,
        /// Rest of today's limit, in micro-USDC, without what is on its way into other orders.
        left: TokenAmount,
    },
    /// Less is kept than it costs.
    KeptTooLittle {
        /// Deposit of the order, in micro-USDC.
        costs: TokenAmount,
        /// Kept balance that is not on its way into another order, in micro-USDC.
        kept: TokenAmount,
    },
    /// As many orders are open as may be.
    TooManyOpen {
        /// Number of orders paid within policies that may be open at once.
        most: u32,
    },
    /// The price is too old.
    StalePrice,
    /// A field that bears on cost or image was assumed.
    Assumed {
        /// Name of the field, as in [`crate::requirements::Requirements`].
        field: String,
    },
    /// A model read a field that the rules do not find in the buyer's words.
    ReadByModelAlone {
        /// Name of the field, as in [`crate::requirements::Requirements`].
        field: String,
    },
    /// The words came with a link.
    CameByLink,
    /// It was sent as a plain form, on which no price was seen.
    CameAsPlainForm,
    /// Something in the words was an order to the agent.
    OrdersSetAside,
    /// Something was unclear and asked back.
    Unclear,
    /// The SDL is not Necto's own: a text may come from anywhere.
    OwnSdl,
    /// The chain did not say how things stand.
    ChainSilent,
    /// What Necto pays for gas in a day is used up.
    GasSpent,
    /// As much of the operator's money is at stake as may be.
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

/// What auto-sign made of an order's price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It is paid from the kept balance.
    Pays(PolicyUse),
    /// It will be paid from the kept balance, unless the buyer cancels or changes it before.
    WillPay {
        /// Policy and limits under which it will be paid.
        under: PolicyUse,
        /// Unix time at which it is paid unless the buyer cancels: [`TIME_TO_CANCEL`] after the decision.
        at: UnixSeconds,
    },
    /// The buyer cancelled the payment.
    Cancelled,
    /// The buyer confirms, for these reasons.
    Asks {
        /// Reasons to ask the buyer; at least one.
        doubts: Vec<Doubt>,
    },
}

/// Facts that a decision rests on.
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

/// Whether the order is paid from the kept balance. Every reason against it is named.
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

/// What of the order's terms the policy does not allow; the contract would refuse it.
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
