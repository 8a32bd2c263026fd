//! The open question, with a place for the answer.

use domain::auto_sign::Origin;
use domain::journey::Answer;
use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;

use super::asking::Asking;
use super::composer::Composer;
use crate::api::{self, Ask};
use crate::components::busy_button::BusyButton;
use crate::components::notice::Failure;
use crate::live_order::LiveOrder;
use crate::request::Request;

/// The question, with buttons for the likely answers and a field for any other.
#[component]
pub(super) fn QuestionPanel() -> impl IntoView {
    let live = LiveOrder::here();
    let question = live.part(|order| {
        let question = order.question.clone();
        question.filter(|_| order.state.is_editable())
    });
    let sentence = live.part(|order| order.sentence.clone().unwrap_or_default());
    let origin = live.part(|order| order.origin);
    let is_blank = live.part(|order| order.wish.is_empty());
    let request = Request::new();
    let answer = move |answer: Answer| {
        let title = answer.title.clone();
        let give = move || {
            let change = api::change_wish(live.id(), answer.wish.clone());
            live.change(request, change);
        };
        view! { <BusyButton label=title busy=request.pending testid="answer" on_press=give/> }
    };
    move || {
        question.get().map(|question| {
            let said = sentence.get();
            let elsewise = match is_blank.get() {
                true => view! { <Composer initial=said origin=origin.get() examples=false/> }.into_any(),
                false => view! { <InWords said origin=origin.get()/> }.into_any(),
            };
            view! {
                <section class="panel question" data-testid="question" aria-labelledby="question-text">
                    <h2 id="question-text">{question.text}</h2>
                    <div class="buttons">{question.answers.into_iter().map(answer).collect_view()}</div>
                    {elsewise}
                    <Failure what=request.error/>
                </section>
            }
        })
    }
}

/// A free-text answer, which is appended to the request's words.
#[component]
fn InWords(
    /// Words of the request so far.
    said: String,
    /// Origin of those words; the answer does not change it.
    origin: Origin,
) -> impl IntoView {
    let asking = expect_context::<Asking>();
    let field = NodeRef::<html::Input>::new();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let words = field.get_untracked().map(|field| field.value());
        let words = words.filter(|words| !words.trim().is_empty());
        if let Some(words) = words {
            let text = format!("{}. {}", said.trim_end_matches('.'), words.trim());
            let ask = Ask::Words {
                text: text.clone(),
                origin,
            };
            asking.ask(ask, text);
        }
    };
    view! {
        <form class="answer-words" on:submit=on_submit>
            <label class="field">
                <span>"Or answer in your own words; what you said before is kept"</span>
                <input type="text" name="answer" maxlength="500" autocomplete="off" data-testid="answer-words" node_ref=field/>
            </label>
            <button type="submit" class="button">"Answer"</button>
        </form>
    }
}
