//! What is wrong with the SDL, where, and the button that puts it right.

use leptos::prelude::*;
use leptos::task::spawn_local;
use sdl::{Diagnostic, Dialect, Report, Severity};

use crate::api;
use crate::components::busy_button::BusyButton;
use crate::components::notice::Failure;
use crate::components::secrets::Revealed;

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
                _ if report.unpayable().is_some() => {
                    "Akash accepts this, but it cannot be paid yet: see below.".to_owned()
                }
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

/// Puts strong secrets in the place of those that anyone could guess, and shows them this once.
#[component]
fn Generate(
    /// The text.
    text: RwSignal<String>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let wrong = RwSignal::new(None::<String>);
    let revealed = Revealed::here();
    let generate = move || {
        busy.set(true);
        wrong.set(None);
        spawn_local(async move {
            match api::generate_secrets(text.get_untracked()).await {
                Ok(filled) => {
                    revealed.reveal();
                    text.try_set(filled);
                }
                Err(error) => wrong.set(Some(error.sentence)),
            }
            busy.try_set(false);
        });
    };
    view! {
        <div class="buttons">
            <BusyButton label="Generate the secrets" testid="generate-secrets" busy=Signal::derive(move || busy.get()) on_press=generate/>
        </div>
        <Failure what=wrong/>
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
        view! { <button type="button" class="button small" on:click=move |_| text.update(|text| *text = sdl::edit::apply(text, &fix.edits))>{title}</button> }
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
