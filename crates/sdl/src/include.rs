//! Files named under `include`, which no tool on Akash reads: finds their names, and writes their
//! content into the document, line by line, so that everything else stays as its author wrote it.

use crate::diagnostic::Findings;
use crate::parse::parse;
use crate::yaml::{Entry, Ref, Tree};

/// The deepest nesting at which mappings are merged.
const DEEPEST: usize = 8;

/// Reason why files cannot be written into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CannotInline {
    /// The text that names the files is not a document.
    UnreadableDocument,
    /// A file is not a mapping in YAML.
    UnreadableFile {
        /// Name of the file.
        file: String,
    },
    /// A file has an `include` of its own.
    IncludesFiles {
        /// Name of the file.
        file: String,
    },
    /// A key of a file is a list or a mapping.
    KeyNotAWord {
        /// Name of the file.
        file: String,
    },
    /// The document and a file set the same key.
    SetTwice {
        /// Path of the key.
        path: String,
        /// Name of the file.
        file: String,
    },
    /// A mapping of the document has no lines of its own to which those of a file could be added.
    DocumentNotInLines {
        /// Path of the mapping; empty for the whole document.
        path: String,
        /// Name of the file.
        file: String,
    },
    /// A key of a file does not begin its line.
    FileNotInLines {
        /// Path of the key.
        path: String,
        /// Name of the file.
        file: String,
    },
}

/// The files that a document names under `include`; as many as can be read from a broken one.
#[must_use]
pub fn includes(text: &str) -> Vec<String> {
    let tree = parse(text, &mut Findings::default());
    let named = tree.as_ref().and_then(Tree::root);
    let named = named.and_then(|root| root.get("include")?.items());
    let words = named.into_iter().flatten().filter_map(Ref::scalar);
    words.map(str::to_owned).collect()
}

/// The document with the content of `files` (name and text) written into it, and without its
/// `include`. Mappings that are in both are merged as long as no value is in both.
///
/// # Errors
/// If a file is not a mapping in block style, includes others itself, or sets something that the
/// document already sets.
pub fn inline(text: &str, files: &[(String, String)]) -> Result<String, CannotInline> {
    let mut whole = without_include(text)?;
    for (name, content) in files {
        if !includes(content).is_empty() {
            return Err(CannotInline::IncludesFiles { file: name.clone() });
        }
        whole = merged(&whole, name, content)?;
    }
    Ok(whole)
}

fn without_include(text: &str) -> Result<String, CannotInline> {
    let tree = read(text, None)?;
    let entries = own_entries(tree.root());
    let Some(at) = entries
        .iter()
        .position(|entry| entry.key.scalar() == Some("include"))
    else {
        return Ok(text.to_owned());
    };
    let (from, to) = lines_of(text, &entries, at);
    Ok(format!("{}{}", &text[..from], &text[to..]))
}

fn merged(text: &str, name: &str, content: &str) -> Result<String, CannotInline> {
    let (main, other) = (read(text, None)?, read(content, Some(name))?);
    let mut merge = Merge {
        text,
        content,
        name,
        insertions: Vec::new(),
    };
    if let (Some(main), Some(other)) = (main.root(), other.root()) {
        merge.put_together(main, other, "", 0)?;
    }
    let mut whole = text.to_owned();
    for (at, lines) in merge.insertions.into_iter().rev() {
        let lead = if at > 0 && !whole[..at].ends_with('\n') {
            "\n"
        } else {
            ""
        };
        whole.insert_str(at, &format!("{lead}{lines}"));
    }
    read(&whole, Some(name))?;
    Ok(whole)
}

struct Merge<'a> {
    text: &'a str,
    content: &'a str,
    name: &'a str,
    /// Places in the text and the lines that go there, in ascending order.
    insertions: Vec<(usize, String)>,
}

impl Merge<'_> {
    /// Adds the entries of `other` to those of `main`, a mapping at `path`.
    fn put_together(
        &mut self,
        main: Ref<'_, '_>,
        other: Ref<'_, '_>,
        path: &str,
        depth: usize,
    ) -> Result<(), CannotInline> {
        let (mine, theirs) = (own_entries(Some(main)), own_entries(Some(other)));
        let Some(indent) = mine.first().and_then(|entry| indent(self.text, entry)) else {
            return Err(CannotInline::DocumentNotInLines {
                path: path.to_owned(),
                file: self.name.to_owned(),
            });
        };
        let end = lines_of(self.text, &mine, mine.len() - 1).1;
        let mut added = String::new();
        for (at, entry) in theirs.iter().enumerate() {
            let Some(key) = entry.key.scalar() else {
                return Err(CannotInline::KeyNotAWord {
                    file: self.name.to_owned(),
                });
            };
            let place = if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            };
            match mine.iter().find(|entry| entry.key.scalar() == Some(key)) {
                Some(known)
                    if known.value.is_mapping() && entry.value.is_mapping() && depth < DEEPEST =>
                {
                    self.put_together(known.value, entry.value, &place, depth + 1)?;
                }
                Some(known)
                    if known
                        .value
                        .scalar()
                        .is_some_and(|is| entry.value.scalar() == Some(is)) => {}
                Some(_) => {
                    return Err(CannotInline::SetTwice {
                        path: place,
                        file: self.name.to_owned(),
                    });
                }
                None => {
                    let Some(was) = self::indent(self.content, entry) else {
                        return Err(CannotInline::FileNotInLines {
                            path: place,
                            file: self.name.to_owned(),
                        });
                    };
                    let (from, to) = lines_of(self.content, &theirs, at);
                    added.push_str(&moved(&self.content[from..to], was, indent));
                }
            }
        }
        if !added.is_empty() {
            self.insertions.push((end, added));
            self.insertions.sort_by_key(|(at, _)| *at);
        }
        Ok(())
    }
}

