//! How a file of some length is cut, padded and arranged: everything about its tree but the hashes.

use std::fmt;
use std::ops::Range;

use thiserror::Error;

/// The size of an entry, the unit that is hashed into a leaf and paid for; "sector" in the contract's prices.
pub const ENTRY_BYTES: usize = 256;

/// The number of entries in a whole segment.
pub const SEGMENT_ENTRIES: u64 = 1 << SEGMENT_HEIGHT;

/// The size of a whole segment, the unit that nodes store and send.
pub const SEGMENT_BYTES: usize = ENTRY_BYTES << SEGMENT_HEIGHT;

/// The number of levels between a whole segment's root and its leaves.
pub(crate) const SEGMENT_HEIGHT: u8 = 10;

/// A file without bytes: it has no root, and no node takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an empty file has no root")]
pub struct EmptyFile;

/// The position of a segment in its file, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentIndex(u64);

impl SegmentIndex {
    /// The segment with this position; whether a file has it, its [`Layout`] knows.
    #[must_use]
    pub const fn new(position: u64) -> Self {
        Self(position)
    }

    /// The position as a number, as nodes write it.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for SegmentIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The shape of a file's tree. It follows from the length alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layout {
    length: u64,
}

impl Layout {
    /// The layout of a file with this many bytes.
    ///
    /// # Errors
    ///
    /// [`EmptyFile`] where there are none.
    pub const fn of(length: u64) -> Result<Self, EmptyFile> {
        if length == 0 {
            return Err(EmptyFile);
        }
        Ok(Self { length })
    }

    /// The length of the file in bytes, without padding.
    #[must_use]
    pub const fn length(self) -> u64 {
        self.length
    }

    /// The number of entries that hold bytes of the file.
    #[must_use]
    pub const fn entries(self) -> u64 {
        self.length.div_ceil(ENTRY_BYTES as u64)
    }

    /// The number of entries with the padding: the leaves of the tree, and the sectors that the fee is for.
    #[must_use]
    pub const fn sectors(self) -> u64 {
        let entries = self.entries();
        let unit = entries.next_power_of_two() / 16;
        entries.next_multiple_of(if unit == 0 { 1 } else { unit })
    }

    /// The number of segments that hold bytes of the file. Segments of nothing but padding are never sent.
    #[must_use]
    pub const fn segments(self) -> u64 {
        self.entries().div_ceil(SEGMENT_ENTRIES)
    }

    /// The indices of these segments, in order.
    pub fn segment_indices(self) -> impl Iterator<Item = SegmentIndex> {
        (0..self.segments()).map(SegmentIndex)
    }

    /// The bytes of the file that a segment holds; `None` where the file has no such segment.
    #[must_use]
    pub fn segment_range(self, index: SegmentIndex) -> Option<Range<u64>> {
        if index.0 >= self.segments() {
            return None;
        }
        let start = index.0 * SEGMENT_BYTES as u64;
        let end = start.saturating_add(SEGMENT_BYTES as u64);
        Some(start..end.min(self.length))
    }

    /// The heights of the subtrees that a submission consists of, from the highest.
    pub fn heights(self) -> impl Iterator<Item = u8> {
        let sectors = self.sectors();
        (0..64_u8)
            .rev()
            .filter(move |height| sectors >> height & 1 == 1)
    }

    /// The number of segments with the padding: the leaves of the tree above the segments.
    pub(crate) const fn padded_segments(self) -> u64 {
        self.sectors().div_ceil(SEGMENT_ENTRIES)
    }

    /// The number of entries, padding included, in a range of segments.
    pub(crate) fn entries_in(self, segments: &Range<u64>) -> u64 {
        let end = (segments.end * SEGMENT_ENTRIES).min(self.sectors());
        end - segments.start * SEGMENT_ENTRIES
    }

    /// The way from a segment up to the root of the file.
    pub(crate) fn way_up(self, index: SegmentIndex) -> Vec<Step> {
        let all = self.padded_segments();
        let mut steps = Vec::new();
        let mut position = index.0;
        let mut level = 0;
        // The number of nodes at a level is that of the groups of 2^level segments.
        while all.div_ceil(1 << level) > 1 {
            let sibling = position ^ 1;
            let start = sibling << level;
            if start < all {
                steps.push(Step {
                    level,
                    sibling,
                    sibling_segments: start..all.min(start + (1 << level)),
                    is_left: position < sibling,
                });
            }
            position >>= 1;
            level += 1;
        }
        steps
    }
}

/// One pair on the way from a segment up to the root. A level where the node has no sibling is no step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The level of the pair: 0 for two segments.
    pub(crate) level: usize,
    /// The position of the sibling within its level.
    pub(crate) sibling: u64,
    /// The segments below the sibling, padding included.
    pub(crate) sibling_segments: Range<u64>,
    /// True if the node on the way is the left one of the pair.
    pub(crate) is_left: bool,
}

#[cfg(test)]
mod tests {
    use super::{EmptyFile, Layout, SEGMENT_BYTES, SegmentIndex};

    const SEGMENT: u64 = SEGMENT_BYTES as u64;

    #[test]
    fn a_file_is_padded_to_a_sixteenth_of_the_next_power_of_two() {
        for (entries, sectors) in [
            (1, 1),
            (3, 3),
            (16, 16),
            (17, 18),
            (33, 36),
            (1023, 1024),
            (1025, 1152),
            (16 * 1024 + 1, 18 * 1024),
            (32 * 1024 + 1, 36 * 1024),
        ] {
            assert_eq!(Layout::of(entries * 256).unwrap().sectors(), sectors);
            assert_eq!(Layout::of(entries * 256 - 255).unwrap().sectors(), sectors);
        }
        assert_eq!(Layout::of(0), Err(EmptyFile));
    }

    #[test]
    fn segments_cover_the_file_and_nothing_else() {
        for length in [1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 33 * SEGMENT + 5] {
            let layout = Layout::of(length).unwrap();
            let mut covered = 0;
            for index in layout.segment_indices() {
                let range = layout.segment_range(index).unwrap();
                assert_eq!(range.start, covered);
                covered = range.end;
            }
            assert_eq!(covered, length);
            let beyond = SegmentIndex::new(layout.segments());
            assert_eq!(layout.segment_range(beyond), None);
        }
    }

    #[test]
    fn segments_of_padding_alone_are_counted_apart() {
        let layout = Layout::of(33 * SEGMENT).unwrap();
        assert_eq!((layout.segments(), layout.padded_segments()), (33, 36));
    }

    #[test]
    fn the_largest_length_overflows_nothing() {
        let layout = Layout::of(u64::MAX).unwrap();
        assert_eq!(layout.sectors(), 1 << 56);
        assert_eq!(layout.heights().collect::<Vec<_>>(), [56]);
        let last = SegmentIndex::new(layout.segments() - 1);
        assert_eq!(layout.segment_range(last).unwrap().end, u64::MAX);
        assert_eq!(layout.way_up(last).len(), 46);
    }
}
