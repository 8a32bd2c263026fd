//! Hostile text, and its detection in a response.

use axum::body::to_bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use html5gum::{Token, Tokenizer};

/// Name that no page contains by itself: as an element or attribute, it was injected.
const CANARY: &str = "necto-canary";

/// Escapes from the contexts in which text is placed, each followed by a canary.
pub(super) const CORPUS: &[&str] = &[
    "</textarea><necto-canary>",
    "</title><necto-canary>",
    "</option></select><necto-canary>",
    "</script><necto-canary>",
    "</style><necto-canary>",
    "</noscript><necto-canary>",
    "</iframe><necto-canary>",
    "--><necto-canary>",
    "<!--<script><necto-canary>",
    "]]><necto-canary>",
    "\"><necto-canary>",
    "'><necto-canary>",
    "\" necto-canary=\"1",
    "' necto-canary='1",
    " necto-canary=1 ",
    "` necto-canary=`1",
    "\n<necto-canary>",
    "\r\n<necto-canary>",
    "\u{2028}<necto-canary>",
    "</\0textarea><necto-canary>",
    // Becomes an element if it is decoded once too often.
    "&lt;necto-decoded&gt; & &amp;",
    "<svg><style><necto-canary>",
    "javascript:necto-canary",
];

/// The whole corpus in one text, for places that are tested once.
pub(super) fn all() -> String {
    CORPUS.join(" ")
}

/// A response, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Size limit in bytes; every response of Necto is shorter.
const LONGEST: usize = 64 << 20;

impl Answer {
    pub(super) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, LONGEST).await.unwrap().to_vec(),
        }
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn header(&self, name: header::HeaderName) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Lists everything of the corpus that became markup, or could; should be empty.
    pub(super) fn markup(&self) -> Vec<String> {
        let mut found = Vec::new();
        let location = self.header(header::LOCATION);
        if !location.is_empty() && (!location.starts_with('/') || location.starts_with("//")) {
            found.push(format!("leads to {location}"));
        }
        let kind = self.header(header::CONTENT_TYPE);
        if kind.starts_with("text/html") {
            found.extend(in_html(&self.body));
        } else if !self.body.is_empty() {
            // Other content types are not rendered, unless a browser sniffs them as HTML.
            if kind.is_empty() || self.header(header::X_CONTENT_TYPE_OPTIONS) != "nosniff" {
                found.push(format!("may be taken for a page: “{kind}”"));
            }
            let policy = self.header(header::CONTENT_SECURITY_POLICY);
            if !policy.contains("default-src 'none'") {
                found.push(format!("may load something: “{policy}”"));
            }
        }
        found
    }
}

/// Lists everything of the corpus that is markup in a page: by its bytes, and as a browser's tokenizer reads
/// it.
pub(super) fn in_html(html: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(html);
    let mut found = Vec::new();
    for raw in ["<necto-", "</\0"] {
        if let Some(at) = text.find(raw) {
            found.push(format!("{raw} in …{}…", around(&text, at)));
        }
    }
    let drawn = without_scripts(&text);
    if let Some(at) = drawn.find("&lt;necto-decoded") {
        found.push(format!("decoded twice in …{}…", around(&drawn, at)));
    }
    for token in Tokenizer::new(html).flatten() {
        match token {
            Token::StartTag(tag) => {
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                if name.contains("necto-") {
                    found.push(format!("the element {name}"));
                }
                for (attribute, value) in &tag.attributes {
                    let attribute = String::from_utf8_lossy(attribute);
                    let value = String::from_utf8_lossy(value);
                    if attribute.contains(CANARY) || attribute.starts_with("on") {
                        found.push(format!("the attribute {attribute} of {name}"));
                    }
                    if is_address(&attribute) && runs(&value) {
                        found.push(format!("{name} {attribute}=“{value}”"));
                    }
                }
            }
            Token::Comment(comment) if String::from_utf8_lossy(&comment).contains(CANARY) => {
                found.push("a comment".to_owned());
            }
            _ => {}
        }
    }
    found
}

/// The page without scripts, whose content is not decoded.
fn without_scripts(html: &str) -> String {
    let mut pieces = html.split("<script");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |drawn, piece| {
        drawn + piece.split_once("</script>").map_or("", |(_, after)| after)
    })
}

fn is_address(attribute: &str) -> bool {
    ["href", "src", "action", "formaction", "data", "srcset"].contains(&attribute)
}

/// Whether following the address runs a script: browsers skip blanks and control characters before and in a
/// scheme.
fn runs(address: &str) -> bool {
    let plain: String = address
        .chars()
        .filter(|letter| *letter > ' ')
        .flat_map(char::to_lowercase)
        .collect();
    ["javascript:", "data:", "vbscript:"]
        .iter()
        .any(|scheme| plain.starts_with(scheme))
}

fn around(text: &str, at: usize) -> &str {
    let from = text.floor_char_boundary(at.saturating_sub(80));
    let to = text.ceil_char_boundary((at + 80).min(text.len()));
    &text[from..to]
}

/// Encodes `text` as a component of an address.
pub(super) fn in_address(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").unwrap();
        }
    }
    encoded
}

#[test]
fn markup_is_found_wherever_it_stands() {
    for html in [
        "<textarea></textarea><necto-canary></textarea>",
        "<p title=\"\" necto-canary=\"1\">",
        "<p title='' necto-canary='1'>",
        "<a href=\" java\nscript:necto-canary\">",
        "<p>&lt;necto-decoded&gt;</p>",
        "<!-- necto-canary -->",
        "<img src=x onerror=alert(1)>",
    ] {
        assert!(!in_html(html.as_bytes()).is_empty(), "{html}");
    }
    let text = "<p title=\"&quot; necto-canary=&quot;1\">&lt;necto-canary> \" necto-canary=\"1</p>";
    assert_eq!(in_html(text.as_bytes()), [""; 0]);
}
