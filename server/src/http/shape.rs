//! Writes each page's shape into the page (`app::shape`).

use app::shape::{ROOT, Shape, WRITTEN, is_opaque, is_void};
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::StatusCode;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};

/// Middleware that inserts the shape. Pages are rendered in one piece, so buffering them delays nobody.
pub(super) async fn tell(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    let (mut head, body) = response.into_parts();
    match to_bytes(body, usize::MAX).await {
        Ok(page) => {
            head.headers.remove(CONTENT_LENGTH);
            Response::from_parts(head, Body::from(with_shape(&page)))
        }
        Err(error) => {
            tracing::error!(%error, "a page broke off while it was rendered");
            let mut broken = Response::new(Body::from("The page could not be rendered."));
            *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            broken
        }
    }
}

/// Returns the page with its shape, or unchanged if it has no placeholder.
fn with_shape(page: &[u8]) -> Vec<u8> {
    let root = format!("<div id=\"{ROOT}\" {WRITTEN}=\"");
    let Some(place) = find(page, root.as_bytes()).map(|at| at + root.len()) else {
        return page.to_vec();
    };
    let Some(inside) = find(&page[place..], b">").map(|at| place + at + 1) else {
        return page.to_vec();
    };
    let number = shape(&page[inside..]).number();
    [&page[..place], number.as_bytes(), &page[place..]].concat()
}

/// Computes the shape of the content up to the first unmatched end tag.
fn shape(html: &[u8]) -> Shape {
    let mut shape = Shape::default();
    let mut depth = 0_usize;
    let mut rest = html;
    while !rest.is_empty() {
        if let Some(comment) = rest.strip_prefix(b"<!--") {
            shape.comment();
            rest = after(comment, b"-->");
        } else if let Some(comment) = rest.strip_prefix(b"<!") {
            shape.comment();
            rest = after(comment, b">");
        } else if let Some(end) = rest.strip_prefix(b"</") {
            if depth == 0 {
                break;
            }
            depth -= 1;
            shape.close();
            rest = after(end, b">");
        } else if let Some(tag) = Tag::at(rest) {
            shape.open(&tag.name);
            rest = tag.rest;
            if is_void(&tag.name) || tag.closes_itself {
                shape.close();
            } else if is_opaque(&tag.name) {
                shape.close();
                rest = after(after(rest, format!("</{}", tag.name).as_bytes()), b">");
            } else {
                depth += 1;
                // HTML ignores a line break right after `<pre>`.
                if tag.name == "pre" {
                    rest = rest.strip_prefix(b"\n").unwrap_or(rest);
                }
            }
        } else {
            shape.text();
            let next = rest[1..].iter().position(|byte| *byte == b'<');
            rest = next.map_or(&[][..], |at| &rest[at + 1..]);
        }
    }
    shape
}

/// An HTML start tag.
struct Tag<'a> {
    name: String,
    closes_itself: bool,
    rest: &'a [u8],
}

impl<'a> Tag<'a> {
    fn at(html: &'a [u8]) -> Option<Self> {
        let inside = html.strip_prefix(b"<")?;
        if !inside.first()?.is_ascii_alphabetic() {
            return None;
        }
        let ends_name = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>');
        let name = &inside[..inside.iter().position(ends_name)?];
        let mut quote = None;
        let end = inside.iter().position(|byte| match (quote, byte) {
            (Some(open), byte) if open == *byte => {
                quote = None;
                false
            }
            (None, b'"' | b'\'') => {
                quote = Some(*byte);
                false
            }
            (quote, byte) => quote.is_none() && *byte == b'>',
        })?;
        Some(Self {
            name: String::from_utf8_lossy(name).to_ascii_lowercase(),
            closes_itself: inside[..end].ends_with(b"/"),
            rest: &inside[end + 1..],
        })
    }
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len())
        .position(|window| window == wanted)
}

/// Returns what follows the first `mark`.
fn after<'a>(text: &'a [u8], mark: &[u8]) -> &'a [u8] {
    find(text, mark).map_or(&[], |at| &text[at + mark.len()..])
}

#[cfg(test)]
mod tests {
    use app::shape::Shape;

    use super::{shape, with_shape};

    fn told(nodes: &[&str]) -> Shape {
        let mut shape = Shape::default();
        for node in nodes {
            match *node {
                "/" => shape.close(),
                "!" => shape.comment(),
                "t" => shape.text(),
                name => shape.open(name),
            }
        }
        shape
    }

    #[test]
    fn html_is_read_as_a_browser_reads_it() {
        let cases: [(&str, &[&str]); 9] = [
            ("<p>a<!>b</p>", &["p", "t", "!", "t", "/"]),
            ("<p>a &lt; b</p><!-- > <p> -->", &["p", "t", "/", "!"]),
            ("<input value=\"a>b\">x", &["input", "/", "t"]),
            ("<textarea><p></textarea>", &["textarea", "/"]),
            ("<script>\"</p>\"</script>", &["script", "/"]),
            (
                "<svg><path d='M0'/><path></path></svg>",
                &["svg", "path", "/", "path", "/", "/"],
            ),
            ("<pre>\n<b>x</b></pre>", &["pre", "b", "t", "/", "/"]),
            ("<P>1 < 2</P>", &["p", "t", "/"]),
            ("<p>in</p></div><p>out</p>", &["p", "t", "/"]),
        ];
        for (html, nodes) in cases {
            assert_eq!(shape(html.as_bytes()), told(nodes), "{html}");
        }
    }

    #[test]
    fn a_page_tells_its_shape_and_nothing_else_changes() {
        let page = "<body><div id=\"app\" data-shape=\"\" class=\"x\"><p>a</p></div><i></i></body>";
        let number = told(&["p", "t", "/"]).number();
        assert_eq!(
            String::from_utf8(with_shape(page.as_bytes())).unwrap(),
            page.replace("data-shape=\"\"", &format!("data-shape=\"{number}\""))
        );
        assert_eq!(
            with_shape(b"<p>no page of ours</p>"),
            b"<p>no page of ours</p>"
        );
    }
}
