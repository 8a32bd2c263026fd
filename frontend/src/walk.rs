//! Checks the shape of the page as the browser now has it.

use app::shape::{Shape, WRITTEN, is_opaque};
use web_sys::{Element, Node};

/// Whether the page's shape differs from the one that the server wrote.
pub(crate) fn is_changed(root: &Element) -> bool {
    let mut shape = Shape::default();
    walk(root, &mut shape);
    root.get_attribute(WRITTEN) != Some(shape.number())
}

fn walk(parent: &Node, shape: &mut Shape) {
    let mut next = parent.first_child();
    while let Some(node) = next {
        match node.node_type() {
            Node::ELEMENT_NODE => {
                let name = node.node_name().to_ascii_lowercase();
                shape.open(&name);
                if !is_opaque(&name) {
                    walk(&node, shape);
                }
                shape.close();
            }
            Node::TEXT_NODE => shape.text(),
            Node::COMMENT_NODE => shape.comment(),
            _ => {}
        }
        next = node.next_sibling();
    }
}
