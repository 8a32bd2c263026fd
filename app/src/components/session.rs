//! Who is signed in, and signing in.

use domain::ids::Address;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::toast::Toasts;
use crate::api::{self, ApiError, SessionView};
use crate::browser;
use crate::wallet::{Asking, Connected, Wallet, WalletError, prove_address};

/// The page's session. Provided once, by the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Session {
    view: RwSignal<SessionView>,
    /// `true` once the server has told who is signed in.
    is_known: RwSignal<bool>,
    /// Counts the changes that the server has carried out or told of.
    turns: RwSignal<u32>,
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
            is_known: RwSignal::new(false),
            turns: RwSignal::new(0),
        };
        let toasts = expect_context::<Toasts>();
        Effect::new(move |_| session.look_again());
        // What happened meanwhile in another tab or browser, a page without a stream hears of here.
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

    /// The address that signed in.
    pub(crate) fn address(self) -> Option<Address> {
        self.view.get().address
    }

    /// The same, without following it.
    pub(crate) fn address_now(self) -> Option<Address> {
        self.view.get_untracked().address
    }

    /// Whether what belongs to `account` (`None`: to a browser in which nobody is signed in) may be
    /// shown now. Before the server has said who is signed in, what it sent with the page is right.
    pub(crate) fn shows(self, account: Option<Address>) -> bool {
        !self.is_known.get() || self.address() == account
    }

    /// Whether this page was loaded while somebody signed in, and missed it.
    pub(crate) fn has_left(self) -> bool {
        self.view.get().has_left
    }

    /// Changes whenever somebody has signed in or out: what the page shows is asked for again.
    pub(crate) fn turns(self) -> u32 {
        self.turns.get()
    }

    /// Asks the server who is signed in: another tab, another browser or time may have changed it.
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

    /// Signs out, if somebody is signed in.
    pub(crate) fn leave(self) {
        if self.view.get_untracked().address.is_none() {
            return;
        }
        self.view.set(SessionView::default());
        // Texts that were not sent yet are the account's, too.
        browser::forget_tab();
        spawn_local(async move {
            match api::sign_out().await {
                Ok(_) => self.turns.update(|turns| *turns += 1),
                // Offline the cookie stays; the next answer of the server shows who is signed in.
                Err(error) => leptos::logging::warn!("signing out: {error}"),
            }
        });
    }
}
