//! What is wrong with the SDL, where, and the button that puts it right.

use leptos::prelude::*;
use sdl::{Diagnostic, Dialect, Fix, Report, Severity};

/// The findings, gravest first among those that stand at one place.
#[component]
pub(super) fn Findings(
    /// What the checker found.
    report: Memo<Report>,
    /// The text, changed by fixes.
    text: RwSignal<String>,
) -> impl IntoView {
    let verdict = move || {
        report.with(|report| {
            match (
                report.is_deployable(Dialect::Console),
                report.diagnostics.len(),
            ) {
                (true, 0) => "Akash accepts this as it is.".to_owned(),
                (true, _) => "Akash accepts this; there are remarks.".to_owned(),
                (false, _) => {
                    let count = report.errors(Dialect::Console).count();
                    format!(
                        "Akash would refuse this: {count} {} to put right.",
                        if count == 1 { "thing" } else { "things" }
                    )
                }
            }
        })
    };
    let deployable = move || report.with(|report| report.is_deployable(Dialect::Console));
    view! {
        <div class="findings" data-testid="sdl-findings">
            <p class="verdict" data-tone=move || if deployable() { "good" } else { "bad" } aria-live="polite">{verdict}</p>
            <ul>
                {move || report.get().diagnostics.into_iter().map(|finding| view! { <Finding finding text/> }).collect_view()}
            </ul>
        </div>
    }
}

#[component]
fn Finding(
    /// The finding.
    finding: Diagnostic,
    /// The text, changed by its fix.
    text: RwSignal<String>,
) -> impl IntoView {
    let (word, tone) = name(finding.severity);
    let fix = finding.fix.map(|fix| {
        let title = fix.title.clone();
        view! { <button type="button" class="button small" on:click=move |_| text.update(|text| *text = apply(text, &fix))>{title}</button> }
    });
    view! {
        <li class="finding" data-tone=tone>
            <span class="mono where">{format!("{}:{}", finding.line, finding.column)}</span>
            <span class="word">{word}</span>
            <span class="message">{finding.message}</span>
            {fix}
        </li>
    }
}

const fn name(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("error", "bad"),
        Severity::ConsoleRefuses => ("refused", "bad"),
        Severity::CliRefuses => ("CLI refuses", "warn"),
        Severity::Warning => ("warning", "warn"),
        Severity::Hint => ("hint", "neutral"),
    }
}

/// The text with the fix's changes. Changes that do not fit the text any more are left out.
pub(super) fn apply(text: &str, fix: &Fix) -> String {
    let mut fixed = String::with_capacity(text.len());
    let mut at = 0;
    for edit in &fix.edits {
        let (Some(before), Some(_)) = (text.get(at..edit.from), text.get(edit.from..edit.to))
        else {
            continue;
        };
        fixed.push_str(before);
        fixed.push_str(&edit.insert);
        at = edit.to;
    }
    fixed.push_str(text.get(at..).unwrap_or_default());
    fixed
}

#[cfg(test)]
mod tests {
    use super::apply;
    use sdl::{Edit, Fix};

    fn fix(edits: &[(usize, usize, &str)]) -> Fix {
        let edits = edits.iter().map(|(from, to, insert)| Edit {
            from: *from,
            to: *to,
            insert: (*insert).to_owned(),
        });
        Fix {
            title: String::new(),
            edits: edits.collect(),
        }
    }

    #[test]
    fn a_fix_changes_its_places_and_nothing_else() {
        assert_eq!(
            apply("memory: 512", &fix(&[(11, 11, "Mi")])),
            "memory: 512Mi"
        );
        assert_eq!(apply("a b c", &fix(&[(0, 1, "x"), (4, 5, "z")])), "x b z");
    }

    #[test]
    fn a_fix_for_an_older_text_does_no_harm() {
        assert_eq!(apply("ü", &fix(&[(1, 9, "x")])), "ü");
    }
}
