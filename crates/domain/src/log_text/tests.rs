use super::{Colour, Look, contains, plain, shortened, show};

fn looks(line: &str) -> Vec<(String, Look)> {
    let pieces = show(line, "").pieces;
    pieces.into_iter().map(|it| (it.text, it.look)).collect()
}

#[test]
fn what_a_terminal_shows_is_what_is_read() {
    let check = |line: &str, expected: &str| assert_eq!(plain(line), expected, "{line:?}");
    check("as it is", "as it is");
    check("ends\r\n", "ends");
    check("load 10 %\rload 20 %\rload 100 %", "load 100 %");
    check("a longer state\rshort", "shortger state");
    check("a longer state\r\u{1b}[Kshort", "short");
    check("\u{1b}[1A\u{1b}[2Klayer 7f: 40 %", "layer 7f: 40 %");
    check("half\u{1b}[2K\rwhole", "whole");
    check("abc\u{8}\u{8}X", "aXc");
    check("ab\u{1b}[5Gc", "ab  c");
    check("abc\u{1b}[2Dx", "axc");
    check("far\u{1b}[99999Cx", &format!("far{}x", " ".repeat(512)));
    check("\u{1b}[31mError\u{1b}[0m: no room", "Error: no room");
    check("\u{1b}]0;a title\u{7}text", "text");
    check("\u{1b}[2J\u{1b}[H\u{1b}[9Bmoves", "moves");
    check("\u{1b}[777z\u{1b}#8\u{1b}Pq#1\u{1b}\\end", "end");
    check("cut off \u{1b}[38;5", "cut off ");
    check("tab\there", "tab\there");
    check("two\nrows\rROW", "two\nROWs");
    check("<b>é 🦀 &amp;", "<b>é 🦀 &amp;");
    check("c1 \u{9b}31m", "c1 31m");
    check("", "");
}

#[test]
fn no_control_is_left_whatever_comes() {
    let mut line = String::new();
    for byte in 0..=255_u8 {
        line.push(char::from(byte));
        line.push('\u{1b}');
        line.push(char::from(byte));
        line.push_str("[1;2");
    }
    let left = plain(&line);
    let is_plain = |c: char| !c.is_control() || c == '\n' || c == '\t';
    assert!(left.chars().all(is_plain), "{left:?}");
}

#[test]
fn colours_are_told_by_their_number() {
    let colour = |number| Colour::new(number);
    let of = |line: &str| looks(line)[0].1.colour;
    assert_eq!(of("\u{1b}[31mx"), colour(1));
    assert_eq!(of("\u{1b}[97mx"), colour(15));
    assert_eq!(of("\u{1b}[38;5;12mx"), colour(12));
    assert_eq!(of("\u{1b}[38;5;196mx"), colour(9));
    assert_eq!(of("\u{1b}[38;2;0;200;0mx"), colour(2));
    assert_eq!(of("\u{1b}[38:5:9mx"), colour(9));
    assert_eq!(of("\u{1b}[48;5;9mx"), None, "a ground");
    assert_eq!(of("\u{1b}[31m\u{1b}[mx"), None);
    let strong = looks("\u{1b}[1;4;7mloud\u{1b}[22;24;27m quiet");
    let loud = Look {
        bold: true,
        underline: true,
        reverse: true,
        ..Look::default()
    };
    assert_eq!(
        strong,
        [
            ("loud".to_owned(), loud),
            (" quiet".to_owned(), Look::default())
        ]
    );
    assert_eq!(Colour::new(16), None);
}

#[test]
fn a_look_ends_with_its_line() {
    assert_eq!(looks("\u{1b}[33mnever closed").len(), 1);
    assert_eq!(
        looks("the next one"),
        [("the next one".to_owned(), Look::default())]
    );
}

#[test]
fn only_web_addresses_become_links() {
    let link = |address: &str| {
        let line = format!("\u{1b}]8;;{address}\u{7}here\u{1b}]8;;\u{7} after");
        let shown = show(&line, "");
        assert_eq!(shown.text(), "here after", "{address}");
        assert_eq!(shown.pieces.last().unwrap().link, None);
        shown.pieces[0].link.clone()
    };
    assert_eq!(
        link("https://example.org/a;b").as_deref(),
        Some("https://example.org/a;b")
    );
    assert_eq!(
        link("HTTP://example.org").as_deref(),
        Some("HTTP://example.org")
    );
    for dead in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "/here",
        "javascript://x",
    ] {
        assert_eq!(link(dead), None, "{dead}");
    }
}

#[test]
fn a_search_reads_across_colours_and_cases() {
    let line = "\u{1b}[31mERR\u{1b}[0mor in \u{1b}[1mstage\u{1b}[0m 2";
    assert!(contains(line, "error"));
    assert!(contains(line, "Stage 2"));
    assert!(!contains(line, "[31m"));
    assert!(!contains(line, "\u{1b}"));
    let marked: Vec<_> = show(line, "error")
        .pieces
        .into_iter()
        .filter(|it| it.found)
        .collect();
    let texts: Vec<&str> = marked.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(texts, ["ERR", "or"]);
    assert!(!contains("10 %\r20 %", "10"), "overwritten");
    assert!(show("abc", "").pieces.iter().all(|it| !it.found));
    assert!(contains("ÄÖ", "äö"));
}

#[test]
fn what_was_overwritten_is_kept_in_order() {
    let shown = show("1 %\r2 %\r2 %\r3 %\r", "");
    assert_eq!(shown.text(), "3 %");
    assert_eq!(shown.overwritten, ["1 %", "2 %"]);
    let many: String = (0..1000).map(|n| format!("{n}\r")).collect();
    let shown = show(&format!("{many}done"), "");
    assert_eq!(shown.overwritten.len(), 200);
    assert_eq!(shown.overwritten.last().unwrap(), "999");
}

#[test]
fn a_long_line_keeps_what_is_read_of_it() {
    assert_eq!(shortened("short", 5), None);
    assert_eq!(shortened("longer", 5).as_deref(), Some("longe…"));
    let bar: String = (0..=100).map(|n| format!("\rload {n:>3} %")).collect();
    let short = shortened(&bar, 40).unwrap();
    assert!(short.chars().count() <= 40, "{short:?}");
    assert_eq!(plain(&short), "load 100 %");
    assert_eq!(
        plain(&shortened(&format!("{bar}\r\n"), 40).unwrap()),
        "load 100 %"
    );
    assert_eq!(shortened("é🦀é🦀", 2).as_deref(), Some("é🦀…"));
}
