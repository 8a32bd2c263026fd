//! Theme switch: light, dark, or the system's setting.

use leptos::prelude::*;

use crate::browser;

const KEY: &str = "necto.theme";

/// Switch for the theme, which is kept in this browser and applied by the document before the first paint.
#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let theme = RwSignal::new("system".to_owned());
    Effect::new(move |_| {
        if let Some(kept) = browser::recall(KEY) {
            theme.set(kept);
        }
    });
    let choose = move |chosen: String| {
        let root = document().document_element();
        if chosen == "system" {
            browser::forget(KEY);
            root.map(|root| root.remove_attribute("data-theme"));
        } else {
            browser::remember(KEY, &chosen);
            root.map(|root| root.set_attribute("data-theme", &chosen));
        }
        theme.set(chosen);
    };
    view! {
        <label class="theme">
            <span class="dim">"Theme"</span>
            <select prop:value=move || theme.get() on:change:target=move |event| choose(event.target().value())>
                <option value="system">"System"</option>
                <option value="light">"Light"</option>
                <option value="dark">"Dark"</option>
            </select>
        </label>
    }
}
