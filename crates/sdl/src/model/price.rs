//! Reads placements and their prices.

use std::fmt;

use super::read::{Reader, name, named};
use super::{Named, Placement, Price, Word};
use crate::diagnostic::Who;
use crate::dialect::Dialect;
use crate::number::Decimal;
use crate::problem::{Structure, Value};
use crate::schema::DENOMS;
use crate::yaml::scalar::{self, Js};
use crate::yaml::{Entry, Ref};

/// Path of a price limit: `profiles.placement.akash.pricing.web`.
#[derive(Debug, Clone, Copy)]
struct PricePath<'a>(&'a str, &'a str);

impl fmt::Display for PricePath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "profiles.placement.{}.pricing.{}", self.0, self.1)
    }
}

impl<'a> Reader<'_> {
    pub(super) fn placement(&mut self, entry: Entry<'a, '_>) -> Placement<'a> {
        let name = name(entry);
        let node = entry.value;
        let signed_by = node.get("signedBy");
        let auditors = |key| signed_by.and_then(|node| node.get(key));
        let placement = Placement {
            alike: false,
            name,
            attributes: node
                .get("attributes")
                .map(|node| self.attributes(node))
                .unwrap_or_default(),
            all_of: self.texts(auditors("allOf")),
            any_of: self.texts(auditors("anyOf")),
            prices: Named::new(
                named(node.get("pricing"))
                    .map(|entry| self.price(entry, name.text))
                    .collect(),
            ),
        };
        // Attributes are read and sorted differently.
        let alike = node.is_alike()
            && node.get("attributes").is_none()
            && placement.prices.iter().all(|price| price.alike);
        Placement { alike, ..placement }
    }

    fn price(&mut self, entry: Entry<'a, '_>, placement: &str) -> Price<'a> {
        let profile = name(entry);
        let node = entry.value;
        let path = PricePath(placement, profile.text);
        let denom = self.word(node.get("denom")).unwrap_or(Word {
            text: "",
            span: node.span(),
        });
        let readable = self.is_something(node);
        if readable && self.dialect == Dialect::Go && !is_denom(denom.text) {
            let code = if node.get("denom").is_some() {
                "choice"
            } else {
                "missing"
            };
            self.findings.refuse(
                Who::CommandLine,
                code,
                format!("{path}.denom"),
                denom.span,
                Structure::Choice {
                    key: "denom".to_owned(),
                    known: DENOMS,
                },
            );
        }
        let amount = node.get("amount");
        let amount_span = amount.map_or(node.span(), Ref::span);
        let (text, atto) = match (self.dialect, amount) {
            (Dialect::Console, Some(amount)) => self.console_amount(amount, path),
            (Dialect::Go, amount) => {
                let text = self.word(amount).unwrap_or_default().text;
                let atto = go_amount(text);
                // An absent price is refused where a deployment needs one.
                if readable && atto.is_none_or(|atto| atto == 0) {
                    let problem = if atto == Some(0) {
                        Value::PriceOfZero
                    } else {
                        Value::PriceAmount
                    };
                    let code = if amount.is_some() {
                        "amount"
                    } else {
                        "missing"
                    };
                    self.findings.refuse(
                        Who::CommandLine,
                        code,
                        format!("{path}.amount"),
                        amount_span,
                        problem,
                    );
                }
                (text.to_owned(), atto)
            }
            (Dialect::Console, None) => (String::new(), None),
        };
        Price {
            // Any other price lacks a denomination that both dialects know, or a positive whole
            // amount.
            alike: DENOMS.contains(&denom.text)
                && atto.is_some_and(|atto| atto > 0)
                && amount.and_then(Ref::scalar) == Some(&*text),
            profile,
            denom,
            amount_span,
            amount: text,
            atto,
        }
    }

    fn console_amount(&mut self, node: Ref<'a, '_>, path: PricePath<'_>) -> (String, Option<u128>) {
        let (text, number) = match scalar::js(node) {
            Some(Js::Number(number)) if !number.negative || number.is_zero() => {
                (number.js_text(), Some(number))
            }
            Some(Js::Text(text)) if is_plain_decimal(text) => {
                (text.to_owned(), Decimal::parse(text))
            }
            _ => (String::new(), None),
        };
        let atto = number.and_then(|number| number.scaled(18));
        let sendable = number.is_some() && !text.contains('e') && atto.is_some();
        if !sendable {
            self.findings.refuse(
                Who::Console,
                "amount",
                format!("{path}.amount"),
                node.span(),
                Value::PriceAmount,
            );
        }
        (text, atto)
    }
}

/// Whether a text matches `[0-9]+(\.[0-9]+)?`.
fn is_plain_decimal(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(text),
    }
}

/// An amount of money in 10^-18, as the chain reads it: digits with at most one point and at most
/// 18 digits after it.
fn go_amount(text: &str) -> Option<u128> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return None,
        Some(parts) => parts,
        None => (unsigned, ""),
    };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 18 || unsigned.is_empty() {
        return None;
    }
    let value = Decimal::parse(unsigned)?;
    let atto = value.scaled(18).unwrap_or(u128::MAX);
    (!negative || atto == 0).then_some(atto)
}

/// Whether the chain's software accepts the name of a denomination; it crashes on others.
fn is_denom(text: &str) -> bool {
    (3..=128).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/:._-".contains(&byte))
}
