//! Wallet errors, with sentences for the buyer and remedies.

/// Reason for a failed wallet request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WalletError {
    /// The buyer declined (4001).
    Dismissed,
    /// The buyer cancelled on the page; a later answer of the wallet is ignored.
    Cancelled,
    /// The buyer cancelled a transaction on the page; the wallet may still send it.
    LeftOpen,
    /// The wallet is locked.
    Locked,
    /// The site has no access to this account (4100).
    Unauthorized,
    /// The wallet does not support the request (4200, -32601).
    Unsupported(String),
    /// The wallet has lost its network (4900, 4901).
    Disconnected,
    /// The wallet does not know the chain (4902).
    UnknownChain,
    /// The wallet already has an open request, in a window that may be hidden (-32002).
    AlreadyAsking,
    /// The wallet or its node failed (-32603), most often for lack of gas.
    Internal(String),
    /// The wallet is no longer there.
    Gone,
    /// Any other error, in the wallet's words.
    Other {
        /// Error code from the wallet.
        code: i64,
        /// Message from the wallet. Text from outside.
        message: String,
    },
}

/// One level of a wallet's nested errors.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Layer {
    /// Error code of this level; `None` if it has none.
    pub(super) code: Option<i64>,
    /// Message of this level. Text from outside.
    pub(super) message: String,
}

/// Phrases by which wallets say that the buyer declined, in lower case.
const DECLINED: [&str; 14] = [
    "user rejected",
    "user denied",
    "user declined",
    "user cancelled",
    "user canceled",
    "user refused",
    "rejected by user",
    "rejected by the user",
    "denied by user",
    "denied by the user",
    "rejected the request",
    "request rejected",
    "cancelled",
    "canceled",
];
/// Phrases by which wallets say that they do not know a chain.
const UNKNOWN_CHAIN: [&str; 3] = [
    "unrecognized chain",
    "unrecognised chain",
    "try adding the chain",
];
/// Phrases by which wallets say that a request is already open.
const PENDING: [&str; 3] = [
    "already pending",
    "already processing",
    "request is pending",
];
/// Phrases by which wallets say that they are locked.
const LOCKED: [&str; 3] = ["wallet is locked", "wallet locked", "unlock your wallet"];
/// Phrases by which nodes say that gas is missing.
const NO_GAS: [&str; 1] = ["insufficient funds"];

/// Remedy that the page offers as a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Remedy {
    /// Repeat the request.
    TryAgain,
    /// Answer in the wallet's own window first.
    OpenedWallet,
    /// Add the chain.
    AddNetwork,
    /// Connect again.
    ConnectAgain,
    /// Get gas.
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
    /// Classifies what a wallet threw, from the outermost error inwards. Codes take precedence over phrases,
    /// which may be in any language and spelling; but a phrase that says that the buyer declined counts under
    /// every code.
    pub(super) fn from_layers(layers: &[Layer]) -> Self {
        let said: String = layers
            .iter()
            .map(|layer| layer.message.trim())
            .find(|message| !message.is_empty())
            .unwrap_or_default()
            .chars()
            .take(200)
            .collect();
        let has = |code: i64| layers.iter().any(|layer| layer.code == Some(code));
        let says = |words: &[&str]| {
            layers.iter().any(|layer| {
                let message = layer.message.to_lowercase();
                words.iter().any(|word| message.contains(word))
            })
        };
        if has(4902) || says(&UNKNOWN_CHAIN) {
            return Self::UnknownChain;
        }
        if !says(&NO_GAS) && (has(4001) || says(&DECLINED)) {
            return Self::Dismissed;
        }
        if has(-32002) || says(&PENDING) {
            return Self::AlreadyAsking;
        }
        if says(&LOCKED) {
            return Self::Locked;
        }
        match layers.iter().find_map(|layer| layer.code) {
            Some(4100) => Self::Unauthorized,
            Some(4200 | -32601) => Self::Unsupported(said),
            Some(4900 | 4901) => Self::Disconnected,
            Some(-32603) => Self::Internal(said),
            code => Self::Other {
                code: code.unwrap_or_default(),
                message: said,
            },
        }
    }

    /// Explains what happened and what it means, in a sentence or two.
    pub(crate) fn sentence(&self) -> String {
        match self {
            Self::Dismissed => {
                "You declined it in the wallet. Nothing was signed or sent.".to_owned()
            }
            Self::Cancelled => {
                "You cancelled it here. If the wallet still asks, decline it there; a late answer is not used."
                    .to_owned()
            }
            Self::LeftOpen => {
                "You stopped waiting. If the wallet still asks, decline it there: what you confirm there is sent all the same, and shows here."
                    .to_owned()
            }
            Self::Locked => "The wallet is locked. Unlock it to go on.".to_owned(),
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
            Self::Other { code: 0, message } => format!("The wallet refused: “{message}”."),
            Self::Other { code, message } => format!("The wallet refused: “{message}” ({code})."),
        }
    }

    /// The remedy to offer.
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
    let message = message.to_lowercase();
    NO_GAS.iter().any(|words| message.contains(words))
}

