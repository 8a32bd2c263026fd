//! What cannot be taken back: asked twice, the second time with what it means.

use leptos::prelude::*;

use super::busy_button::{BusyButton, Weight};
use super::notice::Failure;
use crate::browser;

/// Where the question stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// Whether it is being asked.
    asking: RwSignal<bool>,
    /// Whether what was confirmed is under way.
    busy: RwSignal<bool>,
    /// Why it did not happen.
    wrong: RwSignal<Option<String>>,
}

impl Question {
    /// Nobody has asked.
    pub(crate) fn new() -> Self {
        Self {
            asking: RwSignal::new(false),
            busy: RwSignal::new(false),
            wrong: RwSignal::new(None),
        }
    }

    /// What was confirmed begins.
    pub(crate) fn begin(self) {
        self.busy.set(true);
        self.wrong.set(None);
    }

    /// It is done, or did not happen and why. The page that asked may be gone.
    pub(crate) fn end(self, wrong: Option<String>) {
        self.asking.try_set(wrong.is_some());
        self.wrong.try_set(wrong);
        self.busy.try_set(false);
    }
}

/// The words of a question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// The part of the page, for those who do not see it.
    pub(crate) section: &'static str,
    /// The first button, in tests.
    pub(crate) testid: &'static str,
    /// The question on the page: unique on it.
    pub(crate) id: &'static str,
    /// The question, for those who do not see it.
    pub(crate) really: &'static str,
    /// What the button that does it says.
    pub(crate) confirm: &'static str,
    /// That button, in tests.
    pub(crate) confirm_testid: &'static str,
}

/// The button, and what it means before it happens.
#[component]
pub(crate) fn AskedTwice(
    /// Where it stands.
    question: Question,
    /// What it says.
    words: Words,
    /// What the first button says.
    #[prop(into)]
    label: Signal<String>,
    /// What happens if it is confirmed.
    #[prop(into)]
    consequence: Signal<&'static str>,
    /// Does it.
    on_confirm: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let Question {
        asking,
        busy,
        wrong,
    } = question;
    // The keyboard follows the question.
    Effect::new(move |_| {
        if asking.get() {
            request_animation_frame(move || browser::focus(words.id));
        }
    });
    view! {
        <section class="close" aria-label=words.section>
            <Show
                when=move || asking.get()
                fallback=move || view! {
                    <BusyButton label testid=words.testid on_press=move || asking.set(true)/>
                }
            >
                <div id=words.id tabindex="-1" role="group" aria-label=words.really>
                    <p>{move || consequence.get()}</p>
                    <div class="buttons">
                        <BusyButton label=words.confirm weight=Weight::Danger testid=words.confirm_testid busy on_press=on_confirm/>
                        <BusyButton label="Keep it" on_press=move || asking.set(false)/>
                    </div>
                </div>
            </Show>
            <Failure what=wrong/>
        </section>
    }
}
