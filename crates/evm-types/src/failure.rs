//! Explains to people why a contract refused a call.

use alloy_primitives::U256;
use alloy_sol_types::{Panic, Revert, SolError, SolInterface};

use crate::bindings::AkashEscrow::{AkashEscrowErrors as Escrow, Mode, Status};
use crate::bindings::ComputeRouter::ComputeRouterErrors as Router;
use crate::bindings::Library::LibraryErrors as Library;
use crate::bindings::ProviderRegistry::ProviderRegistryErrors as Registry;
use crate::bindings::TestnetUSDC::TestnetUSDCErrors as Token;

/// Explanation of a contract's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The error's name in the contract's interface, for logs and for deciding what to offer; `Revert` for a plain
    /// text, `Panic` for a broken assumption, `Unknown` if nothing is known.
    pub name: &'static str,
    /// One sentence for people.
    pub sentence: String,
}

/// Reads the data that a reverted call returned. A token's error comes through the escrow unchanged, so the errors of
/// all our contracts are tried.
#[must_use]
pub fn decode_failure(data: &[u8]) -> Failure {
    if let Ok(error) = Escrow::abi_decode(data) {
        return Failure {
            name: name_of::<Escrow>(error.selector()),
            sentence: escrow_sentence(&error),
        };
    }
    if let Ok(error) = Token::abi_decode(data) {
        let Token::TestnetUSDC_DailyCapReached(cap) = &error;
        let sentence = format!(
            "{} has had today's share of test USDC; the next one is there {}.",
            cap.who,
            moment(cap.availableAt)
        );
        return Failure {
            name: name_of::<Token>(error.selector()),
            sentence,
        };
    }
    if let Ok(error) = Library::abi_decode(data) {
        return Failure {
            name: name_of::<Library>(error.selector()),
            sentence: library_sentence(&error),
        };
    }
    if let Ok(error) = Router::abi_decode(data) {
        return Failure {
            name: name_of::<Router>(error.selector()),
            sentence: router_sentence(&error),
        };
    }
    if let Ok(error) = Registry::abi_decode(data) {
        return Failure {
            name: name_of::<Registry>(error.selector()),
            sentence: registry_sentence(&error),
        };
    }
    if let Ok(revert) = Revert::abi_decode(data) {
        return Failure {
            name: "Revert",
            sentence: format!("The contract refused: {}.", revert.reason),
        };
    }
    if let Ok(panic) = Panic::abi_decode(data) {
        let sentence = format!(
            "The contract stopped at a broken assumption (code {}); nothing was changed.",
            panic.code
        );
        return Failure {
            name: "Panic",
            sentence,
        };
    }
    let sentence = match data.get(..4) {
        Some(selector) => format!(
            "The contract refused for a reason this page does not know (0x{}).",
            alloy_primitives::hex::encode(selector)
        ),
        None => "The contract refused without giving a reason.".to_owned(),
    };
    Failure {
        name: "Unknown",
        sentence,
    }
}

/// The names that the generated enums have in addition to their selectors.
trait Named: SolInterface {
    const NAMES: &'static [&'static str];
    const SELECTORS: &'static [[u8; 4]];
}

macro_rules! named {
    ($($errors:ident),*) => {$(
        impl Named for $errors {
            const NAMES: &'static [&'static str] = $errors::VARIANT_NAMES;
            const SELECTORS: &'static [[u8; 4]] = $errors::SELECTORS;
        }
    )*};
}

named!(Escrow, Token, Library, Router, Registry);

fn name_of<T: Named>(selector: [u8; 4]) -> &'static str {
    let position = T::SELECTORS.iter().position(|known| *known == selector);
    position
        .and_then(|at| T::NAMES.get(at))
        .copied()
        .unwrap_or("Unknown")
}

