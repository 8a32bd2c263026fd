//! AWS's own history of spot prices, if there are credentials for it: prices of the day before
//! Necto first queried them. EC2 answers per availability zone, one row per change.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::money::Usd;
use domain::offers::{Decimal, Venue};
use domain::time::{Seconds, UnixSeconds, iso_8601, read_iso_8601};

use super::aws_instances::{Cards, cards_of, instance_types};
use super::payload::Unreadable;
use super::sigv4::{AwsCredentials, Unsigned};
use crate::ports::{Clock, PastPrices, PriceHistory};

/// The largest GPU markets: each region needs a request of its own.
const REGIONS: [&str; 4] = ["us-east-1", "us-east-2", "us-west-2", "eu-central-1"];

/// Maximum number of pages per region; a page has a thousand rows.
const PAGES_AT_MOST: usize = 20;

/// Time limit for a page.
const DEADLINE: Duration = Duration::from_secs(15);

/// Interval between the prices that are taken from the history.
const EVERY: Seconds = Seconds::minutes(30);

/// Spot prices of the last day, from EC2.
#[derive(Debug)]
pub struct SpotHistory {
    credentials: AwsCredentials,
    /// Base address of the sandbox, if it simulates EC2.
    simulated: Option<String>,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

impl SpotHistory {
    /// Makes a history with these credentials; a sandbox that simulates EC2 accepts any.
    #[must_use]
    pub fn new(
        credentials: AwsCredentials,
        simulated: Option<String>,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            credentials,
            simulated,
            http,
            clock,
        }
    }

    async fn region(&self, region: &'static str, from: UnixSeconds) -> Result<Vec<Change>, String> {
        let mut changes = Vec::new();
        let mut next = None;
        for _ in 0..PAGES_AT_MOST {
            let text = self.page(region, from, next).await?;
            let page = parse(&text).map_err(|error| error.to_string())?;
            changes.extend(page.changes);
            match page.next {
                Some(token) => next = Some(token),
                None => return Ok(changes),
            }
        }
        Err(format!("{region} has more than {PAGES_AT_MOST} pages"))
    }

    async fn page(
        &self,
        region: &'static str,
        from: UnixSeconds,
        next: Option<String>,
    ) -> Result<String, String> {
        let host = format!("ec2.{region}.amazonaws.com");
        // `2026-11-21T14:00:00Z` without its punctuation.
        let at: String = iso_8601(self.clock.now())
            .chars()
            .filter(|letter| letter.is_ascii_alphanumeric())
            .collect();
        let unsigned = Unsigned {
            region,
            service: "ec2",
            host: &host,
            query: query(from, next),
            at: &at,
        };
        let base = match &self.simulated {
            Some(sandbox) => format!("{sandbox}/venues/aws-spot/ec2/{region}/"),
            None => format!("https://{host}/"),
        };
        let mut call = self.http.get(format!("{base}?{}", unsigned.query()));
        for (name, value) in unsigned.headers(&self.credentials) {
            call = call.header(name, value);
        }
        let kind = |error: reqwest::Error| error.without_url().to_string();
        let response = call.timeout(DEADLINE).send().await.map_err(kind)?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("{region} answered with status {}", status.as_u16()));
        }
        response.text().await.map_err(kind)
    }
}

fn query(from: UnixSeconds, next: Option<String>) -> Vec<(String, String)> {
    let mut query: Vec<(String, String)> = [
        ("Action", "DescribeSpotPriceHistory".to_owned()),
        ("Version", "2016-11-15".to_owned()),
        ("ProductDescription.1", "Linux/UNIX".to_owned()),
        ("MaxResults", "1000".to_owned()),
        ("StartTime", iso_8601(from)),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into();
    for (number, kind) in (1..).zip(instance_types()) {
        query.push((format!("InstanceType.{number}"), kind));
    }
    query.extend(next.map(|token| ("NextToken".to_owned(), token)));
    query
}

#[async_trait]
impl PriceHistory for SpotHistory {
    async fn day(&self, now: UnixSeconds) -> Result<Vec<PastPrices>, String> {
        let from = UnixSeconds(now.0.saturating_sub(Seconds::hours(24).0));
        let mut by_time: BTreeMap<UnixSeconds, BTreeMap<String, Usd>> = BTreeMap::new();
        let asked = REGIONS.map(|region| self.region(region, from));
        let answers = futures::future::join_all(asked).await;
        let mut troubles = Vec::new();
        for (region, answer) in REGIONS.into_iter().zip(answers) {
            match answer {
                Ok(changes) => {
                    for (at, id, usd) in prices(region, &changes, from, now) {
                        by_time.entry(at).or_default().insert(id, usd);
                    }
                }
                // A region that is not enabled for the account answers this way.
                Err(reason) => troubles.push(reason),
            }
        }
        if by_time.is_empty() && !troubles.is_empty() {
            return Err(troubles.join("; "));
        }
        for reason in troubles {
            tracing::info!(reason, "a region's spot history is missing");
        }
        let past = by_time.into_iter().map(|(at, prices)| PastPrices {
            source: Venue::AwsSpot.id().to_owned(),
            at,
            prices,
        });
        Ok(past.collect())
    }
}

/// A price that applies from a given moment on, in one zone.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    instance: String,
    zone: String,
    usd: Decimal,
    at: UnixSeconds,
}

