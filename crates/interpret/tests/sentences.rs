//! The project's own sentences: every expected field of every one must be right, and everything
//! else an answer holds must be stated or listed as an assumption.

use interpret::eval::{parse_cases, score_rules};

const SENTENCES: &str = include_str!("sentences.jsonl");

#[test]
fn every_own_sentence_is_understood() {
    let cases = parse_cases(SENTENCES).unwrap();
    assert!(cases.len() >= 150, "only {} sentences", cases.len());
    let score = score_rules(&cases);
    assert!(
        score.misses.is_empty() && score.unlisted.is_empty(),
        "{score}"
    );
}
