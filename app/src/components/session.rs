//! Who is signed in, and signing in.

use domain::ids::Address;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::toast::Toasts;
use crate::api::{self, ApiError, SessionView};
use crate::wallet::{Asking, Connected, Wallet, WalletError, prove_address};

/// The page's session. Provided once, by the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    view: RwSignal<SessionView>,
}

/// Why signing in did not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignInError {
    /// The wallet did not sign.
    Wallet(WalletError),
    /// The server did not take it.
    Server(ApiError),
}

impl Session {
    /// The session as the server knows it. Ends when the wallet changes to another account: what
    /// one account may see is none of the other's business.
    pub(crate) fn new(wallet: Wallet) -> Self {
        let session = Self {
            view: RwSignal::new(SessionView::default()),
        };
        let toasts = expect_context::<Toasts>();
        Effect::new(move |_| {
            spawn_local(async move {
                if let Ok(view) = api::session().await {
                    session.view.set(view);
                }
            });
        });
        Effect::new(move |_| {
            let (Some(connected), Some(address)) = (wallet.connected(), session.address()) else {
                return;
            };
            if connected.address != address {
                session.leave();
                toasts.say("Your wallet changed to another account, so you were signed out.");
            }
        });
        session
    }

    /// The address that signed in.
    pub(crate) fn address(self) -> Option<Address> {
        self.view.get().address
    }

    /// The same, without following it.
    pub(crate) fn address_now(self) -> Option<Address> {
        self.view.get_untracked().address
    }

    /// Signs in with the connected account.
    pub(crate) async fn sign_in(
        self,
        asking: Asking,
        connected: &Connected,
    ) -> Result<(), SignInError> {
        let message = api::challenge(connected.address)
            .await
            .map_err(SignInError::Server)?;
        let signature = prove_address(asking, connected, &message)
            .await
            .map_err(SignInError::Wallet)?;
        let view = api::sign_in(message, signature)
            .await
            .map_err(SignInError::Server)?;
        self.view.set(view);
        Ok(())
    }

    /// Signs out, if somebody is signed in.
    pub(crate) fn leave(self) {
        if self.view.get_untracked().address.is_none() {
            return;
        }
        self.view.set(SessionView::default());
        spawn_local(async move {
            // Offline the cookie stays; the next answer of the server shows who is signed in.
            if let Err(error) = api::sign_out().await {
                leptos::logging::warn!("signing out: {error}");
            }
        });
    }
}
