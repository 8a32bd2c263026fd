use proptest::prelude::*;

use super::{Fees, ListedPrice, Listing, QuarantineReason, normalize, normalize_all, screen};
use crate::money::Usd;
use crate::offers::gpu::VramMib;
use crate::offers::tokens::{Token, TokenRates};
use crate::offers::{CardsMilli, Decimal, Offer, Venue};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn per_shape(usd: &str) -> ListedPrice {
    ListedPrice::PerShapeHour(decimal(usd))
}

fn listing(gpu: &str, milli: u32, price: ListedPrice) -> Listing {
    Listing {
        cards: CardsMilli(milli),
        ..Listing::new(Venue::AwsSpot, "shape", gpu, price)
    }
}

fn dollars(micros: u64) -> Decimal {
    Decimal::from_usd(Usd::from_micros(micros))
}

fn offer(listing: Listing) -> Offer {
    normalize(listing, &TokenRates::default()).unwrap()
}

fn per_gpu(listing: Listing) -> String {
    offer(listing).usd_per_gpu_hour.to_string()
}

fn reason(listing: Listing) -> QuarantineReason {
    normalize(listing, &TokenRates::default())
        .unwrap_err()
        .reason
}

#[test]
fn the_golden_values_of_the_recorded_samples_come_out() {
    let bid = |uact: &str| ListedPrice::UactPerBlock(uact.parse().unwrap());
    let cents = |cents| ListedPrice::PerShapeHour(Decimal::cents(cents));
    let cases = [
        ("H100", 1000, bid("4262.041502"), "2.557225"),
        ("H100", 1000, bid("3398.934588"), "2.039361"),
        ("H100", 1000, bid("5264.579248"), "3.158748"),
        ("H100", 8000, per_shape("19.9678"), "2.495975"),
        ("A100", 8000, per_shape("12.8763"), "1.609538"),
        ("L4", 125, per_shape("0.0343"), "0.2744"),
        ("H100 (80 GB SXM5)", 8000, cents(3192), "3.99"),
        ("H100 (80 GB SXM5)", 1000, cents(429), "4.29"),
        ("A100 (80 GB SXM4)", 8000, cents(2232), "2.79"),
        (
            "H100 SXM",
            1000,
            ListedPrice::PerCardHour(decimal("3.49")),
            "3.49",
        ),
        ("L40S", 7000, per_shape("5.6395714814814815"), "0.805653"),
        ("B200", 8000, per_shape("39.92"), "4.99"),
        ("GeForce RTX 4090", 2000, per_shape("0.6"), "0.30"),
    ];
    for (gpu, milli, price, expected) in cases {
        let name = format!("{gpu} {price:?}");
        assert_eq!(per_gpu(listing(gpu, milli, price)), expected, "{name}");
    }
}

#[test]
fn a_network_fee_is_part_of_what_a_renter_pays() {
    let row = Listing {
        fees: Fees {
            share_bps: 1000,
            ..Fees::default()
        },
        ..listing("NVIDIA GeForce RTX 4090", 1000, per_shape("0.218175"))
    };
    let offer = offer(row);
    assert_eq!(offer.usd_per_gpu_hour.micros(), 239_993);
    assert_eq!(
        offer.arithmetic,
        "$0.218175/h + 10 % fee = $0.239993 per GPU-hour"
    );
}

#[test]
fn a_price_in_tokens_needs_the_token_s_price() {
    let price = ListedPrice::TokenPerSecond {
        token: Token::Nos,
        amount: decimal("0.0002156"),
    };
    let row = listing("RTX 4090", 1000, price);
    assert_eq!(
        reason(row.clone()),
        QuarantineReason::Unpriced { token: Token::Nos }
    );
    let rates = TokenRates::default().with(Token::Nos, decimal("0.3092"));
    let offer = normalize(row, &rates).unwrap();
    assert_eq!(offer.usd_per_gpu_hour.to_string(), "0.239989");

    let akt = ListedPrice::UaktPerBlock("5000".parse().unwrap());
    let rates = rates.with(Token::Akt, decimal("0.5"));
    let offer = normalize(listing("H100", 1000, akt), &rates).unwrap();
    assert_eq!(offer.usd_per_gpu_hour.to_string(), "1.50");
}

