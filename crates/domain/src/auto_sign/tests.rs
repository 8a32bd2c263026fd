use std::collections::BTreeSet;

use super::{
    Doubt, Facts, Grounds, KeptBalance, MOST_PER_ORDER, OrderTerms, Origin, PolicyLimits,
    SpendPolicy, Verdict, confirmed_by, decide,
};
use crate::escrow::ScaledRate;
use crate::ids::{Address, Hash32};
use crate::journey::{SdlSource, ThinkingKind, ThinkingStep};
use crate::money::{TokenAmount, UactPerBlock, Usd};
use crate::quote::{Caps, CostLine, MarketView, Quote, quote};
use crate::requirements::{Template, Wish};
use crate::resources::{Bytes, GpuRequest};
use crate::time::{Seconds, UnixSeconds};

const NOW: UnixSeconds = UnixSeconds(1_800_000_000);
const TERMS: OrderTerms = OrderTerms {
    buyer: Address::from_bytes([3; 20]),
    payee: Address::from_bytes([4; 20]),
    fee_bps: 100,
    heartbeat_window: Seconds::minutes(30),
};

fn usdc(whole: u128) -> TokenAmount {
    TokenAmount::from_micros(whole * 1_000_000)
}

/// A case in which everything is in order, to be broken in one place.
struct Case {
    policy: SpendPolicy,
    chain: KeptBalance,
    under_way: TokenAmount,
    quote: Quote,
    terms: OrderTerms,
    wish: Wish,
    rules: Option<Wish>,
    confirmed: BTreeSet<String>,
    sets_aside: bool,
    steps: Vec<ThinkingStep>,
    sdl_source: SdlSource,
    origin: Origin,
    now: UnixSeconds,
}

/// Quote for `hours` at `dollars` an hour.
fn priced(dollars: &str, hours: u64) -> Quote {
    let market = MarketView {
        lines: vec![CostLine {
            what: "everything".to_owned(),
            usd_per_hour: dollars.parse::<Usd>().unwrap(),
            source: "test".to_owned(),
        }],
        screened_providers: 3,
        sdl_cap: UactPerBlock::from_scaled(u128::MAX),
        observed_at: NOW,
    };
    quote(&market, Seconds::hours(hours), Caps::default(), NOW).unwrap()
}

fn said() -> Wish {
    Wish {
        template: Some(Template::Redis),
        duration: Some(Seconds::hours(2)),
        ..Wish::default()
    }
}

impl Case {
    fn new() -> Self {
        let limits = PolicyLimits {
            per_order: usdc(20),
            per_day: usdc(20),
            lasts: Seconds::days(30),
        };
        Self {
            policy: limits.policy(TERMS, 2, NOW.after(limits.lasts)),
            chain: KeptBalance {
                kept: usdc(50),
                nonce: 2,
                spent_today: TokenAmount::ZERO,
                open: 0,
                at: NOW,
            },
            under_way: TokenAmount::ZERO,
            quote: priced("0.10", 2),
            terms: TERMS,
            wish: said(),
            rules: Some(said()),
            confirmed: BTreeSet::new(),
            sets_aside: false,
            steps: Vec::new(),
            sdl_source: SdlSource::Generated,
            origin: Origin::Page,
            now: NOW.after(Seconds(2)),
        }
    }

    fn verdict(&self) -> Verdict {
        let grounds = Grounds {
            wish: &self.wish,
            rules: self.rules.as_ref(),
            confirmed: &self.confirmed,
            sets_aside: self.sets_aside,
            steps: &self.steps,
            sdl_source: self.sdl_source,
            origin: self.origin,
        };
        decide(&Facts {
            policy: &self.policy,
            digest: Hash32::from_bytes([7; 32]),
            chain: &self.chain,
            under_way: self.under_way,
            orders_under_way: 0,
            quote: &self.quote,
            terms: self.terms,
            grounds: &grounds,
            now: self.now,
        })
    }

    fn doubts(&self) -> Vec<String> {
        match self.verdict() {
            Verdict::Pays(_) => Vec::new(),
            Verdict::Asks { doubts } => doubts.iter().map(Doubt::sentence).collect(),
            other => panic!("the rule itself neither waits nor cancels: {other:?}"),
        }
    }
}

/// Breaks one thing in a case.
type Spoil = fn(&mut Case);

fn spoilt(spoil: impl FnOnce(&mut Case)) -> Vec<String> {
    let mut case = Case::new();
    spoil(&mut case);
    case.doubts()
}

#[test]
fn what_is_stated_priced_now_and_within_every_limit_is_paid() {
    let case = Case::new();
    let Verdict::Pays(used) = case.verdict() else {
        panic!("{:?}", case.doubts());
    };
    assert_eq!(used.per_order, usdc(20));
    let left = usdc(20).saturating_sub(case.quote.deposit);
    assert_eq!(used.left_today, left);
}

