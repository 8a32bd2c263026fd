//! Price of a token in dollars: the median of the sources that answer and agree, with the ones that were
//! excluded and why.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Decimal;
use crate::time::{Seconds, UnixSeconds};

/// A token whose dollar price affects an offer or a currency that other prices are quoted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Token {
    /// AKT, the token of Akash.
    Akt,
    /// RENDER, the token of the Render network.
    Render,
    /// NOS, the token of Nosana.
    Nos,
    /// IO, the token of io.net.
    Io,
    /// SOL, the token of Solana: a quote currency of exchange pairs.
    Sol,
    /// USDT, the token of Tether: a quote currency of exchange pairs.
    Usdt,
}

impl Token {
    /// Every token.
    pub const ALL: [Self; 6] = [
        Self::Akt,
        Self::Render,
        Self::Nos,
        Self::Io,
        Self::Sol,
        Self::Usdt,
    ];

    /// Ticker of the token: `AKT`.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Akt => "AKT",
            Self::Render => "RENDER",
            Self::Nos => "NOS",
            Self::Io => "IO",
            Self::Sol => "SOL",
            Self::Usdt => "USDT",
        }
    }
}

/// Token prices used for conversion.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenRates(BTreeMap<Token, Decimal>);

impl TokenRates {
    /// Sets the dollar price of one token.
    #[must_use]
    pub fn with(mut self, token: Token, usd: Decimal) -> Self {
        self.0.insert(token, usd);
        self
    }

    /// Dollar price of one token; `None` if it is unknown or too old to use.
    #[must_use]
    pub fn get(&self, token: Token) -> Option<Decimal> {
        self.0.get(&token).copied()
    }
}

/// Price reported by one source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Name of the source.
    pub source: String,
    /// Dollars for one token.
    pub usd: Decimal,
    /// Unix time at which the price was valid, by the source.
    pub at: UnixSeconds,
    /// Token that the source quotes the price in, converted into dollars for `usd`; `None` if it quotes
    /// dollars.
    pub via: Option<Token>,
}

/// Verdict on a source's price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verdict {
    /// The price counts.
    Kept,
    /// The price is older than the limit.
    TooOld {
        /// Age of the price when it was judged.
        age: Seconds,
    },
    /// The price is dated further into the future than clocks may differ.
    FromTheFuture,
    /// The price is zero or negative.
    NotPositive,
    /// The price is too far from the others.
    Outlier {
        /// Distance from the median of all, in hundredths of a per cent.
        deviation_bps: u64,
    },
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept => f.write_str("counts"),
            Self::TooOld { age } => write!(f, "thrown out: {} old", age.in_words()),
            Self::FromTheFuture => f.write_str("thrown out: dated in the future"),
            Self::NotPositive => f.write_str("thrown out: not a positive price"),
            Self::Outlier { deviation_bps } => write!(
                f,
                "thrown out: {}.{:02} % away from the others",
                deviation_bps / 100,
                deviation_bps % 100
            ),
        }
    }
}

/// Reliability of a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Two or more fresh sources agree.
    Agreed,
    /// One fresh source: shown, not settled on.
    Degraded,
    /// The last known price, because no source answers: shown with a warning, not settled on.
    LastKnown,
}

/// A token's price with its evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenPrice {
    /// Token that is priced.
    pub token: Token,
    /// Dollars for one token.
    pub usd: Decimal,
    /// Unix time of the oldest source price that counts.
    pub at: UnixSeconds,
    /// Largest distance between source prices that count, in hundredths of a per cent of the price.
    pub spread_bps: u64,
    /// Reliability of the price, by the number of sources behind it.
    pub standing: Standing,
    /// Price and verdict of each source, sorted by source.
    pub votes: Vec<(Vote, Verdict)>,
}

/// Age limits of source prices and of the resulting price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AgeLimits {
    /// Age above which a source's price does not count.
    pub vote: Seconds,
    /// Age above which a price is not used at all.
    pub price: Seconds,
}

impl Default for AgeLimits {
    fn default() -> Self {
        Self {
            vote: Seconds::minutes(5),
            price: Seconds::minutes(15),
        }
    }
}

/// Tolerated difference between clocks.
const CLOCK_SKEW: Seconds = Seconds(120);

/// Number of sources needed before the deviation test can identify an outlier.
const VOTES_FOR_DEVIATIONS: usize = 4;

