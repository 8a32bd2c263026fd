//! Token prices: all feeds are queried at once, the domain weighs their prices, and the result is
//! kept for twenty seconds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::offers::tokens::{AgeLimits, Token, TokenPrice, TokenRates, Vote, median_price};
use domain::time::{Seconds, UnixSeconds};
use tokio::sync::Mutex;

use crate::ports::{Clock, TokenFeed, Word};

/// Time for which an answer is served from memory. Requests are made on demand: an idle server
/// sends none.
const FRESH: Seconds = Seconds(20);

/// Maximum time for all feeds together.
const DEADLINE: Duration = Duration::from_secs(5);

/// The result of all feeds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenBoard {
    /// The price of each token that has one.
    pub prices: Vec<TokenPrice>,
    /// Feeds that did not answer, with the reasons.
    pub missing: Vec<(String, String)>,
}

impl TokenBoard {
    /// Returns the prices that are fresh enough for calculations.
    #[must_use]
    pub fn rates(&self, now: UnixSeconds, limits: AgeLimits) -> TokenRates {
        self.prices
            .iter()
            .filter(|price| price.is_usable(now, limits))
            .fold(TokenRates::default(), |rates, price| {
                rates.with(price.token, price.usd)
            })
    }
}

/// Token prices. There is one request at a time; callers that arrive meanwhile get its answer.
#[derive(Debug)]
pub struct TokenPrices {
    feeds: Vec<Arc<dyn TokenFeed>>,
    clock: Arc<dyn Clock>,
    limits: AgeLimits,
    last: Mutex<Option<(UnixSeconds, TokenBoard)>>,
}

impl TokenPrices {
    /// Makes token prices from these feeds.
    #[must_use]
    pub fn new(feeds: Vec<Arc<dyn TokenFeed>>, clock: Arc<dyn Clock>) -> Self {
        Self {
            feeds,
            clock,
            limits: AgeLimits::default(),
            last: Mutex::new(None),
        }
    }

    /// Returns the current prices. A token that no feed knows any more keeps its last price, marked
    /// as such, with its time.
    pub async fn board(&self) -> TokenBoard {
        let mut last = self.last.lock().await;
        if let Some((at, board)) = &*last
            && self.clock.now().since(*at) < FRESH
        {
            return board.clone();
        }
        let board = self.ask(last.take().map(|(_, board)| board)).await;
        *last = Some((self.clock.now(), board.clone()));
        board
    }

    async fn ask(&self, before: Option<TokenBoard>) -> TokenBoard {
        let answers = self.feeds.iter().map(|feed| async {
            let answer = tokio::select! {
                answer = feed.votes() => answer,
                () = self.clock.sleep(DEADLINE) => Err(format!("no answer within {} s", DEADLINE.as_secs())),
            };
            (feed.name().to_owned(), answer)
        });
        let mut words = Vec::new();
        let mut missing = Vec::new();
        for (name, answer) in futures::future::join_all(answers).await {
            match answer {
                Ok(said) => words.extend(said),
                Err(reason) => {
                    tracing::warn!(feed = name, reason, "a token feed did not answer");
                    missing.push((name, reason));
                }
            }
        }
        let now = self.clock.now();
        let (mut votes, unpriced) = in_dollars(words, now, self.limits);
        missing.extend(unpriced);
        let known = before.unwrap_or_default().prices;
        let prices = Token::ALL.into_iter().filter_map(|token| {
            let votes = votes.remove(&token).unwrap_or_default();
            median_price(token, votes, now, self.limits).or_else(|| {
                let last = known.iter().find(|price| price.token == token)?;
                Some(last.clone().kept_as_last_known())
            })
        });
        TokenBoard {
            prices: prices.collect(),
            missing,
        }
    }
}

/// Prices in dollars, by token.
type Votes = BTreeMap<Token, Vec<Vote>>;

