//! Compares this crate with the TypeScript SDK by everything that was recorded of it.
//!
//! The vectors lie outside the repository; `NECTO_SHARED` names the folder that holds `zerog/`.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use zerog_hash::{SegmentTree, root_of};

use crate::files::{index, layout_of, recorded, sent_segment};

#[test]
fn every_vector_has_the_root_the_nodes_and_the_proofs_of_the_typescript_sdk() {
    let Some(path) = vectors() else {
        println!("skipped: NECTO_SHARED names no folder with vectors of 0G Storage");
        return;
    };
    let all: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let vectors = all["vectors"].as_array().unwrap();
    for vector in vectors {
        let size = usize::try_from(vector["size"].as_u64().unwrap()).unwrap();
        let file = recorded(size);
        if vector["error"].is_string() {
            assert!(root_of(&file).is_err(), "{size} bytes");
        } else {
            assert_eq!(found(&file, vector), expected(vector), "{size} bytes");
        }
    }
    println!("{} vectors agree", vectors.len());
    assert!(!vectors.is_empty(), "no vectors in the file");
}

fn vectors() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test finds its optional vectors through the environment"
    )]
    let shared = std::env::var("NECTO_SHARED").ok()?;
    let path = PathBuf::from(shared).join("zerog/vectors.json");
    path.exists().then_some(path)
}

/// The parts of a vector that a tree has as well.
fn expected(vector: &Value) -> Value {
    let parts = [
        "root",
        "num_chunks",
        "num_segments",
        "num_segments_padded",
        "segment_roots",
        "submission_nodes",
        "sectors",
        "identity_digest",
        "proofs",
    ];
    parts
        .into_iter()
        .map(|part| (part.to_owned(), vector[part].clone()))
        .collect()
}

/// The same parts from this crate. Every proof is checked on the way.
fn found(file: &[u8], vector: &Value) -> Value {
    let tree = SegmentTree::of(file).expect("the file has bytes");
    let layout = layout_of(file);
    let nodes: Vec<Value> = tree
        .submission()
        .subtrees()
        .iter()
        .map(|node| json!({ "height": node.height, "root": node.root }))
        .collect();
    let mut proofs = Vec::new();
    for proof in vector["proofs"].as_array().expect("a list") {
        let segment = proof["segment"].as_u64().expect("a number");
        let made = tree.proof(index(segment)).expect("a segment of the file");
        let sent = sent_segment(file, segment);
        assert!(
            made.check(tree.root(), layout, index(segment), &sent)
                .is_ok()
        );
        let mut written = serde_json::to_value(&made).expect("a proof is JSON");
        written["segment"] = json!(segment);
        proofs.push(written);
    }
    let segment_roots: Vec<_> = layout
        .segment_indices()
        .map(|segment| tree.segment_root(segment).expect("a segment of the file"))
        .collect();
    let identity = zerog_hash::Root::from_bytes(tree.submission().identity());
    json!({
        "root": tree.root(),
        "num_chunks": layout.entries(),
        "num_segments": layout.segments(),
        "num_segments_padded": layout.sectors().div_ceil(1024),
        "segment_roots": segment_roots,
        "submission_nodes": nodes,
        "sectors": layout.sectors(),
        "identity_digest": identity,
        "proofs": proofs,
    })
}
