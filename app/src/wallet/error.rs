//! What wallets refuse with, as sentences and ways out.

/// Why a wallet did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WalletError {
    /// The person said no (4001).
    Dismissed,
    /// The site may not see this account (4100).
    Unauthorized,
    /// The wallet cannot do this at all (4200, -32601).
    Unsupported(String),
    /// The wallet has lost its network (4900, 4901).
    Disconnected,
    /// The wallet does not know the chain (4902).
    UnknownChain,
    /// The wallet is asking already, in a window that may be hidden (-32002).
    AlreadyAsking,
    /// The wallet or its node failed (-32603), most often for want of gas.
    Internal(String),
    /// The wallet is not there any more.
    Gone,
    /// Anything else, in the wallet's words.
    Other {
        /// Its code.
        code: i64,
        /// Its words.
        message: String,
    },
}

/// What helps, as the label of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// The same again.
    TryAgain,
    /// The wallet's own window needs an answer first.
    OpenedWallet,
    /// The chain must be added.
    AddNetwork,
    /// The connection must be made anew.
    ConnectAgain,
    /// Gas is missing.
    GetGas,
}

impl Remedy {
    /// The button's label.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::TryAgain => "Try again",
            Self::OpenedWallet => "I answered it: go on",
            Self::AddNetwork => "Add the network",
            Self::ConnectAgain => "Connect again",
            Self::GetGas => "Get gas",
        }
    }
}

impl WalletError {
    /// From the error object's code, its message and the code some wallets hide in
    /// `data.originalError.code`.
    pub(crate) fn from_parts(code: Option<i64>, message: &str, hidden_code: Option<i64>) -> Self {
        let said: String = message.chars().take(200).collect();
        match hidden_code.filter(|code| *code == 4902).or(code) {
            Some(4001) => Self::Dismissed,
            Some(4100) => Self::Unauthorized,
            Some(4200 | -32601) => Self::Unsupported(said),
            Some(4900 | 4901) => Self::Disconnected,
            Some(4902) => Self::UnknownChain,
            Some(-32002) => Self::AlreadyAsking,
            Some(-32603) => Self::Internal(said),
            code => Self::Other {
                code: code.unwrap_or_default(),
                message: said,
            },
        }
    }

    /// What happened and what it means, in a sentence or two.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Dismissed => {
                "You declined it in the wallet. Nothing was signed or sent.".to_owned()
            }
            Self::Unauthorized => {
                "The wallet does not share this account with Necto any more.".to_owned()
            }
            Self::Unsupported(what) => {
                format!("This wallet cannot do that ({what}). Another wallet can.")
            }
            Self::Disconnected => "The wallet has lost its connection to the network.".to_owned(),
            Self::UnknownChain => "The wallet does not know this network yet.".to_owned(),
            Self::AlreadyAsking => {
                "The wallet is already waiting for your answer. Open it and look for the request."
                    .to_owned()
            }
            Self::Internal(why) if lacks_gas(why) => {
                "The account has no gas to send this with. Nothing was sent.".to_owned()
            }
            Self::Internal(why) => format!(
                "The wallet or its node failed: “{why}”. Nothing is known to have been sent."
            ),
            Self::Gone => {
                "The wallet is not there any more. It may have been removed or switched off."
                    .to_owned()
            }
            Self::Other { message, .. } if lacks_gas(message) => {
                "The account has no gas to send this with. Nothing was sent.".to_owned()
            }
            Self::Other { code, message } if message.is_empty() => {
                format!("The wallet refused with code {code}.")
            }
            Self::Other { code, message } => format!("The wallet refused: “{message}” ({code})."),
        }
    }

    /// What to offer.
    pub(crate) fn remedy(&self) -> Remedy {
        match self {
            Self::AlreadyAsking => Remedy::OpenedWallet,
            Self::UnknownChain => Remedy::AddNetwork,
            Self::Unauthorized | Self::Disconnected | Self::Gone => Remedy::ConnectAgain,
            Self::Internal(why) | Self::Other { message: why, .. } if lacks_gas(why) => {
                Remedy::GetGas
            }
            _ => Remedy::TryAgain,
        }
    }
}

fn lacks_gas(message: &str) -> bool {
    message.to_ascii_lowercase().contains("insufficient funds")
}

#[cfg(test)]
mod tests {
    use super::{Remedy, WalletError};

    #[test]
    fn each_code_has_its_sentence_and_its_way_out() {
        let cases = [
            (
                4001,
                "You declined it in the wallet. Nothing was signed or sent.",
                Remedy::TryAgain,
            ),
            (
                4902,
                "The wallet does not know this network yet.",
                Remedy::AddNetwork,
            ),
            (
                -32002,
                "The wallet is already waiting for your answer. Open it and look for the request.",
                Remedy::OpenedWallet,
            ),
            (
                -32603,
                "The wallet or its node failed: “boom”. Nothing is known to have been sent.",
                Remedy::TryAgain,
            ),
            (
                4100,
                "The wallet does not share this account with Necto any more.",
                Remedy::ConnectAgain,
            ),
            (
                -32099,
                "The wallet refused: “boom” (-32099).",
                Remedy::TryAgain,
            ),
        ];
        for (code, sentence, remedy) in cases {
            let error = WalletError::from_parts(Some(code), "boom", None);
            assert_eq!(
                (error.sentence().as_str(), error.remedy()),
                (sentence, remedy)
            );
        }
    }

    #[test]
    fn an_unknown_chain_hidden_in_another_error_is_found() {
        let error = WalletError::from_parts(Some(-32603), "x", Some(4902));
        assert_eq!(error, WalletError::UnknownChain);
    }

    #[test]
    fn a_lack_of_gas_is_said_in_plain_words() {
        let error = WalletError::from_parts(
            Some(-32603),
            "Insufficient funds for gas * price + value",
            None,
        );
        assert_eq!(error.remedy(), Remedy::GetGas);
        assert!(error.sentence().contains("no gas"));
    }
}
