//! Decimal text, and the reference implementations' arithmetic with it.
//!
//! Both references turn sizes and CPU shares into IEEE doubles, multiply, and then truncate or
//! round up. `1.001` CPU is 1000.9999999999999 in a double, so the command line makes 1000 of it:
//! being byte-exact means repeating that rounding. [`Double`] does so with integers, because this
//! crate uses no floats.

use std::cmp::Ordering;

/// `digits × 10^exponent`, with a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Decimal {
    pub(crate) negative: bool,
    digits: u128,
    exponent: i32,
}

/// Most significant digits that a [`Decimal`] keeps; more cannot change a double.
const KEPT_DIGITS: u32 = 36;
/// Digits that fit in 64 bits.
const MACHINE_DIGITS: u32 = 18;

impl Decimal {
    /// A whole number.
    pub(crate) const fn from_integer(negative: bool, digits: u128) -> Self {
        Self {
            negative,
            digits,
            exponent: 0,
        }
    }

    /// Reads `[+-]? digits [. digits] [e [+-] digits]` with at least one digit in the mantissa.
    /// `None` for anything else, special values included.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let mut digits = 0_u128;
        // Most numbers have few digits, which fit into a machine word.
        let mut few = 0_u64;
        let mut kept = 0;
        let mut exponent = 0_i32;
        let mut any = false;
        let mut in_fraction = false;
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b'0'..=b'9' => {
                    any = true;
                    let digit = byte - b'0';
                    if kept < MACHINE_DIGITS {
                        few = few * 10 + u64::from(digit);
                        digits = u128::from(few);
                    } else if kept < KEPT_DIGITS {
                        digits = digits * 10 + u128::from(digit);
                    } else {
                        exponent += i32::from(!in_fraction);
                        continue;
                    }
                    kept += u32::from(digits > 0);
                    exponent -= i32::from(in_fraction);
                }
                b'.' if !in_fraction => in_fraction = true,
                b'e' | b'E' if any => {
                    exponent += parse_exponent(&rest[at + 1..])?;
                    break;
                }
                _ => return None,
            }
        }
        any.then_some(Self {
            negative,
            digits,
            exponent,
        })
    }

    /// Whether the value is zero, of either sign.
    pub(crate) const fn is_zero(self) -> bool {
        self.digits == 0
    }

    /// Whether the value is above zero.
    pub(crate) const fn is_positive(self) -> bool {
        self.digits != 0 && !self.negative
    }

    /// The value as an integer; `None` if it is not a whole number that fits.
    pub(crate) fn to_integer(self) -> Option<i128> {
        let magnitude = self.scaled(0)?;
        let magnitude = i128::try_from(magnitude).ok()?;
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// The magnitude times `10^places`; `None` if that is not a whole number that fits.
    pub(crate) fn scaled(self, places: u32) -> Option<u128> {
        if self.digits == 0 {
            return Some(0);
        }
        let power = self.exponent + i32::try_from(places).ok()?;
        if power >= 0 {
            let factor = 10_u128.checked_pow(power.unsigned_abs())?;
            return self.digits.checked_mul(factor);
        }
        let divisor = 10_u128.checked_pow(power.unsigned_abs())?;
        self.digits
            .is_multiple_of(divisor)
            .then(|| self.digits / divisor)
    }

    /// The magnitude, truncated to a whole number.
    pub(crate) fn truncated(self) -> u128 {
        if self.exponent >= 0 {
            10_u128
                .checked_pow(self.exponent.unsigned_abs())
                .and_then(|factor| self.digits.checked_mul(factor))
                .unwrap_or(u128::MAX)
        } else {
            10_u128
                .checked_pow(self.exponent.unsigned_abs())
                .map_or(0, |divisor| self.digits / divisor)
        }
    }

    /// The text that JavaScript prints for this number: the shortest that reads back as the same
    /// double.
    pub(crate) fn js_text(self) -> String {
        let (mut digits, mut exponent) = (self.digits, self.exponent);
        if digits == 0 {
            return "0".to_owned();
        }
        // Every whole number of up to fifteen digits has a double of its own.
        if exponent == 0 && !self.negative && digits < 1_000_000_000_000_000 {
            return digits.to_string();
        }
        let double = Double::nearest(self);
        for places in 15..=17 {
            let rounded = self.rounded_to(places);
            if Double::nearest(rounded) == double {
                (digits, exponent) = (rounded.digits, rounded.exponent);
                break;
            }
        }
        while digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        let text = digits.to_string();
        let length = i32::try_from(text.len()).expect("a u128 has at most 39 digits");
        // The position of the decimal point, counted from the first digit.
        let point = length + exponent;
        let sign = if self.negative { "-" } else { "" };
        if exponent >= 0 && point <= 21 {
            return format!(
                "{sign}{text}{}",
                "0".repeat(exponent.unsigned_abs() as usize)
            );
        }
        if point > 0 && point <= 21 {
            let (whole, fraction) = text.split_at(point.unsigned_abs() as usize);
            return format!("{sign}{whole}.{fraction}");
        }
        if point > -6 && point <= 0 {
            return format!(
                "{sign}0.{}{text}",
                "0".repeat(point.unsigned_abs() as usize)
            );
        }
        let power = point - 1;
        let mark = if power < 0 { '-' } else { '+' };
        let (first, others) = text.split_at(1);
        let point = if others.is_empty() { "" } else { "." };
        format!(
            "{sign}{first}{point}{others}e{mark}{}",
            power.unsigned_abs()
        )
    }

    /// The same value with at most `places` significant digits, halves rounded up.
    fn rounded_to(self, places: u32) -> Self {
        let have = self.digits.checked_ilog10().unwrap_or(0) + 1;
        if have <= places {
            return self;
        }
        let dropped = have - places;
        let unit = 10_u128.pow(dropped);
        Self {
            digits: (self.digits + unit / 2) / unit,
            exponent: self.exponent + i32::try_from(dropped).unwrap_or(i32::MAX),
            ..self
        }
    }
}