/// The median of the source prices that are fresh and agree; `None` if none is fresh.
///
/// The order of `votes` does not matter.
#[must_use]
pub fn median_price(
    token: Token,
    votes: Vec<Vote>,
    now: UnixSeconds,
    limits: AgeLimits,
) -> Option<TokenPrice> {
    let mut votes: Vec<(Vote, Verdict)> = votes
        .into_iter()
        .map(|vote| {
            let verdict = freshness(&vote, now, limits);
            (vote, verdict)
        })
        .collect();
    votes.sort_by(|(a, _), (b, _)| (&a.source, a.usd, a.at).cmp(&(&b.source, b.usd, b.at)));
    let fresh = kept(&votes);
    let middle = median(&fresh)?;
    let is_outlier = outlier_test(&fresh, middle);
    for (vote, verdict) in &mut votes {
        if *verdict == Verdict::Kept && is_outlier(vote.usd) {
            *verdict = Verdict::Outlier {
                deviation_bps: vote.usd.deviation_bps(middle).unwrap_or(u64::MAX),
            };
        }
    }
    let agreeing = kept(&votes);
    let usd = median(&agreeing)?;
    let (least, most) = (agreeing.iter().min()?, agreeing.iter().max()?);
    let spread = most.minus(*least)?.plus(usd)?;
    let at = votes
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Kept)
        .map(|(vote, _)| vote.at)
        .min()?;
    Some(TokenPrice {
        token,
        usd,
        at,
        spread_bps: spread.deviation_bps(usd)?,
        standing: if agreeing.len() >= 2 {
            Standing::Agreed
        } else {
            Standing::Degraded
        },
        votes,
    })
}

impl TokenPrice {
    /// Age of the price.
    #[must_use]
    pub fn age(&self, now: UnixSeconds) -> Seconds {
        now.since(self.at)
    }

    /// The same price, kept because no source answers any more. Its time is unchanged.
    #[must_use]
    pub fn kept_as_last_known(mut self) -> Self {
        self.standing = Standing::LastKnown;
        self
    }

    /// Whether offers may be priced with it.
    #[must_use]
    pub fn is_usable(&self, now: UnixSeconds, limits: AgeLimits) -> bool {
        self.age(now) <= limits.price
    }
}

fn freshness(vote: &Vote, now: UnixSeconds, limits: AgeLimits) -> Verdict {
    let age = now.since(vote.at);
    if !vote.usd.is_positive() {
        Verdict::NotPositive
    } else if vote.at > now.after(CLOCK_SKEW) {
        Verdict::FromTheFuture
    } else if age > limits.vote {
        Verdict::TooOld { age }
    } else {
        Verdict::Kept
    }
}

fn kept(votes: &[(Vote, Verdict)]) -> Vec<Decimal> {
    votes
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Kept)
        .map(|(vote, _)| vote.usd)
        .collect()
}

/// The middle price, or the mean of the two in the middle.
fn median(prices: &[Decimal]) -> Option<Decimal> {
    let mut prices = prices.to_vec();
    prices.sort_unstable();
    let upper = *prices.get(prices.len() / 2)?;
    if prices.len().is_multiple_of(2) {
        let lower = *prices.get(prices.len() / 2 - 1)?;
        lower.plus(upper)?.scaled_by(1, 2)
    } else {
        Some(upper)
    }
}

/// With four prices or more, an outlier is further than three deviations (1.4826 × median absolute
/// deviation) from the middle. If most prices are equal, that deviation is zero and any difference would be
/// an outlier; with two or three prices it is meaningless. In both cases the range from a third to three
/// times the median is used instead.
fn outlier_test(prices: &[Decimal], middle: Decimal) -> impl Fn(Decimal) -> bool + use<> {
    let distances: Vec<Decimal> = prices
        .iter()
        .filter_map(|price| Some(price.minus(middle)?.distance()))
        .collect();
    let deviation = median(&distances).unwrap_or(Decimal::ZERO);
    let limit = (prices.len() >= VOTES_FOR_DEVIATIONS && deviation.is_positive())
        .then(|| deviation.scaled_by(3 * 14_826, 10_000))
        .flatten();
    move |price| match limit {
        Some(limit) => price.minus(middle).is_none_or(|d| d.distance() > limit),
        None => {
            let three_times = |a: Decimal, b: Decimal| a.scaled_by(3, 1).is_none_or(|a| a < b);
            three_times(price, middle) || three_times(middle, price)
        }
    }
}

#[cfg(test)]
mod tests;
