//! The shape of a page: which nodes it consists of, in one number.
//!
//! A page that the server rendered is woken up by walking over its nodes, which have to be those that the server
//! wrote. Browser extensions change a page before its script runs: they put nodes at its top, beside its inputs,
//! around its words. The walk then takes the wrong nodes, or stops the page. So the server says which shape it wrote
//! ([`WRITTEN`]), and what has another one is drawn anew.

/// The id of the element that the application is in: nodes beside it are nobody's concern.
pub const ROOT: &str = "app";

/// The attribute of the root that tells the shape as the server wrote it.
pub const WRITTEN: &str = "data-shape";

/// The attribute of the root that tells how the page woke up.
pub const WOKEN: &str = "data-woken";

/// Elements whose content is not looked at: it is text to the browser, or nobody's.
const OPAQUE: [&str; 6] = [
    "script", "style", "textarea", "title", "noscript", "template",
];

/// Elements without content and without an end tag.
const VOID: [&str; 12] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr",
];

/// Whether the content of such an element is left out of the shape.
#[must_use]
pub fn is_opaque(name: &str) -> bool {
    OPAQUE.contains(&name)
}

/// Whether such an element has no content.
#[must_use]
pub fn is_void(name: &str) -> bool {
    VOID.contains(&name)
}

/// A shape in the making: told of each node in the order of the document.
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
    /// An element begins; its name in lower case.
    pub fn open(&mut self, name: &str) {
        self.add(b'<');
        name.bytes().for_each(|byte| self.add(byte));
        self.in_text = false;
    }

    /// The element that began last ends.
    pub fn close(&mut self) {
        self.add(b'>');
        self.in_text = false;
    }

    /// A comment, whatever it says.
    pub fn comment(&mut self) {
        self.add(b'!');
        self.in_text = false;
    }

    /// Text, whatever it says. Text beside text is one.
    pub fn text(&mut self) {
        if !self.in_text {
            self.add(b'"');
        }
        self.in_text = true;
    }

    /// The number, as it is written in the page.
    #[must_use]
    pub fn number(self) -> String {
        format!("{:016x}", self.hash)
    }

    /// Takes a byte into the hash, by FNV-1a.
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
