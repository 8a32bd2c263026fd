//! Properties of the encoding: nothing is lost on the way, and no bytes make it fail otherwise than with an error.

use akash_tx::{Any, AuthInfo, Coin, Denom, Fee, Message, PublicKey, SignDoc, TxBody, TxRaw};
use proptest::collection::vec;
use proptest::prelude::*;

const TYPES: [&str; 4] = [
    "/akash.deployment.v1beta4.MsgCreateDeployment",
    "/akash.market.v1beta5.MsgCreateLease",
    "/akash.escrow.v1.MsgAccountDeposit",
    "/cosmos.authz.v1beta1.MsgGrant",
];

fn any() -> impl Strategy<Value = Any> {
    (".{0,20}", vec(proptest::num::u8::ANY, 0..40))
        .prop_map(|(type_url, value)| Any { type_url, value })
}

proptest! {
    #[test]
    fn a_body_is_read_as_it_was_written(
        messages in vec(any(), 0..4),
        memo in ".{0,40}",
        timeout_height in proptest::num::u64::ANY,
    ) {
        let body = TxBody { messages, memo, timeout_height };
        prop_assert_eq!(TxBody::decode(&body.encode()), Ok(body));
    }

    #[test]
    fn a_fee_is_read_as_it_was_written(
        sequence in proptest::num::u64::ANY,
        gas_limit in proptest::num::u64::ANY,
        amounts in vec(proptest::num::u128::ANY, 0..3),
    ) {
        let fee = Fee {
            amount: amounts
                .into_iter()
                .map(|amount| Coin { denom: Denom::Uakt, amount })
                .collect(),
            gas_limit,
            payer: None,
            granter: None,
        };
        let auth_info = AuthInfo::direct(PublicKey { key: [2; 33] }, sequence, fee);
        prop_assert_eq!(AuthInfo::decode(&auth_info.encode()), Ok(auth_info));
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_read(bytes in vec(proptest::num::u8::ANY, 0..200)) {
        for type_url in TYPES {
            let any = Any { type_url: type_url.to_owned(), value: bytes.clone() };
            if let Ok(message) = Message::from_any(&any) {
                prop_assert_eq!(Message::from_any(&message.to_any()), Ok(message));
            }
        }
        if let Ok(raw) = TxRaw::decode(&bytes) {
            prop_assert_eq!(TxRaw::decode(&raw.encode()), Ok(raw));
        }
        if let Ok(doc) = SignDoc::decode(&bytes) {
            prop_assert_eq!(SignDoc::decode(&doc.encode()), Ok(doc));
        }
    }
}
