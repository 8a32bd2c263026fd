use super::{
    Feed, FeedAnswer, FeedError, FeedKind, Verification, decode_decimals, decode_description,
    decode_pyth, decode_round, of_price, pyth_call, verify,
};
use crate::offers::Decimal;
use crate::offers::tokens::{AgeLimits, Token, TokenPrice, Vote, median_price};
use crate::time::{Seconds, UnixSeconds};

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);

fn word(number: i128) -> [u8; 32] {
    let mut word = [if number < 0 { 0xff } else { 0 }; 32];
    word[16..].copy_from_slice(&number.to_be_bytes());
    word
}

fn words(numbers: &[i128]) -> Vec<u8> {
    numbers.iter().copied().flat_map(word).collect()
}

fn feed() -> Feed {
    Feed {
        kind: FeedKind::Chainlink,
        chain: "ethereum".to_owned(),
        address: "0x4ffc43a60e009b551865a93d232e33fce9f01507".to_owned(),
        pair: "SOL / USD".to_owned(),
        max_age: Seconds::hours(1),
        max_deviation_bps: 200,
    }
}

fn answer(usd: &str, age: u64) -> Result<FeedAnswer, FeedError> {
    Ok(FeedAnswer {
        usd: usd.parse().unwrap(),
        confidence: None,
        updated_at: UnixSeconds(NOW.0 - age),
        round: Some(7),
    })
}

fn ours(usd: &str) -> Decimal {
    usd.parse().unwrap()
}

#[test]
fn a_round_is_decoded_with_its_decimals() {
    let bytes = words(&[7, 15_012_345_678, 1, 1_799_999_000, 7]);
    let answer = decode_round(&bytes, decode_decimals(&words(&[8])).unwrap()).unwrap();
    assert_eq!(answer.usd.to_string(), "150.12345678");
    assert_eq!(answer.updated_at, UnixSeconds(1_799_999_000));
    assert_eq!(answer.round, Some(7));
    let negative = words(&[7, -1, 1, 1_799_999_000, 7]);
    assert_eq!(decode_round(&negative, 8), Err(FeedError::NotPositive));
    assert_eq!(
        decode_round(&bytes[..100], 8),
        Err(FeedError::TooShort(100))
    );
}

#[test]
fn a_pyth_price_is_decoded_with_its_exponent_and_uncertainty() {
    let bytes = words(&[54_376_100, 12_000, -8, 1_799_999_990]);
    let answer = decode_pyth(&bytes).unwrap();
    assert_eq!(answer.usd.to_string(), "0.543761");
    assert_eq!(answer.confidence.unwrap().to_string(), "0.00012");
    let call = pyth_call([0x4e; 32]);
    assert_eq!(
        (call.len(), &call[..4]),
        (36, &[0x96, 0x83, 0x4a, 0xd3][..])
    );
}

#[test]
fn a_description_is_read_and_garbage_is_refused() {
    let mut bytes = words(&[32, 9]);
    bytes.extend_from_slice(b"SOL / USD");
    bytes.resize(96, 0);
    assert_eq!(decode_description(&bytes).unwrap(), "SOL / USD");
    assert!(decode_description(&words(&[1 << 100, 9])).is_err());
    assert!(decode_description(&words(&[32, 900])).is_err());
}

#[test]
fn only_a_fresh_agreeing_feed_of_the_token_itself_verifies() {
    let check =
        |feed: &Feed, described, answer: &_, mine| verify(feed, described, answer, ours(mine), NOW);
    let token = feed();
    let fresh = answer("150", 60);
    assert!(matches!(
        check(&token, Some("SOL / USD"), &fresh, "151"),
        Verification::Verified(_)
    ));
    let mismatch = check(&token, Some("SOL / USD"), &fresh, "160");
    assert_eq!(
        mismatch.to_string(),
        "mismatch: SOL / USD by chainlink on ethereum at \
         0x4ffc43a60e009b551865a93d232e33fce9f01507, round 7, 1 min old, 150 there and 160 here, \
         6.66 % apart"
    );
    let cases = [
        (
            check(&token, Some("AKT / USD"), &fresh, "150"),
            "unverified: the feed describes itself as “AKT / USD”, not “SOL / USD”",
        ),
        (
            check(&token, None, &answer("150", 7200), "150"),
            "unverified: the feed's answer is 2 h old",
        ),
        (
            check(&token, None, &Err(FeedError::NotPositive), "150"),
            "unverified: the feed's price is not positive",
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found.to_string(), expected);
    }
}

#[test]
fn an_uncertain_feed_verifies_nothing() {
    let uncertain = Ok(FeedAnswer {
        confidence: Some(ours("9")),
        ..answer("150", 1).unwrap()
    });
    let found = verify(&feed(), None, &uncertain, ours("150"), NOW);
    assert_eq!(
        found.to_string(),
        "unverified: the feed is less certain than the limit"
    );
}

#[test]
fn a_leg_that_a_price_is_quoted_in_verifies_that_leg_only() {
    let price = |via: Option<Token>| -> TokenPrice {
        let vote = |source: &str, via| Vote {
            source: source.to_owned(),
            usd: ours("0.28"),
            at: NOW,
            via,
        };
        let votes = vec![vote("coingecko", None), vote("exchange", via)];
        median_price(Token::Io, votes, NOW, AgeLimits::default()).unwrap()
    };
    let said = |usd: &str| verify(&feed(), None, &answer(usd, 60), ours("1"), NOW);
    let status = |via, checks: &[(Token, Verification)]| {
        let checks = checks.iter().cloned().collect();
        of_price(&price(via), &checks).to_string()
    };
    let usdt = Some(Token::Usdt);
    let agrees = (Token::Usdt, said("1"));
    assert!(status(usdt, std::slice::from_ref(&agrees)).starts_with("quote leg verified: "));
    let none = "unverified: no feed of it is configured";
    assert_eq!(status(None, std::slice::from_ref(&agrees)), none);
    assert_eq!(status(usdt, &[(Token::Usdt, said("2"))]), none);
    // The token's own feed takes precedence over that of the quote currency, and verifies more.
    let own = (Token::Io, said("2"));
    assert!(status(usdt, &[agrees.clone(), own]).starts_with("mismatch: "));
    let silent = Verification::Unverified {
        reason: "the feed's answer is 2 h old".to_owned(),
    };
    assert!(status(usdt, &[agrees, (Token::Io, silent)]).starts_with("quote leg verified: "));
}