/// Converts all prices to dollars. The price of a token used for quoting is weighed first, from the
/// sources that quote it in dollars; a price in a token without a dollar price is reported and left
/// out.
fn in_dollars(
    words: Vec<Word>,
    now: UnixSeconds,
    limits: AgeLimits,
) -> (Votes, Vec<(String, String)>) {
    let mut votes = Votes::new();
    let (quoted, plain): (Vec<Word>, Vec<Word>) =
        words.into_iter().partition(|word| word.quoted_in.is_some());
    for Word { token, vote, .. } in plain {
        votes.entry(token).or_default().push(vote);
    }
    let mut unpriced = Vec::new();
    let mut converted = Vec::new();
    for Word {
        token,
        quoted_in,
        vote,
    } in quoted
    {
        let rate = quoted_in.and_then(|quote| {
            let votes = votes.get(&quote).cloned().unwrap_or_default();
            median_price(quote, votes, now, limits)
        });
        let usd = rate.as_ref().and_then(|rate| vote.usd.times(rate.usd));
        let (Some(rate), Some(usd)) = (rate, usd) else {
            let quote = quoted_in.map_or("dollars", Token::symbol);
            let reason = format!(
                "its price of {} is in {quote}, which has none now",
                token.symbol()
            );
            unpriced.push((vote.source, reason));
            continue;
        };
        let vote = Vote {
            source: format!("{} in {}", vote.source, rate.token.symbol()),
            usd,
            at: vote.at.min(rate.at),
            via: Some(rate.token),
        };
        converted.push((token, vote));
    }
    for (token, vote) in converted {
        votes.entry(token).or_default().push(vote);
    }
    (votes, unpriced)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use domain::offers::tokens::{AgeLimits, Standing, Token, Vote};

    use super::{TokenFeed, TokenPrices, Word, in_dollars};
    use crate::fakes::clock::FakeClock;
    use crate::ports::Clock as _;

    /// Answers at first and then stops answering.
    #[derive(Debug)]
    struct Feed {
        name: &'static str,
        usd: &'static str,
        answers: u32,
        asked: AtomicU32,
        clock: Arc<FakeClock>,
    }

    #[async_trait]
    impl TokenFeed for Feed {
        fn name(&self) -> &str {
            self.name
        }

        async fn votes(&self) -> Result<Vec<Word>, String> {
            if self.asked.fetch_add(1, Ordering::Relaxed) >= self.answers {
                return Err("gone".to_owned());
            }
            let vote = Vote {
                source: self.name.to_owned(),
                usd: self.usd.parse().unwrap(),
                at: self.clock.now(),
                via: None,
            };
            let token = Token::Akt;
            Ok(vec![Word {
                token,
                quoted_in: None,
                vote,
            }])
        }
    }

    #[tokio::test]
    async fn prices_are_kept_for_twenty_seconds_and_the_last_one_until_it_is_too_old() {
        let clock = Arc::new(FakeClock::at(1_800_000_000));
        let feed = |name, usd| {
            Arc::new(Feed {
                name,
                usd,
                answers: 1,
                asked: AtomicU32::new(0),
                clock: clock.clone(),
            })
        };
        let (one, two) = (feed("one", "0.54"), feed("two", "0.56"));
        let prices = TokenPrices::new(vec![one.clone(), two], clock.clone());
        let board = prices.board().await;
        assert_eq!(board.prices[0].usd.to_string(), "0.55");
        assert_eq!(board.prices[0].standing, Standing::Agreed);
        clock.advance(Duration::from_secs(19));
        assert_eq!(prices.board().await, board);
        assert_eq!(
            one.asked.load(Ordering::Relaxed),
            1,
            "asked once in twenty seconds"
        );

        clock.advance(Duration::from_secs(1));
        let later = prices.board().await;
        assert_eq!(later.prices[0].standing, Standing::LastKnown);
        assert_eq!(
            later.prices[0].at, board.prices[0].at,
            "its time stays what it was"
        );
        assert_eq!(later.missing.len(), 2);
        let rates = later.rates(clock.now(), AgeLimits::default());
        assert!(rates.get(Token::Akt).is_some());
        clock.advance(Duration::from_secs(1000));
        let stale = prices.board().await;
        let rates = stale.rates(clock.now(), AgeLimits::default());
        assert_eq!(rates.get(Token::Akt), None, "too old to reckon with");
    }

    #[test]
    fn a_price_in_another_token_is_worth_what_that_token_is_worth() {
        let now = FakeClock::at(1_800_000_000).now();
        let word = |token, quoted_in, source: &str, usd: &str, age: u64| Word {
            token,
            quoted_in,
            vote: Vote {
                source: source.to_owned(),
                usd: usd.parse().unwrap(),
                at: domain::time::UnixSeconds(now.0 - age),
                via: None,
            },
        };
        let io = word(Token::Io, Some(Token::Usdt), "binance", "0.28", 3);
        let usdt = word(Token::Usdt, None, "kraken", "0.99", 10);
        let limits = AgeLimits::default();
        let (votes, unpriced) = in_dollars(vec![io.clone(), usdt], now, limits);
        let vote = &votes[&Token::Io][0];
        assert_eq!(vote.source, "binance in USDT");
        assert_eq!(vote.usd.to_string(), "0.2772");
        assert_eq!(now.since(vote.at).0, 10, "as old as the older of the two");
        assert_eq!(vote.via, Some(Token::Usdt));
        assert!(unpriced.is_empty());

        let old = word(Token::Usdt, None, "kraken", "1", 400);
        let (votes, unpriced) = in_dollars(vec![io, old], now, limits);
        assert!(!votes.contains_key(&Token::Io), "{votes:?}");
        let reason = "its price of IO is in USDT, which has none now";
        assert_eq!(unpriced, [("binance".to_owned(), reason.to_owned())]);
    }
}
