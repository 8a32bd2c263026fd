//! A tree that grows from left to right: of it remain only the roots of its complete parts.

use crate::keccak::{parent, zeros};
use crate::root::{Root, Subtree};

/// The roots of the complete subtrees of a growing tree, from the highest, and each lower than the one before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Peaks {
    subtrees: Vec<Subtree>,
    entries: u64,
}

impl Peaks {
    /// The number of leaves so far.
    pub(crate) const fn entries(&self) -> u64 {
        self.entries
    }

    /// Appends 2^height leaves by their root; the number of leaves before must be a multiple of as many.
    pub(crate) fn push(&mut self, mut subtree: Subtree) {
        debug_assert_eq!(self.entries % (1 << subtree.height), 0);
        self.entries += 1 << subtree.height;
        while let Some(left) = self
            .subtrees
            .pop_if(|previous| previous.height == subtree.height)
        {
            subtree = Subtree {
                root: parent(&left.root, &subtree.root),
                height: subtree.height + 1,
            };
        }
        self.subtrees.push(subtree);
    }

    /// Appends entries of zeros until there are this many leaves.
    pub(crate) fn fill_up_to(&mut self, entries: u64) {
        while self.entries < entries {
            let missing = (entries - self.entries).ilog2();
            let height = missing.min(self.entries.trailing_zeros()) as u8;
            self.push(Subtree {
                root: zeros(height),
                height,
            });
        }
    }

    /// The complete subtrees, from the highest.
    pub(crate) fn into_subtrees(self) -> Vec<Subtree> {
        self.subtrees
    }

    /// The root over all leaves; `None` while there are none.
    pub(crate) fn root(&self) -> Option<Root> {
        root_over(&self.subtrees)
    }
}

/// The root over subtrees that stand in a row, each lower than the one before; `None` if there are none.
pub(crate) fn root_over(subtrees: &[Subtree]) -> Option<Root> {
    // The last one moves up unchanged until it meets its neighbour, and so on leftwards.
    subtrees
        .iter()
        .map(|subtree| subtree.root)
        .rev()
        .reduce(|right, left| parent(&left, &right))
}

/// The root over this many entries of zeros; `None` for none.
pub(crate) fn root_of_zeros(entries: u64) -> Option<Root> {
    let mut peaks = Peaks::default();
    peaks.fill_up_to(entries);
    peaks.root()
}

#[cfg(test)]
mod tests {
    use super::{Peaks, root_of_zeros};
    use crate::keccak::zeros;
    use crate::root::Subtree;

    #[test]
    fn one_hash_is_kept_for_each_complete_part() {
        let mut peaks = Peaks::default();
        for entries in 1..=3000_u64 {
            peaks.push(Subtree {
                root: zeros(0),
                height: 0,
            });
            assert_eq!(peaks.entries(), entries);
            assert_eq!(peaks.subtrees.len() as u32, entries.count_ones());
        }
    }

    #[test]
    fn zeros_are_appended_in_the_largest_parts_that_fit() {
        let mut one_by_one = Peaks::default();
        for entries in 1..=200 {
            one_by_one.push(Subtree {
                root: zeros(0),
                height: 0,
            });
            assert_eq!(root_of_zeros(entries), one_by_one.root());
            let mut filled = one_by_one.clone();
            filled.fill_up_to(200);
            assert_eq!(filled.root(), root_of_zeros(200));
        }
        assert_eq!(root_of_zeros(0), None);
        assert_eq!(root_of_zeros(1 << 40), Some(zeros(40)));
    }
}
