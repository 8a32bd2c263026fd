//! A second implementation, which holds the padded file as a whole and follows the description word by word.

use sha3::{Digest, Keccak256};
use zerog_hash::Root;

/// Everything that is known of a file.
#[derive(Debug)]
pub(crate) struct Naive {
    pub(crate) root: Root,
    pub(crate) sectors: usize,
    /// The roots of all segments, those of padding alone included.
    pub(crate) segments: Vec<Root>,
    /// The roots and heights of the submission's nodes.
    pub(crate) nodes: Vec<(Root, u8)>,
}

impl Naive {
    /// What is known of a file with at least one byte.
    pub(crate) fn of(file: &[u8]) -> Self {
        let chunks = file.len().div_ceil(256);
        let mut power = 1;
        while power < chunks {
            power *= 2;
        }
        let padded = if power == chunks {
            chunks
        } else {
            let unit = if power >= 16 { power / 16 } else { 1 };
            chunks.div_ceil(unit) * unit
        };
        let mut data = file.to_vec();
        data.resize(padded * 256, 0);
        Self::of_padded(&data)
    }

    /// The same of a file that is padded already.
    pub(crate) fn of_padded(data: &[u8]) -> Self {
        let sectors = data.len() / 256;
        let segments: Vec<Root> = data.chunks(1024 * 256).map(over_entries).collect();
        let mut nodes = Vec::new();
        let mut rest = data;
        for height in (0..32_u8).rev() {
            let size = 256 << height;
            if rest.len() >= size {
                nodes.push((over_entries(&rest[..size]), height));
                rest = &rest[size..];
            }
        }
        Self {
            root: over(segments.clone()),
            sectors,
            segments,
            nodes,
        }
    }

    /// The siblings of a segment from the lowest, each with whether it is the right one of its pair.
    pub(crate) fn siblings(&self, segment: usize) -> Vec<(Root, bool)> {
        let mut siblings = Vec::new();
        let mut level = self.segments.clone();
        let mut at = segment;
        while level.len() > 1 {
            if at % 2 == 1 {
                siblings.push((level[at - 1], false));
            } else if at + 1 < level.len() {
                siblings.push((level[at + 1], true));
            }
            level = above(&level);
            at /= 2;
        }
        siblings
    }
}

pub(crate) fn keccak(bytes: &[u8]) -> Root {
    Root::from_bytes(Keccak256::digest(bytes).into())
}

pub(crate) fn pair(left: Root, right: Root) -> Root {
    keccak(&[*left.bytes(), *right.bytes()].concat())
}

fn over_entries(data: &[u8]) -> Root {
    over(data.chunks(256).map(keccak).collect())
}

fn over(mut level: Vec<Root>) -> Root {
    while level.len() > 1 {
        level = above(&level);
    }
    level[0]
}

fn above(level: &[Root]) -> Vec<Root> {
    let mut next = Vec::new();
    for at in (0..level.len()).step_by(2) {
        if at + 1 < level.len() {
            next.push(pair(level[at], level[at + 1]));
        } else {
            next.push(level[at]);
        }
    }
    next
}
