//! Queries venues over HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use domain::offers::{Provenance, Venue};
use reqwest::header::{ETAG, HeaderMap, IF_NONE_MATCH, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use super::lambda_sample::LambdaSample;
use super::payload::{Payload, Request};
use super::{SOURCES, Source};
use crate::ports::{Clock, Fetched, Parsed, PriceSource, SourceError};

/// Maximum size of an answer; the largest, AWS's spot list, is a tenth of this.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// The operator's settings for venues.
#[derive(Debug, Clone, Default)]
pub struct SourceSettings {
    /// Base addresses that replace the venues' own.
    pub bases: BTreeMap<Venue, String>,
    /// Key for Lambda; without one, Lambda is not queried and recorded prices are used instead,
    /// marked as such.
    pub lambda_key: Option<SecretString>,
    /// Base address of a sandbox that simulates all venues: each is queried below
    /// `/venues/{venue}`, and every row is marked as simulated.
    pub simulated: Option<String>,
}

/// A venue queried over HTTP.
#[derive(Debug)]
pub struct HttpSource {
    source: &'static Source,
    base: String,
    key: Option<SecretString>,
    provenance: Provenance,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
}

/// Returns every venue that can be queried with these settings.
#[must_use]
pub fn http_sources(
    settings: &SourceSettings,
    http: &reqwest::Client,
    clock: &Arc<dyn Clock>,
) -> Vec<Arc<dyn PriceSource>> {
    SOURCES
        .iter()
        .map(|source| -> Arc<dyn PriceSource> {
            let has_key = settings.lambda_key.is_some() || settings.simulated.is_some();
            if source.venue == Venue::Lambda && !has_key {
                return Arc::new(LambdaSample);
            }
            let own = settings.bases.get(&source.venue).cloned();
            let simulated = settings.simulated.as_ref();
            let simulated_venue =
                simulated.map(|sandbox| format!("{sandbox}/venues/{}", source.venue));
            Arc::new(HttpSource {
                source,
                base: own
                    .or(simulated_venue)
                    .unwrap_or_else(|| source.base.to_owned()),
                key: settings
                    .lambda_key
                    .clone()
                    // The sandbox accepts any key but, like Lambda, requires one.
                    .or_else(|| simulated.map(|_| "sandbox".to_owned().into()))
                    .filter(|_| source.venue == Venue::Lambda),
                provenance: match simulated {
                    Some(_) => Provenance::Simulated,
                    None => Provenance::Live,
                },
                http: http.clone(),
                clock: Arc::clone(clock),
            })
        })
        .collect()
}

#[async_trait]
impl PriceSource for HttpSource {
    fn venue(&self) -> Venue {
        self.source.venue
    }

    fn deadline(&self) -> Duration {
        Duration::from_secs(self.source.deadline_s)
    }

    async fn fetch(&self, known: Option<&str>) -> Result<Fetched, SourceError> {
        let answers = self
            .source
            .requests
            .iter()
            .enumerate()
            .map(|(at, request)| {
                // Only the first answer is large enough to be worth a tag.
                self.ask(request, known.filter(|_| at == 0))
            });
        let answers = futures::future::join_all(answers).await;
        let mut texts = Vec::new();
        let mut tag = None;
        for (request, answer) in self.source.requests.iter().zip(answers) {
            match answer {
                Ok(Answer::NotModified) => return Ok(Fetched::NotModified),
                Ok(Answer::Text { text, etag }) => {
                    tag = tag.or(etag);
                    texts.push(Some(text));
                }
                Err(error) if request.optional => {
                    tracing::debug!(venue = %self.source.venue, %error, "an optional answer is missing");
                    texts.push(None);
                }
                Err(error) => return Err(error),
            }
        }
        let at = self.clock.now();
        let parsed = (self.source.parse)(&Payload { texts, at })
            .map_err(|error| SourceError::Unreadable(error.to_string()))?;
        Ok(Fetched::Rows {
            parsed: self.stamped(parsed),
            etag: tag,
        })
    }
}

enum Answer {
    NotModified,
    Text { text: String, etag: Option<String> },
}

impl HttpSource {
    fn stamped(&self, mut parsed: Parsed) -> Parsed {
        for listing in &mut parsed.listings {
            listing.provenance = listing.provenance.max(self.provenance);
        }
        parsed
    }

    async fn ask(&self, request: &Request, tag: Option<&str>) -> Result<Answer, SourceError> {
        let url = if !request.path.starts_with("https://") {
            format!("{}{}", self.base.trim_end_matches('/'), request.path)
        } else if self.provenance == Provenance::Simulated {
            // A simulated run sends nothing outside: the sandbox serves this file as well, by its
            // name.
            let name = request.path.rsplit('/').next().unwrap_or_default();
            format!("{}/{name}", self.base.trim_end_matches('/'))
        } else {
            request.path.to_owned()
        };
        let mut call = match request.body {
            Some(body) => self
                .http
                .post(&url)
                .header("content-type", "application/json")
                .body(body),
            None => self.http.get(&url),
        };
        if let Some(tag) = tag {
            call = call.header(IF_NONE_MATCH, tag);
        }
        if let Some(key) = &self.key {
            call = call.bearer_auth(key.expose_secret());
        }
        let response = call.send().await.map_err(unreachable)?;
        match response.status() {
            StatusCode::NOT_MODIFIED => Ok(Answer::NotModified),
            StatusCode::TOO_MANY_REQUESTS => Err(SourceError::RateLimited {
                retry_after: retry_after(response.headers()),
            }),
            status if !status.is_success() => Err(SourceError::Status(status.as_u16())),
            _ => {
                let etag = response
                    .headers()
                    .get(ETAG)
                    .and_then(|tag| tag.to_str().ok());
                let etag = etag.map(str::to_owned);
                let text = body(response).await?;
                Ok(Answer::Text { text, etag })
            }
        }
    }
}

pub(super) async fn body(mut response: Response) -> Result<String, SourceError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if bytes.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(SourceError::Unreadable(
                "the answer is too large".to_owned(),
            ));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes)
        .map_err(|_| SourceError::Unreadable("the answer is no text".to_owned()))
}

/// Parses seconds only: the date form is rare, and a wrong guess would hammer the venue.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds: u64 = headers
        .get(RETRY_AFTER)?
        .to_str()
        .ok()?
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs(seconds.min(3600)))
}

fn unreachable(error: reqwest::Error) -> SourceError {
    // The address may contain a key in its query; the kind of failure is enough.
    SourceError::Unreachable(error.without_url().to_string())
}
