//! The thinking steps, each with its grounds.

use domain::journey::{ThinkingKind, ThinkingStep};
use leptos::prelude::*;

/// List of the steps; they appear as they arrive and are announced by screen readers.
#[component]
pub(crate) fn Thinking(
    /// Steps so far, in order.
    steps: Signal<Vec<ThinkingStep>>,
    /// `true` if the list is initially unfolded.
    open: bool,
) -> impl IntoView {
    let count = move || steps.with(Vec::len);
    view! {
        <details class="thinking" open=open>
            <summary>
                <h2>"How this came about"</h2>
                <span class="dim">{move || format!("{} steps", count())}</span>
            </summary>
            <ol class="steps" data-testid="steps" aria-live="polite">
                <For each=move || steps.get().into_iter().enumerate() key=|(index, _)| *index let((_, step))>
                    <Step step/>
                </For>
            </ol>
        </details>
    }
}

#[component]
fn Step(
    /// Step to show.
    step: ThinkingStep,
) -> impl IntoView {
    view! {
        <li class="step" data-kind=kind_name(step.kind)>
            <span class="step-kind">{kind_name(step.kind)}</span>
            <div>
                <p>{step.text}</p>
                {step.evidence.map(|evidence| view! { <p class="step-evidence">{evidence}</p> })}
            </div>
            <span class="step-time mono">{format!("{} ms", step.after_ms)}</span>
        </li>
    }
}

const fn kind_name(kind: ThinkingKind) -> &'static str {
    match kind {
        ThinkingKind::Reading => "reading",
        ThinkingKind::Considered => "considered",
        ThinkingKind::Understood => "understood",
        ThinkingKind::SetAside => "set aside",
        ThinkingKind::Assumed => "assumed",
        ThinkingKind::Asked => "question",
        ThinkingKind::Scanned => "scanned",
        ThinkingKind::Routed => "routed",
        ThinkingKind::Screened => "screened",
        ThinkingKind::Priced => "priced",
        ThinkingKind::Drafted => "drafted",
        ThinkingKind::Checked => "checked",
        ThinkingKind::Quoted => "quoted",
        ThinkingKind::Refused => "stopped",
    }
}
