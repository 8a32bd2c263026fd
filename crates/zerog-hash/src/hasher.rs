//! Hashes a file that arrives in pieces.

use std::mem;

use crate::keccak::keccak;
use crate::layout::{ENTRY_BYTES, EmptyFile, Layout, SEGMENT_ENTRIES, SEGMENT_HEIGHT};
use crate::peaks::Peaks;
use crate::root::{Root, Subtree};
use crate::submission::Submission;

/// The root of a file that is in memory as a whole.
///
/// # Errors
///
/// [`EmptyFile`] if it has no bytes.
pub fn root_of(file: &[u8]) -> Result<Root, EmptyFile> {
    let mut hasher = Hasher::new();
    hasher.update(file);
    Ok(hasher.finish()?.root())
}

/// Hashes a file of any length, which need not be known before the end. How the file is cut into pieces makes no
/// difference.
///
/// Of the bytes it keeps at most one entry, and of the tree one hash for each level.
#[derive(Debug, Clone)]
pub struct Hasher {
    length: u64,
    /// The bytes of the entry that is not complete yet; the rest is left over from those before.
    entry: [u8; ENTRY_BYTES],
    /// The tree of the segment that is not complete yet.
    segment: Peaks,
    /// The tree of the complete segments.
    file: Peaks,
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

impl Hasher {
    /// A hasher that has seen nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            length: 0,
            entry: [0; ENTRY_BYTES],
            segment: Peaks::default(),
            file: Peaks::default(),
        }
    }

    /// Takes the next bytes of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        self.take(bytes, &mut |_| {});
    }

    /// The result for the bytes taken so far, as a whole file.
    ///
    /// # Errors
    ///
    /// [`EmptyFile`] if there were none.
    pub fn finish(self) -> Result<Submission, EmptyFile> {
        self.finish_with(&mut |_| {})
    }

    /// Takes the next bytes, and passes on the root of each segment that they complete.
    pub(crate) fn take(&mut self, bytes: &[u8], on_segment: &mut impl FnMut(Root)) {
        let held = self.held();
        self.length += bytes.len() as u64;
        if held + bytes.len() < ENTRY_BYTES {
            self.entry[held..held + bytes.len()].copy_from_slice(bytes);
            return;
        }
        let mut rest = bytes;
        if held > 0 {
            let (head, tail) = bytes.split_at(ENTRY_BYTES - held);
            self.entry[held..].copy_from_slice(head);
            self.push(keccak(&self.entry), on_segment);
            rest = tail;
        }
        let (entries, incomplete) = rest.as_chunks::<ENTRY_BYTES>();
        for entry in entries {
            self.push(keccak(entry), on_segment);
        }
        self.entry[..incomplete.len()].copy_from_slice(incomplete);
    }

    /// Finishes, and passes on the root of the last segment if it was not complete.
    pub(crate) fn finish_with(
        mut self,
        on_segment: &mut impl FnMut(Root),
    ) -> Result<Submission, EmptyFile> {
        let layout = Layout::of(self.length)?;
        let held = self.held();
        if held > 0 {
            self.entry[held..].fill(0);
            self.push(keccak(&self.entry), on_segment);
        }
        if self.segment.entries() > 0 {
            let free = layout.sectors() - self.file.entries();
            self.segment.fill_up_to(free.min(SEGMENT_ENTRIES));
            if let Some(root) = self.segment.root() {
                on_segment(root);
            }
            for subtree in self.segment.into_subtrees() {
                self.file.push(subtree);
            }
        }
        self.file.fill_up_to(layout.sectors());
        Ok(
            Submission::from_parts(layout.length(), self.file.into_subtrees()).expect(
                "the subtrees of a tree with the layout's sectors have the layout's heights",
            ),
        )
    }

    /// The number of bytes in the incomplete entry.
    const fn held(&self) -> usize {
        (self.length % ENTRY_BYTES as u64) as usize
    }

    /// Appends an entry by its hash.
    fn push(&mut self, leaf: Root, on_segment: &mut impl FnMut(Root)) {
        self.segment.push(Subtree {
            root: leaf,
            height: 0,
        });
        if self.segment.entries() < SEGMENT_ENTRIES {
            return;
        }
        for subtree in mem::take(&mut self.segment).into_subtrees() {
            debug_assert_eq!(subtree.height, SEGMENT_HEIGHT);
            on_segment(subtree.root);
            self.file.push(subtree);
        }
    }
}
