//! A button that shows when its action is in progress.

use leptos::prelude::*;

/// Visual weight of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Weight {
    /// The recommended next step.
    Primary,
    /// One of several possible steps.
    #[default]
    Plain,
    /// An irreversible action.
    Danger,
}

impl Weight {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "button primary",
            Self::Plain => "button",
            Self::Danger => "button danger",
        }
    }
}

/// Button that stays in place while `busy`, but says so and does nothing.
#[component]
pub(crate) fn BusyButton(
    /// Text of the button, in the imperative.
    #[prop(into)]
    label: Signal<String>,
    /// `true` while its action is in progress: presses then do nothing.
    #[prop(into, optional)]
    busy: Signal<bool>,
    /// `true` while it cannot be pressed.
    #[prop(into, optional)]
    disabled: Signal<bool>,
    /// Weight that decides the button's look.
    #[prop(optional)]
    weight: Weight,
    /// The button's name in tests; empty for none.
    #[prop(optional)]
    testid: &'static str,
    /// Action of the button, carried out at each press.
    on_press: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let press = move |_| {
        if !busy.get_untracked() {
            on_press();
        }
    };
    view! {
        <button
            type="button"
            class=weight.class()
            data-testid=(!testid.is_empty()).then_some(testid)
            aria-busy=move || busy.get().then_some("true")
            disabled=move || disabled.get()
            on:click=press
        >
            {move || label.get()}
        </button>
    }
}
