//! Indicator on every page that auto-sign is on, so that automatic payments never come as a surprise.

use domain::auto_sign::Pace;
use domain::journey::AutoSignOn;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::session::Session;
use crate::api;

/// Auto-sign status of the signed-in account. Provided once, by the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AutoSign {
    on: RwSignal<Option<AutoSignOn>>,
}

impl AutoSign {
    /// Creates an unknown status, which is read whenever another account signs in.
    pub(crate) fn follow(session: Session) -> Self {
        let auto_sign = Self {
            on: RwSignal::new(None),
        };
        Effect::new(move |_| match session.address() {
            Some(_) => auto_sign.look(),
            None => auto_sign.on.set(None),
        });
        auto_sign
    }

    /// Returns the status of the page from context.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// Reads the status again, because something may have changed it.
    pub(crate) fn look(self) {
        spawn_local(async move {
            // While the chain does not answer, nothing is paid automatically, and the chip stays as it is.
            if let Ok(on) = api::auto_sign_on().await {
                self.on.try_set(on);
            }
        });
    }

    /// Whether auto-sign is on.
    pub(crate) fn is_on(self) -> bool {
        self.on.with(Option::is_some)
    }

    /// Warning about the payment that "Get a price" can trigger; `None` if auto-sign is off.
    pub(crate) fn warning(self) -> Option<String> {
        let on = self.on.get()?;
        let most = on.per_order.min(on.left_today);
        Some(match on.pace {
            Pace::AfterCountdown => format!(
                "Auto-sign is on: Necto will pay up to {most} tUSDC by itself, 10 seconds after you \
                 see the price. You can cancel until then."
            ),
            Pace::AtOnce => format!(
                "Auto-sign is on and pays at once: Necto will pay up to {most} tUSDC by itself as \
                 soon as there is a price."
            ),
        })
    }
}

/// The chip of the header; hidden while auto-sign is off.
#[component]
pub(crate) fn AutoSignChip() -> impl IntoView {
    let auto_sign = AutoSign::here();
    move || {
        auto_sign.on.get().map(|on| {
            let left = on.left_today.with_decimals(2);
            view! {
                <a class="auto-sign-chip" href="/auto-sign" data-testid="auto-sign-chip">
                    <span class="dot" data-tone="warn"></span>
                    <span>"Auto-sign on"</span>
                    <span class="auto-sign-left">{format!("· {left} left today")}</span>
                </a>
            }
        })
    }
}
