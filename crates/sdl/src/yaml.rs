//! The document as a tree of nodes that remember their position in the text.
//!
//! One tree serves both dialects: a scalar keeps its text and style, and what that text *means*
//! (number, boolean, null…) is decided late, by [`scalar`], because the two references read the
//! same text differently. Aliases point at the node they name, so a tree never grows beyond its
//! text.

mod compose;
mod fast;
pub(crate) mod scalar;
mod tree;

pub(crate) use compose::{FaultKind, compose};
pub(crate) use fast::words::{Places, plain_prefix, same};
pub(crate) use tree::{Entry, Ref, Style, Tree};
