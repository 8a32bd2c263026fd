//! The shape of a page: a hash of its node structure.
//!
//! Hydration walks the nodes of a server-rendered page, which must be those that the server wrote. Browser
//! extensions change a page before its script runs: they insert nodes at its top, beside its inputs, around
//! its words. The walk then attaches to the wrong nodes, or panics. So the server records the shape that it
//! wrote ([`WRITTEN`]), and a page with another shape is redrawn.

/// Id of the application's root element; nodes outside it do not matter.
pub const ROOT: &str = "app";

/// Attribute of the root with the shape that the server wrote.
pub const WRITTEN: &str = "data-shape";

/// Attribute of the root that tells how the page became interactive.
pub const WOKEN: &str = "data-woken";

/// Elements whose content is ignored: it is text to the browser, or not ours.
const OPAQUE: [&str; 6] = [
    "script", "style", "textarea", "title", "noscript", "template",
];

/// Elements without content and end tag.
const VOID: [&str; 12] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr",
];

/// Whether the shape ignores the content of such an element.
#[must_use]
pub fn is_opaque(name: &str) -> bool {
    OPAQUE.contains(&name)
}

/// Whether such an element has no content.
#[must_use]
pub fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

/// Hash of a shape, updated with each node in document order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    hash: u64,
    in_text: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            hash: 0xcbf2_9ce4_8422_2325,
            in_text: false,
        }
    }
}

impl Shape {
    /// Adds the start of an element; `name` is in lower case.
    pub fn open(&mut self, name: &str) {
        self.add(b'<');
        name.bytes().for_each(|byte| self.add(byte));
        self.in_text = false;
    }

    /// Adds the end of the innermost open element.
    pub fn close(&mut self) {
        self.add(b'>');
        self.in_text = false;
    }

    /// Adds a comment, whatever its content.
    pub fn comment(&mut self) {
        self.add(b'!');
        self.in_text = false;
    }

    /// Adds text, whatever its content. Adjacent texts count as one.
    pub fn text(&mut self) {
        if !self.in_text {
            self.add(b'"');
        }
        self.in_text = true;
    }

    /// The hash, as written in the page.
    #[must_use]
    pub fn number(self) -> String {
        format!("{:016x}", self.hash)
    }

    /// Adds a byte to the FNV-1a hash.
    fn add(&mut self, byte: u8) {
        self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    fn shape(nodes: &str) -> String {
        let mut shape = Shape::default();
        for node in nodes.split_whitespace() {
            match node {
                "/" => shape.close(),
                "!" => shape.comment(),
                "t" => shape.text(),
                name => shape.open(name),
            }
        }
        shape.number()
    }

    #[test]
    fn every_other_node_is_another_shape() {
        let page = "p t ! t / div input / /";
        let others = [
            "p t / div input / /",
            "p t ! / div input / /",
            "p t ! t / div span / input / /",
            "p t ! t / div input / / div /",
            "p font t / ! t / div input / /",
            "p t ! t / section input / /",
            "p t ! t div input / / /",
        ];
        for other in others {
            assert_ne!(shape(page), shape(other), "{other}");
        }
    }

    #[test]
    fn text_beside_text_is_one_text() {
        assert_eq!(shape("p t t /"), shape("p t /"));
        assert_ne!(shape("p t ! t /"), shape("p t /"));
    }
}
