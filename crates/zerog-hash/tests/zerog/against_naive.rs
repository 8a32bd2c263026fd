//! Both implementations agree for every size, however the file arrives.

use proptest::prelude::*;
use zerog_hash::{
    Hasher, Root, SEGMENT_BYTES, SegmentTree, SegmentTreeBuilder, Submission, SubmissionError,
};

use crate::files::{index, layout_of, varied};
use crate::naive::Naive;

/// The sizes next to every limit, and some far from all of them.
const SIZES: [usize; 20] = [
    1,
    255,
    256,
    257,
    16 * 256,
    16 * 256 + 1,
    17 * 256,
    33 * 256 + 3,
    SEGMENT_BYTES - 256,
    SEGMENT_BYTES - 1,
    SEGMENT_BYTES,
    SEGMENT_BYTES + 1,
    SEGMENT_BYTES + 300,
    2 * SEGMENT_BYTES,
    3 * SEGMENT_BYTES - 1,
    3 * SEGMENT_BYTES,
    3 * SEGMENT_BYTES + 257,
    5 * SEGMENT_BYTES + 1,
    9 * SEGMENT_BYTES + 70_000,
    // With three segments of padding alone.
    32 * SEGMENT_BYTES + 1,
];

fn agree(file: &[u8]) {
    let size = file.len();
    let naive = Naive::of(file);
    let tree = SegmentTree::of(file).expect("the file has bytes");
    assert_eq!(tree.root(), naive.root, "{size} bytes");
    let submission = tree.submission();
    assert_eq!(submission.layout(), layout_of(file));
    assert_eq!(submission.layout().sectors(), naive.sectors as u64);
    let nodes: Vec<(Root, u8)> = submission
        .subtrees()
        .iter()
        .map(|node| (node.root, node.height))
        .collect();
    assert_eq!(nodes, naive.nodes, "{size} bytes");
    for segment in layout_of(file).segment_indices() {
        let position = segment.get() as usize;
        assert_eq!(tree.segment_root(segment), Some(naive.segments[position]));
        let proof = tree.proof(segment).expect("a segment of the file");
        let (siblings, path): (Vec<Root>, Vec<bool>) = naive.siblings(position).into_iter().unzip();
        assert_eq!(proof.path(), path, "segment {segment} of {size} bytes");
        let mut lemma = vec![naive.segments[position]];
        if !siblings.is_empty() {
            lemma.extend(siblings);
            lemma.push(naive.root);
        }
        assert_eq!(proof.lemma(), lemma, "segment {segment} of {size} bytes");
    }
    let beyond = index(layout_of(file).segments());
    assert_eq!(tree.segment_root(beyond), None);
    assert_eq!(tree.proof(beyond), None);
}

#[test]
fn both_implementations_agree_next_to_every_limit() {
    for size in SIZES {
        agree(&varied(size, 1));
    }
}

#[test]
fn both_implementations_agree_for_every_number_of_entries_up_to_140() {
    for entries in 1..=140 {
        agree(&varied(entries * 256 - entries, 2));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn both_implementations_agree_for_any_size(size in 1..4 * SEGMENT_BYTES, seed: u64) {
        agree(&varied(size, seed));
    }

    #[test]
    fn the_pieces_in_which_a_file_arrives_make_no_difference(
        size in 1..3 * SEGMENT_BYTES,
        seed: u64,
        cuts in prop::collection::vec(0..3 * SEGMENT_BYTES, 0..12),
        tiny in 1_usize..700,
    ) {
        let file = varied(size, seed);
        let whole = SegmentTree::of(&file).unwrap();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(size)).collect();
        cuts.extend([0, size]);
        cuts.sort_unstable();
        let mut hasher = Hasher::new();
        for ends in cuts.windows(2) {
            hasher.update(&file[ends[0]..ends[1]]);
        }
        prop_assert_eq!(&hasher.finish().unwrap(), whole.submission());
        let mut builder = SegmentTreeBuilder::new();
        for piece in file.chunks(tiny) {
            builder.update(piece);
        }
        prop_assert_eq!(builder.finish().unwrap(), whole);
    }

    #[test]
    fn one_changed_byte_changes_the_root(size in 1..2 * SEGMENT_BYTES, seed: u64, at: prop::sample::Index, bit in 0..8_u8) {
        let mut file = varied(size, seed);
        let before = zerog_hash::root_of(&file).unwrap();
        file[at.index(size)] ^= 1 << bit;
        prop_assert_ne!(zerog_hash::root_of(&file).unwrap(), before);
    }
}

#[test]
fn a_submission_is_read_back_from_its_parts_and_from_no_others() {
    let file = varied(SEGMENT_BYTES + 1, 3);
    let tree = SegmentTree::of(&file).unwrap();
    let submission = tree.submission();
    let nodes = submission.subtrees().to_vec();
    let read = |length: usize, nodes| Submission::from_parts(length as u64, nodes);
    assert_eq!(read(file.len(), nodes.clone()).as_ref(), Ok(submission));
    let other_length = read(SEGMENT_BYTES, nodes.clone()).unwrap_err();
    assert_eq!(
        other_length.to_string(),
        "a file of 262144 bytes has subtrees of the heights [10], not [10, 7]"
    );
    let swapped = read(file.len(), nodes.iter().rev().copied().collect());
    assert!(matches!(swapped, Err(SubmissionError::Heights { .. })));
    assert!(matches!(
        read(file.len(), Vec::new()),
        Err(SubmissionError::Heights { .. })
    ));
    let empty = read(0, nodes).unwrap_err();
    assert_eq!(empty.to_string(), "an empty file has no root");
}

#[test]
fn zero_bytes_at_the_end_are_told_apart_by_the_length_alone() {
    let mut file = varied(300, 4);
    let short = SegmentTree::of(&file).unwrap();
    file.push(0);
    let long = SegmentTree::of(&file).unwrap();
    assert_eq!(short.root(), long.root());
    assert_ne!(short.submission(), long.submission());
}
