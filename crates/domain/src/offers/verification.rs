//! Verifies a price against feeds on a chain. Nothing is called verified that was not compared with a fresh
//! answer of the right feed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Decimal;
use super::tokens::{Token, TokenPrice, Verdict};
use crate::time::{Seconds, UnixSeconds};

/// Publisher of a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FeedKind {
    /// A Chainlink AggregatorV3.
    Chainlink,
    /// The Pyth contract.
    Pyth,
}

impl FeedKind {
    /// Lower-case name of the publisher, as in JSON.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Chainlink => "chainlink",
            Self::Pyth => "pyth",
        }
    }
}

/// A feed's answer, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedAnswer {
    /// Dollars for one token.
    pub usd: Decimal,
    /// Uncertainty in dollars; `None` if the feed states none.
    pub confidence: Option<Decimal>,
    /// Unix time at which the feed published the answer.
    pub updated_at: UnixSeconds,
    /// The round it belongs to; `None` if the feed does not count rounds.
    pub round: Option<u128>,
}

/// Reason why bytes are not a valid answer of a feed.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FeedError {
    /// The answer is too short.
    #[error("the feed answered {0} bytes, too few for what was asked")]
    TooShort(usize),
    /// A number is out of the range of a price.
    #[error("the feed's {0} is out of range")]
    OutOfRange(&'static str),
    /// The price is zero or negative: the feed is not working.
    #[error("the feed's price is not positive")]
    NotPositive,
    /// The text is not valid UTF-8.
    #[error("the feed's description is not text")]
    NotText,
}

/// Call data of `latestRoundData()`.
pub const LATEST_ROUND_DATA: [u8; 4] = [0xfe, 0xaf, 0x96, 0x8c];
/// Call data of `decimals()`.
pub const DECIMALS: [u8; 4] = [0x31, 0x3c, 0xe5, 0x67];
/// Call data of `description()`.
pub const DESCRIPTION: [u8; 4] = [0x72, 0x84, 0xe4, 0x16];
/// First four bytes of the call data of `getPriceUnsafe(bytes32)`.
pub const GET_PRICE_UNSAFE: [u8; 4] = [0x96, 0x83, 0x4a, 0xd3];

/// Call data of `getPriceUnsafe` for one feed.
#[must_use]
pub fn pyth_call(feed_id: [u8; 32]) -> Vec<u8> {
    [&GET_PRICE_UNSAFE[..], &feed_id].concat()
}

/// Decodes the answer of `decimals()`.
///
/// # Errors
/// If it is not a number up to 38.
pub fn decode_decimals(answer: &[u8]) -> Result<u32, FeedError> {
    let decimals = unsigned(word(answer, 0)?).filter(|decimals| *decimals <= 38);
    let decimals = decimals.ok_or(FeedError::OutOfRange("number of decimals"))?;
    Ok(u32::try_from(decimals).unwrap_or(38))
}

/// Decodes the answer of `description()`: a text like `SOL / USD`.
///
/// # Errors
/// If it is not a text.
pub fn decode_description(answer: &[u8]) -> Result<String, FeedError> {
    let at = |number: u128| usize::try_from(number).map_err(|_| FeedError::OutOfRange("text"));
    let offset = at(unsigned(word(answer, 0)?).ok_or(FeedError::NotText)?)?;
    let rest = answer
        .get(offset..)
        .ok_or(FeedError::TooShort(answer.len()))?;
    let length = at(unsigned(word(rest, 0)?).ok_or(FeedError::NotText)?)?;
    let text = rest
        .get(32..)
        .and_then(|rest| rest.get(..length))
        .ok_or(FeedError::TooShort(answer.len()))?;
    String::from_utf8(text.to_vec()).map_err(|_| FeedError::NotText)
}

/// Decodes the answer of `latestRoundData()` for a feed of `decimals`.
///
/// # Errors
/// If it is not a positive price with its round and time.
pub fn decode_round(answer: &[u8], decimals: u32) -> Result<FeedAnswer, FeedError> {
    let round = unsigned(word(answer, 0)?).ok_or(FeedError::OutOfRange("round"))?;
    let price = signed(word(answer, 1)?).ok_or(FeedError::OutOfRange("price"))?;
    let updated_at = time(word(answer, 3)?)?;
    Ok(FeedAnswer {
        usd: positive(scaled(price, -i64::from(decimals))?)?,
        confidence: None,
        updated_at,
        round: Some(round),
    })
}

