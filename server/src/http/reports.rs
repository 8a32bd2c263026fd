//! Counts violation reports of the content security policy.
//!
//! A report contains whatever its sender likes, so none of its text is stored, logged or returned. Unlike
//! other metrics, the counters are this process's own: a database row per report would be a way to fill the
//! database.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRef, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{MethodRouter, post};
use serde_json::Value;

/// The directives that have their own counter; all others count as `other`.
const DIRECTIVES: [&str; 13] = [
    "script-src-elem",
    "script-src-attr",
    "script-src",
    "style-src-elem",
    "style-src-attr",
    "style-src",
    "img-src",
    "font-src",
    "connect-src",
    "form-action",
    "require-trusted-types-for",
    "trusted-types",
    "other",
];

/// Size limit in bytes; real reports are far smaller, even several in one body.
const LONGEST: usize = 32 * 1024;

/// Maximum number of reports that are counted per request.
const MOST: usize = 20;

/// Number of reported violations by directive. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reports(Arc<[AtomicU64; DIRECTIVES.len()]>);

impl Reports {
    fn count(&self, directive: &str) {
        let other = DIRECTIVES.len() - 1;
        let place = DIRECTIVES.iter().position(|known| *known == directive);
        if let Some(counter) = self.0.get(place.unwrap_or(other)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The counts for `/metrics`.
    pub(super) fn text(&self) -> String {
        let name = "necto_policy_reports_total";
        let mut text = format!(
            "# HELP {name} Reports of browsers, by the directive that refused something; of this process.\n\
             # TYPE {name} counter\n"
        );
        for (directive, counter) in DIRECTIVES.iter().zip(self.0.iter()) {
            let value = counter.load(Ordering::Relaxed);
            writeln!(text, "{name}{{directive=\"{directive}\"}} {value}")
                .expect("writing to a string does not fail");
        }
        text
    }
}

/// The endpoint; its response is always empty.
pub(super) fn endpoint<S>() -> MethodRouter<S>
where
    S: Clone + Send + Sync + 'static,
    Reports: FromRef<S>,
{
    post(receive).layer(DefaultBodyLimit::max(LONGEST))
}

async fn receive(State(reports): State<Reports>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    if !["application/csp-report", "application/reports+json"].contains(&kind.trim()) {
        return StatusCode::UNSUPPORTED_MEDIA_TYPE;
    }
    let Ok(report) = serde_json::from_slice::<Value>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    for directive in directives(&report) {
        reports.count(directive);
    }
    StatusCode::NO_CONTENT
}

/// Extracts the directives of a report in either format.
fn directives(report: &Value) -> Vec<&str> {
    let one = |report: &Value| report.is_object().then_some(());
    if let Some(list) = report.as_array() {
        let violations = list.iter().filter(|entry| entry["type"] == "csp-violation");
        return violations
            .take(MOST)
            .map(|entry| {
                entry["body"]["effectiveDirective"]
                    .as_str()
                    .unwrap_or_default()
            })
            .collect();
    }
    let report = &report["csp-report"];
    let said = report["effective-directive"].as_str();
    let said = said.or_else(|| report["violated-directive"].as_str());
    one(report)
        .map(|()| said.unwrap_or_default())
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Reports, directives};

    #[test]
    fn both_forms_are_read_and_only_known_names_are_kept() {
        let old = json!({ "csp-report": { "effective-directive": "script-src-elem", "blocked-uri": "x" } });
        assert_eq!(directives(&old), ["script-src-elem"]);
        let new = json!([
            { "type": "csp-violation", "body": { "effectiveDirective": "img-src" } },
            { "type": "deprecation", "body": {} },
            { "type": "csp-violation", "body": { "effectiveDirective": "\"} 1\nhostile 9" } },
        ]);
        let reports = Reports::default();
        for directive in directives(&new) {
            reports.count(directive);
        }
        let text = reports.text();
        assert!(text.contains("{directive=\"img-src\"} 1\n"), "{text}");
        assert!(text.contains("{directive=\"other\"} 1\n"), "{text}");
        assert!(!text.contains("hostile"), "{text}");
        assert_eq!(directives(&json!("text")), [""; 0]);
    }

    #[test]
    fn a_message_counts_so_many_times_and_no_more() {
        let many = vec![json!({ "type": "csp-violation", "body": {} }); 100];
        assert_eq!(directives(&json!(many)).len(), 20);
    }
}
