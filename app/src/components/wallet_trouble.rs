//! The open wallet request, and problems between page, wallet and server, with a button that helps.

use domain::journey::ChainView;
use leptos::prelude::*;

use super::busy_button::BusyButton;
use super::notice::{Gravity, Notice};
use super::session::SignInError;
use crate::api::ApiError;
use crate::wallet::{Asking, Doubt, Remedy, WalletError};

/// Everything that can go wrong before a signature is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The wallet refused.
    Wallet(WalletError),
    /// The chain is not the one that Necto uses.
    Doubt(Doubt),
    /// The server refused.
    Server(ApiError),
}

impl From<WalletError> for Trouble {
    fn from(error: WalletError) -> Self {
        Self::Wallet(error)
    }
}

impl From<Doubt> for Trouble {
    fn from(doubt: Doubt) -> Self {
        Self::Doubt(doubt)
    }
}

impl From<ApiError> for Trouble {
    fn from(error: ApiError) -> Self {
        Self::Server(error)
    }
}

impl From<SignInError> for Trouble {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Wallet(error) => Self::Wallet(error),
            SignInError::Server(error) => Self::Server(error),
        }
    }
}

impl Trouble {
    fn sentence(&self, chain: Option<&ChainView>) -> String {
        match (self, chain) {
            (Self::Wallet(error), _) => error.sentence(),
            (Self::Server(error), _) => error.sentence.clone(),
            (Self::Doubt(doubt), Some(chain)) => doubt.sentence(chain),
            (Self::Doubt(_), None) => {
                "The chain is not known yet, so nothing was signed.".to_owned()
            }
        }
    }

    fn remedy(&self) -> Remedy {
        match self {
            Self::Wallet(error) | Self::Doubt(Doubt::Unanswered(error)) => error.remedy(),
            Self::Doubt(Doubt::OtherChain { .. }) => Remedy::AddNetwork,
            Self::Doubt(_) | Self::Server(_) => Remedy::TryAgain,
        }
    }

    /// Whether the buyer cancelled the request on the page.
    pub(crate) fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Wallet(WalletError::Cancelled)
                | Self::Doubt(Doubt::Unanswered(WalletError::Cancelled))
        )
    }

    /// A declined request is the buyer's choice, not a fault.
    fn gravity(&self) -> Gravity {
        match self {
            Self::Wallet(error) | Self::Doubt(Doubt::Unanswered(error)) => match error {
                WalletError::Dismissed | WalletError::Cancelled | WalletError::LeftOpen => {
                    Gravity::Note
                }
                WalletError::AlreadyAsking | WalletError::Locked => Gravity::Warn,
                _ => Gravity::Bad,
            },
            _ => Gravity::Bad,
        }
    }
}

/// Shows the open wallet request with a button to cancel it, or the problem with its remedy.
#[component]
pub(crate) fn WalletTrouble(
    /// The open wallet request, if there is one.
    asking: Asking,
    /// Problem to show; `None` if there is none.
    #[prop(into)]
    trouble: Signal<Option<Trouble>>,
    /// The chain, for sentences that name it.
    #[prop(into)]
    chain: Signal<Option<ChainView>>,
    /// Carries out the remedy when its button is pressed.
    #[prop(into)]
    on_remedy: Callback<Remedy>,
) -> impl IntoView {
    let told = move || {
        trouble.get().map(|trouble| {
            let remedy = trouble.remedy();
            let sentence = trouble.sentence(chain.get().as_ref());
            view! {
                <Notice gravity=trouble.gravity()>
                    <p>{sentence}</p>
                    <BusyButton label=Signal::stored(remedy.label().to_owned()) on_press=move || on_remedy.run(remedy)/>
                </Notice>
            }
        })
    };
    view! {
        <WaitingLine asking/>
        {told}
    }
}

/// Names the wallet that the page waits for, where to find its window, and how to cancel.
#[component]
fn WaitingLine(
    /// The open wallet request, if there is one.
    asking: Asking,
) -> impl IntoView {
    let waits = Memo::new(move |_| asking.waiting().is_some());
    let sentence = move || {
        asking.waiting().map(|waiting| {
            let wallet = waiting.wallet;
            if waiting.is_long {
                format!("Still waiting for {wallet}. Its window may be behind this one: press its icon in the browser’s toolbar, or open its app.")
            } else {
                format!("Waiting for {wallet}. Open it if you see nothing.")
            }
        })
    };
    view! {
        <Show when=move || waits.get()>
            <div class="waiting" data-testid="wallet-waiting">
                <span role="status">{sentence}</span>
                <button type="button" class="button small" data-testid="cancel-waiting" on:click=move |_| asking.cancel()>
                    "Cancel"
                </button>
            </div>
        </Show>
    }
}
