//! The account as it was last read, and reading it again.

use domain::journey::AutoSignView;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, ApiError};
use crate::components::auto_sign_chip::AutoSign;
use crate::request::Request;

/// What is known, and what went wrong in asking again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Account {
    known: RwSignal<AutoSignView>,
    wrong: RwSignal<Option<String>>,
    /// State of auto-sign in the header, read again whenever this is.
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

    /// The page's account.
    pub(super) fn here() -> Self {
        expect_context()
    }

    /// A part of what is known; changes only when that part does.
    pub(super) fn part<T: Clone + PartialEq + Send + Sync + 'static>(
        self,
        part: impl Fn(&AutoSignView) -> T + Send + Sync + 'static,
    ) -> Memo<T> {
        Memo::new(move |_| self.known.with(&part))
    }

    /// Why the last reading failed, if it did.
    pub(super) fn wrong(self) -> RwSignal<Option<String>> {
        self.wrong
    }

    /// Has the server change the account, and reads it again.
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

    /// Reads the account again.
    pub(super) fn refresh(self) {
        spawn_local(async move {
            // The page may be gone meanwhile: then nobody listens.
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
