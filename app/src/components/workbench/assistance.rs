//! Answers the editor's queries while the buyer types, as JSON with positions in UTF-16 units.

use domain::journey::MarketWords;
use sdl::assist::{self, Live};
use sdl::{Diagnostic, Severity, Span};
use serde_json::{Value, json};

use super::offsets::{byte, utf16};

/// The findings in a text.
pub(super) fn findings(text: &str) -> String {
    let report = sdl::check(text);
    let findings: Vec<Value> = report
        .diagnostics
        .iter()
        .map(|found| finding(text, found))
        .collect();
    Value::from(findings).to_string()
}

/// The positions of a text's secrets.
pub(super) fn secrets(text: &str) -> String {
    let spans = sdl::secrets::secret_spans(text);
    let places: Vec<Value> = spans
        .into_iter()
        .map(|span| {
            let (from, to) = units(text, span);
            json!([from, to])
        })
        .collect();
    Value::from(places).to_string()
}

/// Help for the key at a position, or `null`.
pub(super) fn help(text: &str, unit: usize) -> String {
    let found = assist::hover(text, byte(text, unit));
    let help = found.map(|help| {
        let (from, to) = units(text, help.span);
        json!({ "from": from, "to": to, "path": help.path, "help": help.help, "values": help.values })
    });
    help.unwrap_or(Value::Null).to_string()
}

/// Completions at a position, and the word that they replace.
pub(super) fn completions(text: &str, unit: usize, words: &MarketWords) -> String {
    let found = assist::complete(text, byte(text, unit), &live(words));
    let (from, to) = units(text, found.span);
    let options: Vec<Value> = found
        .options
        .iter()
        .map(|it| json!({ "label": it.label, "insert": it.insert, "detail": it.detail }))
        .collect();
    json!({ "from": from, "to": to, "options": options }).to_string()
}

/// The market's GPU models, sorted and without duplicates.
pub(super) fn gpu_models(words: &MarketWords) -> Vec<String> {
    let prices = words.gpu_prices.iter();
    let mut models: Vec<String> = prices.map(|price| price.model.clone()).collect();
    models.sort_unstable();
    models.dedup();
    models
}

fn live(words: &MarketWords) -> Live {
    Live {
        gpu_models: gpu_models(words),
        regions: words.regions.clone(),
        storage_classes: words.storage_classes.clone(),
    }
}

fn units(text: &str, span: Span) -> (usize, usize) {
    (utf16(text, span.from), utf16(text, span.to))
}

fn finding(text: &str, found: &Diagnostic) -> Value {
    let severity = match found.severity {
        Severity::Error | Severity::ConsoleRefuses => "error",
        Severity::CliRefuses | Severity::Warning => "warning",
        Severity::Hint => "info",
    };
    let fix = found.fix.as_ref().map(|fix| {
        let edits: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| json!({ "from": utf16(text, edit.from), "to": utf16(text, edit.to), "insert": edit.insert }))
            .collect();
        json!({ "title": fix.title, "edits": edits })
    });
    let (from, to) = units(text, found.span);
    json!({
        "from": from,
        "to": to,
        "severity": severity,
        "message": found.message,
        "source": found.code,
        "fix": fix,
    })
}

#[cfg(test)]
mod tests {
    use domain::journey::MarketWords;
    use serde_json::Value;

    use super::{completions, findings, help};

    #[test]
    fn places_behind_umlauts_and_emoji_are_the_browsers() {
        let text = "# ü😀\nservices:\n  web:\n    imag: a\n";
        let unit = |word: &str| {
            let at = text.find(word).unwrap();
            text[..at].encode_utf16().count()
        };
        let found: Value = serde_json::from_str(&findings(text)).unwrap();
        let misspelt = found.as_array().unwrap().iter();
        let mut places = misspelt.map(|it| it["from"].as_u64().unwrap());
        assert!(places.any(|from| from == unit("imag") as u64), "{found}");

        let help: Value = serde_json::from_str(&help(text, unit("services") + 2)).unwrap();
        assert_eq!(help["from"], unit("services"));
        assert_eq!(help["to"], unit("services") + "services".len());

        let at = unit("imag") + "imag".len();
        let words = MarketWords::default();
        let offered: Value = serde_json::from_str(&completions(text, at, &words)).unwrap();
        assert_eq!(offered["from"], unit("imag"));
        assert_eq!(offered["options"][0]["label"], "image");
    }

    #[test]
    fn where_there_is_no_key_there_is_no_help() {
        assert_eq!(help("# only words", 4), "null");
    }
}
