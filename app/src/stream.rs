//! Splits a stream of text into lines.

/// Buffers pieces of text and returns the complete lines.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    rest: String,
}

impl Lines {
    /// Adds a piece; returns the lines that it completes, without line breaks and empty lines.
    pub(crate) fn push(&mut self, piece: &str) -> Vec<String> {
        self.rest.push_str(piece);
        let Some(end) = self.rest.rfind('\n') else {
            return Vec::new();
        };
        let rest = self.rest.split_off(end + 1);
        let whole = std::mem::replace(&mut self.rest, rest);
        whole
            .lines()
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    #[test]
    fn lines_come_whole_however_the_pieces_fall() {
        let text = "{\"a\":1}\n\n{\"b\":\"ü\"}\n";
        for cut in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let mut lines = Lines::default();
            let mut seen = lines.push(&text[..cut]);
            seen.extend(lines.push(&text[cut..]));
            assert_eq!(seen, ["{\"a\":1}", "{\"b\":\"ü\"}"], "cut at {cut}");
        }
    }

    #[test]
    fn an_unfinished_line_waits() {
        let mut lines = Lines::default();
        assert!(lines.push("{\"a\"").is_empty());
        assert_eq!(lines.push(":1}\n"), ["{\"a\":1}"]);
    }
}
