//! Text from outside, parsed into the few kinds of content listed here, so that nothing in it can act.
//!
//! There is no markup, no image, and no address except those of web pages, each shown with its host.

use serde::{Deserialize, Serialize};

/// A block of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A heading; 1 is the highest.
    Heading {
        /// Level of the heading, from 1 to 6.
        level: u8,
        /// Words of the heading.
        text: Vec<Inline>,
    },
    /// A paragraph.
    Paragraph {
        /// Words of the paragraph.
        text: Vec<Inline>,
    },
    /// Preformatted text.
    Code {
        /// The text, lines and all.
        text: String,
    },
    /// A list.
    List {
        /// `true` if the order of the items has a meaning.
        ordered: bool,
        /// Items of the list, each made of blocks of its own.
        items: Vec<Vec<Block>>,
    },
    /// A table.
    Table {
        /// Header cells, one for each column.
        head: Vec<Vec<Inline>>,
        /// Rows, each with a cell for each column.
        rows: Vec<Vec<Vec<Inline>>>,
    },
    /// A quotation.
    Quote {
        /// Blocks that are quoted.
        blocks: Vec<Block>,
    },
}

/// An inline element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Inline {
    /// Plain words.
    Text {
        /// Words without any style.
        text: String,
    },
    /// Inline code.
    Code {
        /// Code as it was written.
        text: String,
    },
    /// Emphasised words.
    Strong {
        /// Words that are stressed.
        text: String,
    },
    /// A link to another web page.
    Link {
        /// Address of the page, `http:` or `https:`.
        url: String,
        /// Host of the page, shown beside the words, which may claim otherwise.
        host: String,
        /// Words of the link.
        text: String,
    },
}

impl Inline {
    /// The words without any style.
    #[must_use]
    pub fn words(&self) -> &str {
        match self {
            Self::Text { text }
            | Self::Code { text }
            | Self::Strong { text }
            | Self::Link { text, .. } => text,
        }
    }
}

/// The words of the first paragraph, cut to `most` characters.
#[must_use]
pub fn summary(blocks: &[Block], most: usize) -> Option<String> {
    let words = blocks.iter().find_map(|block| {
        let Block::Paragraph { text } = block else {
            return None;
        };
        let words: String = text.iter().map(Inline::words).collect();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        // Badges leave a few characters behind when their pictures are removed.
        (words.chars().count() > 12).then_some(words)
    })?;
    if words.chars().count() <= most {
        return Some(words);
    }
    let cut: String = words.chars().take(most.saturating_sub(1)).collect();
    let whole = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(whole, _)| whole);
    Some(format!("{whole}…"))
}

#[cfg(test)]
mod tests {
    use super::{Block, Inline, summary};

    fn paragraph(text: &str) -> Block {
        Block::Paragraph {
            text: vec![Inline::Text {
                text: text.to_owned(),
            }],
        }
    }

    #[test]
    fn a_summary_is_the_first_paragraph_that_says_something_cut_between_words() {
        let blocks = [
            Block::Code {
                text: "not this".to_owned(),
            },
            paragraph("badge"),
            paragraph("A blog engine\nwith   comments."),
        ];
        let whole = summary(&blocks, 80).unwrap();
        assert_eq!(whole, "A blog engine with comments.");
        assert_eq!(summary(&blocks, 20).unwrap(), "A blog engine with…");
        assert_eq!(summary(&[], 20), None);
    }
}