/// Reads a file by its name, or the document.
fn read<'t>(text: &'t str, file: Option<&str>) -> Result<Tree<'t>, CannotInline> {
    let tree = parse(text, &mut Findings::default());
    tree.filter(|tree| tree.root().is_some_and(Ref::is_mapping))
        .ok_or_else(|| match file {
            None => CannotInline::UnreadableDocument,
            Some(file) => CannotInline::UnreadableFile {
                file: file.to_owned(),
            },
        })
}

fn own_entries<'a, 't>(mapping: Option<Ref<'a, 't>>) -> Vec<Entry<'a, 't>> {
    let entries = mapping.and_then(Ref::entries).into_iter().flatten();
    entries.filter(|entry| !entry.merged).collect()
}

/// The spaces before an entry that begins its line; `None` if something else precedes it.
fn indent(text: &str, entry: &Entry<'_, '_>) -> Option<usize> {
    let at = entry.key.span().from;
    let before = &text[line_start(text, at)..at];
    before
        .bytes()
        .all(|byte| byte == b' ')
        .then_some(before.len())
}

/// The lines of an entry, from its key to its last; comments after them belong to the next entry.
fn lines_of(text: &str, entries: &[Entry<'_, '_>], at: usize) -> (usize, usize) {
    let from = line_start(text, entries[at].key.span().from);
    let mut to = match entries.get(at + 1) {
        Some(next) => line_start(text, next.key.span().from),
        None => {
            let span = entries[at].value.span();
            let end = span.to.max(entries[at].key.span().to).min(text.len());
            let said = text[..end].trim_end().len().max(from);
            text[said..]
                .find('\n')
                .map_or(text.len(), |more| said + more + 1)
        }
    };
    loop {
        let last = line_start(text, to.saturating_sub(1));
        let line = text[last..to].trim();
        if last <= from || !(line.is_empty() || line.starts_with('#')) {
            return (from, to);
        }
        to = last;
    }
}

fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Lines indented to another depth.
fn moved(lines: &str, was: usize, is: usize) -> String {
    let mut moved = String::new();
    for line in lines.lines() {
        if line.trim().is_empty() {
            moved.push('\n');
            continue;
        }
        let own = line.len() - line.trim_start_matches(' ').len();
        moved.push_str(&" ".repeat((own + is).saturating_sub(was.min(own))));
        moved.push_str(line.trim_start_matches(' '));
        moved.push('\n');
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::{includes, inline};

    const MAIN: &str = "version: \"2.0\"\ninclude:\n  - more.yaml\n# the front\nservices:\n  web:\n    image: a # mine\nprofiles:\n  compute:\n    web: {}\ndeployment:\n  web: {}";

    fn more(text: &str) -> Result<String, String> {
        inline(MAIN, &[("more.yaml".to_owned(), text.to_owned())])
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_a_file_holds_is_written_in_and_the_rest_stays() {
        assert_eq!(includes(MAIN), ["more.yaml"]);
        let whole = more("services:\n    db:\n        image: b\n\nprofiles:\n  compute:\n    db:\n      resources: {}\nendpoints:\n  x: {}\n").unwrap();
        let expected = "version: \"2.0\"\n# the front\nservices:\n  web:\n    image: a # mine\n  db:\n      image: b\nprofiles:\n  compute:\n    web: {}\n    db:\n      resources: {}\ndeployment:\n  web: {}\nendpoints:\n  x: {}\n";
        assert_eq!(whole, expected);
        assert!(includes(&whole).is_empty());
    }

    #[test]
    fn what_both_say_alike_is_said_once_and_what_they_say_otherwise_is_refused() {
        assert!(more("version: \"2.0\"\n").is_ok());
        for (text, says) in [
            (
                "services:\n  web:\n    image: b\n",
                "“services.web.image” stands in the document and in more.yaml.",
            ),
            (
                "include: [x.yaml]\n",
                "more.yaml includes other files itself.",
            ),
            ("- a\n", "more.yaml cannot be read as a document."),
            (
                "services: {db: {image: b}}\n",
                "“services.db” in more.yaml is not written in lines.",
            ),
            (
                "profiles:\n  compute:\n    web:\n      a: b\n",
                "“profiles.compute.web” is not written in lines: more.yaml cannot be put to it.",
            ),
        ] {
            assert_eq!(more(text).unwrap_err(), says, "{text}");
        }
    }
}
