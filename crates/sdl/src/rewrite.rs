//! The rewriting of a document by Console's API before it sends the deployment.

use crate::check;
use crate::derive::Derived;
use crate::diagnostic::{Edit, Findings, Report};
use crate::dialect::Dialect;
use crate::edit::apply;
use crate::model;
use crate::parse::parse;

/// The denomination that Console pays in.
pub const CONSOLE_DENOM: &str = "uact";

/// The auditor that Console requires in every placement.
pub const CONSOLE_AUDITOR: &str = "akash1365yvmc4s7awdyj3n2sav7xfx76adc6dnmlx63";

/// Groups that Console will send for a document: with every price in [`CONSOLE_DENOM`] and the
/// auditors added to every placement. The manifest is not changed, so its hash stays the same.
///
/// # Errors
/// The full report, if Console refuses the document.
pub fn console_rewrite(text: &str, auditors: &[&str]) -> Result<Derived, Report> {
    let mut derived = match check::derive(text, Dialect::Console) {
        Ok(derived) => derived,
        Err(report) => match with_denom(text) {
            // A different denomination is not a fault, because it is replaced before the check.
            Some(rewritten) => check::derive(&rewritten, Dialect::Console)?,
            None => return Err(report),
        },
    };
    for group in &mut derived.groups {
        let any_of = group.signed_by.any_of.get_or_insert_default();
        for auditor in auditors {
            if !any_of.iter().any(|known| known == auditor) {
                any_of.push((*auditor).to_owned());
            }
        }
        for unit in &mut group.resources {
            CONSOLE_DENOM.clone_into(&mut unit.price.denom);
        }
    }
    Ok(derived)
}

/// The text with every denomination replaced; `None` when there is nothing to replace.
fn with_denom(text: &str) -> Option<String> {
    let mut findings = Findings::default();
    let tree = parse(text, &mut findings)?;
    let model = model::read(tree.root()?, Dialect::Console, text, None, &mut findings)?;
    let prices = model
        .placements
        .iter()
        .flat_map(|placement| &placement.prices);
    let mut edits: Vec<Edit> = prices
        .filter(|price| price.denom.text != CONSOLE_DENOM && !price.denom.text.is_empty())
        .map(|price| Edit {
            from: price.denom.span.from,
            to: price.denom.span.to,
            insert: CONSOLE_DENOM.to_owned(),
        })
        .collect();
    // Shared through an alias, a span appears twice.
    edits.dedup();
    (!edits.is_empty()).then(|| apply(text, &edits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn denominations_and_auditors_change_and_the_manifest_stays() {
        let text = crate::templates::by_id("web-node").unwrap().sdl();
        let plain = crate::derive(&text, Dialect::Console).unwrap();
        for denom in [
            "uact",
            "uakt",
            "ibc/170C677610AC31DF0904FFE09CD3B5C657492170E7E52372E48756B71E56F2F1",
        ] {
            let other = text.replace("denom: uact", &format!("denom: {denom}"));
            let sent = console_rewrite(&other, &[CONSOLE_AUDITOR, CONSOLE_AUDITOR]).unwrap();
            assert_eq!(sent.manifest, plain.manifest);
            assert_eq!(sent.groups[0].resources[0].price.denom, "uact");
            assert_eq!(
                sent.groups[0].signed_by.any_of.as_deref(),
                Some([CONSOLE_AUDITOR.to_owned()].as_slice())
            );
        }
        assert!(console_rewrite("a: b", &[]).is_err());
    }
}
