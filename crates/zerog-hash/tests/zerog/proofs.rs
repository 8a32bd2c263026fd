//! A proof is right for one segment in one place of one file, and for nothing else.

use proptest::prelude::*;
use zerog_hash::{Layout, ProofError, Root, SEGMENT_BYTES, SegmentProof, SegmentTree};

use crate::files::{index, layout_of, sent_segment, varied};
use crate::naive::Naive;

/// Twenty segments, the last one incomplete, as in a document of 5 MB.
const SIZE: usize = 5_000_000;

#[test]
fn every_segment_of_a_file_of_5_mb_is_proved() {
    let file = varied(SIZE, 1);
    let tree = SegmentTree::of(&file).unwrap();
    let layout = layout_of(&file);
    let mut read = Vec::new();
    for segment in layout.segment_indices() {
        let sent = sent_segment(&file, segment.get());
        let proof = tree.proof(segment).unwrap();
        read.extend_from_slice(proof.check(tree.root(), layout, segment, &sent).unwrap());
    }
    assert!(read == file, "the segments are not the file");
}

#[test]
fn a_segment_is_refused_in_any_other_place() {
    let file = varied(5 * SEGMENT_BYTES, 2);
    let tree = SegmentTree::of(&file).unwrap();
    let layout = layout_of(&file);
    for segment in 0..5 {
        let sent = sent_segment(&file, segment);
        for place in (0..5).filter(|place| *place != segment) {
            let of_the_segment = tree.proof(index(segment)).unwrap();
            assert_eq!(
                of_the_segment.check(tree.root(), layout, index(place), &sent),
                Err(ProofError::Form),
                "segment {segment} at {place}"
            );
            let of_the_place = tree.proof(index(place)).unwrap();
            assert_eq!(
                of_the_place.check(tree.root(), layout, index(place), &sent),
                Err(ProofError::Content {
                    expected: tree.segment_root(index(place)).unwrap(),
                    found: tree.segment_root(index(segment)).unwrap(),
                }),
                "segment {segment} at {place}"
            );
        }
    }
}

#[test]
fn an_index_beyond_the_file_is_refused() {
    let (file, tree, layout) = two_segments();
    let proof = tree.proof(index(1)).unwrap();
    let sent = sent_segment(&file, 1);
    for place in [2, 3, u64::MAX] {
        let refusal = proof.check(tree.root(), layout, index(place), &sent);
        assert_eq!(
            refusal.unwrap_err().to_string(),
            format!("the file has 2 segments, and none with the index {place}")
        );
    }
}

#[test]
fn a_segment_of_another_length_is_refused() {
    let (file, tree, layout) = two_segments();
    let proof = tree.proof(index(1)).unwrap();
    let sent = sent_segment(&file, 1);
    for length in [0, 1, 256, 299, 300, 511, 513, 768] {
        let mut other = sent.clone();
        other.resize(length, 0);
        assert_eq!(
            proof.check(tree.root(), layout, index(1), &other),
            Err(ProofError::Length {
                expected: 512,
                found: length as u64
            })
        );
    }
}

#[test]
fn another_length_of_the_file_is_refused() {
    let (file, tree, layout) = two_segments();
    let proof = tree.proof(index(1)).unwrap();
    let sent = sent_segment(&file, 1);
    // Too short for its last bytes, which are then no padding.
    let shorter = Layout::of(layout.length() - 1).unwrap();
    assert_eq!(
        proof.check(tree.root(), shorter, index(1), &sent),
        Err(ProofError::AfterEnd)
    );
    // As many segments, but other padding.
    let longer = Layout::of(2 * SEGMENT_BYTES as u64).unwrap();
    let mut whole = sent;
    whole.resize(SEGMENT_BYTES, 0);
    assert!(matches!(
        proof.check(tree.root(), longer, index(1), &whole),
        Err(ProofError::Content { .. })
    ));
    // More segments.
    let longest = Layout::of(3 * SEGMENT_BYTES as u64).unwrap();
    assert_eq!(
        proof.check(tree.root(), longest, index(1), &whole),
        Err(ProofError::Form)
    );
}

#[test]
fn the_proof_of_another_file_is_refused() {
    let (file, tree, layout) = two_segments();
    let other = SegmentTree::of(&varied(file.len(), 99)).unwrap();
    for segment in 0..2 {
        let proof = other.proof(index(segment)).unwrap();
        let sent = sent_segment(&file, segment);
        assert_eq!(
            proof.check(tree.root(), layout, index(segment), &sent),
            Err(ProofError::OtherFile {
                found: other.root()
            })
        );
        // With the right root at its end it is no proof either.
        let mut lemma = proof.lemma().to_vec();
        *lemma.first_mut().unwrap() = tree.segment_root(index(segment)).unwrap();
        *lemma.last_mut().unwrap() = tree.root();
        let forged = SegmentProof::new(lemma, proof.path().to_vec());
        assert_eq!(
            forged.check(tree.root(), layout, index(segment), &sent),
            Err(ProofError::Broken)
        );
    }
}

