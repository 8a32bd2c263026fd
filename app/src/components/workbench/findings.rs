//! The findings in the SDL, their positions, and the buttons that fix them.

use leptos::prelude::*;
use sdl::{Diagnostic, Dialect, Report, Severity};

use crate::api;
use crate::components::busy_button::BusyButton;
use crate::components::notice::Failure;
use crate::components::secrets::Revealed;
use crate::request::Request;

/// List of the findings; those at the same place are sorted by severity.
#[component]
pub(crate) fn Findings(
    /// Findings of the checker.
    report: Memo<Report>,
    /// The text, changed by fixes.
    text: RwSignal<String>,
) -> impl IntoView {
    let verdict = move || report.with(verdict);
    let deployable = move || {
        report.with(|report| report.is_deployable(Dialect::Console) && report.unpayable().is_none())
    };
    let guessable = Memo::new(move |_| {
        report.with(|report| {
            report
                .diagnostics
                .iter()
                .any(Diagnostic::is_guessable_secret)
        })
    });
    view! {
        <div class="findings" data-testid="sdl-findings">
            <p class="verdict" data-tone=move || if deployable() { "good" } else { "bad" } aria-live="polite">{verdict}</p>
            <ul>
                {move || report.get().diagnostics.into_iter().map(|finding| view! { <Finding finding text/> }).collect_view()}
            </ul>
            <Show when=move || guessable.get()><Generate text/></Show>
        </div>
    }
}

/// Replaces guessable secrets with strong ones, and shows them once.
#[component]
fn Generate(
    /// Text in which guessable secrets are replaced.
    text: RwSignal<String>,
) -> impl IntoView {
    let request = Request::new();
    let revealed = Revealed::here();
    let generate = move || {
        let question = api::generate_secrets(text.get_untracked());
        request.send(question, move |filled| {
            revealed.reveal();
            text.set(filled);
        });
    };
    view! {
        <div class="buttons">
            <BusyButton label="Generate the secrets" testid="generate-secrets" busy=request.pending on_press=generate/>
        </div>
        <Failure what=request.error/>
    }
}

/// Summarises the findings in a sentence.
fn verdict(report: &Report) -> String {
    if !report.is_deployable(Dialect::Console) {
        return match report.errors(Dialect::Console).count() {
            1 => "Akash would refuse this: 1 thing to put right.".to_owned(),
            count => format!("Akash would refuse this: {count} things to put right."),
        };
    }
    if report.unpayable().is_some() {
        return "Akash accepts this, but it cannot be paid yet: see below.".to_owned();
    }
    let hints = report
        .diagnostics
        .iter()
        .filter(|finding| finding.severity == Severity::Hint)
        .count();
    let counted = |count: usize, what: &str| match count {
        0 => None,
        1 => Some(format!(", 1 {what}")),
        count => Some(format!(", {count} {what}s")),
    };
    let warnings = counted(report.diagnostics.len() - hints, "warning").unwrap_or_default();
    let hints = counted(hints, "hint").unwrap_or_default();
    format!("Valid on Akash{warnings}{hints}.")
}

#[component]
fn Finding(
    /// Finding to show, with its fix if it has one.
    finding: Diagnostic,
    /// The text, changed by its fix.
    text: RwSignal<String>,
) -> impl IntoView {
    let (word, tone) = name(finding.severity);
    let message = match finding.severity {
        Severity::CliRefuses => format!("Akash’s command line rejects this. {}", finding.message),
        _ => finding.message,
    };
    let fix = finding.fix.map(|fix| {
        let title = fix.title.clone();
        view! { <button type="button" class="button small" on:click=move |_| text.update(|text| *text = sdl::edit::apply(text, &fix.edits))>{title}</button> }
    });
    view! {
        <li class="finding" data-tone=tone>
            <span class="mono where">{format!("{}:{}", finding.line, finding.column)}</span>
            <span class="word">{word}</span>
            <span class="message">{message}</span>
            {fix}
        </li>
    }
}

const fn name(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Error => ("error", "bad"),
        Severity::ConsoleRefuses => ("refused", "bad"),
        Severity::CliRefuses | Severity::Warning => ("warning", "warn"),
        Severity::Hint => ("hint", "neutral"),
    }
}

#[cfg(test)]
mod tests {
    use super::verdict;

    #[test]
    fn the_verdict_counts_warnings_and_hints_apart() {
        let good = sdl::templates::by_id("static-site").unwrap().sdl();
        assert_eq!(verdict(&sdl::check(&good)), "Valid on Akash.");
        let untagged = good.replacen("image: nginx:", "image: nginx #", 1);
        assert_ne!(untagged, good);
        assert_eq!(verdict(&sdl::check(&untagged)), "Valid on Akash, 1 hint.");
        let free = good.replace("amount: ", "amount: 0 #");
        assert_eq!(verdict(&sdl::check(&free)), "Valid on Akash, 2 warnings.");
        assert_eq!(
            verdict(&sdl::check("version: \"2.0\"\n- a\n")),
            "Akash would refuse this: 1 thing to put right."
        );
    }
}
