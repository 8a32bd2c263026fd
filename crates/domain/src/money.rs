//! Money as integers in named units, with the few conversions between them, whose names state their
//! rounding.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// US dollars in whole micro-dollars (1,000,000 = one dollar).
///
/// Prices, caps and budgets. Never negative: a debt is a different thing and gets its own type.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Usd(u64);

impl Usd {
    /// The zero amount.
    pub const ZERO: Self = Self(0);

    /// Creates an amount from whole micro-dollars.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The amount in whole micro-dollars.
    #[must_use]
    pub const fn micros(self) -> u64 {
        self.0
    }

    /// The sum, or the largest amount: an overflow can only come from absurd input, which then fails every
    /// cap.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// `self × factor / divisor`, rounded up so that it never promises too little.
    ///
    /// # Panics
    /// If `divisor` is zero.
    #[must_use]
    pub fn scaled_up(self, factor: u64, divisor: u64) -> Self {
        let scaled = (u128::from(self.0) * u128::from(factor)).div_ceil(u128::from(divisor));
        Self(u64::try_from(scaled).unwrap_or(u64::MAX))
    }

    /// The amount with a fixed number of decimals, truncated: `12.34`.
    #[must_use]
    pub fn with_decimals(self, decimals: usize) -> String {
        fixed(u128::from(self.0), decimals)
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        self.saturating_add(other)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    /// Writes the exact amount without trailing zeros but with at least two decimals: `0.50`, `1.234567`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shortest(u128::from(self.0)))
    }
}

impl FromStr for Usd {
    type Err = MoneyError;

    /// Parses `3`, `0.50` or `.5`, with at most six decimals.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let micros = parse_decimal(text, 6)?;
        u64::try_from(micros)
            .map(Self)
            .map_err(|_| MoneyError::TooLarge(shown(text)))
    }
}

/// An amount of the escrow's token (tUSDC, six decimals) in whole micro-units.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct TokenAmount(u128);

impl TokenAmount {
    /// The zero amount.
    pub const ZERO: Self = Self(0);

    /// Creates an amount from whole micro-units.
    #[must_use]
    pub const fn from_micros(micros: u128) -> Self {
        Self(micros)
    }

    /// The amount in whole micro-units.
    #[must_use]
    pub const fn micros(self) -> u128 {
        self.0
    }

    /// The difference, or zero if `other` is larger.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The sum; saturates.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The token amount worth `usd`, at one dollar per tUSDC.
    #[must_use]
    pub const fn from_usd(usd: Usd) -> Self {
        Self(usd.0 as u128)
    }

    /// The amount with a fixed number of decimals, truncated.
    #[must_use]
    pub fn with_decimals(self, decimals: usize) -> String {
        fixed(self.0, decimals)
    }
}

impl fmt::Display for TokenAmount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shortest(self.0))
    }
}

// Serialised as text of whole micro-units: JSON numbers lose digits beyond 2^53 in browsers.
impl From<TokenAmount> for String {
    fn from(amount: TokenAmount) -> Self {
        amount.0.to_string()
    }
}

impl TryFrom<String> for TokenAmount {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
            .map(Self)
            .map_err(|_| MoneyError::NotANumber(text))
    }
}

/// An Akash price in uact per block: fixed point with 18 decimals, as on chain.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct UactPerBlock(u128);

/// 10^18: one whole uact in [`UactPerBlock`]'s fixed point.
pub const UACT_SCALE: u128 = 1_000_000_000_000_000_000;

impl UactPerBlock {
    /// Creates a price from the fixed-point number (10^18 = 1 uact per block).
    #[must_use]
    pub const fn from_scaled(scaled: u128) -> Self {
        Self(scaled)
    }

    /// Creates a price from whole uact per block.
    #[must_use]
    pub const fn from_whole(uact: u64) -> Self {
        Self(uact as u128 * UACT_SCALE)
    }

    /// The fixed-point number (10^18 = 1 uact per block).
    #[must_use]
    pub const fn scaled(self) -> u128 {
        self.0
    }

    /// The price in whole uact, rounded up.
    #[must_use]
    pub const fn whole_rounded_up(self) -> u128 {
        self.0.div_ceil(UACT_SCALE)
    }

    /// The sum of two prices; saturates.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// This price times `count`; saturates.
    #[must_use]
    pub const fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(count as u128))
    }
}

impl Sum for UactPerBlock {
    fn sum<I: Iterator<Item = Self>>(prices: I) -> Self {
        prices.fold(Self(0), Self::saturating_add)
    }
}

impl fmt::Display for UactPerBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / UACT_SCALE, self.0 % UACT_SCALE);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{fraction:018}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl FromStr for UactPerBlock {
    type Err = MoneyError;

    /// Parses the chain's decimal text, `2.500000000000000000`, with at most 18 decimals.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        parse_decimal(text, 18).map(Self)
    }
}

impl From<UactPerBlock> for String {
    fn from(price: UactPerBlock) -> Self {
        price.to_string()
    }
}