#[test]
fn a_file_of_one_segment_is_its_own_proof() {
    let file = varied(700, 5);
    let tree = SegmentTree::of(&file).unwrap();
    let proof = tree.proof(index(0)).unwrap();
    assert_eq!(proof, SegmentProof::new(vec![tree.root()], Vec::new()));
    let sent = sent_segment(&file, 0);
    let layout = layout_of(&file);
    assert_eq!(
        proof.check(tree.root(), layout, index(0), &sent),
        Ok(&file[..])
    );
    let twice = SegmentProof::new(vec![tree.root(), tree.root()], Vec::new());
    let none = SegmentProof::new(Vec::new(), Vec::new());
    let with_path = SegmentProof::new(vec![tree.root()], vec![true]);
    for malformed in [twice, none, with_path] {
        assert_eq!(
            malformed.check(tree.root(), layout, index(0), &sent),
            Err(ProofError::Form)
        );
    }
}

#[test]
fn padding_that_is_hashed_as_anything_but_zeros_is_refused() {
    // Thirty-three segments, and three of padding alone, where somebody hid other bytes.
    let file = varied(33 * SEGMENT_BYTES, 6);
    let layout = layout_of(&file);
    for hidden_in in [33_usize, 35] {
        let mut padded = file.clone();
        padded.resize(36 * SEGMENT_BYTES, 0);
        padded[hidden_in * SEGMENT_BYTES] = 1;
        let dishonest = Naive::of_padded(&padded);
        let (siblings, path): (Vec<Root>, Vec<bool>) = dishonest.siblings(32).into_iter().unzip();
        let mut lemma = vec![dishonest.segments[32]];
        lemma.extend(siblings);
        lemma.push(dishonest.root);
        let proof = SegmentProof::new(lemma, path);
        assert_eq!(
            proof.check(dishonest.root, layout, index(32), &sent_segment(&file, 32)),
            Err(ProofError::Padding),
            "hidden in {hidden_in}"
        );
    }
}

#[test]
fn a_proof_is_written_as_the_storage_nodes_write_it() {
    let (_, tree, _) = two_segments();
    let proof = tree.proof(index(0)).unwrap();
    let written = serde_json::to_string(&proof).unwrap();
    let [first, second] = [0, 1].map(|segment| tree.segment_root(index(segment)).unwrap());
    let root = tree.root();
    assert_eq!(
        written,
        format!(r#"{{"lemma":["{first}","{second}","{root}"],"path":[true]}}"#)
    );
    assert_eq!(
        serde_json::from_str::<SegmentProof>(&written).unwrap(),
        proof
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn one_changed_bit_is_refused_wherever_it_stands(
        segments in 1_u64..6,
        missing in 0..SEGMENT_BYTES,
        place: prop::sample::Index,
        at: prop::sample::Index,
        bit in 0..8_u8,
    ) {
        let file = varied(segments as usize * SEGMENT_BYTES - missing, 7);
        let tree = SegmentTree::of(&file).unwrap();
        let layout = layout_of(&file);
        let place = index(place.index(segments as usize) as u64);
        let proof = tree.proof(place).unwrap();
        let sent = sent_segment(&file, place.get());
        prop_assert!(proof.check(tree.root(), layout, place, &sent).is_ok());

        let mut bytes = sent.clone();
        bytes[at.index(sent.len())] ^= 1 << bit;
        prop_assert!(proof.check(tree.root(), layout, place, &bytes).is_err());

        let mut lemma = proof.lemma().to_vec();
        let changed = at.index(lemma.len());
        let mut hash = *lemma[changed].bytes();
        hash[at.index(32)] ^= 1 << bit;
        lemma[changed] = Root::from_bytes(hash);
        let altered = SegmentProof::new(lemma, proof.path().to_vec());
        prop_assert!(altered.check(tree.root(), layout, place, &sent).is_err());

        let mut path = proof.path().to_vec();
        if !path.is_empty() {
            let changed = at.index(path.len());
            path[changed] = !path[changed];
            let altered = SegmentProof::new(proof.lemma().to_vec(), path);
            prop_assert_eq!(altered.check(tree.root(), layout, place, &sent), Err(ProofError::Form));
        }
    }

    #[test]
    fn invented_proofs_are_refused_and_break_nothing(
        length in 1..u64::MAX,
        place: u64,
        lemma in prop::collection::vec(any::<[u8; 32]>(), 0..8),
        path in prop::collection::vec(any::<bool>(), 0..8),
        segment in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let proof = SegmentProof::new(lemma.into_iter().map(Root::from_bytes).collect(), path);
        let root = proof.lemma().last().copied().unwrap_or(Root::from_bytes([0; 32]));
        for length in [length, length % 1_000 + 1] {
            let layout = Layout::of(length).unwrap();
            for place in [place, place % layout.segments()] {
                prop_assert!(proof.check(root, layout, index(place), &segment).is_err());
            }
        }
    }
}

/// A file of a whole segment and 300 bytes.
fn two_segments() -> (Vec<u8>, SegmentTree, Layout) {
    let file = varied(SEGMENT_BYTES + 300, 3);
    let tree = SegmentTree::of(&file).expect("the file has bytes");
    let layout = layout_of(&file);
    (file, tree, layout)
}
