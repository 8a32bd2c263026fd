//! Replays the fuzzing corpus and mutations of it natively.

#[expect(unreachable_pub, reason = "it is the library of the fuzzing workspace")]
#[path = "../fuzz/src/lib.rs"]
mod invariants;

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How long mutations are tried. Their sequence is the same in every run; a faster machine gets
/// further.
const DURATION: Duration = Duration::from_secs(30);

#[test]
fn the_corpus_and_its_mutations_hold_the_invariants() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/check");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() >= 8);
    let seeds: Vec<String> = files
        .iter()
        .map(|file| String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned())
        .collect();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
    for seed in &seeds {
        all(seed);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "only the test's length depends on it"
    )]
    let started = Instant::now();
    let mut tried = 0_u32;
    while started.elapsed() < DURATION {
        for seed in &seeds {
            all(&mutated(seed, &seeds, &mut numbers));
            tried += 1;
        }
    }
    println!("{tried} mutations of {} files replayed", seeds.len());
    assert!(tried > 500, "{tried} mutations are hardly a test");
}

fn all(text: &str) {
    invariants::check(text);
    invariants::edit(text);
    invariants::assist(text);
}

/// The same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % limit.max(1)
    }
}

fn mutated(seed: &str, seeds: &[String], numbers: &mut Numbers) -> String {
    const PIECES: [&str; 24] = [
        "\n", "  ", "- ", ": ", "#", "\"", "'", "{", "}", "[", "]", ",", "&a ", "*a", "<<: ",
        "|\n", ">-\n", "\t", "~", "yes", "0x1f", "é", "\u{85}", "---\n",
    ];
    let mut text = seed.to_owned();
    for _ in 0..=numbers.below(4) {
        let from = text.floor_char_boundary(numbers.below(text.len() + 1));
        let to = text.floor_char_boundary((from + numbers.below(9)).min(text.len()));
        match numbers.below(4) {
            0 => text.replace_range(from..to, ""),
            1 => {
                let other = &seeds[numbers.below(seeds.len())];
                let start = other.floor_char_boundary(numbers.below(other.len() + 1));
                let end = other.floor_char_boundary((start + numbers.below(60)).min(other.len()));
                text.insert_str(from, &other[start..end]);
            }
            _ => text.replace_range(from..to, PIECES[numbers.below(PIECES.len())]),
        }
    }
    text
}
