//! What the Flow contract is told about a file.

use thiserror::Error;

use crate::keccak::keccak;
use crate::layout::{EmptyFile, Layout};
use crate::peaks::root_over;
use crate::root::{Root, Subtree};

/// Subtrees that are not those of a file with the stated length.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubmissionError {
    /// The stated length is 0.
    #[error(transparent)]
    EmptyFile(#[from] EmptyFile),
    /// Their heights are not those that the length leads to.
    #[error("a file of {length} bytes has subtrees of the heights {expected:?}, not {found:?}")]
    Heights {
        /// The stated length in bytes.
        length: u64,
        /// The heights that follow from it, from the highest.
        expected: Vec<u8>,
        /// The heights that were given.
        found: Vec<u8>,
    },
}

/// A file as the Flow contract takes it: its length, and the subtrees that its padded tree consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    layout: Layout,
    subtrees: Vec<Subtree>,
    root: Root,
}

impl Submission {
    /// A submission from its parts, as an event of the Flow contract states them.
    ///
    /// # Errors
    ///
    /// [`SubmissionError`] if no file of that length has such subtrees.
    pub fn from_parts(length: u64, subtrees: Vec<Subtree>) -> Result<Self, SubmissionError> {
        let layout = Layout::of(length)?;
        let heights = || subtrees.iter().map(|subtree| subtree.height);
        match root_over(&subtrees) {
            Some(root) if heights().eq(layout.heights()) => Ok(Self {
                layout,
                root,
                subtrees,
            }),
            _ => Err(SubmissionError::Heights {
                length,
                expected: layout.heights().collect(),
                found: heights().collect(),
            }),
        }
    }

    /// The root of the file.
    #[must_use]
    pub const fn root(&self) -> Root {
        self.root
    }

    /// The shape of the file's tree, with its length, segments and sectors.
    #[must_use]
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// The subtrees, from the highest: `nodes` in the contract's `SubmissionData`.
    #[must_use]
    pub fn subtrees(&self) -> &[Subtree] {
        &self.subtrees
    }

    /// The hash of the subtrees' roots: the topic `identity` of the contract's event `Submit`.
    #[must_use]
    pub fn identity(&self) -> [u8; 32] {
        let roots: Vec<u8> = self
            .subtrees
            .iter()
            .flat_map(|subtree| *subtree.root.bytes())
            .collect();
        *keccak(&roots).bytes()
    }
}
