//! Hostile text, and the look for it in an answer.

use axum::body::to_bytes;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use html5gum::{Token, Tokenizer};

/// What no page has by itself: as an element or an attribute it came from outside.
const CANARY: &str = "necto-canary";

/// Ways out of the places that text stands in, each with a canary behind it.
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
    // Decoded once more than it was encoded, it is an element.
    "&lt;necto-decoded&gt; & &amp;",
    "<svg><style><necto-canary>",
    "javascript:necto-canary",
];

/// All of it in one text, for places that are tried once.
pub(super) fn all() -> String {
    CORPUS.join(" ")
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// No answer of Necto's is longer.
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

    /// What of the corpus became markup, or could; nothing is how it should be.
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
            // Nothing else is drawn, unless a browser takes it for a page after all.
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

/// What of the corpus is markup in a page: by its bytes, and as a browser's tokenizer reads it.
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

/// What is drawn: nothing is decoded between the tags of a script.
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

/// Whether following the address runs a script: browsers skip blanks and controls before and in a scheme.
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

/// `text` as a component of an address.
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