fn escrow_sentence(error: &Escrow) -> String {
    match error {
        Escrow::AkashEscrow_InvalidTerms(e) => format!("The order's terms cannot be funded: {} is not valid.", e.field),
        Escrow::AkashEscrow_AlreadyFunded(_) => "This order is already funded.".to_owned(),
        Escrow::AkashEscrow_WrongStatus(e) => format!("This cannot be done because the escrow {}.", status(e.status)),
        Escrow::AkashEscrow_WrongMode(e) => match e.mode {
            Mode::Stream => "This escrow pays by the second and is not settled by agreement.".to_owned(),
            _ => "This escrow pays on completion and does not stream.".to_owned(),
        },
        Escrow::AkashEscrow_NotBuyer(_) => "Only the buyer of this order can do that.".to_owned(),
        Escrow::AkashEscrow_NotArbiter(_) => "Only this order's arbiter can do that.".to_owned(),
        Escrow::AkashEscrow_NotParty(_) => "Only this order's buyer or payee can do that.".to_owned(),
        Escrow::AkashEscrow_InvalidSignature(_) => "The other party's signature does not fit this agreement.".to_owned(),
        Escrow::AkashEscrow_AgreementExpired(e) => format!("The signed agreement ran out {}.", moment(e.deadline)),
        Escrow::AkashEscrow_RateOutOfRange(_) => "The rate is zero or higher than the buyer agreed to.".to_owned(),
        Escrow::AkashEscrow_TooLate(e) => format!("It is too late: this was possible until {}.", moment(e.deadline)),
        Escrow::AkashEscrow_TooEarly(e) => format!("It is too early: this is possible after {}.", moment(e.notBefore)),
        Escrow::AkashEscrow_Silent(_) => {
            "The operator has been silent too long, so nothing accrues any more; the rest can be reclaimed.".to_owned()
        }
        Escrow::AkashEscrow_EndInFuture(_) => "A lease cannot end in the future.".to_owned(),
        Escrow::AkashEscrow_SplitTooLarge(e) => {
            format!("The payee cannot get {}: the escrow holds {}.", usdc(e.amount), usdc(e.held))
        }
        Escrow::AkashEscrow_DepositTooLarge(_) => "The deposit would be larger than an escrow can hold.".to_owned(),
        Escrow::AkashEscrow_DepositChanged(e) => format!(
            "Money was added to this order in the meantime: it holds {} in all. Look at it again before you add more.",
            usdc(e.deposited)
        ),
        Escrow::AkashEscrow_NoCredit(_) => "There is nothing to withdraw.".to_owned(),
        Escrow::AkashEscrow_ZeroAddress(_) => "An address is missing.".to_owned(),
        Escrow::AkashEscrow_OutsidePolicy(e) => {
            format!("Your spend policy does not allow this order ({}).", policy_field(&e.field))
        }
        Escrow::AkashEscrow_InvalidPolicySignature(_) => "The spend policy is not signed by its buyer.".to_owned(),
        Escrow::AkashEscrow_KeptTooLittle(e) => {
            format!("The kept balance is {}; this needs {}.", usdc(e.kept), usdc(e.needed))
        }
        Escrow::AkashEscrow_ZeroAmount(_) => "The amount must not be zero.".to_owned(),
        Escrow::AkashEscrow_DepositMismatch(e) => {
            format!("The token moved {} instead of {}, so nothing was funded.", usdc(e.received), usdc(e.expected))
        }
        Escrow::AkashEscrow_SignatureLength(e) => {
            format!("The wallet's signature has {} bytes instead of 65; pay by approval instead.", e.length)
        }
    }
}

fn library_sentence(error: &Library) -> String {
    match error {
        Library::ERC20InsufficientBalance(e) => {
            format!(
                "The wallet holds {}; this needs {}.",
                usdc(e.balance),
                usdc(e.needed)
            )
        }
        Library::ERC20InsufficientAllowance(e) => {
            format!(
                "The approval covers {}; this needs {}.",
                usdc(e.allowance),
                usdc(e.needed)
            )
        }
        Library::ERC3009UsedAuthorization(_) => {
            "This signature has been used or cancelled.".to_owned()
        }
        Library::ERC3009InvalidAuthorizationTime(e) => format!(
            "The signature counts after {} and before {}, not now.",
            moment(e.validAfter),
            moment(e.validBefore)
        ),
        Library::ERC3009InvalidSignature(_)
        | Library::ERC2612InvalidSigner(_)
        | Library::ECDSAInvalidSignature(_)
        | Library::ECDSAInvalidSignatureLength(_)
        | Library::ECDSAInvalidSignatureS(_) => {
            "The signature does not fit what is to be paid.".to_owned()
        }
        Library::ERC2612ExpiredSignature(e) => {
            format!("The signature ran out {}.", moment(e.deadline))
        }
        Library::EnforcedPause(_) => {
            "New deposits are paused. Cancelling, closing and withdrawing still work.".to_owned()
        }
        Library::ExpectedPause(_) => "The contract is not paused.".to_owned(),
        Library::AccessControlUnauthorizedAccount(e) => {
            format!("{} does not have the role for this.", e.account)
        }
        Library::AccessControlBadConfirmation(_)
        | Library::AccessControlEnforcedDefaultAdminDelay(_)
        | Library::AccessControlEnforcedDefaultAdminRules(_)
        | Library::AccessControlInvalidDefaultAdmin(_) => {
            "The rules for changing the contract's administrator do not allow this.".to_owned()
        }
        Library::ERC20InvalidApprover(_)
        | Library::ERC20InvalidReceiver(_)
        | Library::ERC20InvalidSender(_)
        | Library::ERC20InvalidSpender(_) => "The token does not accept this address.".to_owned(),
        Library::InvalidAccountNonce(_) => "The signature is out of order; sign again.".to_owned(),
        Library::SafeERC20FailedOperation(_) => "The token refused the transfer.".to_owned(),
        Library::ReentrancyGuardReentrantCall(_) => {
            "The contract does not let itself be entered twice.".to_owned()
        }
        Library::SafeCastOverflowedUintDowncast(_)
        | Library::InvalidShortString(_)
        | Library::StringTooLong(_) => "A value is larger than the contract can hold.".to_owned(),
    }
}

