//! The lives of streams that the contract's own tests live, lived by `domain::escrow`.

use std::fs;
use std::path::Path;

use domain::escrow::{ScaledRate, Settlement, Stream};
use domain::money::TokenAmount;
use domain::time::{Seconds, UnixSeconds};
use serde_json::Value;

/// Where the contract's tests begin.
const START: u64 = 1_800_000_000;

/// The file's numbers, in order. `contracts/test/vectors/generate.mjs` says what each is.
struct Numbers {
    texts: Vec<String>,
    next: usize,
}

impl Numbers {
    fn read() -> (usize, Self) {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts/test/vectors/escrow.json");
        let text = fs::read_to_string(path).expect("the vectors are committed");
        let json: Value = serde_json::from_str(&text).expect("the vectors are JSON");
        let lives = json["lives"].as_u64().expect("the file counts its lives");
        let numbers = json["numbers"]
            .as_array()
            .expect("the file has numbers")
            .iter();
        let texts = numbers
            .map(|number| number.as_str().expect("numbers are texts").to_owned())
            .collect();
        (
            usize::try_from(lives).expect("a count of lives is small"),
            Self { texts, next: 0 },
        )
    }

    fn text(&mut self) -> String {
        self.next += 1;
        self.texts[self.next - 1].clone()
    }

    fn wide(&mut self) -> u128 {
        self.text().parse().expect("the number fits 128 bits")
    }

    fn narrow(&mut self) -> u64 {
        self.text().parse().expect("the number fits 64 bits")
    }

    fn amount(&mut self) -> TokenAmount {
        TokenAmount::from_micros(self.wide())
    }
}

/// What was done in a step.
enum Done {
    Continues(Stream),
    Ends(Settlement),
    Refused,
}

fn act(stream: Stream, kind: u64, amount: u128, fee_bps: u16, now: UnixSeconds) -> Done {
    let continues = |next: Result<Stream, _>| next.map_or(Done::Refused, Done::Continues);
    match kind {
        0 => continues(stream.heartbeat(now)),
        1 => continues(stream.top_up(TokenAmount::from_micros(amount), now)),
        2 => Done::Continues(stream),
        3 => Done::Ends(stream.settle_now(now, fee_bps)),
        4 => {
            let after_start = Seconds(u64::try_from(amount).expect("a time fits 64 bits"));
            let ended_at = stream.activated_at.after(after_start);
            if ended_at > now {
                Done::Refused
            } else {
                Done::Ends(stream.settle_at(ended_at, now, fee_bps))
            }
        }
        5 if stream.is_silent(now) => Done::Ends(stream.settle_now(now, fee_bps)),
        5 => Done::Refused,
        other => panic!("there is no kind {other}"),
    }
}

fn live(numbers: &mut Numbers, life: usize) {
    let steps = numbers.narrow();
    let deposit = numbers.amount();
    let rate = ScaledRate::from_scaled(numbers.wide());
    let window = Seconds(numbers.narrow());
    let fee_bps = u16::try_from(numbers.narrow()).expect("a fee fits 16 bits");
    let start = UnixSeconds(START).after(Seconds(numbers.narrow()));
    let mut stream = Stream::activated(deposit, rate, window, start);
    let mut now = start;
    for step in 0..steps {
        let at = format!("life {life}, step {step}");
        let kind = numbers.narrow();
        now = now.after(Seconds(numbers.narrow()));
        let amount = numbers.wide();
        let works = numbers.narrow() == 1;
        let done = act(stream, kind, amount, fee_bps, now);
        assert_eq!(
            !matches!(done, Done::Refused),
            works,
            "{at}: whether it works"
        );
        if let Done::Continues(next) = done {
            stream = next;
        }
        let (accrual, checkpoint) = (numbers.text(), numbers.narrow());
        let (accrued, refundable, runs_out) =
            (numbers.amount(), numbers.amount(), numbers.narrow());
        let (released, fee, refunded) = (numbers.amount(), numbers.amount(), numbers.amount());
        let ended_at = start.after(Seconds(numbers.narrow()));
        if let Done::Ends(settled) = done {
            assert_eq!(
                settled,
                Settlement {
                    released,
                    fee,
                    refunded,
                    ended_at
                },
                "{at}: the split"
            );
            assert_eq!(
                stream.accrued_scaled(now).to_string(),
                accrual,
                "{at}: what had accrued"
            );
            assert_eq!(step, steps - 1, "{at}: nothing follows an end");
            continue;
        }
        assert_eq!(
            stream.accrued_at_checkpoint.to_string(),
            accrual,
            "{at}: stored accrual"
        );
        assert_eq!(
            stream.checkpoint.since(start),
            Seconds(checkpoint),
            "{at}: checkpoint"
        );
        assert_eq!(stream.accrued(now), accrued, "{at}: accrued");
        assert_eq!(stream.refundable(now), refundable, "{at}: refundable");
        let runs_out_at = if runs_out == u64::MAX {
            UnixSeconds(u64::MAX)
        } else {
            start.after(Seconds(runs_out))
        };
        assert_eq!(stream.runs_out_at(), runs_out_at, "{at}: runs out at");
    }
}

#[test]
fn every_life_is_as_the_contract_lives_it() {
    let (lives, mut numbers) = Numbers::read();
    assert!(lives >= 1_000, "{lives} lives");
    for life in 0..lives {
        live(&mut numbers, life);
    }
    assert_eq!(numbers.next, numbers.texts.len(), "every number was used");
}
