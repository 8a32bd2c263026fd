//! The Merkle root by which 0G Storage names a file, and the proofs that a segment belongs to it.
//!
//! A file is cut into *entries* of 256 bytes, and these into *segments* of 1,024 entries. The last entry is filled
//! with zero bytes, and entries of zeros follow until their number is a multiple of a sixteenth of the next power of
//! two ([`Layout`] computes it). The leaves of the tree are the Keccak-256 hashes of the entries; two neighbours are
//! hashed into their parent, and a last node without a neighbour moves up unchanged. An empty file has no root.
//!
//! - [`Hasher`] takes a file in pieces and keeps of it one entry and one hash for each level of the tree. It ends in a
//!   [`Submission`]: the root, and the subtrees that the Flow contract is given.
//! - [`SegmentTree`] also keeps a hash for each segment, and makes a [`SegmentProof`] for any of them.
//! - [`SegmentProof::check`] says whether a segment belongs to a file, from the file's root and length alone.
//!
//! A root does not say where a file ends: zero bytes at the end of a file hash like the padding that would stand in
//! their place. Whoever compares files by their roots must compare their lengths too.
//!
//! This crate does no I/O, and reads no clock: it runs in the browser as on the server. It knows neither the contract's
//! encoding nor the nodes' requests; what sends and receives belongs into the client.

mod hasher;
mod keccak;
mod layout;
mod peaks;
mod proof;
mod root;
mod submission;
mod tree;

pub use hasher::{Hasher, root_of};
pub use layout::{ENTRY_BYTES, EmptyFile, Layout, SEGMENT_BYTES, SEGMENT_ENTRIES, SegmentIndex};
pub use proof::{ProofError, SegmentProof};
pub use root::{Root, RootError, Subtree};
pub use submission::{Submission, SubmissionError};
pub use tree::{SegmentTree, SegmentTreeBuilder};
