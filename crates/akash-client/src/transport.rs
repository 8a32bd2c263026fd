//! Sending a request and reading its answer.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, RequestBuilder, Url};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Effect, Error, excerpt};
use crate::pace::{Bucket, Lane};
use crate::{Config, Timeouts};

/// The provider list, the largest answer, stays far below this.
const MAX_BODY_BYTES: usize = 32 * 1024 * 1024;

/// A connection to one Console API and its provider proxy. Cheap to clone.
#[derive(Clone)]
pub struct Client {
    config: Config,
    http: reqwest::Client,
    bucket: Option<Arc<Bucket>>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.config.base_url.as_str())
            .field(
                "provider_proxy_url",
                &self.config.provider_proxy_url.as_str(),
            )
            .finish_non_exhaustive()
    }
}

impl Client {
    /// Uses `http` for every HTTP call; its own timeout, if any, also applies.
    #[must_use]
    pub fn new(config: Config, http: reqwest::Client) -> Self {
        let bucket = config.pace.map(|pace| Arc::new(Bucket::new(pace)));
        Self {
            config,
            http,
            bucket,
        }
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.config.timeouts
    }

    pub(crate) fn provider_proxy_url(&self) -> &Url {
        &self.config.provider_proxy_url
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    pub(crate) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, &str)],
        timeout: Duration,
    ) -> Result<T, Error> {
        let request = self.request(Method::GET, path, query).await;
        send(request.timeout(timeout), Effect::Repeatable).await
    }

    pub(crate) async fn send_json<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
        timeout: Duration,
        effect: Effect,
    ) -> Result<T, Error> {
        let request = self.request(method, path, &[]).await.json(body);
        send(request.timeout(timeout), effect).await
    }

    pub(crate) async fn delete<T: DeserializeOwned>(
        &self,
        path: &str,
        timeout: Duration,
    ) -> Result<T, Error> {
        let request = self.request(Method::DELETE, path, &[]).await;
        send(request.timeout(timeout), Effect::Repeatable).await
    }

    /// Builds a request, after waiting for its turn.
    async fn request(&self, method: Method, path: &str, query: &[(&str, &str)]) -> RequestBuilder {
        if let Some(bucket) = &self.bucket {
            bucket.take(Lane::of(&method, path)).await;
        }
        let mut url = self.config.base_url.clone();
        let root = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{root}{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        let request = self.http.request(method, url);
        match &self.config.api_key {
            Some(key) => request.header("x-api-key", secret_header(key.expose_secret())),
            None => request,
        }
    }
}

/// A header that the HTTP stack's own debug output redacts.
fn secret_header(key: &str) -> reqwest::header::HeaderValue {
    // A key with control characters is never valid: sending none makes the service say so (401).
    let mut value = reqwest::header::HeaderValue::from_str(key)
        .unwrap_or_else(|_| reqwest::header::HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// Sends one request and reads a JSON answer.
pub(crate) async fn send<T: DeserializeOwned>(
    request: RequestBuilder,
    effect: Effect,
) -> Result<T, Error> {
    let mut response = request
        .send()
        .await
        .map_err(|error| Error::from_transport(error, effect))?;
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| Error::from_transport(error, effect))?
    {
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            return Err(unreadable(
                effect,
                status.as_u16(),
                "the answer is too large",
            ));
        }
        body.extend_from_slice(&chunk);
    }
    if !status.is_success() {
        return Err(Error::from_response(
            status,
            response.headers(),
            &body,
            effect,
        ));
    }
    serde_json::from_slice(&body).map_err(|error| {
        // The text does not contain the body: a provider token could be in it.
        unreadable(effect, status.as_u16(), &error.to_string())
    })
}

/// For a call that must not be repeated, an unreadable success is still a success.
fn unreadable(effect: Effect, status: u16, text: &str) -> Error {
    match effect {
        Effect::Once => Error::Ambiguous(excerpt(text)),
        Effect::Repeatable => Error::Unexpected {
            status,
            excerpt: excerpt(text),
        },
    }
}

/// The envelope in which most answers arrive.
#[derive(Debug, serde::Deserialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}
