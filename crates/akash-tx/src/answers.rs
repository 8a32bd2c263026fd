//! The chain's REST answers, as far as paying from one's own account reads them.
//!
//! Fields that nobody reads are ignored, states that this version does not know are kept as text. Which path gives
//! which answer stands at each type.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, de};
use thiserror::Error;

use crate::refusal::Refusal;

mod account;
mod exchange;
mod market;
mod transactions;

pub use account::{Account, Balance, Balances};
pub use exchange::{
    ExchangeParams, ExchangeStatus, Ledger, LedgerId, LedgerRecord, LedgerStatus, MintStatus,
};
pub use market::{
    BidAnswer, BidPage, BidRecord, BidState, BidWithEscrow, DeploymentAnswer, DeploymentPage,
    DeploymentParams, DeploymentRecord, DeploymentState, EscrowAccount, EscrowAccounts,
    EscrowDeposit, EscrowMoney, EscrowState, GroupRecord, GroupState, LeasePage, LeaseRecord,
    LeaseState, LeaseWithPayment, Payment, PaymentId, PaymentMoney, PaymentPage, ProviderAnswer,
    ProviderRecord,
};
pub use transactions::{LatestBlock, Simulation, Transaction, TransactionAnswer};

/// The reason why an answer holds nothing to read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AnswerError {
    /// The chain does not have what was asked for.
    #[error("the chain does not have it")]
    NotFound,
    /// The chain refused what was asked for.
    #[error(transparent)]
    Refused(Refusal),
    /// Text of another shape than expected.
    #[error("the answer cannot be read: {0}")]
    Shape(String),
}

/// Reads an answer with its HTTP status.
///
/// # Errors
///
/// [`AnswerError`] where the status or the body says so.
pub fn read<T: DeserializeOwned>(status: u16, body: &str) -> Result<T, AnswerError> {
    if status == 200 {
        return serde_json::from_str(body).map_err(|error| AnswerError::Shape(error.to_string()));
    }
    let Ok(failure) = serde_json::from_str::<Failure>(body) else {
        return Err(AnswerError::Shape(format!("status {status}")));
    };
    // The number is gRPC's; 5 means that something was not found.
    if status == 404 || failure.code == 5 {
        return Err(AnswerError::NotFound);
    }
    let refusal = Refusal::new("grpc", failure.code, &failure.message);
    Err(AnswerError::Refused(refusal))
}

/// The body of an answer other than 200.
#[derive(Deserialize)]
struct Failure {
    code: u32,
    #[serde(default)]
    message: String,
}

/// A number that the chain writes as text.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse()
        .map_err(|_| de::Error::custom(format!("“{text}” is not a whole number")))
}

/// Declares states by their text on chain, keeping those that are unknown.
macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
        #[serde(from = "String")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A state that this version does not know.
            Other(String),
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                match text.as_str() {
                    $($text => Self::$variant,)+
                    _ => Self::Other(text),
                }
            }
        }
    };
}

use states;
