//! The account's data, and reloading it.

use domain::journey::AutoSignView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::auto_sign_chip::AutoSign;
use crate::request::Request;

/// The last known data, and the error of the last reload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    known: RwSignal<AutoSignView>,
    wrong: RwSignal<Option<String>>,
    /// Auto-sign status in the header, which is reloaded together with this.
    elsewhere: AutoSign,
}

impl Account {
    pub(super) fn new(known: AutoSignView) -> Self {
        Self {
            known: RwSignal::new(known),
            wrong: RwSignal::new(None),
            elsewhere: AutoSign::here(),
        }
    }

    /// The account from context.
    pub(super) fn here() -> Self {
        expect_context()
    }

    /// A part of the data that only notifies when it changes itself.
    pub(super) fn part<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&AutoSignView) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.known.with(&part))
    }

    /// Error of the last reload, if it failed.
    pub(super) fn wrong(self) -> RwSignal<Option<String>> {
        self.wrong
    }

    /// Has the server change the account, then reloads it.
    pub(super) fn change(
        self,
        request: Request,
        change: impl Future<Output = Result<(), ApiError>> + 'static,
    ) {
        request.run(async move {
            change.await?;
            self.refresh();
            Ok(())
        });
    }

    /// Reloads the account.
    pub(super) fn refresh(self) {
        spawn_local(async move {
            // The page may be gone meanwhile, so that nobody listens.
            match read().await {
                Ok(known) => {
                    self.wrong.try_set(None);
                    self.known.try_set(known);
                    self.elsewhere.look();
                }
                Err(sentence) => drop(self.wrong.try_set(Some(sentence))),
            }
        });
    }
}

async fn read() -> Result<AutoSignView, String> {
    let text = api::open_auto_sign()
        .await
        .map_err(|error| error.sentence)?;
    serde_json::from_str(&text)
        .map_err(|error| format!("Your balance could not be read ({error}). Reload this page."))
}