fn router_sentence(error: &Router) -> String {
    match error {
        Router::ComputeRouter_AlreadyRouted(_) => "This job is already on record.".to_owned(),
        Router::ComputeRouter_UnknownJob(_) => "This job is not on record.".to_owned(),
        Router::ComputeRouter_InvalidDecision(e) => {
            format!("The decision cannot be recorded: {} is not valid.", e.field)
        }
        Router::ComputeRouter_InvalidTransition(_) => {
            "The job cannot move to that status.".to_owned()
        }
        Router::ComputeRouter_Untracked(_) => {
            "An untracked job is never linked to an escrow.".to_owned()
        }
        Router::ComputeRouter_AlreadySet(_) => "This can be recorded only once.".to_owned(),
        Router::ComputeRouter_Zero(_) => "A value is missing.".to_owned(),
    }
}

fn registry_sentence(error: &Registry) -> String {
    match error {
        Registry::ProviderRegistry_AlreadyRegistered(_) => {
            "You have registered this provider already.".to_owned()
        }
        Registry::ProviderRegistry_UnknownProvider(_) => {
            "This provider is not on record.".to_owned()
        }
        Registry::ProviderRegistry_NotOwner(_) => {
            "Only the provider's owner can do that.".to_owned()
        }
        Registry::ProviderRegistry_InvalidOffer(e) => {
            format!("The offer cannot be recorded: {} is not valid.", e.field)
        }
        Registry::ProviderRegistry_RateOutOfRange(_) => {
            "The rate is outside the offer's floor and ceiling, or the offer's price does not move."
                .to_owned()
        }
        Registry::ProviderRegistry_OfferChanged(_) => {
            "The offer has changed since you looked at it.".to_owned()
        }
        Registry::ProviderRegistry_Unchanged(_) => "Nothing would change.".to_owned(),
        Registry::ProviderRegistry_ZeroAddress(_) => "An address is missing.".to_owned(),
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::None => "does not exist",
        Status::Funded => "is funded and has not started",
        Status::Active => "is running",
        Status::Closed => "is closed",
        Status::__Invalid => "is in a state this page does not know",
    }
}

fn policy_field(field: &str) -> &str {
    match field {
        "mode" => "it covers streams only",
        "buyer" => "it is another buyer's",
        "payees" => "the payee is not among those it names",
        "maxRate" => "the rate is higher than it allows",
        "maxFeeBps" => "the fee is higher than it allows",
        "minRunTime" => "the deposit would not last long enough",
        "maxHeartbeatWindow" => "the operator could be silent for too long",
        "maxPerOrder" => "the order is larger than it allows",
        "maxPerDay" => "today's limit is reached",
        "maxOpen" => "too many orders are open",
        "expiry" => "it has run out",
        "nonce" => "it has been revoked",
        "order" => "the order was funded in another way",
        other => other,
    }
}

/// Whole and micro-units in readable form: at least two digits after the point, no trailing zeros
/// beyond.
fn usdc(micro: impl Into<Amount>) -> String {
    let Amount(micro) = micro.into();
    let million = U256::from(1_000_000);
    let fraction = format!("{:06}", (micro % million).to::<u64>());
    let kept = fraction.trim_end_matches('0').len().max(2);
    format!("{}.{} tUSDC", micro / million, &fraction[..kept])
}

struct Amount(U256);

impl From<U256> for Amount {
    fn from(micro: U256) -> Self {
        Self(micro)
    }
}

impl From<u128> for Amount {
    fn from(micro: u128) -> Self {
        Self(U256::from(micro))
    }
}

/// A moment in UTC, as `2027-01-15 08:00:00 UTC`. What does not fit a calendar is given in seconds.
fn moment(seconds: U256) -> String {
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map_or_else(
            || format!("second {seconds}"),
            |at| {
                let at = jiff::tz::Offset::UTC.to_datetime(at);
                let (year, month, day) = (at.year(), at.month(), at.day());
                let (hour, minute, second) = (at.hour(), at.minute(), at.second());
                format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
            },
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_like_money() {
        for (micro, text) in [
            (0_u128, "0.00 tUSDC"),
            (1, "0.000001 tUSDC"),
            (1_500_000, "1.50 tUSDC"),
            (20_000_000, "20.00 tUSDC"),
            (1_234_567, "1.234567 tUSDC"),
        ] {
            assert_eq!(usdc(micro), text);
        }
    }

    #[test]
    fn moments_read_like_a_calendar() {
        for (seconds, text) in [
            (0_u64, "1970-01-01 00:00:00 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_800_000_000, "2027-01-15 08:00:00 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(moment(U256::from(seconds)), text);
        }
        assert_eq!(moment(U256::from(u64::MAX)), format!("second {}", u64::MAX));
    }
}