/// An exponent, bounded so that adding digits to it cannot overflow.
fn parse_exponent(text: &str) -> Option<i32> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.parse::<i32>().unwrap_or(i32::MAX).min(1_000_000);
    Some(if negative { -magnitude } else { magnitude })
}

/// A non-negative IEEE 754 double: `mantissa × 2^exponent`, the mantissa below 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Double {
    mantissa: u64,
    exponent: i32,
}

const MANTISSA_BITS: u32 = 53;

impl Double {
    /// The double nearest to the magnitude of a decimal. Values too large for any Akash limit
    /// stay too large; values below 10^-30 become zero.
    pub(crate) fn nearest(value: Decimal) -> Self {
        let Decimal {
            mut digits,
            mut exponent,
            ..
        } = value;
        if exponent == 0 {
            return Self::rounded(digits, 0, false);
        }
        while digits != 0 && digits % 10 == 0 && exponent < 0 {
            digits /= 10;
            exponent += 1;
        }
        if digits == 0 || exponent < -66 {
            return Self::rounded(0, 0, false);
        }
        if exponent >= 0 {
            let product = 10_u128
                .checked_pow(exponent.unsigned_abs())
                .and_then(|factor| digits.checked_mul(factor));
            return Self::rounded(product.unwrap_or(u128::MAX), 0, false);
        }
        let mut sticky = false;
        let mut places = exponent.unsigned_abs();
        // Long division needs the digits in 64 bits and the divisor too.
        while digits >= 1 << 64 || places > 19 {
            sticky |= digits % 10 != 0;
            digits /= 10;
            places -= 1;
            if places == 0 || digits == 0 {
                return Self::rounded(digits, 0, sticky);
            }
        }
        let divisor = 10_u128.pow(places);
        let shift = digits.leading_zeros();
        let scaled = digits << shift;
        let quotient = scaled / divisor;
        let inexact = scaled % divisor != 0 || sticky;
        Self::rounded(quotient, -i32::try_from(shift).unwrap_or(0), inexact)
    }

