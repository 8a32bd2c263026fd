//! The proof that a segment belongs to a file.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::keccak::{keccak, parent};
use crate::layout::{ENTRY_BYTES, Layout, SegmentIndex};
use crate::peaks::{Peaks, root_of_zeros};
use crate::root::{Root, Subtree};

/// The reason why a segment is not proved to belong to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProofError {
    /// The file has no segment with this index.
    #[error("the file has {segments} segments, and none with the index {index}")]
    NoSuchSegment {
        /// The index that was asked for.
        index: SegmentIndex,
        /// The number of segments that the file has.
        segments: u64,
    },
    /// The segment is longer or shorter than its place in the file allows.
    #[error("the segment has {found} bytes instead of {expected}")]
    Length {
        /// The bytes of the segment's whole entries.
        expected: u64,
        /// The bytes that were given.
        found: u64,
    },
    /// Bytes after the end of the file are not zero.
    #[error("the bytes after the end of the file are not all zero")]
    AfterEnd,
    /// The proof has not the form that a proof for this place in such a file has.
    #[error("the proof is not for this segment of a file of this length")]
    Form,
    /// The proof leads to another root.
    #[error("the proof is for the file {found}")]
    OtherFile {
        /// The root that the proof ends in.
        found: Root,
    },
    /// The bytes are not those that the proof begins with.
    #[error("the bytes hash to {found}, and the proof begins with {expected}")]
    Content {
        /// The root of the segment according to the proof.
        expected: Root,
        /// The root of the bytes that were given.
        found: Root,
    },
    /// A part of the file that is padding alone is not hashed as zeros.
    #[error("the proof states other bytes than zeros for the padding of the file")]
    Padding,
    /// The hashes in the proof do not lead from the segment to the root.
    #[error("the hashes of the proof do not lead to the root")]
    Broken,
}

/// The proof that a segment belongs to a file. Its JSON is that of the storage nodes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentProof {
    lemma: Vec<Root>,
    path: Vec<bool>,
}

impl SegmentProof {
    /// A proof as it came from elsewhere, which [`SegmentProof::check`] tells right from wrong.
    #[must_use]
    pub const fn new(lemma: Vec<Root>, path: Vec<bool>) -> Self {
        Self { lemma, path }
    }

    /// The root of the segment, its siblings from the lowest, and the root of the file; for a file of one segment, its
    /// root alone.
    #[must_use]
    pub fn lemma(&self) -> &[Root] {
        &self.lemma
    }

    /// For each sibling in the lemma: true if it is the right one of its pair.
    #[must_use]
    pub fn path(&self) -> &[bool] {
        &self.path
    }

    /// Checks that `segment` is the segment `index` of the file with this root and layout, and returns those of its
    /// bytes that belong to the file.
    ///
    /// The segment is given as nodes exchange it: in whole entries, the last one filled with zero bytes. The root and
    /// the length have to come from where the file is known, not from whoever sent the segment.
    ///
    /// # Errors
    ///
    /// [`ProofError`], with the first check that fails.
    pub fn check<'a>(
        &self,
        root: Root,
        layout: Layout,
        index: SegmentIndex,
        segment: &'a [u8],
    ) -> Result<&'a [u8], ProofError> {
        let content = content_of(segment, layout, index)?;
        let siblings = self.siblings(root, layout, index)?;
        let leaf = segment_root(segment, layout, index);
        if self.lemma[0] != leaf {
            return Err(ProofError::Content {
                expected: self.lemma[0],
                found: leaf,
            });
        }
        let mut node = leaf;
        for (step, sibling) in layout.way_up(index).iter().zip(siblings) {
            let below = &step.sibling_segments;
            // A storage node refuses a file with anything else there, even if its root were right.
            if below.start >= layout.segments()
                && root_of_zeros(layout.entries_in(below)) != Some(*sibling)
            {
                return Err(ProofError::Padding);
            }
            node = if step.is_left {
                parent(&node, sibling)
            } else {
                parent(sibling, &node)
            };
        }
        if node == root {
            Ok(content)
        } else {
            Err(ProofError::Broken)
        }
    }

    /// The siblings in the lemma, if the proof has the form of one for this place and names this root.
    fn siblings(
        &self,
        root: Root,
        layout: Layout,
        index: SegmentIndex,
    ) -> Result<&[Root], ProofError> {
        let path: Vec<bool> = layout
            .way_up(index)
            .iter()
            .map(|step| step.is_left)
            .collect();
        let (last, siblings) = match self.lemma.as_slice() {
            [only] if path.is_empty() => (only, &[][..]),
            [_, siblings @ .., last] if !path.is_empty() => (last, siblings),
            _ => return Err(ProofError::Form),
        };
        if *last != root {
            return Err(ProofError::OtherFile { found: *last });
        }
        if self.path != path || siblings.len() != path.len() {
            return Err(ProofError::Form);
        }
        Ok(siblings)
    }
}

/// The bytes of a segment without the padding of its last entry, if it has the right length and padding.
fn content_of(segment: &[u8], layout: Layout, index: SegmentIndex) -> Result<&[u8], ProofError> {
    let range = layout
        .segment_range(index)
        .ok_or(ProofError::NoSuchSegment {
            index,
            segments: layout.segments(),
        })?;
    let length = range.end - range.start;
    let expected = length.next_multiple_of(ENTRY_BYTES as u64);
    let found = segment.len() as u64;
    if found != expected {
        return Err(ProofError::Length { expected, found });
    }
    // It fits: the length is at most that of the slice.
    let (content, rest) = segment.split_at(length as usize);
    if rest.iter().any(|byte| *byte != 0) {
        return Err(ProofError::AfterEnd);
    }
    Ok(content)
}

/// The root of a segment that has passed [`content_of`], with the entries of padding that follow it.
fn segment_root(segment: &[u8], layout: Layout, index: SegmentIndex) -> Root {
    let (entries, _) = segment.as_chunks::<ENTRY_BYTES>();
    let mut peaks = Peaks::default();
    for entry in entries {
        peaks.push(Subtree {
            root: keccak(entry),
            height: 0,
        });
    }
    let position = index.get();
    peaks.fill_up_to(layout.entries_in(&(position..position + 1)));
    peaks
        .root()
        .expect("a segment of a file has at least one entry")
}
