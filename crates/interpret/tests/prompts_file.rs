//! The score on a prompts file from outside the repository, where there is one.

use interpret::eval::{parse_cases, score_rules};

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "the file is found through the environment"
)]
fn the_given_sentences_score_at_least_ninety_five_percent() {
    let Ok(shared) = std::env::var("NECTO_SHARED") else {
        println!("skipped: NECTO_SHARED names no folder with evals/prompts.jsonl");
        return;
    };
    let path = std::path::Path::new(&shared).join("evals/prompts.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no prompts file at {}", path.display());
        return;
    };
    let score = score_rules(&parse_cases(&text).unwrap());
    println!("{score}");
    assert!(score.cases > 0, "the file holds no case");
    assert!(score.permille() >= 950, "{score}");
    assert_eq!(score.unlisted, [], "{score}");
}
