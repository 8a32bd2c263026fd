//! The modules of a crate, parsed from its sources: what each defines and imports, and which paths it names.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Returns the text of a file by its name.
type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Names of a path, first to last.
pub(super) type Path = Vec<String>;

/// Keywords followed by the name that they define.
const DEFINITIONS: [&str; 7] = ["fn", "struct", "enum", "trait", "type", "const", "static"];

/// Keywords of items that end with a semicolon.
const ENDED_BY_SEMICOLON: [&str; 5] = ["use", "const", "static", "type", "let"];

/// Keywords of items that end with a block or a semicolon.
const ENDED_BY_BLOCK: [&str; 7] = [
    "fn",
    "struct",
    "enum",
    "trait",
    "impl",
    "mod",
    "macro_rules",
];

/// A module: a file, or a block inside one.
#[derive(Debug, Default)]
pub(super) struct Module {
    /// Names from the crate's root to the module; empty for the root.
    pub(super) path: Path,
    /// File that contains the module, relative to the workspace's root.
    pub(super) file: String,
    /// Names that the module itself defines, other than modules.
    pub(super) items: BTreeSet<String>,
    /// Paths of its imports, by their names in the module.
    pub(super) imports: BTreeMap<String, Path>,
    /// Modules from which it imports every name.
    pub(super) globs: Vec<Path>,
    /// Every path of two or more names in it, including those of its imports.
    pub(super) paths: BTreeSet<Path>,
}

/// Modules of one crate, by path, without those for tests only.
#[derive(Debug, Default)]
pub(super) struct Modules {
    by_path: BTreeMap<Path, Module>,
}

impl Modules {
    /// Reads the crate whose root is this file.
    pub(super) fn read(root: &str, read: Read<'_>) -> Result<Self> {
        let text = read(root).with_context(|| format!("could not read {root}"))?;
        let folder = root.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut modules = Self::default();
        let module = Module {
            file: root.to_owned(),
            ..Module::default()
        };
        modules.add_file(module, &text, folder, read)?;
        Ok(modules)
    }

    /// Returns the module at this path.
    pub(super) fn at(&self, path: &[String]) -> Option<&Module> {
        self.by_path.get(path)
    }

    /// Returns all modules.
    pub(super) fn all(&self) -> impl Iterator<Item = &Module> {
        self.by_path.values()
    }

    /// Returns the path of the module that is the whole of this file.
    pub(super) fn path_of_file(&self, file: &str) -> Option<&Path> {
        let mut paths = self
            .by_path
            .iter()
            .filter(|(_, module)| module.file == file);
        // A path sorts before those that begin with it.
        paths.next().map(|(path, _)| path)
    }

    fn add_file(&mut self, module: Module, text: &str, folder: &str, read: Read<'_>) -> Result<()> {
        let tokens: TokenStream = text
            .parse()
            .map_err(|error| anyhow!("could not read {}: {error}", module.file))?;
        self.add(module, tokens, folder, read)
    }

    fn add(
        &mut self,
        module: Module,
        tokens: TokenStream,
        folder: &str,
        read: Read<'_>,
    ) -> Result<()> {
        let mut reader = Reader {
            module,
            children: Vec::new(),
        };
        reader.read(tokens, Place::Module);
        let Reader { module, children } = reader;
        for (name, block) in children {
            let mut path = module.path.clone();
            path.push(name.clone());
            let inner = format!("{folder}/{name}");
            let child = |file: String| Module {
                path,
                file,
                ..Module::default()
            };
            if let Some(block) = block {
                self.add(child(module.file.clone()), block, &inner, read)?;
            } else {
                let (file, text) = [format!("{inner}.rs"), format!("{inner}/mod.rs")]
                    .into_iter()
                    .find_map(|file| read(&file).map(|text| (file, text)))
                    .with_context(|| format!("no file for the module {name} of {}", module.file))?;
                self.add_file(child(file), &text, &inner, read)?;
            }
        }
        self.by_path.insert(module.path.clone(), module);
        Ok(())
    }
}

/// Position of tokens: only those directly in a module define names of that module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Module,
    Inside,
}