#[derive(Debug)]
struct Page {
    changes: Vec<Change>,
    next: Option<String>,
}

/// Parses a page: a flat XML list whose texts contain no markup.
fn parse(text: &str) -> Result<Page, Unreadable> {
    let list = text
        .split_once("<spotPriceHistorySet")
        .ok_or_else(|| Unreadable::new("it is no history of spot prices"))?
        .1;
    let items = list.split("<item>").skip(1);
    let changes = items
        .map(|item| {
            let read = || {
                Some(Change {
                    instance: field(item, "instanceType")?.to_owned(),
                    zone: field(item, "availabilityZone")?.to_owned(),
                    usd: field(item, "spotPrice")?.parse().ok()?,
                    at: read_iso_8601(field(item, "timestamp")?)?,
                })
            };
            read().ok_or_else(|| Unreadable::new("a row of it lacks a field"))
        })
        .collect::<Result<Vec<Change>, Unreadable>>()?;
    let next = field(list, "nextToken").filter(|token| !token.is_empty());
    Ok(Page {
        changes,
        next: next.map(str::to_owned),
    })
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (value, _) = rest.split_once(&format!("</{name}>"))?;
    Some(value)
}

/// Returns the price of each type per card at regular moments: that of the cheapest zone at the
/// time, as in the table.
fn prices(
    region: &str,
    changes: &[Change],
    from: UnixSeconds,
    now: UnixSeconds,
) -> Vec<(UnixSeconds, String, Usd)> {
    let instances: BTreeSet<&str> = changes
        .iter()
        .map(|change| change.instance.as_str())
        .collect();
    let mut found = Vec::new();
    for instance in instances {
        let Some(cards) = cards_of(instance) else {
            continue;
        };
        let of_it: Vec<&Change> = changes
            .iter()
            .filter(|change| change.instance == instance)
            .collect();
        let mut at = UnixSeconds(from.0.next_multiple_of(EVERY.0));
        while at <= now {
            let cheapest = cheapest_zone(&of_it, at).and_then(|usd| per_card(usd, cards));
            let id = format!("{}/{instance}/{region}", Venue::AwsSpot);
            found.extend(cheapest.map(|usd| (at, id, usd)));
            at = UnixSeconds(at.0 + EVERY.0);
        }
    }
    found
}

fn cheapest_zone(changes: &[&Change], at: UnixSeconds) -> Option<Decimal> {
    let mut zones: BTreeMap<&str, &Change> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.at <= at) {
        let newest = zones.entry(&change.zone).or_insert(change);
        if change.at > newest.at {
            *newest = change;
        }
    }
    zones.values().map(|change| change.usd).min()
}

fn per_card(usd: Decimal, cards: Cards) -> Option<Usd> {
    usd.scaled_by(1000, u64::from(cards.count.0))?.to_usd()
}

#[cfg(test)]
mod tests {
    use domain::time::UnixSeconds;

    use super::{parse, prices};

    fn item(zone: &str, price: &str, time: &str) -> String {
        format!(
            "<item><instanceType>p5.48xlarge</instanceType><productDescription>Linux/UNIX</productDescription>\
             <spotPrice>{price}</spotPrice><timestamp>{time}</timestamp><availabilityZone>{zone}</availabilityZone></item>"
        )
    }

    fn answer(items: &[String], next: &str) -> String {
        format!(
            "<?xml version=\"1.0\"?><DescribeSpotPriceHistoryResponse><requestId>1</requestId>\
             <spotPriceHistorySet>{}</spotPriceHistorySet><nextToken>{next}</nextToken></DescribeSpotPriceHistoryResponse>",
            items.concat()
        )
    }

    #[test]
    fn a_day_is_the_cheapest_zone_s_price_per_card_at_regular_moments() {
        let items = [
            item("us-west-2a", "19.9678", "2027-01-15T07:10:00Z"),
            item("us-west-2b", "24.0000", "2027-01-15T06:50:00.000Z"),
            item("us-west-2b", "16.0000", "2027-01-15T07:40:00Z"),
        ];
        let page = parse(&answer(&items, "more")).unwrap();
        assert_eq!(page.next.as_deref(), Some("more"));
        // 2027-01-15T08:00:00Z is 1 800 000 000.
        let now = UnixSeconds(1_800_000_000);
        let found = prices("us-west-2", &page.changes, UnixSeconds(now.0 - 3_600), now);
        let read: Vec<(u64, String)> = found
            .iter()
            .map(|(at, _, usd)| (now.0 - at.0, usd.to_string()))
            .collect();
        let expected = [(3_600, "3.00"), (1_800, "2.495975"), (0, "2.00")];
        assert_eq!(read, expected.map(|(ago, usd)| (ago, usd.to_owned())));
        assert!(
            found
                .iter()
                .all(|(_, id, _)| id == "aws-spot/p5.48xlarge/us-west-2")
        );
    }

    #[test]
    fn what_is_no_history_is_not_read_as_an_empty_one() {
        assert!(parse("<html>").is_err());
        assert!(
            parse(&answer(
                &["<item><spotPrice>1</spotPrice></item>".to_owned()],
                ""
            ))
            .is_err()
        );
        let empty = parse(&answer(&[], "")).unwrap();
        assert!(empty.changes.is_empty() && empty.next.is_none());
    }
}