    /// The product with a whole number, rounded as the processor does.
    pub(crate) fn times(self, factor: u64) -> Self {
        Self::rounded(
            u128::from(self.mantissa) * u128::from(factor),
            self.exponent,
            false,
        )
    }

    /// The whole part, or the largest representable number when it does not fit.
    pub(crate) fn floor(self) -> u128 {
        match self.exponent.cmp(&0) {
            Ordering::Less => u128::from(self.mantissa)
                .checked_shr(self.exponent.unsigned_abs())
                .unwrap_or(0),
            Ordering::Equal => u128::from(self.mantissa),
            Ordering::Greater if self.exponent <= 74 => u128::from(self.mantissa) << self.exponent,
            Ordering::Greater => u128::MAX,
        }
    }

    /// The smallest whole number that is not below this value.
    pub(crate) fn ceil(self) -> u128 {
        self.floor().saturating_add(u128::from(!self.is_whole()))
    }

    /// Whether there is no fraction.
    pub(crate) fn is_whole(self) -> bool {
        let behind = self.exponent.min(0).unsigned_abs();
        self.mantissa == 0 || self.mantissa.trailing_zeros() >= behind
    }

    /// Rounds `value × 2^exponent` to 53 bits, ties to even; `sticky` means that the true value is
    /// slightly larger.
    fn rounded(value: u128, exponent: i32, sticky: bool) -> Self {
        let bits = 128 - value.leading_zeros();
        if bits <= MANTISSA_BITS {
            let mantissa = u64::try_from(value).expect("at most 53 bits");
            return Self { mantissa, exponent }.normalized();
        }
        let dropped = bits - MANTISSA_BITS;
        let kept = value >> dropped;
        let rest = value & ((1 << dropped) - 1);
        let half = 1_u128 << (dropped - 1);
        let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
        let mantissa = u64::try_from(kept + u128::from(up)).expect("at most 54 bits");
        let exponent = exponent + i32::try_from(dropped).expect("below 128");
        Self { mantissa, exponent }.normalized()
    }

    /// One representation for each value, so that equality is equality of values.
    fn normalized(self) -> Self {
        if self.mantissa == 0 {
            return Self {
                mantissa: 0,
                exponent: 0,
            };
        }
        let zeros = self.mantissa.trailing_zeros();
        Self {
            mantissa: self.mantissa >> zeros,
            exponent: self.exponent + i32::try_from(zeros).expect("below 64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplying_repeats_what_a_processor_does() {
        for (text, factor, floor, ceil) in [
            ("1.001", 1000, 1000, 1001),
            ("0.1", 1 << 30, 107_374_182, 107_374_183),
            ("1.5", 1 << 30, 1_610_612_736, 1_610_612_736),
            ("0.0015", 1000, 1, 2),
            ("2.675", 1000, 2675, 2675),
            ("4.35", 100, 434, 435),
            ("0.5", 1000, 500, 500),
            ("1e3", 1 << 20, 1_048_576_000, 1_048_576_000),
            ("0", 1000, 0, 0),
        ] {
            let product = Double::nearest(Decimal::parse(text).unwrap()).times(factor);
            assert_eq!((product.floor(), product.ceil()), (floor, ceil), "{text}");
        }
    }

    #[test]
    fn numbers_print_as_javascript_prints_them() {
        for (text, printed) in [
            ("1.50", "1.5"),
            ("1000", "1000"),
            ("-0.25", "-0.25"),
            ("1e3", "1000"),
            ("1e21", "1e+21"),
            ("0.0000001", "1e-7"),
            ("0.000001", "0.000001"),
            ("0.123456789012345678", "0.12345678901234568"),
            ("123456789012345678", "123456789012345680"),
            ("0", "0"),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().js_text(), printed);
        }
    }

    #[test]
    fn only_decimal_text_is_a_decimal() {
        for text in ["", ".", "e3", "1e", "0x10", "1_0", "inf", "1.2.3", "- 1"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
        assert_eq!(Decimal::parse(".5").unwrap().scaled(1), Some(5));
        assert_eq!(Decimal::parse("5.").unwrap().to_integer(), Some(5));
    }
}
