//! The header and footer of every page.

use leptos::prelude::*;
use leptos_router::components::A;

use super::account::AccountButton;
use super::auto_sign_chip::AutoSignChip;
use super::theme::ThemeSwitch;
use crate::facts::ShellFacts;

/// Header with the name, navigation and wallet; in a simulated run also a permanent label.
#[component]
pub(crate) fn Header() -> impl IntoView {
    let simulated = use_context::<ShellFacts>().is_some_and(|facts| facts.simulated.is_some());
    view! {
        <header>
            {simulated.then(|| view! {
            <p class="simulated-strip" data-testid="simulated">
                <strong>"Simulated"</strong>
                <span>" Akash, its providers and this chain are simulated on this machine. No real money moves."</span>
            </p>
            })}
            <div class="masthead">
            <a class="brand" href="/" aria-label="Necto, start a new request">
                <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d="M3 17V3l14 14V3"/></svg>
                <span>"Necto"</span>
            </a>
            <nav aria-label="Main">
                <A href="/" exact=true>"Request"</A>
                <A href="/market">"Market"</A>
                <A href="/templates">"Templates"</A>
                <A href="/deployments">"Deployments"</A>
            </nav>
            <div class="masthead-end">
                <AutoSignChip/>
                <AccountButton/>
            </div>
            </div>
        </header>
    }
}

/// Footer with the licence and the theme switch.
#[component]
pub(crate) fn Footer() -> impl IntoView {
    view! {
        <footer class="footer">
            <span class="dim">"Necto, free software under Apache-2.0"</span>
            <ThemeSwitch/>
        </footer>
    }
}
