//! Confirmation of irreversible actions: the question explains the consequence.

use leptos::prelude::*;

use super::busy_button::{BusyButton, Weight};
use super::notice::Failure;
use crate::api::ApiError;
use crate::browser;
use crate::request::Request;

/// State of a confirmation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Question {
    /// `true` while the question is open.
    asking: RwSignal<bool>,
    /// Request that carries out what was confirmed.
    request: Request,
}

impl Question {
    /// Creates a confirmation that is not open.
    pub(crate) fn new() -> Self {
        Self {
            asking: RwSignal::new(false),
            request: Request::new(),
        }
    }

    /// Carries out the confirmed action; the question stays open until it is done.
    pub(crate) fn carry_out<T: 'static>(
        self,
        action: impl Future<Output = Result<T, ApiError>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        self.request.send(action, move |answer| {
            self.asking.set(false);
            then(answer);
        });
    }
}

/// Texts and ids of a confirmation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words {
    /// Label of the section for screen readers.
    pub(crate) section: &'static str,
    /// The first button's name in tests.
    pub(crate) testid: &'static str,
    /// Id of the question's element, unique on the page.
    pub(crate) id: &'static str,
    /// Label of the question for screen readers.
    pub(crate) really: &'static str,
    /// Label of the button that confirms.
    pub(crate) confirm: &'static str,
    /// The confirming button's name in tests.
    pub(crate) confirm_testid: &'static str,
}

/// Button that opens the question, and the question with its consequence.
#[component]
pub(crate) fn AskedTwice(
    /// State of the question, shared with the part of the page that carries the action out.
    question: Question,
    /// Words of the question.
    words: Words,
    /// Label of the first button, which opens the question.
    #[prop(into)]
    label: Signal<String>,
    /// Sentence that explains the consequence of confirming.
    #[prop(into)]
    consequence: Signal<&'static str>,
    /// Action to carry out once it is confirmed.
    on_confirm: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let Question { asking, request } = question;
    // Focus follows the question.
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
                        <BusyButton label=words.confirm weight=Weight::Danger testid=words.confirm_testid busy=request.pending on_press=on_confirm/>
                        <BusyButton label="Keep it" on_press=move || asking.set(false)/>
                    </div>
                </div>
            </Show>
            <Failure what=request.error/>
        </section>
    }
}
