//! Markdown from outside, reduced to the few elements that can be shown.
//!
//! Markup, images and addresses other than web addresses never get through. Overlong text is
//! truncated, and the truncation is indicated.

use domain::prose::{Block, Inline};
use pulldown_cmark::{Event, HeadingLevel, Options, Parser, Tag, TagEnd};

/// Length at which texts are truncated: nobody reads more before using a template.
const MOST_BYTES: usize = 48 * 1024;
/// Maximum number of parts; the rest is cut off.
const MOST_PARTS: usize = 1200;
/// Nesting depth below which lists and quotes are reduced to their words.
const DEEPEST: usize = 6;

/// Parses `markdown`.
pub(crate) fn read(markdown: &str) -> Vec<Block> {
    let mut end = markdown.len().min(MOST_BYTES);
    while !markdown.is_char_boundary(end) {
        end -= 1;
    }
    let mut reader = Reader {
        events: Parser::new_ext(&markdown[..end], Options::ENABLE_TABLES),
        left: MOST_PARTS,
    };
    let mut blocks = reader.blocks(0);
    if end < markdown.len() || reader.left == 0 {
        blocks.push(Block::Paragraph {
            text: vec![Inline::Text {
                text: "The text is longer than this: read the rest at its source.".to_owned(),
            }],
        });
    }
    blocks
}

struct Reader<'a> {
    events: Parser<'a>,
    left: usize,
}