/// Reads the tokens of one module.
struct Reader {
    module: Module,
    /// Modules in it, each with its tokens if it is a block rather than a file.
    children: Vec<(String, Option<TokenStream>)>,
}

impl Reader {
    fn read(&mut self, tokens: TokenStream, place: Place) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at += self.read_next(&tokens[at..], place);
        }
    }

    /// Reads the item that these tokens begin with; returns how many tokens it had.
    fn read_next(&mut self, tokens: &[TokenTree], place: Place) -> usize {
        if let Some((length, attribute)) = attribute(tokens) {
            if is_for_tests(attribute) {
                return length + length_of_item(&tokens[length..]);
            }
            self.read_attribute(attribute);
            return length;
        }
        match &tokens[0] {
            TokenTree::Group(group) => {
                self.read(group.stream(), Place::Inside);
                1
            }
            TokenTree::Ident(word) => self.read_word(&word.to_string(), tokens, place),
            // What follows `::` belongs to the preceding type or crate.
            TokenTree::Punct(_) if are_colons(tokens) => 2 + length_of_path(&path_at(&tokens[2..])),
            TokenTree::Punct(_) | TokenTree::Literal(_) => 1,
        }
    }

    fn read_word(&mut self, word: &str, tokens: &[TokenTree], place: Place) -> usize {
        if word == "use" && !is_punct(tokens.get(1), '<') {
            let length = length_of_item(tokens);
            self.read_imports(&Vec::new(), &tokens[1..length.saturating_sub(1).max(1)]);
            return length;
        }
        if word == "mod"
            && let Some(name) = word_of(tokens.get(1))
        {
            let block = match tokens.get(2) {
                Some(TokenTree::Group(block)) => Some(block.stream()),
                _ => None,
            };
            self.children.push((name, block));
            return 3;
        }
        let path = path_at(tokens);
        if path.len() > 1 {
            let length = length_of_path(&path);
            self.module.paths.insert(path);
            return length;
        }
        if place == Place::Module {
            self.read_definition(word, tokens);
        }
        1
    }

    /// Records the name that is defined here, if any.
    fn read_definition(&mut self, word: &str, tokens: &[TokenTree]) {
        let name = if DEFINITIONS.contains(&word) {
            tokens.get(1)
        } else if word == "macro_rules" && is_punct(tokens.get(1), '!') {
            tokens.get(2)
        } else {
            None
        };
        // In `const fn`, the second keyword is the one followed by the name.
        if let Some(name) = word_of(name)
            && name != "fn"
        {
            self.module.items.insert(name);
        }
    }

    /// Reads what follows `use`, up to its semicolon, or a part of it below a path.
    fn read_imports(&mut self, above: &Path, tokens: &[TokenTree]) {
        let mut path = above.clone();
        let mut renamed = None;
        let mut rest = tokens;
        while let [token, after @ ..] = rest {
            rest = after;
            match token {
                TokenTree::Ident(word) if word == "as" => {
                    renamed = word_of(rest.first());
                    break;
                }
                TokenTree::Ident(word) => path.push(word.to_string()),
                TokenTree::Punct(punct) if punct.as_char() == '*' => {
                    self.module.globs.push(path);
                    return;
                }
                TokenTree::Group(group) => {
                    let parts: Vec<TokenTree> = group.stream().into_iter().collect();
                    for part in parts.split(|token| is_punct(Some(token), ',')) {
                        if !part.is_empty() {
                            self.read_imports(&path, part);
                        }
                    }
                    return;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
        if path.len() > 1 && path.last().is_some_and(|name| name == "self") {
            path.pop();
        }
        let Some(name) = renamed.or_else(|| path.last().cloned()) else {
            return;
        };
        self.module.paths.insert(path.clone());
        if name != "_" {
            self.module.imports.insert(name, path);
        }
    }

    /// Reads an attribute, because Serde takes paths as text.
    fn read_attribute(&mut self, attribute: &Group) {
        let is_of_serde = matches!(
            attribute.stream().into_iter().next(),
            Some(TokenTree::Ident(name)) if name == "serde"
        );
        if is_of_serde {
            for text in texts(attribute.stream()) {
                if let Ok(tokens) = text.parse() {
                    self.read(tokens, Place::Inside);
                }
            }
        }
        self.read(attribute.stream(), Place::Inside);
    }
}

/// Returns the attribute that these tokens begin with, and its length.
fn attribute(tokens: &[TokenTree]) -> Option<(usize, &Group)> {
    if !is_punct(tokens.first(), '#') {
        return None;
    }
    let at = if is_punct(tokens.get(1), '!') { 2 } else { 1 };
    match tokens.get(at) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            Some((at + 1, group))
        }
        _ => None,
    }
}

