//! Reading the chain's answers: events from logs, sentences from refusals.

use evm_types::AkashEscrow::{
    AkashEscrow_InvalidTerms, AkashEscrow_KeptTooLittle, AkashEscrow_OutsidePolicy,
    AkashEscrow_TooEarly, AkashEscrow_WrongStatus, Closed, Reason, Status,
};
use evm_types::alloy_primitives::{Address, B256, U256, keccak256};
use evm_types::alloy_sol_types::{Panic, PanicKind, Revert, SolError, SolEvent};
use evm_types::bindings::Library::{ERC20InsufficientBalance, EnforcedPause};
use evm_types::{EscrowEvent, decode_escrow_event, decode_failure};

fn closed() -> Closed {
    Closed {
        id: B256::repeat_byte(7),
        reason: Reason::EndedByOperator,
        released: 401,
        fee: 10,
        refunded: 599,
        endedAt: 1_800_000_401,
    }
}

fn topics(event: &impl SolEvent) -> Vec<B256> {
    event.encode_topics().into_iter().map(B256::from).collect()
}

#[test]
fn an_event_is_read_as_it_was_written() {
    let event = closed();
    let read = decode_escrow_event(&topics(&event), &event.encode_data());
    assert_eq!(read, Ok(Some(EscrowEvent::Closed(event))));
}

#[test]
fn somebody_elses_event_is_none_of_ours() {
    let topic = keccak256("RoleGranted(bytes32,address,address)");
    assert_eq!(decode_escrow_event(&[topic], &[]), Ok(None));
    assert_eq!(decode_escrow_event(&[], &[]), Ok(None));
}

#[test]
fn an_event_that_does_not_fit_is_an_error_and_not_nothing() {
    let event = closed();
    let error =
        decode_escrow_event(&topics(&event), &[1, 2, 3]).expect_err("three bytes are no event");
    assert_eq!(error.topic, Closed::SIGNATURE_HASH);
    assert!(
        error.to_string().starts_with("the log with topic 0x"),
        "{error}"
    );
}

fn check(data: &[u8], name: &str, sentence: &str) {
    let failure = decode_failure(data);
    assert_eq!(failure.name, name);
    assert_eq!(failure.sentence, sentence);
}

#[test]
fn a_refusal_is_one_plain_sentence() {
    check(
        &AkashEscrow_WrongStatus {
            id: B256::ZERO,
            status: Status::Closed,
        }
        .abi_encode(),
        "AkashEscrow_WrongStatus",
        "This cannot be done because the escrow is closed.",
    );
    check(
        &AkashEscrow_TooEarly {
            notBefore: U256::from(1_800_000_000_u64),
        }
        .abi_encode(),
        "AkashEscrow_TooEarly",
        "It is too early: this is possible after 2027-01-15 08:00:00 UTC.",
    );
    check(
        &AkashEscrow_InvalidTerms {
            field: "activateBy".to_owned(),
        }
        .abi_encode(),
        "AkashEscrow_InvalidTerms",
        "The order's terms cannot be funded: activateBy is not valid.",
    );
    check(
        &AkashEscrow_OutsidePolicy {
            field: "maxPerDay".to_owned(),
        }
        .abi_encode(),
        "AkashEscrow_OutsidePolicy",
        "Your spend policy does not allow this order (today's limit is reached).",
    );
    check(
        &AkashEscrow_KeptTooLittle {
            buyer: Address::ZERO,
            kept: U256::from(5),
            needed: U256::from(2_500_000),
        }
        .abi_encode(),
        "AkashEscrow_KeptTooLittle",
        "The kept balance is 0.000005 tUSDC; this needs 2.50 tUSDC.",
    );
}

#[test]
fn the_tokens_and_the_librarys_refusals_are_read_too() {
    check(
        &ERC20InsufficientBalance {
            sender: Address::ZERO,
            balance: U256::ZERO,
            needed: U256::from(10_000_000),
        }
        .abi_encode(),
        "ERC20InsufficientBalance",
        "The wallet holds 0.00 tUSDC; this needs 10.00 tUSDC.",
    );
    check(
        &EnforcedPause {}.abi_encode(),
        "EnforcedPause",
        "New deposits are paused. Cancelling, closing and withdrawing still work.",
    );
}

#[test]
fn what_is_not_ours_is_said_to_be_unknown() {
    check(
        &Revert {
            reason: "no".to_owned(),
        }
        .abi_encode(),
        "Revert",
        "The contract refused: no.",
    );
    check(
        &Panic::from(PanicKind::UnderOverflow).abi_encode(),
        "Panic",
        "The contract stopped at a broken assumption (code 17); nothing was changed.",
    );
    check(
        &[],
        "Unknown",
        "The contract refused without giving a reason.",
    );
    check(
        &[0xde, 0xad, 0xbe, 0xef, 0x00],
        "Unknown",
        "The contract refused for a reason this page does not know (0xdeadbeef).",
    );
}
