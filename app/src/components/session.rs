//! The page's session: who is signed in, signing in and signing out.

use domain::ids::Address;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::toast::Toasts;
use crate::api::{self, ApiError, SessionView};
use crate::browser;
use crate::wallet::{Asking, Connected, Wallet, WalletError, prove_address};

/// Session of the page. Provided once, by the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    view: RwSignal<SessionView>,
    /// `true` once the server has answered who is signed in.
    is_known: RwSignal<bool>,
    /// Counts the sign-ins and sign-outs that the server carried out or reported.
    turns: RwSignal<u32>,
}

/// Reason for a failed sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SignInError {
    /// The wallet did not sign.
    Wallet(WalletError),
    /// The server did not accept it.
    Server(ApiError),
}

impl Session {
    /// Creates the session, and ends it when the wallet switches to another account: one account must not see
    /// what belongs to another.
    pub(crate) fn new(wallet: Wallet) -> Self {
        let session = Self {
            view: RwSignal::new(SessionView::default()),
            is_known: RwSignal::new(false),
            turns: RwSignal::new(0),
        };
        let toasts = expect_context::<Toasts>();
        Effect::new(move |_| session.look_again());
        // A page without a stream learns here what happened in another tab or browser.
        Effect::new(move |_| {
            let handle = window_event_listener(leptos::ev::focus, move |_| {
                if session.view.get_untracked().address.is_some() {
                    session.look_again();
                }
            });
            on_cleanup(move || handle.remove());
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

    /// Address of the signed-in account.
    pub(crate) fn address(self) -> Option<Address> {
        self.view.get().address
    }

    /// Untracked variant of [`Self::address`].
    pub(crate) fn address_now(self) -> Option<Address> {
        self.view.get_untracked().address
    }

    /// Whether data of `account` (`None`: of an anonymous visitor) may be shown now. Until the server has
    /// said who is signed in, the data that came with the page may be.
    pub(crate) fn shows(self, account: Option<Address>) -> bool {
        !self.is_known.get() || self.address() == account
    }

    /// Whether a sign-in happened while this page was loading, so that its session is the left one.
    pub(crate) fn has_left(self) -> bool {
        self.view.get().has_left
    }

    /// Counter that changes with each sign-in and sign-out, so that pages reload their data.
    pub(crate) fn turns(self) -> u32 {
        self.turns.get()
    }

    /// Asks the server who is signed in: another tab, another browser or expiry may have changed it.
    pub(crate) fn look_again(self) {
        spawn_local(async move {
            let Ok(view) = api::session().await else {
                return;
            };
            let news = self.view.try_get_untracked() != Some(view);
            if news {
                self.view.set(view);
            }
            if news && self.is_known.try_get_untracked() == Some(true) {
                self.turns.update(|turns| *turns += 1);
            }
            self.is_known.set(true);
        });
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
        self.turns.update(|turns| *turns += 1);
        Ok(())
    }

    /// Signs out if an account is signed in.
    pub(crate) fn leave(self) {
        if self.view.get_untracked().address.is_none() {
            return;
        }
        self.view.set(SessionView::default());
        // Unsent texts belong to the account, too.
        browser::forget_tab();
        spawn_local(async move {
            match api::sign_out().await {
                Ok(_) => self.turns.update(|turns| *turns += 1),
                // When offline, the cookie stays; the server's next answer shows who is signed in.
                Err(error) => leptos::logging::warn!("signing out: {error}"),
            }
        });
    }
}