/// Whether it is `cfg(test)`, or requires that and more.
fn is_for_tests(attribute: &Group) -> bool {
    let mut tokens = attribute.stream().into_iter();
    let is_condition = word_of(tokens.next().as_ref()).is_some_and(|word| word == "cfg");
    match tokens.next() {
        Some(TokenTree::Group(condition)) if is_condition => requires_test(condition.stream()),
        _ => false,
    }
}

fn requires_test(condition: TokenStream) -> bool {
    let tokens: Vec<TokenTree> = condition.into_iter().collect();
    match (word_of(tokens.first()).as_deref(), tokens.get(1)) {
        (Some("test"), None) => true,
        (Some("all"), Some(TokenTree::Group(all))) => {
            let parts: Vec<TokenTree> = all.stream().into_iter().collect();
            parts
                .split(|token| is_punct(Some(token), ','))
                .any(|part| requires_test(part.iter().cloned().collect()))
        }
        _ => false,
    }
}

/// Returns how many of these tokens belong to the item, field, arm or statement that they begin with.
fn length_of_item(tokens: &[TokenTree]) -> usize {
    let mut at = 0;
    while let Some((length, _)) = attribute(&tokens[at..]) {
        at += length;
    }
    let words = words_before_the_name(&tokens[at..]);
    let begins_with =
        |keywords: &[&str]| words.iter().any(|word| keywords.contains(&word.as_str()));
    let has_block = begins_with(&ENDED_BY_BLOCK);
    let ends_at_block = has_block || !begins_with(&ENDED_BY_SEMICOLON);
    let ends_at_comma = ends_at_block && !has_block;
    while let Some(token) = tokens.get(at) {
        at += 1;
        let is_end = match token {
            TokenTree::Group(group) => ends_at_block && group.delimiter() == Delimiter::Brace,
            TokenTree::Punct(punct) => match punct.as_char() {
                ';' => true,
                ',' => ends_at_comma,
                _ => false,
            },
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        if is_end {
            break;
        }
    }
    at
}

/// Returns the words that an item begins with: `pub(crate) const fn name` has three keywords.
fn words_before_the_name(tokens: &[TokenTree]) -> Vec<String> {
    tokens
        .iter()
        .filter(|token| !matches!(token, TokenTree::Group(_)))
        .map_while(|token| word_of(Some(token)))
        .collect()
}

/// Returns the path that these tokens begin with: one name, or several separated by `::`.
fn path_at(tokens: &[TokenTree]) -> Path {
    let mut path = Path::new();
    let mut rest = tokens;
    while let Some(name) = word_of(rest.first()) {
        path.push(name);
        if !are_colons(&rest[1..]) {
            break;
        }
        rest = &rest[3..];
    }
    path
}

/// Returns the number of tokens in the path: its names, and two colons between each.
fn length_of_path(path: &Path) -> usize {
    path.len() + 2 * path.len().saturating_sub(1)
}

fn are_colons(tokens: &[TokenTree]) -> bool {
    is_punct(tokens.first(), ':') && is_punct(tokens.get(1), ':')
}

/// Returns the string literals in these tokens and in the groups among them.
fn texts(tokens: TokenStream) -> Vec<String> {
    let mut texts = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => texts.extend(self::texts(group.stream())),
            TokenTree::Literal(literal) => {
                let written = literal.to_string();
                let text = written
                    .strip_prefix('"')
                    .and_then(|text| text.strip_suffix('"'));
                texts.extend(text.map(str::to_owned));
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
    }
    texts
}

fn word_of(token: Option<&TokenTree>) -> Option<String> {
    match token {
        Some(TokenTree::Ident(word)) => Some(word.to_string()),
        _ => None,
    }
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}