impl TryFrom<String> for UactPerBlock {
    type Error = MoneyError;

    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

/// A text that is not an amount of money, with the fault.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MoneyError {
    /// The text is not digits with an optional point.
    #[error("“{0}” is not an amount: write digits with at most one point, like 12.50")]
    NotANumber(String),
    /// The text has more decimals than the unit.
    #[error("“{text}” has more than {decimals} decimals: leave out the rest, like 12.50")]
    TooFine {
        /// Text that was given, cut to 40 characters.
        text: String,
        /// Number of decimals that the unit has.
        decimals: usize,
    },
    /// The amount is out of range.
    #[error("“{0}” is more than any amount here can be: write less, like 12.50")]
    TooLarge(String),
}

/// Parses an unsigned decimal into an integer with `decimals` implied digits after the point.
///
/// # Errors
/// If the text is empty, or has a sign, an exponent, more than one point, or more than `decimals`
/// decimals (further zeros are accepted).
pub fn parse_decimal(text: &str, decimals: usize) -> Result<u128, MoneyError> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || !all_digits(whole) || !all_digits(fraction) {
        return Err(MoneyError::NotANumber(shown(text)));
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > decimals {
        let text = shown(text);
        return Err(MoneyError::TooFine { text, decimals });
    }
    format!("{whole}{fraction:0<decimals$}")
        .parse()
        .map_err(|_| MoneyError::TooLarge(shown(text)))
}

/// The part of a text that an error message repeats.
fn shown(text: &str) -> String {
    text.chars().take(40).collect()
}

fn fixed(micros: u128, decimals: usize) -> String {
    let text = format!("{}.{:06}", grouped(micros / 1_000_000), micros % 1_000_000);
    let point = text.find('.').expect("the format has a point");
    match decimals {
        0 => text[..point].to_owned(),
        n => text[..=point + n.min(6)].to_owned(),
    }
}

fn shortest(micros: u128) -> String {
    let text = format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let point = text.find('.').expect("the format has a point");
    let end = text.trim_end_matches('0').len().max(point + 3);
    text[..end].to_owned()
}

/// Groups thousands with a thin space, so that figures in tables stay readable without looking like
/// decimals.
fn grouped(whole: u128) -> String {
    let digits = whole.to_string();
    let mut out = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{TokenAmount, UactPerBlock, Usd};

    #[test]
    fn dollars_read_and_print_exactly() {
        let cases = [
            ("0.50", 500_000, "0.50"),
            ("3", 3_000_000, "3.00"),
            (".5", 500_000, "0.50"),
        ];
        for (text, micros, printed) in cases {
            let usd: Usd = text.parse().unwrap();
            assert_eq!(usd.micros(), micros);
            assert_eq!(usd.to_string(), printed);
        }
        assert_eq!(Usd::from_micros(1_234_567).to_string(), "1.234567");
        assert_eq!(
            Usd::from_micros(1_234_567_891).with_decimals(2),
            "1\u{2009}234.56"
        );
    }

    #[test]
    fn what_is_not_an_amount_is_refused_with_an_example() {
        for text in ["", ".", "-1", "1e3", "1.2.3", "0.0000001", "ten"] {
            let error = text.parse::<Usd>().unwrap_err();
            assert!(error.to_string().ends_with("like 12.50"), "{error}");
        }
    }

    #[test]
    fn what_is_too_fine_or_too_large_is_called_that() {
        let says = |text: &str| text.parse::<Usd>().unwrap_err().to_string();
        assert_eq!(
            says("0.1234567"),
            "“0.1234567” has more than 6 decimals: leave out the rest, like 12.50"
        );
        assert_eq!(
            says("99999999999999999999"),
            "“99999999999999999999” is more than any amount here can be: write less, like 12.50"
        );
        let endless = "9".repeat(60);
        assert!(says(&endless).starts_with(&format!("“{}” is more than", "9".repeat(40))));
        assert_eq!("0.1234560".parse(), Ok(Usd::from_micros(123_456)));
    }

    #[test]
    fn chain_prices_keep_their_eighteen_decimals() {
        let price: UactPerBlock = "2.500000000000000000".parse().unwrap();
        assert_eq!(price.to_string(), "2.5");
        assert_eq!(price.whole_rounded_up(), 3);
        let tiny: UactPerBlock = "0.000000000000000001".parse().unwrap();
        assert_eq!(tiny.scaled(), 1);
        assert_eq!(tiny.to_string().parse(), Ok(tiny));
    }

    #[test]
    fn token_amounts_travel_as_text() {
        let amount = TokenAmount::from_micros(u128::from(u64::MAX) * 3);
        let json = serde_json::to_string(&amount).unwrap();
        assert_eq!(serde_json::from_str::<TokenAmount>(&json).unwrap(), amount);
        assert_eq!(TokenAmount::from_micros(1).to_string(), "0.000001");
    }
}
