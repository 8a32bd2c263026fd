//! The tree above a file's segments, kept so that proofs can be made from it.

use crate::hasher::Hasher;
use crate::keccak::parent;
use crate::layout::{EmptyFile, SegmentIndex};
use crate::peaks::root_of_zeros;
use crate::proof::SegmentProof;
use crate::root::Root;
use crate::submission::Submission;

/// Makes a [`SegmentTree`] of a file that arrives in pieces.
#[derive(Debug, Clone, Default)]
pub struct SegmentTreeBuilder {
    hasher: Hasher,
    segments: Vec<Root>,
}

impl SegmentTreeBuilder {
    /// A builder that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        self.hasher
            .take(bytes, &mut |segment| self.segments.push(segment));
    }

    /// The tree over the bytes taken so far, as a whole file.
    ///
    /// # Errors
    ///
    /// [`EmptyFile`] if there were none.
    pub fn finish(self) -> Result<SegmentTree, EmptyFile> {
        let Self {
            hasher,
            mut segments,
        } = self;
        let submission = hasher.finish_with(&mut |segment| segments.push(segment))?;
        let layout = submission.layout();
        segments.extend(
            (layout.segments()..layout.padded_segments())
                .filter_map(|padding| root_of_zeros(layout.entries_in(&(padding..padding + 1)))),
        );
        Ok(SegmentTree {
            submission,
            levels: levels_above(segments),
        })
    }
}

/// The tree of a file from its segments upwards: about 64 bytes for each segment of 256 KiB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentTree {
    submission: Submission,
    /// The nodes of each level, from the segments, padding included, up to the root alone.
    levels: Vec<Vec<Root>>,
}

impl SegmentTree {
    /// The tree of a file that is in memory as a whole.
    ///
    /// # Errors
    ///
    /// [`EmptyFile`] if it has no bytes.
    pub fn of(file: &[u8]) -> Result<Self, EmptyFile> {
        let mut builder = SegmentTreeBuilder::new();
        builder.update(file);
        builder.finish()
    }

    /// The root of the file.
    #[must_use]
    pub const fn root(&self) -> Root {
        self.submission.root()
    }

    /// What the Flow contract is told about the file.
    #[must_use]
    pub const fn submission(&self) -> &Submission {
        &self.submission
    }

    /// The root of one segment; `None` where the file has no such segment.
    #[must_use]
    pub fn segment_root(&self, index: SegmentIndex) -> Option<Root> {
        self.submission.layout().segment_range(index)?;
        self.node(0, index.get())
    }

    /// The proof that a segment belongs to the file; `None` where the file has no such segment.
    #[must_use]
    pub fn proof(&self, index: SegmentIndex) -> Option<SegmentProof> {
        let mut lemma = vec![self.segment_root(index)?];
        let mut path = Vec::new();
        for step in self.submission.layout().way_up(index) {
            lemma.push(self.node(step.level, step.sibling)?);
            path.push(step.is_left);
        }
        // The root of a single segment is that of the file, and stands in the list once.
        if !path.is_empty() {
            lemma.push(self.root());
        }
        Some(SegmentProof::new(lemma, path))
    }

    fn node(&self, level: usize, position: u64) -> Option<Root> {
        let nodes = self.levels.get(level)?;
        nodes.get(usize::try_from(position).ok()?).copied()
    }
}

/// These nodes and the levels above them.
fn levels_above(lowest: Vec<Root>) -> Vec<Vec<Root>> {
    let mut levels = vec![lowest];
    while let Some(below) = levels.last()
        && below.len() > 1
    {
        let nodes = below
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => parent(left, right),
                alone => alone[0],
            })
            .collect();
        levels.push(nodes);
    }
    levels
}
