//! Files to hash.

use zerog_hash::{Layout, SEGMENT_BYTES, SegmentIndex};

/// The file that the recorded roots are of. Its entries are all alike, and so are its segments.
pub(crate) fn recorded(size: usize) -> Vec<u8> {
    (0..size).map(|at| (at * 31 + 7) as u8).collect()
}

/// A file in which no two entries are alike, and another one for each seed.
pub(crate) fn varied(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let words = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state ^ (state >> 29)).to_be_bytes()
    });
    words.flatten().take(size).collect()
}

/// A segment of a file as nodes exchange it: in whole entries.
pub(crate) fn sent_segment(file: &[u8], index: u64) -> Vec<u8> {
    let start = index as usize * SEGMENT_BYTES;
    let end = file.len().min(start + SEGMENT_BYTES);
    let mut segment = file[start..end].to_vec();
    segment.resize(segment.len().next_multiple_of(256), 0);
    segment
}

pub(crate) fn layout_of(file: &[u8]) -> Layout {
    Layout::of(file.len() as u64).expect("the file has bytes")
}

pub(crate) fn index(position: u64) -> SegmentIndex {
    SegmentIndex::new(position)
}
