//! Compares the memory cost of a stream with a Node server's, as a table with its goal.

use anyhow::{Context, Result};
use serde_json::Value;

/// Maximum memory cost of a stream in bytes.
const MOST_BYTES: i64 = 12_000;

/// Converts `[{"streams": 2000, "necto_bytes": 9000, "node_bytes": 6000}]` to Markdown; also returns whether the goal
/// is met in every row.
pub(super) fn table(figures: &str) -> Result<(String, bool)> {
    let figures: Value = serde_json::from_str(figures).context("the figures are no JSON")?;
    let mut text = String::from(
        "| streams | Necto, bytes each | Node, bytes each | goal |\n|--:|--:|--:|---|\n",
    );
    let mut all_met = true;
    for figure in figures.as_array().context("the figures are no list")? {
        let number = |name: &str| {
            figure[name]
                .as_i64()
                .with_context(|| format!("a figure without {name}"))
        };
        let (necto, node) = (number("necto_bytes")?, number("node_bytes")?);
        let is_met = necto <= MOST_BYTES;
        all_met &= is_met;
        text.push_str(&format!(
            "| {} | {necto} | {node} | {MOST_BYTES}: {} |\n",
            number("streams")?,
            if is_met { "met" } else { "missed" }
        ));
    }
    Ok((text, all_met))
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn a_stream_beyond_the_goal_is_a_miss() {
        let row = |bytes: u32| {
            format!(r#"[{{"streams": 2000, "necto_bytes": {bytes}, "node_bytes": 6000}}]"#)
        };
        let (text, met) = table(&row(12_000)).expect("reads");
        assert!(met);
        assert!(
            text.ends_with("| 2000 | 12000 | 6000 | 12000: met |\n"),
            "{text}"
        );
        let (text, met) = table(&row(12_001)).expect("reads");
        assert!(!met && text.contains("missed"), "{text}");
        assert!(table(r#"[{"streams": 1}]"#).is_err());
    }
}
