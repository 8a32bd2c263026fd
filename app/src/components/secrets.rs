//! The secrets in a text: hidden by default, shown and copied on request.

use domain::ids::OrderId;
use leptos::prelude::*;
use sdl::secrets::{HIDDEN, Secret, secrets};

use super::figures::CopyButton;
use crate::browser;

/// Whether the secrets in this part of the page are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Revealed(RwSignal<bool>);

impl Revealed {
    /// Provides a switch as context for the children; secrets are hidden at first.
    pub(crate) fn provide() -> Self {
        let revealed = Self(RwSignal::new(false));
        provide_context(revealed);
        revealed
    }

    /// Returns the switch from context, or a new one if none was provided.
    pub(crate) fn here() -> Self {
        use_context().unwrap_or_else(Self::provide)
    }

    /// Whether secrets are shown.
    pub(crate) fn get(self) -> bool {
        self.0.get()
    }

    /// Shows the secrets.
    pub(crate) fn reveal(self) {
        self.0.try_set(true);
    }

    fn toggle(self) {
        self.0.update(|revealed| *revealed = !*revealed);
    }

    /// Shows the secrets that Necto generated for `order`, once per browser; afterwards they are hidden until
    /// requested.
    pub(crate) fn show_once(self, order: OrderId, has_any: Memo<bool>) {
        Effect::new(move |_| {
            let key = format!("necto.secrets.{order}");
            if has_any.get() && browser::recall(&key).is_none() {
                browser::remember(&key, "seen");
                self.reveal();
            }
        });
    }
}

/// Lists the strong secrets of a text, each with a copy button.
#[component]
pub(crate) fn Secrets(
    /// Text of the SDL whose secrets are listed.
    text: Signal<String>,
) -> impl IntoView {
    let revealed = Revealed::here();
    let found = Memo::new(move |_| strong_secrets(&text.read()));
    let list = move || {
        let rows = found.get();
        let row = move |secret: Secret| {
            let value = secret.value.clone();
            view! {
                <li>
                    <span class="secret-name mono">{secret.variable}" "<span class="dim">{format!("of {}", secret.service)}</span></span>
                    <code class="secret-value mono" data-testid="secret-value">{move || if revealed.get() { value.clone() } else { HIDDEN.to_owned() }}</code>
                    <CopyButton text=secret.value what="secret"/>
                </li>
            }
        };
        rows.into_iter().map(row).collect_view()
    };
    view! {
        <section class="secrets" aria-label="Secrets" data-testid="secrets" hidden=move || found.with(Vec::is_empty)>
            <header class="panel-head">
                <h3>"Secrets"</h3>
                <button type="button" class="button small" data-testid="show-secrets" aria-pressed=move || revealed.get().to_string() on:click=move |_| revealed.toggle()>
                    {move || if revealed.get() { "Hide" } else { "Show" }}
                </button>
            </header>
            <ul>{list}</ul>
            <p class="dim">"Who has these has what you deploy. Copy them to where you keep passwords; here they stay hidden until you press Show."</p>
        </section>
    }
}

/// The secrets that are not guessable, without duplicates.
pub(crate) fn strong_secrets(text: &str) -> Vec<Secret> {
    let mut found = secrets(text);
    found.retain(|secret| secret.weakness.is_none());
    found.dedup_by(|one, other| (&one.variable, &one.value) == (&other.variable, &other.value));
    found
}