#[cfg(test)]
mod tests {
    use super::{Layer, Remedy, WalletError};

    /// Nested errors, outermost first, and their classification.
    type Case<'a> = (&'a [(Option<i64>, &'a str)], WalletError);

    fn error(layers: &[(Option<i64>, &str)]) -> WalletError {
        let layers: Vec<Layer> = layers
            .iter()
            .map(|(code, message)| Layer {
                code: *code,
                message: (*message).to_owned(),
            })
            .collect();
        WalletError::from_layers(&layers)
    }

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
            let error = error(&[(Some(code), "boom")]);
            assert_eq!(
                (error.sentence().as_str(), error.remedy()),
                (sentence, remedy)
            );
        }
    }

    #[test]
    fn what_a_wallet_wraps_is_found_by_code_and_by_words() {
        let dismissed = WalletError::Dismissed;
        let cases: [Case<'_>; 12] = [
            (
                &[(Some(-32603), "x"), (None, ""), (Some(4902), "y")],
                WalletError::UnknownChain,
            ),
            (
                &[(Some(-32603), "Unrecognized chain ID \"0x1869f\".")],
                WalletError::UnknownChain,
            ),
            (
                &[(None, "The user rejected the request.")],
                dismissed.clone(),
            ),
            (
                &[(Some(-32603), "Internal error"), (Some(4001), "")],
                dismissed.clone(),
            ),
            (
                &[(
                    None,
                    "MetaMask Tx Signature: User denied transaction signature.",
                )],
                dismissed.clone(),
            ),
            (&[(Some(-32000), "Signing canceled")], dismissed.clone()),
            (&[(Some(5000), "User Rejected Methods")], dismissed.clone()),
            (&[(Some(0), "Request rejected")], dismissed),
            (
                &[(
                    Some(-32603),
                    "Request of type 'x' already pending for origin",
                )],
                WalletError::AlreadyAsking,
            ),
            (&[(Some(-32000), "Wallet is locked")], WalletError::Locked),
            (
                &[(Some(-32000), "rejected: insufficient funds for gas")],
                WalletError::Other {
                    code: -32000,
                    message: "rejected: insufficient funds for gas".to_owned(),
                },
            ),
            // A node that refuses is not a buyer who declines.
            (
                &[(Some(-32000), "transaction rejected: nonce too low")],
                WalletError::Other {
                    code: -32000,
                    message: "transaction rejected: nonce too low".to_owned(),
                },
            ),
        ];
        for (layers, expected) in cases {
            assert_eq!(error(layers), expected, "{layers:?}");
        }
    }

    #[test]
    fn a_refusal_without_a_code_names_none() {
        let sentence = error(&[(None, "boom")]).sentence();
        assert_eq!(sentence, "The wallet refused: “boom”.");
    }

    #[test]
    fn a_lack_of_gas_is_said_in_plain_words() {
        let said = "Insufficient funds for gas * price + value";
        let error = error(&[(Some(-32603), said)]);
        assert_eq!(error.remedy(), Remedy::GetGas);
        assert!(error.sentence().contains("no gas"));
    }
}
