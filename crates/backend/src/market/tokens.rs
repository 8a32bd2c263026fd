//! Token prices: all feeds asked at once, their words weighed by the domain, the result kept for
//! twenty seconds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::tokens::{AgeLimits, Token, TokenPrice, TokenRates, Vote, median_price};
use domain::time::{Seconds, UnixSeconds};
use tokio::sync::Mutex;

use crate::ports::Clock;

/// How long an answer is served from memory. Asking is on demand, so an idle server asks nobody.
const FRESH: Seconds = Seconds(20);

/// How long all feeds together may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// One source of token prices.
#[async_trait]
pub trait TokenFeed: Send + Sync + std::fmt::Debug {
    /// Its name, as it stands beside its word.
    fn name(&self) -> &str;

    /// The prices it knows, each with the time it states.
    ///
    /// # Errors
    /// Why it has none, for people.
    async fn votes(&self) -> Result<Vec<(Token, Vote)>, String>;
}

/// What all feeds say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TokenBoard {
    /// The price of each token that has one.
    pub prices: Vec<TokenPrice>,
    /// Feeds that did not answer, and why.
    pub missing: Vec<(String, String)>,
}

impl TokenBoard {
    /// The prices fresh enough to reckon with.
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

/// Token prices. One question is under way at a time; who comes meanwhile gets its answer.
#[derive(Debug)]
pub struct TokenPrices {
    feeds: Vec<Arc<dyn TokenFeed>>,
    clock: Arc<dyn Clock>,
    limits: AgeLimits,
    last: Mutex<Option<(UnixSeconds, TokenBoard)>>,
}

impl TokenPrices {
    /// Prices from these feeds.
    #[must_use]
    pub fn new(feeds: Vec<Arc<dyn TokenFeed>>, clock: Arc<dyn Clock>) -> Self {
        Self {
            feeds,
            clock,
            limits: AgeLimits::default(),
            last: Mutex::new(None),
        }
    }

    /// The prices now. A token no feed knows any more keeps its last price, marked, with its time.
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
        let mut votes: BTreeMap<Token, Vec<Vote>> = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, answer) in futures::future::join_all(answers).await {
            match answer {
                Ok(said) => {
                    for (token, vote) in said {
                        votes.entry(token).or_default().push(vote);
                    }
                }
                Err(reason) => {
                    tracing::warn!(feed = name, reason, "a token feed did not answer");
                    missing.push((name, reason));
                }
            }
        }
        let now = self.clock.now();
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use async_trait::async_trait;
    use domain::offers::tokens::{AgeLimits, Standing, Token, Vote};

    use super::{TokenFeed, TokenPrices};
    use crate::fakes::clock::FakeClock;
    use crate::ports::Clock as _;

    /// Answers at first, then no more.
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

        async fn votes(&self) -> Result<Vec<(Token, Vote)>, String> {
            if self.asked.fetch_add(1, Ordering::Relaxed) >= self.answers {
                return Err("gone".to_owned());
            }
            let vote = Vote {
                source: self.name.to_owned(),
                usd: self.usd.parse().unwrap(),
                at: self.clock.now(),
            };
            Ok(vec![(Token::Akt, vote)])
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
}
