use super::super::{Ref, compose};
use super::*;
use crate::text::CharOffsets;

fn parse(text: &str, skipped: usize) -> Option<Tree<'_>> {
    match read(text, skipped) {
        Outcome::Read(tree) => Some(tree),
        Outcome::NotSimple | Outcome::TooLarge { .. } => None,
    }
}

/// A tree as text, with positions. The full parser's position for an empty value lies somewhere
/// after it and is therefore left out.
fn printed(node: Ref<'_, '_>, out: &mut String) {
    let span = node.span();
    if let Some(text) = node.scalar() {
        out.push_str(&format!("{text:?} {:?}", node.style()));
        if !text.is_empty() {
            out.push_str(&format!(" {}..{}", span.from, span.to));
        }
    } else if let Some(items) = node.items() {
        out.push_str(&format!("{}[", span.from));
        for item in items {
            printed(item, out);
            out.push_str(", ");
        }
        out.push(']');
    } else {
        out.push_str(&format!("{}{{", span.from));
        for entry in node.entries().into_iter().flatten() {
            printed(entry.key, out);
            out.push_str(": ");
            printed(entry.value, out);
            out.push_str(", ");
        }
        out.push('}');
    }
    out.push('\n');
}

/// Whether the fast parser reads a text; fails when its result differs from the full parser's.
fn same(text: &str) -> bool {
    let Some(simple) = parse(text, 0) else {
        return false;
    };
    let (full, faults) = compose::compose_fully(text, &CharOffsets::new(text, 0));
    assert!(faults.is_empty(), "{text}\n{faults:?}");
    let mut ours = String::new();
    printed(simple.root().unwrap(), &mut ours);
    let mut theirs = String::new();
    printed(full.root().unwrap(), &mut theirs);
    assert_eq!(ours, theirs, "{text}");
    true
}

#[test]
fn what_it_reads_it_reads_as_the_full_parser_does() {
    for text in [
        "a: 1\nb: two words # and a comment\n",
        "---\na:\n  b:\n    - c\n    - d: 1\n      e: 2\n  f:\ng: 'x'\n",
        "a:\n- b\n- c: 1\n  d: 2\ne: \"f\" # g\r\nh: i\r\n",
        "a:\n  - - 1\n    - 2\n  -\n  - 3\n",
        "# c\n\na: http://b:80/c#d\n\"q\": v\n",
        "a:\n  -\n    b: 1\n  - c:\n      d: e\n",
        "a: ü\nb: é # ö\nc: d\n",
        "- a: 1\n  b: 2\n- c\n",
        "a:\n    b: 1\n    c:\n      - d\n",
        "a: -1\nb: -x\nc: ?x\nd: :x\ne: a'b\n",
    ] {
        assert!(same(text), "not read: {text:?}");
    }
}

#[test]
fn what_is_not_simple_is_left_to_the_full_parser() {
    for text in [
        "a: b\n  c\n",
        "a: |\n  b\n",
        "a: [b]\n",
        "a: &x b\n",
        "a: *x\n",
        "a: \"b\\n\"\n",
        "a: 'b''c'\n",
        "a: b\tc\n",
        "a: b:\tc\n",
        "a:\n\tb: c\n",
        "a:\t- b\n",
        "a: b: c\n",
        "a\n",
        "\"a\n",
        "a: 1\n---\nb: 2\n",
        "a: 1\n b: 2\n",
        "? a\n",
        "a: b\n- c\n",
        "a:\n  b: 1\n c: 2\n",
        "%YAML 1.2\n",
        "",
        "a: \"b\"c\n",
        "a: \"b\"#c\n",
        "- a\nb: 1\n",
        "a:\n  - b\n c: 1\n",
        "a:\n  b\n",
        "- a\n  b\n",
    ] {
        assert!(parse(text, 0).is_none(), "read: {text:?}");
    }
}

#[test]
fn tabs_beside_a_value_part_as_spaces_do() {
    // The full parser, unlike both references, refuses a tab between key and value.
    for text in [
        "a:\tb\n",
        "a:\t\tb # c\n",
        "a:\t\n  b:\t1\t# c\n",
        "a: b \t\nc:\t-1\n",
        "a:\t\"b\"\t\n",
        "- a:\tb\n  c: d\t\n",
        "a:\t# c\n",
    ] {
        let mut tabs = String::new();
        printed(parse(text, 0).expect(text).root().unwrap(), &mut tabs);
        let spaced = text.replace('\t', " ");
        let mut spaces = String::new();
        printed(parse(&spaced, 0).unwrap().root().unwrap(), &mut spaces);
        assert_eq!(tabs, spaces, "{text:?}");
    }
}

#[test]
fn cut_anywhere_a_document_is_read_alike_or_not_at_all() {
    let mut read = 0;
    for text in [
        include_str!("../../../tests/fixtures/web.yaml"),
        include_str!("../../../tests/fixtures/services.yaml"),
        include_str!("../../../tests/fixtures/address.yaml"),
    ] {
        for at in (0..text.len()).step_by(5) {
            read += usize::from(same(&text[..at]));
            for insert in [" ", "\n", "-", ":", "#", "\"", "'", "- ", ": ", "\n\n", "x"] {
                let changed = format!("{}{insert}{}", &text[..at], &text[at..]);
                read += usize::from(same(&changed));
                let replaced = format!("{}{insert}{}", &text[..at], &text[at + 1..]);
                read += usize::from(same(&replaced));
            }
        }
    }
    assert!(read > 3_000, "{read}");
}
