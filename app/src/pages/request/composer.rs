//! The field for the buyer's sentence.

use domain::auto_sign::Origin;
use leptos::ev::{KeyboardEvent, SubmitEvent};
use leptos::html;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::asking::Asking;
use crate::api::{Ask, DescribePlain};
use crate::components::auto_sign_chip::AutoSign;
use crate::components::notice::Failure;
use crate::components::raw_text::TextArea;

/// Example sentences.
const EXAMPLES: [&str; 3] = [
    "Fine-tune a 7B model on 2 A100 80GB for 6 hours, at most $1.60 per GPU hour",
    "A Node.js API on port 3000 with 2 vCPU and 4 GB RAM in Europe for a week",
    "PostgreSQL with 20 GB that survives restarts, cheapest provider, 3 days",
];

/// Maximum length, in characters.
const MOST: &str = "2000";

/// Explains what the button does: only get a price, or also pay if auto-sign is on.
#[component]
pub(crate) fn PriceFirst() -> impl IntoView {
    let auto_sign = AutoSign::here();
    move || {
        match auto_sign.warning() {
        Some(warning) => view! {
            <span class="auto-sign-warning" data-testid="auto-sign-warning">{warning} " " <a href="/auto-sign">"Change it"</a></span>
        }
        .into_any(),
        None => view! {
            <span class="dim">"No wallet needed. Nothing is signed before you have seen the price."</span>
        }
        .into_any(),
    }
    }
}

/// The field and its button. Works as a plain form before WASM does.
#[component]
pub(crate) fn Composer(
    /// Initial text of the field.
    initial: String,
    /// Origin of that text.
    #[prop(optional)]
    origin: Origin,
    /// `true` to offer examples beneath.
    examples: bool,
) -> impl IntoView {
    let asking = expect_context::<Asking>();
    let sentence = NodeRef::<html::Textarea>::new();
    let empty = RwSignal::new(None::<String>);
    let send = move || {
        let Some(field) = sentence.get_untracked() else {
            return;
        };
        let text = field.value().trim().to_owned();
        if text.is_empty() {
            empty.set(Some(
                "Say what to run: a kind of workload, a GPU or a container image.".to_owned(),
            ));
            return;
        }
        empty.set(None);
        let ask = Ask::Words {
            text: text.clone(),
            origin,
        };
        asking.ask(ask, text);
    };
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
    };
    let on_key = move |event: KeyboardEvent| {
        if event.key() == "Enter" && !event.shift_key() && !event.is_composing() {
            event.prevent_default();
            send();
        }
    };
    let example = move |text: &'static str| {
        let take = move |_| {
            if let Some(field) = sentence.get_untracked() {
                field.set_value(text);
                field.focus().unwrap_or_default();
            }
        };
        view! { <li><button type="button" class="example" on:click=take>{text}</button></li> }
    };
    view! {
        <form class="composer" method="post" action=DescribePlain::url() on:submit=on_submit>
            <label class="visually-hidden" for="sentence">"What do you want to run?"</label>
            <TextArea
                initial
                element=sentence
                attr:id="sentence"
                attr:name="sentence"
                attr:data-testid="sentence"
                attr:rows="3"
                attr:maxlength=MOST
                attr:placeholder="Say it in your own words: the workload, its size, how long, what it may cost."
                on:keydown=on_key
            />
            <div class="composer-end">
                <PriceFirst/>
                <button type="submit" class="button primary" data-testid="send">"Get a price"</button>
            </div>
            <Failure what=Signal::derive(move || empty.get().or_else(|| asking.refused()))/>
        </form>
        {examples.then(|| view! {
            <ul class="examples" aria-label="Examples">{EXAMPLES.map(example).collect_view()}</ul>
        })}
    }
}
