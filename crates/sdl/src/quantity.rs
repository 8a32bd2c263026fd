//! CPU shares and sizes, as each reference reads them.

use crate::number::{Decimal, Double};
use crate::yaml::Ref;
use crate::yaml::scalar::{self, Js};

/// A suffix with its multiplier.
type Suffix = (&'static str, u64);

const BINARY: [Suffix; 6] = [
    ("Ki", 1 << 10),
    ("Mi", 1 << 20),
    ("Gi", 1 << 30),
    ("Ti", 1 << 40),
    ("Pi", 1 << 50),
    ("Ei", 1 << 60),
];

const DECIMAL: [Suffix; 6] = [
    ("k", 1_000),
    ("M", 1_000_000),
    ("G", 1_000_000_000),
    ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("E", 1_000_000_000_000_000_000),
];

/// Reason why a quantity cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadQuantity {
    /// Not a number with a suffix that the tool knows.
    Unreadable,
    /// Below zero.
    Negative,
    /// A fraction that the tool passes on although the provider requires a whole number.
    Fraction,
}

/// Thousandths of a CPU, as the command line reads them.
pub(crate) fn go_cpu(text: &str) -> Result<u64, BadQuantity> {
    if let Some(milli) = text.strip_suffix('m') {
        return go_unsigned(milli)
            .filter(|milli| *milli <= u64::from(u32::MAX))
            .ok_or(BadQuantity::Unreadable);
    }
    let value = go_float(text)?;
    Ok(saturated(Double::nearest(value).times(1000).floor()))
}

/// Thousandths of a CPU, as Console reads them.
pub(crate) fn console_cpu(node: Ref<'_, '_>) -> Result<u64, BadQuantity> {
    match scalar::js(node) {
        Some(Js::Number(number)) if number.is_positive() => {
            whole(Double::nearest(number).times(1000))
        }
        Some(Js::Number(_)) => Err(BadQuantity::Negative),
        Some(Js::Text(text)) => {
            let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let suffix = &text[digits.len()..];
            let (before, after) = digits.split_once('.').unwrap_or((digits, "0"));
            let all_digits =
                |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            if !all_digits(before) || !all_digits(after) {
                return Err(BadQuantity::Unreadable);
            }
            let number = Decimal::parse(digits).ok_or(BadQuantity::Unreadable)?;
            if number.is_zero() && matches!(suffix, "" | "m") {
                return Err(BadQuantity::Negative);
            }
            let number = Double::nearest(number);
            if suffix.eq_ignore_ascii_case("m") {
                whole(number)
            } else {
                whole(number.times(1000))
            }
        }
        _ => Err(BadQuantity::Unreadable),
    }
}

/// Bytes, as the command line reads them: exact suffixes, or a plain number.
pub(crate) fn go_bytes(text: &str) -> Result<u64, BadQuantity> {
    go_suffixed(text, BINARY.iter().chain(&DECIMAL))
}

/// Bytes of GPU memory, as the command line reads them: binary suffixes, or a plain number.
pub(crate) fn go_gpu_memory(text: &str) -> Result<u64, BadQuantity> {
    go_suffixed(text, BINARY.iter())
}

/// Bytes, as Console reads them: any case, a unit is required, and anything but exactly `i` after
/// the first letter means thousands.
pub(crate) fn console_bytes(text: &str) -> Result<u64, BadQuantity> {
    let lower = text.to_ascii_lowercase();
    let unit = lower.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let digits = &lower[..lower.len() - unit.len()];
    let mut letters = unit.chars();
    let first = letters.next().ok_or(BadQuantity::Unreadable)?;
    if digits.is_empty() || !unit.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return Err(BadQuantity::Unreadable);
    }
    // Anything after a second point is ignored.
    let second_point = digits
        .match_indices('.')
        .nth(1)
        .map_or(digits.len(), |(at, _)| at);
    let number = Decimal::parse(&digits[..second_point]).ok_or(BadQuantity::Unreadable)?;
    let binary = letters.as_str() == "i";
    let power = "kmgtpe".find(first);
    let factor = match (power, binary) {
        (None, _) => 1,
        (Some(power), true) => BINARY[power].1,
        (Some(power), false) => DECIMAL[power].1,
    };
    Ok(saturated(Double::nearest(number).times(factor).ceil()))
}

/// An unsigned number as the command line reads one: digits and nothing else.
pub(crate) fn go_unsigned(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

fn go_suffixed<'s>(
    text: &str,
    mut suffixes: impl Iterator<Item = &'s Suffix>,
) -> Result<u64, BadQuantity> {
    let (number, factor) = suffixes
        .find_map(|(suffix, factor)| Some((text.strip_suffix(suffix)?, *factor)))
        .unwrap_or((text, 1));
    let value = go_float(number)?;
    Ok(saturated(Double::nearest(value).times(factor).floor()))
}