impl<'a> Reader<'a> {
    /// Returns the next event, as long as there is room for its output.
    fn next(&mut self) -> Option<Event<'a>> {
        self.left = self.left.checked_sub(1)?;
        self.events.next()
    }

    /// Reads the blocks up to the end of the current element.
    fn blocks(&mut self, depth: usize) -> Vec<Block> {
        let mut blocks = Vec::new();
        // Words directly in a list item, without a paragraph around them.
        let mut loose = Line::default();
        while let Some(event) = self.next() {
            match event {
                Event::Start(tag) if is_inline(&tag) => {
                    self.inline(tag, &mut loose);
                }
                Event::Start(tag) => {
                    loose.flush_into(&mut blocks);
                    self.block(&tag, depth, &mut blocks);
                }
                Event::End(_) => break,
                other => loose.take(&other),
            }
        }
        loose.flush_into(&mut blocks);
        blocks
    }

    fn block(&mut self, tag: &Tag<'_>, depth: usize, blocks: &mut Vec<Block>) {
        match tag {
            Tag::Heading { level, .. } => {
                let text = self.line();
                if !text.is_empty() {
                    let level = level_number(*level);
                    blocks.push(Block::Heading { level, text });
                }
            }
            Tag::Paragraph => {
                let text = self.line();
                if !text.is_empty() {
                    blocks.push(Block::Paragraph { text });
                }
            }
            Tag::CodeBlock(_) => {
                let text = self.words();
                blocks.push(Block::Code { text });
            }
            Tag::List(first) if depth < DEEPEST => {
                let items = self.items(depth + 1);
                let ordered = first.is_some();
                blocks.push(Block::List { ordered, items });
            }
            Tag::Table(_) => {
                let mut rows = self.rows().into_iter();
                if let Some(head) = rows.next() {
                    let rows = rows.collect();
                    blocks.push(Block::Table { head, rows });
                }
            }
            Tag::BlockQuote(_) if depth < DEEPEST => {
                let inside = self.blocks(depth + 1);
                blocks.push(Block::Quote { blocks: inside });
            }
            // Markup of any kind is skipped, along with its content.
            Tag::HtmlBlock | Tag::MetadataBlock(_) => {
                self.words();
            }
            _ => blocks.extend(self.blocks(depth)),
        }
    }

    fn items(&mut self, depth: usize) -> Vec<Vec<Block>> {
        let mut items = Vec::new();
        while let Some(event) = self.next() {
            match event {
                Event::Start(Tag::Item) => items.push(self.blocks(depth)),
                Event::End(TagEnd::List(_)) => break,
                _ => {}
            }
        }
        items
    }

    /// Reads the rows of a table, including its header.
    fn rows(&mut self) -> Vec<Vec<Vec<Inline>>> {
        let mut rows = Vec::new();
        while let Some(event) = self.next() {
            match event {
                Event::Start(Tag::TableHead | Tag::TableRow) => rows.push(self.cells()),
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        rows
    }

    fn cells(&mut self) -> Vec<Vec<Inline>> {
        let mut cells = Vec::new();
        while let Some(event) = self.next() {
            match event {
                Event::Start(Tag::TableCell) => cells.push(self.line()),
                Event::End(TagEnd::TableHead | TagEnd::TableRow) => break,
                _ => {}
            }
        }
        cells
    }

    /// Reads the words of a paragraph, heading or cell, up to its end.
    fn line(&mut self) -> Vec<Inline> {
        let mut line = Line::default();
        while let Some(event) = self.next() {
            match event {
                Event::Start(tag) => self.inline(tag, &mut line),
                Event::End(_) => break,
                other => line.take(&other),
            }
        }
        line.trimmed()
    }

    fn inline(&mut self, tag: Tag<'_>, line: &mut Line) {
        match tag {
            Tag::Link { dest_url, .. } => {
                let text = self.words();
                match host_of(&dest_url) {
                    Some(host) if !text.trim().is_empty() => line.parts.push(Inline::Link {
                        host: host.to_owned(),
                        url: dest_url.into_string(),
                        text,
                    }),
                    _ => line.push_text(&text),
                }
            }
            // An image would be fetched from an unknown place: its alternative text is shown
            // instead.
            Tag::Image { .. } => {
                let text = self.words();
                if !text.trim().is_empty() {
                    line.push_text(&format!("[picture: {}]", text.trim()));
                }
            }
            Tag::Strong | Tag::Emphasis => {
                let text = self.words();
                line.parts.push(Inline::Strong { text });
            }
            _ => {
                let text = self.words();
                line.push_text(&text);
            }
        }
    }

    /// Reads the plain words up to the end of the current element, however nested.
    fn words(&mut self) -> String {
        let mut words = String::new();
        let mut depth = 0_usize;
        while let Some(event) = self.next() {
            match event {
                Event::Start(_) => depth += 1,
                Event::End(_) if depth == 0 => break,
                Event::End(_) => depth -= 1,
                Event::Text(text) | Event::Code(text) => words.push_str(&text),
                Event::SoftBreak | Event::HardBreak => words.push(' '),
                _ => {}
            }
        }
        words
    }
}

/// A line that is being assembled.
#[derive(Default)]
struct Line {
    parts: Vec<Inline>,
}

impl Line {
    fn take(&mut self, event: &Event<'_>) {
        match event {
            Event::Text(text) => self.push_text(text),
            Event::Code(text) => self.parts.push(Inline::Code {
                text: text.to_string(),
            }),
            Event::SoftBreak | Event::HardBreak => self.push_text(" "),
            // Markup, rules and everything else do not belong in a line.
            _ => {}
        }
    }

    fn push_text(&mut self, more: &str) {
        match self.parts.last_mut() {
            Some(Inline::Text { text }) => text.push_str(more),
            _ => self.parts.push(Inline::Text {
                text: more.to_owned(),
            }),
        }
    }

    /// Returns the parts, unless they contain nothing to read.
    fn trimmed(self) -> Vec<Inline> {
        let says = self
            .parts
            .iter()
            .any(|part| !part.words().trim().is_empty());
        if says { self.parts } else { Vec::new() }
    }

    fn flush_into(&mut self, blocks: &mut Vec<Block>) {
        let text = std::mem::take(self).trimmed();
        if !text.is_empty() {
            blocks.push(Block::Paragraph { text });
        }
    }
}

const fn is_inline(tag: &Tag<'_>) -> bool {
    matches!(
        tag,
        Tag::Link { .. } | Tag::Image { .. } | Tag::Strong | Tag::Emphasis | Tag::Strikethrough
    )
}

const fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Returns the host of a web address; `None` for every other kind of address, for one with a user
/// name and password, and for one whose host only looks like another's.
fn host_of(url: &str) -> Option<&str> {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let host = rest.split(['/', '?', '#']).next()?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
    let clean = url.bytes().all(|byte| byte.is_ascii_graphic());
    (clean && !host.is_empty() && host.chars().all(is_plain)).then_some(host)
}

#[cfg(test)]
mod tests {
    use domain::prose::{Block, Inline};

    use super::{MOST_PARTS, read};

    fn paragraph(parts: &[Inline]) -> Block {
        Block::Paragraph {
            text: parts.to_vec(),
        }
    }

    fn text(text: &str) -> Inline {
        Inline::Text {
            text: text.to_owned(),
        }
    }

    #[test]
    fn headings_lists_code_and_links_come_out_as_parts() {
        let read = read(
            "# Ghost\n\nA *blog* with `ghost`, see [docs](https://ghost.example/docs).\n\n\
             1. one\n2. two\n   - inner\n\n```sh\nrun <it>\n```\n\n> said\n",
        );
        assert_eq!(
            read[0],
            Block::Heading {
                level: 1,
                text: vec![text("Ghost")]
            }
        );
        let link = Inline::Link {
            url: "https://ghost.example/docs".to_owned(),
            host: "ghost.example".to_owned(),
            text: "docs".to_owned(),
        };
        let Block::Paragraph { text: parts } = &read[1] else {
            panic!("{read:?}");
        };
        assert!(parts.contains(&link), "{parts:?}");
        let Block::List { ordered, items } = &read[2] else {
            panic!("{read:?}");
        };
        assert!(*ordered);
        assert_eq!(items[0], [paragraph(&[text("one")])]);
        assert!(matches!(
            items[1].as_slice(),
            [_, Block::List { ordered: false, .. }]
        ));
        let code = "run <it>\n".to_owned();
        assert_eq!(read[3], Block::Code { text: code });
        let said = vec![paragraph(&[text("said")])];
        assert_eq!(read[4], Block::Quote { blocks: said });
    }

    #[test]
    fn markup_pictures_and_other_addresses_leave_their_words_at_most() {
        for (hostile, left) in [
            ("<script>alert(1)</script>", None),
            ("<img src=x onerror=alert(1)>", None),
            ("a <b onclick=x>b</b>", Some("a b")),
            ("[go](javascript:alert(1))", Some("go")),
            ("[go](JaVaScRiPt:alert(1))", Some("go")),
            ("[go](data:text/html,x)", Some("go")),
            ("[go](https://bank.example@evil.example/)", Some("go")),
            ("[go](https://b\u{430}nk.example/)", Some("go")),
            ("[go](//evil.example)", Some("go")),
            ("[go](/api/sign_out)", Some("go")),
            (
                "![track](https://evil.example/p.png)",
                Some("[picture: track]"),
            ),
            ("![](https://evil.example/p.png)", None),
        ] {
            let blocks = read(hostile);
            let words: String = blocks
                .iter()
                .flat_map(|block| match block {
                    Block::Paragraph { text } => text.as_slice(),
                    other => panic!("{other:?}"),
                })
                .map(Inline::words)
                .collect();
            assert_eq!(words, left.unwrap_or_default(), "{hostile}");
            let json = serde_json::to_string(&blocks).unwrap();
            assert!(!json.contains("\"link\""), "{hostile}: {json}");
        }
    }

    #[test]
    fn a_table_comes_out_as_cells_without_markup() {
        let blocks = read(
            "| name | meaning |\n|---|:-:|\n| `PORT` | a <b>number</b> |\n\
             | HOST | [x](javascript:1) |\n| alone |\n\nafter",
        );
        let Block::Table { head, rows } = &blocks[0] else {
            panic!("{blocks:?}");
        };
        assert_eq!(head, &[vec![text("name")], vec![text("meaning")]]);
        let code = Inline::Code {
            text: "PORT".to_owned(),
        };
        assert_eq!(rows[0], [vec![code], vec![text("a number")]]);
        assert_eq!(rows[1], [vec![text("HOST")], vec![text("x")]]);
        assert_eq!(rows[2], [vec![text("alone")], vec![]]);
        assert_eq!(blocks[1], paragraph(&[text("after")]));
    }

    #[test]
    fn a_text_without_end_or_bottom_is_cut_off_and_says_so() {
        let long = "word\n\n".repeat(MOST_PARTS);
        let said = "The text is longer than this: read the rest at its source.";
        assert_eq!(read(&long).last(), Some(&paragraph(&[text(said)])));
        let deep = "> ".repeat(4000) + "bottom";
        assert!(read(&deep).len() < 10);
        let nested = "- a\n".to_owned() + &"  - b\n".repeat(10);
        assert!(!read(&nested).is_empty());
    }
}