/// Decodes the answer of `getPriceUnsafe`.
///
/// # Errors
/// If it is not a positive price with its uncertainty, exponent and time.
pub fn decode_pyth(answer: &[u8]) -> Result<FeedAnswer, FeedError> {
    let price = signed(word(answer, 0)?).ok_or(FeedError::OutOfRange("price"))?;
    let uncertainty = unsigned(word(answer, 1)?).ok_or(FeedError::OutOfRange("uncertainty"))?;
    let exponent = signed(word(answer, 2)?)
        .and_then(|exponent| i64::try_from(exponent).ok())
        .ok_or(FeedError::OutOfRange("exponent"))?;
    let uncertainty =
        i128::try_from(uncertainty).map_err(|_| FeedError::OutOfRange("uncertainty"))?;
    Ok(FeedAnswer {
        usd: positive(scaled(price, exponent)?)?,
        confidence: Some(scaled(uncertainty, exponent)?),
        updated_at: time(word(answer, 3)?)?,
        round: None,
    })
}

fn word(answer: &[u8], index: usize) -> Result<&[u8; 32], FeedError> {
    answer
        .get(index * 32..)
        .and_then(<[u8]>::first_chunk)
        .ok_or(FeedError::TooShort(answer.len()))
}

fn unsigned(word: &[u8; 32]) -> Option<u128> {
    let (high, low) = word.split_last_chunk::<16>()?;
    high.iter()
        .all(|byte| *byte == 0)
        .then(|| u128::from_be_bytes(*low))
}

fn signed(word: &[u8; 32]) -> Option<i128> {
    let (high, low) = word.split_last_chunk::<16>()?;
    let number = i128::from_be_bytes(*low);
    let extension = if number < 0 { 0xff } else { 0 };
    high.iter().all(|byte| *byte == extension).then_some(number)
}

fn time(word: &[u8; 32]) -> Result<UnixSeconds, FeedError> {
    unsigned(word)
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(UnixSeconds)
        .ok_or(FeedError::OutOfRange("time"))
}

fn scaled(number: i128, exponent: i64) -> Result<Decimal, FeedError> {
    format!("{number}e{exponent}")
        .parse()
        .map_err(|_| FeedError::OutOfRange("price"))
}

fn positive(usd: Decimal) -> Result<Decimal, FeedError> {
    if usd.is_positive() {
        Ok(usd)
    } else {
        Err(FeedError::NotPositive)
    }
}

/// A feed configured to verify a price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Publisher of the feed.
    pub kind: FeedKind,
    /// Name of the chain it was read on.
    pub chain: String,
    /// Address of the feed's contract.
    pub address: String,
    /// Pair that the feed must describe, like `SOL / USD`. Pyth's feeds have no description and are
    /// identified by their id.
    pub pair: String,
    /// Maximum age of an answer: the feed's heartbeat and a margin.
    pub max_age: Seconds,
    /// Largest distance from our price, in hundredths of a per cent.
    pub max_deviation_bps: u64,
}

/// Result of comparing a price with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// A fresh feed of the token agrees.
    Verified(Evidence),
    /// Only the quote currency was compared, and it agrees.
    QuoteLegVerified(Evidence),
    /// Nothing was compared, and why.
    Unverified {
        /// Reason why nothing was compared, for people.
        reason: String,
    },
    /// A fresh feed disagrees.
    Mismatch(Evidence),
}

/// Data that was compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Publisher of the feed.
    pub kind: FeedKind,
    /// Name of the chain that the feed was read on.
    pub chain: String,
    /// Address of the feed's contract.
    pub address: String,
    /// Pair that the feed prices, like `SOL / USD`.
    pub pair: String,
    /// Round; `None` if the feed does not count rounds.
    pub round: Option<u128>,
    /// Age of the feed's answer.
    pub age: Seconds,
    /// Price by Necto's sources, in dollars for one token.
    pub ours: Decimal,
    /// Price by the feed, in dollars for one token.
    pub theirs: Decimal,
    /// Distance of ours from theirs, in hundredths of a per cent.
    pub deviation_bps: u64,
}

