//! Edits of nodes of the tree: replace, add, remove.

use super::{CannotEdit, Written};
use crate::diagnostic::Edit;
use crate::emit;
use crate::yaml::{Entry, Ref, Style};

/// Applies edits to a text. Edits that do not fit the text are skipped.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.from);
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for edit in sorted {
        let Some(kept) = text.get(at..edit.from).filter(|_| edit.to <= text.len()) else {
            continue;
        };
        out.push_str(kept);
        out.push_str(&edit.insert);
        at = edit.to.max(edit.from);
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Creates edits for one text.
#[derive(Debug)]
pub(super) struct Splicer<'t> {
    text: &'t str,
    line_end: &'static str,
}

impl<'t> Splicer<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        Self { text, line_end }
    }

    /// Replaces a scalar, keeping its quotes where they can hold the new text.
    pub(super) fn replace(&self, node: Ref<'_, '_>, text: &str, written: Written) -> Edit {
        let plain = match written {
            Written::Text => emit::text(text),
            Written::Number => text.to_owned(),
        };
        let span = node.span();
        let insert = match (node.style(), written) {
            // A value that is already the same keeps its notation.
            _ if node.scalar() == Some(text) => self.text[span.from..span.to].to_owned(),
            (Some(Style::DoubleQuoted), Written::Text) => emit::quoted(text),
            (Some(Style::SingleQuoted), Written::Text)
                if text.bytes().all(|byte| (b' '..0x7f).contains(&byte)) =>
            {
                format!("'{}'", text.replace('\'', "''"))
            }
            _ => plain,
        };
        Edit {
            from: span.from,
            to: span.to,
            insert,
        }
    }

    /// Sets the scalar of a key, adding the key where it is missing.
    pub(super) fn set(
        &self,
        mapping: Ref<'_, '_>,
        key: &str,
        text: &str,
        written: Written,
    ) -> Result<Vec<Edit>, CannotEdit> {
        let value = match written {
            Written::Text => emit::text(text),
            Written::Number => text.to_owned(),
        };
        match mapping.entry(key).filter(|entry| !entry.merged) {
            Some(entry) if entry.value.scalar().is_none() => {
                Err(CannotEdit::Unexpected(key.to_owned()))
            }
            Some(entry) if is_aliased(&entry) => Err(CannotEdit::Shared(key.to_owned())),
            Some(entry) if is_empty(entry.value) => {
                let at = self.after_colon(&entry)?;
                Ok(vec![insertion(at, format!(" {value}"))])
            }
            Some(entry) => Ok(vec![self.replace(entry.value, text, written)]),
            None => self.add(mapping, &[format!("{}: {value}", emit::text(key))]),
        }
    }

    /// Sets a key to a block of lines, replacing its value.
    pub(super) fn set_block(
        &self,
        mapping: Ref<'_, '_>,
        key: &str,
        lines: &[String],
    ) -> Result<Vec<Edit>, CannotEdit> {
        let mut block = vec![format!("{}:", emit::text(key))];
        block.extend(lines.iter().map(|line| format!("  {line}")));
        let Some(entry) = mapping.entry(key).filter(|entry| !entry.merged) else {
            return self.add(mapping, &block);
        };
        if is_aliased(&entry) {
            return Err(CannotEdit::Shared(key.to_owned()));
        }
        if self.is_flow(mapping) {
            return Err(CannotEdit::Unexpected(key.to_owned()));
        }
        let indent = " ".repeat(self.column(entry.key.span().from));
        let to = entry.value.span().to.max(entry.key.span().to);
        let to = self.text[to..]
            .find([':', '\n'])
            .filter(|_| is_empty(entry.value))
            .map_or(to, |colon| to + colon + 1);
        Ok(vec![Edit {
            from: entry.key.span().from,
            to,
            insert: block.join(&format!("{}{indent}", self.line_end)),
        }])
    }

    /// Adds a key with its value after the last key of a mapping.
    fn add(&self, mapping: Ref<'_, '_>, lines: &[String]) -> Result<Vec<Edit>, CannotEdit> {
        if self.is_flow(mapping) {
            let [line] = lines else {
                return Err(CannotEdit::Unexpected(lines[0].clone()));
            };
            return Ok(vec![self.add_to_flow(mapping, line)]);
        }
        let first = mapping
            .entries()
            .into_iter()
            .flatten()
            .find(|entry| !entry.merged)
            .ok_or_else(|| CannotEdit::Unexpected(lines[0].clone()))?;
        let column = self.column(first.key.span().from);
        Ok(vec![self.lines_after(mapping.span().to, column, lines)])
    }

    /// Adds an item after the last of the list at a key, creating the list where there is none.
    /// `lines` are the item's, without the dash; `flow` is the item in a flow list.
    pub(super) fn push(
        &self,
        mapping: Ref<'_, '_>,
        key: &str,
        lines: &[String],
        flow: &str,
    ) -> Result<Vec<Edit>, CannotEdit> {
        let item: Vec<String> = lines
            .iter()
            .enumerate()
            .map(|(at, line)| format!("{}{line}", if at == 0 { "- " } else { "  " }))
            .collect();
        let Some(entry) = mapping.entry(key).filter(|entry| !entry.merged) else {
            return self.set_block(mapping, key, &item);
        };
        if is_aliased(&entry) {
            return Err(CannotEdit::Shared(key.to_owned()));
        }
        if is_empty(entry.value) {
            return self.set_block(mapping, key, &item);
        }
        let list = entry.value;
        let Some(mut items) = list.items() else {
            return Err(CannotEdit::Unexpected(key.to_owned()));
        };
        if self.is_flow(list) {
            return Ok(vec![self.add_to_flow(list, flow)]);
        }
        let column = match items.next() {
            Some(_) => self.column(list.span().from),
            None => return Err(CannotEdit::Unexpected(key.to_owned())),
        };
        Ok(vec![self.lines_after(list.span().to, column, &item)])
    }

    /// Removes an item of the list at a key; when it is the last one, also the key.
    pub(super) fn remove_item(
        &self,
        mapping: Ref<'_, '_>,
        key: &str,
        index: usize,
    ) -> Result<Vec<Edit>, CannotEdit> {
        let entry = mapping
            .entry(key)
            .ok_or_else(|| CannotEdit::Missing(key.to_owned()))?;
        if entry.merged || is_aliased(&entry) {
            return Err(CannotEdit::Shared(key.to_owned()));
        }
        let items: Vec<Ref<'_, '_>> = entry.value.items().into_iter().flatten().collect();
        let item = items
            .get(index)
            .ok_or_else(|| CannotEdit::Missing(format!("{key}[{index}]")))?;
        if items.len() == 1 {
            return self.remove_entry(mapping, key);
        }
        let span = item.span();
        if self.is_flow(entry.value) {
            let edit = match items.get(index + 1) {
                Some(next) => removal(span.from, next.span().from),
                None => removal(items[index - 1].span().to, span.to),
            };
            return Ok(vec![edit]);
        }
        let dash = self.text[..span.from]
            .rfind('-')
            .ok_or_else(|| CannotEdit::Unexpected(key.to_owned()))?;
        if index == 0 && !self.text[self.line_start(dash)..dash].trim().is_empty() {
            // The first item shares its line with something else.
            return Err(CannotEdit::Unexpected(key.to_owned()));
        }
        Ok(vec![removal(self.line_start(dash), self.line_end(span.to))])
    }

    /// Removes a key with its value.
    pub(super) fn remove_entry(
        &self,
        mapping: Ref<'_, '_>,
        key: &str,
    ) -> Result<Vec<Edit>, CannotEdit> {
        let entries: Vec<Entry<'_, '_>> = mapping
            .entries()
            .into_iter()
            .flatten()
            .filter(|entry| !entry.merged)
            .collect();
        let index = entries
            .iter()
            .position(|entry| entry.key.scalar() == Some(key))
            .ok_or_else(|| CannotEdit::Missing(key.to_owned()))?;
        let entry = &entries[index];
        let end = if is_aliased(entry) {
            return Err(CannotEdit::Shared(key.to_owned()));
        } else {
            entry.value.span().to.max(entry.key.span().to)
        };
        let from = entry.key.span().from;
        if self.is_flow(mapping) {
            let edit = match (entries.get(index + 1), index.checked_sub(1)) {
                (Some(next), _) => removal(from, next.key.span().from),
                (None, Some(before)) => {
                    let before = entries[before].value.span().to;
                    removal(before, end)
                }
                (None, None) => removal(from, end),
            };
            return Ok(vec![edit]);
        }
        let start = self.line_start(from);
        if !self.text[start..from].trim().is_empty() {
            // The first key of a list item follows the dash.
            return match entries.get(index + 1) {
                Some(next) => Ok(vec![removal(from, next.key.span().from)]),
                None => Err(CannotEdit::Unexpected(key.to_owned())),
            };
        }
        Ok(vec![removal(start, self.line_end(end))])
    }

    fn is_flow(&self, node: Ref<'_, '_>) -> bool {
        self.text[node.span().from..].starts_with(['{', '['])
    }

    /// Inserts text after the last item of a flow collection.
    fn add_to_flow(&self, node: Ref<'_, '_>, item: &str) -> Edit {
        let close = node.span().to.saturating_sub(1);
        let inside = self.text[node.span().from + 1..close].trim_end();
        let at = node.span().from + 1 + inside.len();
        let comma = if inside.trim().is_empty() || inside.ends_with(',') {
            ""
        } else {
            ", "
        };
        insertion(at, format!("{comma}{item}"))
    }

    /// Inserts lines after the line that contains `offset`.
    fn lines_after(&self, offset: usize, column: usize, lines: &[String]) -> Edit {
        let indent = " ".repeat(column);
        let at = self.text[offset..]
            .find('\n')
            .map_or(self.text.len(), |end| offset + end + 1);
        let mut insert = String::new();
        if !self.text[..at].ends_with('\n') {
            insert.push_str(self.line_end);
        }
        for line in lines {
            insert.push_str(&indent);
            insert.push_str(line);
            insert.push_str(self.line_end);
        }
        insertion(at, insert)
    }

    fn after_colon(&self, entry: &Entry<'_, '_>) -> Result<usize, CannotEdit> {
        let end = entry.key.span().to;
        self.text[end..]
            .find(':')
            .map(|colon| end + colon + 1)
            .ok_or_else(|| CannotEdit::Unexpected("the key".to_owned()))
    }

    fn line_start(&self, offset: usize) -> usize {
        self.text[..offset].rfind('\n').map_or(0, |end| end + 1)
    }

    fn line_end(&self, offset: usize) -> usize {
        self.text[offset..]
            .find('\n')
            .map_or(self.text.len(), |end| offset + end + 1)
    }

    /// The column of an offset in characters, from 0.
    fn column(&self, offset: usize) -> usize {
        self.text[self.line_start(offset)..offset].chars().count()
    }
}

fn is_empty(node: Ref<'_, '_>) -> bool {
    node.span().from == node.span().to
}

/// Whether the value is an alias, written at its anchor elsewhere.
fn is_aliased(entry: &Entry<'_, '_>) -> bool {
    !is_empty(entry.value) && entry.value.span().from < entry.key.span().to
}

fn insertion(at: usize, insert: String) -> Edit {
    Edit {
        from: at,
        to: at,
        insert,
    }
}

fn removal(from: usize, to: usize) -> Edit {
    Edit {
        from,
        to,
        insert: String::new(),
    }
}
