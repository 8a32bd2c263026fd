//! A repository's files as templates: every folder with a document is one.

use std::collections::BTreeMap;

use domain::templates::{TemplateCard, TemplateId};
use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use serde::{Deserialize, Serialize};

use crate::ports::SourceFile;

/// Size, in bytes, above which a file cannot be a template.
pub(super) const MOST_FILE_BYTES: usize = 256 * 1024;
/// Maximum number of templates; others are left out.
const MOST_TEMPLATES: usize = 1500;
/// Length at which titles are truncated.
const LONGEST_TITLE: usize = 60;
/// Category of templates that the list files under no heading.
const OTHER: &str = "Other";

/// A template of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Folder of the template in the repository; it is also its id.
    pub(crate) folder: String,
    /// Name for people, from the repository's list; made from the folder's name if the list has none.
    pub(crate) title: String,
    /// Category: the heading in the repository's list under which the template appears, or “Other”.
    pub(crate) category: String,
    /// SDL document, `deploy.yaml` or `deploy.yml`, with its content's hash.
    pub(crate) document: FileName,
    /// Description, `README.md`; `None` if the folder has none.
    pub(crate) readme: Option<FileName>,
}

/// A file and the hash of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileName {
    pub(crate) path: String,
    pub(crate) sha: String,
}

impl Listed {
    /// Returns the template's card; the summary comes from its description.
    pub(crate) fn card(&self, summary: Option<String>) -> TemplateCard {
        TemplateCard {
            id: TemplateId::Community(self.folder.clone()),
            title: self.title.clone(),
            summary,
            category: self.category.clone(),
        }
    }
}

/// Returns the templates among `files`. `contents` is the repository's own list of them, in
/// Markdown: its headings are the categories, and its links name the folders.
pub(super) fn listing(files: &[SourceFile], contents: &str) -> Vec<Listed> {
    let names = names_in(contents);
    let mut found: BTreeMap<&str, Listed> = BTreeMap::new();
    for file in files.iter().filter(|file| fits(file)) {
        let Some((folder, name)) = file.path.rsplit_once('/') else {
            continue;
        };
        if !matches!(name, "deploy.yaml" | "deploy.yml") || found.len() >= MOST_TEMPLATES {
            continue;
        }
        let (title, category) = match names.get(folder) {
            Some((title, category)) => (title.clone(), category.clone()),
            None => (title_of(folder), OTHER.to_owned()),
        };
        found.insert(
            folder,
            Listed {
                folder: folder.to_owned(),
                title,
                category,
                document: name_of(file),
                readme: None,
            },
        );
    }
    for file in files.iter().filter(|file| fits(file)) {
        if let Some((folder, name)) = file.path.rsplit_once('/')
            && name.eq_ignore_ascii_case("readme.md")
            && let Some(listed) = found.get_mut(folder)
        {
            listed.readme = Some(name_of(file));
        }
    }
    let mut listed: Vec<Listed> = found.into_values().collect();
    listed.sort_by_cached_key(|listed| listed.title.to_lowercase());
    listed
}

fn fits(file: &SourceFile) -> bool {
    usize::try_from(file.size).is_ok_and(|size| size <= MOST_FILE_BYTES)
}

fn name_of(file: &SourceFile) -> FileName {
    FileName {
        path: file.path.clone(),
        sha: file.sha.clone(),
    }
}

/// Returns titles and categories by folder.
fn names_in(contents: &str) -> BTreeMap<String, (String, String)> {
    let mut names = BTreeMap::new();
    let mut category = OTHER.to_owned();
    let mut heading: Option<String> = None;
    let mut link: Option<(String, String)> = None;
    for event in Parser::new(contents) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                category = short(&heading.take().unwrap_or_default(), OTHER);
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                link = Some((folder_of(&dest_url).to_owned(), String::new()));
            }
            Event::End(TagEnd::Link) => {
                if let Some((folder, title)) = link.take() {
                    let title = short(&title, &title_of(&folder));
                    names.entry(folder).or_insert((title, category.clone()));
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, title)) = &mut link {
                    title.push_str(&text);
                }
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    names
}

/// Returns the folder that a link in the list leads to; links elsewhere name no existing folder.
fn folder_of(link: &str) -> &str {
    let link = link.trim_start_matches("./").trim_start_matches('/');
    let link = link.strip_suffix("README.md").unwrap_or(link);
    link.trim_end_matches('/')
}

/// Makes a title from a folder: `ai/chat-ui` becomes "Chat ui".
fn title_of(folder: &str) -> String {
    let last = folder.rsplit('/').next().unwrap_or(folder);
    let words = last.replace(['-', '_'], " ");
    let mut letters = words.chars();
    let first = letters.next().map(|first| first.to_uppercase());
    let title: String = first.into_iter().flatten().chain(letters).collect();
    short(&title, last)
}

fn short(text: &str, instead: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let words = if words.is_empty() { instead } else { &words };
    words.chars().take(LONGEST_TITLE).collect()
}

#[cfg(test)]
mod tests {
    use super::{MOST_FILE_BYTES, listing};
    use crate::ports::SourceFile;

    fn file(path: &str, size: usize) -> SourceFile {
        SourceFile {
            path: path.to_owned(),
            sha: "00".to_owned(),
            size: size as u64,
        }
    }

    #[test]
    fn folders_with_a_document_are_templates_named_and_filed_by_the_list() {
        let files = [
            file("README.md", 10),
            file("deploy.yaml", 10),
            file("ghost/deploy.yaml", 10),
            file("ghost/readme.md", 10),
            file("ai/chat-ui/deploy.yml", 10),
            file("notes/README.md", 10),
            file("huge/deploy.yaml", MOST_FILE_BYTES + 1),
        ];
        let contents = "# Templates\n## Blogging\n- [Ghost *blog*](./ghost/)\n## AI\n\
                        - [Elsewhere](https://evil.example/ai/chat-ui)\n";
        let listed = listing(&files, contents);
        let seen: Vec<_> = listed
            .iter()
            .map(|one| {
                (
                    one.folder.as_str(),
                    one.title.as_str(),
                    one.category.as_str(),
                )
            })
            .collect();
        let expected = [
            ("ai/chat-ui", "Chat ui", "Other"),
            ("ghost", "Ghost blog", "Blogging"),
        ];
        assert_eq!(seen, expected);
        assert_eq!(listed[1].readme.as_ref().unwrap().path, "ghost/readme.md");
        assert_eq!(listed[0].readme, None);
    }

    #[test]
    fn a_name_without_end_is_cut() {
        let contents = format!("## {}\n- [{}](a)", "c".repeat(500), "t".repeat(500));
        let listed = listing(&[file("a/deploy.yaml", 1)], &contents);
        assert_eq!((listed[0].title.len(), listed[0].category.len()), (60, 60));
    }
}