/// Compares a price with a feed's answer. `described` is the feed's description of itself, if it has one:
/// it must catch the wrong feed configured under the right name.
#[must_use]
pub fn verify(
    feed: &Feed,
    described: Option<&str>,
    answer: &Result<FeedAnswer, FeedError>,
    ours: Decimal,
    now: UnixSeconds,
) -> Verification {
    let unverified = |reason: String| Verification::Unverified { reason };
    if let Some(described) = described.filter(|described| *described != feed.pair) {
        return unverified(format!(
            "the feed describes itself as “{described}”, not “{}”",
            feed.pair
        ));
    }
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return unverified(error.to_string()),
    };
    if answer.updated_at > now.after(Seconds(120)) {
        return unverified("the feed's answer is dated in the future".to_owned());
    }
    let age = now.since(answer.updated_at);
    if age > feed.max_age {
        return unverified(format!("the feed's answer is {} old", age.in_words()));
    }
    let Some(deviation_bps) = ours.deviation_bps(answer.usd) else {
        return unverified("the two prices cannot be compared".to_owned());
    };
    let uncertainty = answer
        .confidence
        .and_then(|confidence| confidence.plus(answer.usd)?.deviation_bps(answer.usd));
    if uncertainty.is_some_and(|bps| bps > feed.max_deviation_bps) {
        return unverified("the feed is less certain than the limit".to_owned());
    }
    let evidence = Evidence {
        kind: feed.kind,
        chain: feed.chain.clone(),
        address: feed.address.clone(),
        pair: feed.pair.clone(),
        round: answer.round,
        age,
        ours,
        theirs: answer.usd,
        deviation_bps,
    };
    if deviation_bps <= feed.max_deviation_bps {
        Verification::Verified(evidence)
    } else {
        Verification::Mismatch(evidence)
    }
}

/// Verification of a price from those of each token: its own feed if that can be compared, otherwise the
/// feed of the quote currency of a source that counts. The latter verifies only the quote currency, not the
/// price.
#[must_use]
pub fn of_price(price: &TokenPrice, checks: &BTreeMap<Token, Verification>) -> Verification {
    let own = checks.get(&price.token);
    if let Some(compared @ (Verification::Verified(_) | Verification::Mismatch(_))) = own {
        return compared.clone();
    }
    let counting = price
        .votes
        .iter()
        .filter(|(_, verdict)| *verdict == Verdict::Kept);
    let legs = counting.filter_map(|(vote, _)| checks.get(&vote.via?));
    let mut verified = legs.filter_map(|leg| match leg {
        Verification::Verified(evidence) => Some(evidence.clone()),
        Verification::QuoteLegVerified(_)
        | Verification::Unverified { .. }
        | Verification::Mismatch(_) => None,
    });
    if let Some(evidence) = verified.next() {
        return Verification::QuoteLegVerified(evidence);
    }
    own.cloned().unwrap_or_else(|| Verification::Unverified {
        reason: "no feed of it is configured".to_owned(),
    })
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, evidence) = match self {
            Self::Verified(evidence) => ("verified", evidence),
            Self::QuoteLegVerified(evidence) => ("quote leg verified", evidence),
            Self::Mismatch(evidence) => ("mismatch", evidence),
            Self::Unverified { reason } => return write!(f, "unverified: {reason}"),
        };
        let Evidence {
            kind,
            chain,
            address,
            pair,
            round,
            age,
            ours,
            theirs,
            deviation_bps,
        } = evidence;
        let round = round.map_or_else(String::new, |round| format!(", round {round}"));
        write!(
            f,
            "{word}: {pair} by {} on {chain} at {address}{round}, {} old, {theirs} there and {ours} \
             here, {}.{:02} % apart",
            kind.id(),
            age.in_words(),
            deviation_bps / 100,
            deviation_bps % 100
        )
    }
}

#[cfg(test)]
mod tests;
