//! The tree against recorded roots, against a second implementation, and against whoever sends wrong segments.

mod against_naive;
mod files;
mod known;
mod naive;
mod proofs;
mod vectors;
