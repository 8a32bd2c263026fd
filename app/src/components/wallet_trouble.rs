//! What went wrong between page, wallet and server, with the button that helps.

use domain::journey::ChainView;
use leptos::prelude::*;

use super::busy_button::BusyButton;
use super::notice::{Gravity, Notice};
use super::session::SignInError;
use crate::api::ApiError;
use crate::wallet::{Doubt, Remedy, WalletError};

/// Anything that can go wrong on the way to a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The wallet refused.
    Wallet(WalletError),
    /// The chain is not the one Necto means.
    Doubt(Doubt),
    /// The server refused.
    Server(ApiError),
}

impl From<WalletError> for Trouble {
    fn from(error: WalletError) -> Self {
        Self::Wallet(error)
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

    /// A declined request is the buyer's choice, not a fault.
    fn gravity(&self) -> Gravity {
        match self {
            Self::Wallet(WalletError::Dismissed) => Gravity::Note,
            Self::Wallet(WalletError::AlreadyAsking) => Gravity::Warn,
            _ => Gravity::Bad,
        }
    }
}

/// The trouble, where there is any, and the way out.
#[component]
pub(crate) fn WalletTrouble(
    /// What went wrong.
    #[prop(into)]
    trouble: Signal<Option<Trouble>>,
    /// The chain, for sentences that name it.
    #[prop(into)]
    chain: Signal<Option<ChainView>>,
    /// Does what helps.
    #[prop(into)]
    on_remedy: Callback<Remedy>,
) -> impl IntoView {
    move || {
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
    }
}