#[test]
fn every_limit_asks_by_its_name() {
    let costs = Case::new().quote.deposit;
    let little = TokenAmount::from_micros(250_000);
    let day = format!("it costs {costs} tUSDC, and {little} is left of today’s limit");
    let kept = format!("it costs {costs} tUSDC, and {little} is left of your prepaid balance");
    let order = format!("it costs {costs} tUSDC, and your limit for one order is 0.10");
    let spent = usdc(20).saturating_sub(little);
    let cases: [(Spoil, &str); 9] = [
        (
            |case| case.policy.nonce = 1,
            "your spend policy was revoked",
        ),
        (
            |case| case.policy.expiry = UnixSeconds(NOW.0 - 1),
            "your spend policy has expired",
        ),
        (
            |case| case.terms.payee = Address::from_bytes([9; 20]),
            "your spend policy does not allow its payee",
        ),
        (
            |case| case.policy.max_rate = ScaledRate::from_scaled(1),
            "your spend policy does not allow its rate",
        ),
        (
            |case| case.policy.max_fee_bps = 99,
            "your spend policy does not allow its fee",
        ),
        (
            |case| case.policy.max_heartbeat_window = Seconds(1),
            "your spend policy does not allow its heartbeat window",
        ),
        (
            |case| case.policy.max_per_order = TokenAmount::from_micros(100_000),
            &order,
        ),
        (
            |case| case.chain.open = 5,
            "5 orders paid this way are open already",
        ),
        (
            |case| case.now = NOW.after(Seconds(61)),
            "the price is more than a minute old: ask for it again",
        ),
    ];
    for (spoil, sentence) in cases {
        assert_eq!(spoilt(spoil), [sentence]);
    }
    assert_eq!(spoilt(|case| case.chain.spent_today = spent), [day]);
    assert_eq!(spoilt(|case| case.chain.kept = little), [kept]);
    // Money on its way into another order counts as spent.
    let under_way = spoilt(|case| case.under_way = usdc(50));
    assert_eq!(under_way.len(), 2, "{under_way:?}");
}

#[test]
fn a_request_that_a_link_or_a_plain_form_made_asks() {
    assert_eq!(
        spoilt(|case| case.origin = Origin::Link),
        ["the request came with a link, and what a link says is never paid by itself"]
    );
    assert_eq!(
        spoilt(|case| case.origin = Origin::PlainForm),
        ["the request was sent before you saw its price"]
    );
}

#[test]
fn a_signed_limit_above_the_ceiling_counts_as_the_ceiling() {
    let doubts = spoilt(|case| {
        case.policy.max_per_order = usdc(500);
        case.policy.max_per_day = usdc(500);
        case.policy.max_rate = ScaledRate::from_scaled(u128::MAX);
        case.chain.kept = usdc(900);
        case.quote = priced("20", 2);
    });
    let costs = priced("20", 2).deposit;
    assert_eq!(
        doubts,
        [
            format!("it costs {costs} tUSDC, and your limit for one order is 20.00"),
            format!("it costs {costs} tUSDC, and 20.00 is left of today’s limit")
        ]
    );
    let limits = |per_order, per_day| PolicyLimits {
        per_order,
        per_day,
        lasts: Seconds::days(7),
    };
    assert!(limits(MOST_PER_ORDER, usdc(20)).checked().is_ok());
    assert!(limits(usdc(21), usdc(21)).checked().is_err());
    assert!(limits(usdc(20), usdc(19)).checked().is_err());
    assert!(limits(TokenAmount::ZERO, usdc(1)).checked().is_err());
}

#[test]
fn what_nobody_stated_asks() {
    let gpu = GpuRequest {
        vendor: None,
        model: Some("h100".parse().unwrap()),
        count: 1,
        vram_gib: None,
        interface: None,
    };
    let with = |wish: Wish| {
        spoilt(|case| {
            case.rules = Some(wish.clone());
            case.wish = wish;
        })
    };
    assert_eq!(
        with(Wish {
            duration: None,
            ..said()
        }),
        ["the duration was assumed"]
    );
    assert_eq!(
        with(Wish {
            template: Some(Template::MlTraining),
            ..said()
        }),
        ["the GPU was assumed"]
    );
    let bare_gpu = with(Wish {
        template: None,
        gpu: Some(gpu),
        ..said()
    });
    assert_eq!(bare_gpu[0], "the image was assumed");
    let image = with(Wish {
        template: None,
        image: Some("nginx:1.27".to_owned()),
        memory: Some(Bytes::gib(1)),
        ..said()
    });
    assert_eq!(
        image,
        [
            "the CPU was assumed",
            "the storage was assumed",
            "the ports were assumed"
        ]
    );
}

#[test]
fn what_only_a_model_read_asks_until_the_buyer_keeps_it() {
    let proposed = Wish {
        memory: Some(Bytes::gib(64)),
        ..said()
    };
    let alone = ["only a model read the memory out of your words"];
    assert_eq!(spoilt(|case| case.wish = proposed.clone()), alone);
    let inferred = Wish {
        inferred: [("memory".to_owned(), "to be safe".to_owned())].into(),
        ..proposed.clone()
    };
    assert_eq!(
        spoilt(|case| case.wish = inferred.clone()),
        ["the memory was assumed"]
    );
    let kept = confirmed_by(&inferred, &proposed);
    assert_eq!(kept, BTreeSet::from(["memory".to_owned()]));
    let doubts = spoilt(|case| {
        case.wish = proposed.clone();
        case.confirmed = kept;
    });
    assert!(doubts.is_empty(), "{doubts:?}");
}

#[test]
fn words_with_orders_or_open_questions_and_foreign_documents_ask() {
    let step = |kind| ThinkingStep {
        kind,
        text: String::new(),
        evidence: None,
        after_ms: 0,
    };
    let aside = "your words hold instructions to the agent, which were set aside";
    assert_eq!(spoilt(|case| case.sets_aside = true), [aside]);
    assert_eq!(
        spoilt(|case| case.steps = vec![step(ThinkingKind::SetAside)]),
        [aside]
    );
    assert_eq!(
        spoilt(|case| case.steps = vec![step(ThinkingKind::Asked)]),
        ["something in your words is unclear"]
    );
    for source in [SdlSource::Edited, SdlSource::Imported] {
        assert_eq!(
            spoilt(|case| case.sdl_source = source),
            ["an SDL of your own is confirmed by you each time"]
        );
    }
}