/// A number as the command line reads one. Infinities and not-a-number, which it accepts and every
/// limit then refuses, are refused here.
fn go_float(text: &str) -> Result<Decimal, BadQuantity> {
    let value = Decimal::parse(text).ok_or(BadQuantity::Unreadable)?;
    if value.negative && !value.is_zero() {
        return Err(BadQuantity::Negative);
    }
    Ok(value)
}

fn whole(value: Double) -> Result<u64, BadQuantity> {
    if value.is_whole() {
        Ok(saturated(value.floor()))
    } else {
        Err(BadQuantity::Fraction)
    }
}

fn saturated(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// A size in its usual notation, with the largest binary suffix that keeps it exact, spelled so
/// that both tools read the same.
#[must_use]
pub fn bytes_text(bytes: u64) -> String {
    let (suffix, factor) = BINARY
        .iter()
        .rev()
        .find(|(_, factor)| bytes != 0 && bytes.is_multiple_of(*factor))
        .copied()
        .unwrap_or(("", 1));
    if factor > 1 {
        return format!("{}{suffix}", bytes / factor);
    }
    // Console requires a unit: fall back to thousands, then to the next whole Ki.
    if bytes.is_multiple_of(1000) && bytes != 0 {
        return format!("{}k", bytes / 1000);
    }
    format!("{}Ki", bytes.div_ceil(1024))
}

/// CPU in cores if both tools read the same thousandths, otherwise in thousandths.
pub(crate) fn cpu_text(milli: u64) -> String {
    let cores = domain::resources::CpuMilli(milli).to_string();
    if milli.is_multiple_of(100) && go_cpu(&cores) == Ok(milli) {
        cores
    } else {
        format!("{milli}m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_wants_exact_suffixes() {
        for (text, bytes) in [
            ("512Mi", Ok(512 << 20)),
            ("1.5Gi", Ok(3 << 29)),
            ("1e3Mi", Ok(1000 << 20)),
            ("+512Mi", Ok(512 << 20)),
            (".5Gi", Ok(1 << 29)),
            ("0.1Gi", Ok(107_374_182)),
            ("536870912", Ok(536_870_912)),
            ("1G", Ok(1_000_000_000)),
            ("512MB", Err(BadQuantity::Unreadable)),
            ("512mi", Err(BadQuantity::Unreadable)),
            ("1024K", Err(BadQuantity::Unreadable)),
            ("512 Mi", Err(BadQuantity::Unreadable)),
            ("-1Gi", Err(BadQuantity::Negative)),
            ("", Err(BadQuantity::Unreadable)),
        ] {
            assert_eq!(go_bytes(text), bytes, "{text}");
        }
    }

    #[test]
    fn console_reads_any_case_and_only_i_as_binary() {
        for (text, bytes) in [
            ("512Mi", Ok(512 << 20)),
            ("512mi", Ok(512 << 20)),
            ("512m", Ok(512_000_000)),
            ("16GB", Ok(16_000_000_000)),
            ("512KiB", Ok(512_000)),
            ("0.1Gi", Ok(107_374_183)),
            ("1.2.3Gi", Ok(1_288_490_189)),
            ("99x", Ok(99)),
            ("536870912", Err(BadQuantity::Unreadable)),
            ("512 Mi", Err(BadQuantity::Unreadable)),
            ("-1Gi", Err(BadQuantity::Unreadable)),
            ("1e3Mi", Err(BadQuantity::Unreadable)),
        ] {
            assert_eq!(console_bytes(text), bytes, "{text}");
        }
    }

    #[test]
    fn cpu_is_cut_off_to_thousandths_on_the_command_line() {
        for (text, milli) in [
            ("0.5", Ok(500)),
            ("100m", Ok(100)),
            ("1.001", Ok(1000)),
            ("0.0015", Ok(1)),
            ("0.1m", Err(BadQuantity::Unreadable)),
            ("-1", Err(BadQuantity::Negative)),
            ("many", Err(BadQuantity::Unreadable)),
        ] {
            assert_eq!(go_cpu(text), milli, "{text}");
        }
    }

    #[test]
    fn sizes_are_written_so_that_both_read_the_same() {
        for bytes in [1 << 30, 3 << 29, 512 << 20, 5_000_000, 107_374_183, 1] {
            let text = bytes_text(bytes);
            assert_eq!(go_bytes(&text), console_bytes(&text), "{text}");
            assert!(go_bytes(&text).unwrap() >= bytes);
        }
    }
}