#[test]
fn a_part_of_a_card_stays_a_part_and_says_so() {
    let part = offer(Listing {
        vram: Some(VramMib(22_888)),
        ..listing("NVIDIA L4", 125, per_shape("0.0343"))
    });
    assert!(part.cards.is_fraction());
    assert_eq!(part.gpu.key().unwrap().to_string(), "l4 24 GiB");
    assert_eq!(part.notes, ["0.125 of a card, not a whole one."]);
    let slice = offer(listing(
        "NVIDIA RTX PRO 6000 Blackwell Server Edition MIG 1g.24gb",
        1000,
        per_shape("0.59"),
    ));
    assert_eq!(slice.cards, CardsMilli(250));
    assert_eq!(slice.usd_per_gpu_hour.to_string(), "2.36");
    assert_eq!(slice.usd_per_hour.to_string(), "0.59");
}

#[test]
fn a_whole_node_says_what_it_costs_to_enter() {
    let node = offer(listing("H100", 8000, per_shape("20")));
    assert_eq!(node.usd_per_gpu_hour.to_string(), "2.50");
    assert_eq!(node.notes, ["Rented whole: $20.00 an hour for 8 cards."]);
}

#[test]
fn impossible_prices_are_held_back_with_their_reason() {
    assert_eq!(
        reason(listing("H100", 1000, per_shape("0"))),
        QuarantineReason::Zero
    );
    assert_eq!(
        reason(listing("H100", 1000, per_shape("-2.5"))),
        QuarantineReason::Negative
    );
    assert_eq!(
        reason(listing("H100", 0, per_shape("1"))),
        QuarantineReason::NoCards
    );
    assert_eq!(
        reason(listing("H100", 1000, per_shape("0.01"))).to_string(),
        "$0.01 per GPU-hour is outside $0.20 to $25.00 for this card"
    );
}

#[test]
fn an_unknown_spelling_is_shown_as_it_stands() {
    let row = offer(listing("Gaudi2 HL-225", 1000, per_shape("1.2")));
    assert_eq!(row.gpu.key(), None);
    assert_eq!(row.gpu.name(), "Gaudi2 HL-225");
    let wrong_memory = offer(Listing {
        vram: Some(VramMib::gib(24)),
        ..listing("H100", 1000, per_shape("2"))
    });
    assert_eq!(wrong_memory.gpu.key(), None);
}

#[test]
fn a_row_that_stands_twice_is_one_offer_and_one_with_a_higher_price_is_another() {
    let twice = vec![
        listing("L4", 4000, per_shape("2.4")),
        listing("L4", 4000, per_shape("2.4")),
        listing("L4", 4000, per_shape("2.5")),
    ];
    let (offers, quarantined) = normalize_all(twice, &TokenRates::default());
    let ids: Vec<&str> = offers.iter().map(|offer| offer.id.as_str()).collect();
    assert_eq!(ids, ["aws-spot/shape", "aws-spot/shape#2"]);
    assert!(quarantined.is_empty());
}

#[test]
fn a_row_far_below_the_same_card_elsewhere_is_held_back() {
    let row = |shape: &str, usd: &str| {
        offer(Listing {
            shape: shape.to_owned(),
            ..listing("H100 SXM", 1000, per_shape(usd))
        })
    };
    let offers = vec![
        row("a", "2.5"),
        row("b", "2.6"),
        row("c", "2.7"),
        row("d", "2.8"),
        row("e", "0.5"),
    ];
    let (kept, held) = screen(offers.clone());
    assert_eq!(kept.len(), 4);
    assert_eq!(
        held[0].reason.to_string(),
        "$0.50 per GPU-hour is below a fifth of this card's median, $2.60"
    );
    let few = offers[1..].to_vec();
    assert_eq!(screen(few).1, [], "four rows make no median");
}

