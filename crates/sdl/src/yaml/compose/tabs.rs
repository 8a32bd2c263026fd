//! Tabs that separate a key from its value.
//!
//! Both references read them as spaces; the parser refuses those right after the colon. They are
//! given to it as spaces, which does not change the number of bytes.

use super::super::tree::{Kind, Style};
use super::compose_as;
use crate::span::Span;
use crate::text::CharOffsets;

const TAB: &str = ":\t";
const SPACE: &str = ": ";

/// The text with a space for each tab after a colon, except within quotes and blocks, where tabs
/// are content.
pub(super) fn spaced(text: &str, offsets: &CharOffsets<'_>) -> String {
    // A space in place of a tab changes neither where quotes nor where blocks begin or end.
    let everywhere = text.replace(TAB, SPACE);
    let (tree, _) = compose_as(&everywhere, offsets, |tree, scalar| {
        tree.keep(scalar.into_owned())
    });
    let contents: Vec<Span> = tree
        .nodes
        .iter()
        .filter(|node| matches!(&node.kind, Kind::Scalar { style, .. } if *style != Style::Plain))
        .map(|node| node.span)
        .collect();
    let skipped = offsets.byte(0);
    let mut spaced = String::with_capacity(text.len());
    let mut copied = 0;
    for (at, _) in text.match_indices(TAB) {
        let place = at + skipped;
        let before = contents.partition_point(|span| span.to <= place);
        if contents.get(before).is_some_and(|span| span.from <= place) {
            continue;
        }
        spaced.push_str(&text[copied..at]);
        spaced.push_str(SPACE);
        copied = at + TAB.len();
    }
    spaced.push_str(&text[copied..]);
    spaced
}

#[cfg(test)]
mod tests {
    use crate::{Dialect, derive};

    fn hash(text: &str) -> String {
        derive(text, Dialect::Console).unwrap().manifest.hash_hex()
    }

    #[test]
    fn a_tab_behind_a_colon_is_a_space_in_any_yaml_and_content_stays() {
        let web = include_str!("../../../tests/fixtures/web.yaml");
        // A flow collection, which the fast reader does not handle, and tabs that are content.
        let flow = web.replace("- global: true", "- { global: true }").replace(
            "'GREETING=hello, world'",
            "\"QUOTED=x:\ty\" # \u{fc}\n      - |-\n        BLOCK=x:\ty",
        );
        let manifest = derive(&flow, Dialect::Console).unwrap().manifest;
        assert!(manifest.sorted_json().contains("QUOTED=x:\\ty"));
        assert!(manifest.sorted_json().contains("BLOCK=x:\\ty"));
        let tabs = flow.replace(": ", ":\t");
        assert_eq!(hash(&tabs), manifest.hash_hex());
        assert_eq!(hash(&format!("\u{feff}{tabs}")), manifest.hash_hex());
    }
}