proptest! {
    #[test]
    fn cards_and_price_scale_together(micros in 300_000_u64..20_000_000, cards in 1_u32..17) {
        let one = listing("H100", 1000, ListedPrice::PerShapeHour(Decimal::whole(micros).scaled_by(1, 1_000_000).unwrap()));
        let many = listing(
            "H100",
            cards * 1000,
            ListedPrice::PerShapeHour(Decimal::whole(micros * u64::from(cards)).scaled_by(1, 1_000_000).unwrap()),
        );
        prop_assert_eq!(offer(one).usd_per_gpu_hour, offer(many).usd_per_gpu_hour);
    }

    #[test]
    fn a_fee_never_makes_an_offer_cheaper(micros in 300_000_u64..15_000_000, fee in 0_u32..3000) {
        let price = ListedPrice::PerShapeHour(Decimal::whole(micros).scaled_by(1, 1_000_000).unwrap());
        let plain = listing("H100", 1000, price);
        let fees = Fees { share_bps: fee, ..Fees::default() };
        let charged = Listing { fees, ..plain.clone() };
        prop_assert!(offer(charged).usd_per_gpu_hour >= offer(plain).usd_per_gpu_hour);
    }

    #[test]
    fn the_unit_a_price_comes_in_does_not_matter(mills in 300_u64..20_000, cards in 1_u32..9) {
        let card = Decimal::whole(mills).scaled_by(1, 1000).unwrap();
        let shape = card.scaled_by(u64::from(cards), 1).unwrap();
        let by_card = listing("H100", cards * 1000, ListedPrice::PerCardHour(card));
        let by_shape = listing("H100", cards * 1000, ListedPrice::PerShapeHour(shape));
        let (by_card, by_shape) = (offer(by_card), offer(by_shape));
        prop_assert_eq!(by_card.usd_per_gpu_hour, by_shape.usd_per_gpu_hour);
        prop_assert_eq!(by_card.usd_per_hour, by_shape.usd_per_hour);
    }

    #[test]
    fn fee_and_extras_are_what_they_say_to_the_micro_dollar(
        micros in 300_000_u64..15_000_000,
        fee in 0_u32..3000,
        extra in 0_u64..1_000_000,
        cards in 1_u32..9,
    ) {
        let fees = Fees { share_bps: fee, extras_per_hour: dollars(extra) };
        let price = ListedPrice::PerShapeHour(dollars(micros * u64::from(cards)));
        let charged = offer(Listing { fees, ..listing("H100", cards * 1000, price) });
        // Hundredths of a per cent of a micro-dollar.
        let exact = micros * u64::from(cards) * u64::from(10_000 + fee) + extra * 10_000;
        prop_assert_eq!(charged.usd_per_hour.micros(), (exact + 5_000) / 10_000);
        let card = (exact / u64::from(cards) + 5_000) / 10_000;
        prop_assert!(charged.usd_per_gpu_hour.micros().abs_diff(card) <= 1);
    }

    #[test]
    fn a_bid_in_uact_costs_six_hundred_blocks_an_hour(milli_uact in 400_000_u64..30_000_000) {
        let amount = format!("{}.{:03}", milli_uact / 1000, milli_uact % 1000);
        let bid = ListedPrice::UactPerBlock(amount.parse().unwrap());
        let hour = offer(listing("H100", 1000, bid)).usd_per_gpu_hour;
        prop_assert_eq!(hour.micros(), (milli_uact * 600).div_ceil(1000));
    }

    #[test]
    fn a_price_in_tokens_is_the_same_as_its_worth_in_dollars(
        nano_per_second in 100_000_u64..2_000_000,
        rate_cents in 30_u64..500,
    ) {
        let amount = Decimal::whole(nano_per_second).scaled_by(1, 1_000_000_000).unwrap();
        let rate = Decimal::cents(rate_cents);
        let worth = amount.scaled_by(3600, 1).unwrap().times(rate).unwrap();
        let rates = TokenRates::default().with(Token::Nos, rate);
        let in_tokens = ListedPrice::TokenPerSecond { token: Token::Nos, amount };
        let in_tokens = normalize(listing("RTX 4090", 1000, in_tokens), &rates);
        let in_dollars = normalize(listing("RTX 4090", 1000, ListedPrice::PerShapeHour(worth)), &rates);
        prop_assert_eq!(
            in_tokens.map(|offer| offer.usd_per_hour).map_err(|held| held.reason),
            in_dollars.map(|offer| offer.usd_per_hour).map_err(|held| held.reason)
        );
    }

    #[test]
    fn a_part_costs_its_share_of_the_card(micros in 300_000_u64..2_000_000, eighths in 1_u32..9) {
        let shape = Decimal::whole(micros * u64::from(eighths)).scaled_by(1, 8_000_000).unwrap();
        let part = offer(listing("L4", eighths * 125, ListedPrice::PerShapeHour(shape)));
        prop_assert!(part.usd_per_gpu_hour.micros().abs_diff(micros) <= 1);
    }
}
