//! Gemini over plain HTTP and server-sent events, in either of its two wire formats.

mod answer;
mod generate_content;
mod interactions;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};

use crate::ports::{Clock, LanguageModel, ModelError, ModelReply, ModelRequest, OnThought, Random};
use wire::Reading;
pub use wire::{UnknownWireForm, WireForm};

/// Settings for calling a model.
#[derive(Debug, Clone)]
pub struct GeminiSettings {
    /// Base address, without `/v1beta`.
    pub base_url: String,
    /// Wire format of the API that is used.
    pub form: WireForm,
    /// Id of the model that is asked first.
    pub model: String,
    /// Id of the model to use if the first one is gone or overloaded; `None` for no fallback.
    pub fallback: Option<String>,
    /// `true` if the sandbox simulates the model, which pages state wherever its name appears.
    pub simulated: bool,
    /// API key; sent in a header and nowhere else.
    pub key: SecretString,
    /// Time limit for one answer, without retries.
    pub timeout: Duration,
    /// Maximum number of attempts per model.
    pub tries: u32,
    /// Shortest wait before the second attempt.
    pub first_pause: Duration,
}

impl GeminiSettings {
    /// Returns the defaults for everything except the address and the key.
    #[must_use]
    pub fn new(base_url: String, key: SecretString) -> Self {
        Self {
            base_url,
            form: WireForm::default(),
            model: DEFAULT_MODEL.to_owned(),
            fallback: Some(DEFAULT_FALLBACK.to_owned()),
            simulated: false,
            key,
            timeout: Duration::from_secs(30),
            tries: 3,
            first_pause: Duration::from_millis(500),
        }
    }
}

/// Model that is used unless another one is configured.
pub const DEFAULT_MODEL: &str = "gemini-3.8-flash";
/// Model that is used if the first one does not answer.
pub const DEFAULT_FALLBACK: &str = "gemini-3.5-flash-lite";
/// Gemini's address.
pub const DEFAULT_BASE_URL: &str = "https://generativelanguage.googleapis.com";

/// Longest wait asked for by the service that is worth it: the rules are available.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// Maximum size of an answer; a complete one is a few kilobytes.
const MOST_BYTES: usize = 512 * 1024;

/// A Gemini model.
pub struct Gemini {
    settings: GeminiSettings,
    name: String,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
}

impl fmt::Debug for Gemini {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gemini")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The outcome of a failed attempt.
enum Failed {
    /// A retry may help, after the pause that the service asked for.
    Passing(ModelError, Option<Duration>),
    /// Retrying this model will not help.
    Lasting(ModelError),
}

impl Gemini {
    /// Makes a model with these `settings`, over a shared HTTP client.
    #[must_use]
    pub fn new(
        settings: GeminiSettings,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        let name = match settings.simulated {
            true => format!("{} (simulated)", settings.model),
            false => settings.model.clone(),
        };
        Self {
            settings,
            name,
            http,
            clock,
            random,
        }
    }

    async fn ask_model(
        &self,
        model: &str,
        request: &ModelRequest,
        on_thought: OnThought<'_>,
    ) -> Result<ModelReply, ModelError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let asked = self.ask_once(model, request, &mut *on_thought);
            let outcome = match tokio::time::timeout(self.settings.timeout, asked).await {
                Ok(outcome) => outcome,
                // A request that hung once usually hangs again, and people are waiting.
                Err(_) => Err(Failed::Lasting(ModelError::TimedOut)),
            };
            match outcome {
                Ok(reply) => return Ok(reply),
                Err(Failed::Lasting(error)) => return Err(error),
                Err(Failed::Passing(error, _)) if tried >= self.settings.tries => {
                    return Err(error);
                }
                Err(Failed::Passing(error, Some(pause))) if pause > LONGEST_PAUSE => {
                    return Err(error);
                }
                Err(Failed::Passing(_, pause)) => {
                    let pause = pause.unwrap_or_default().max(self.backoff(tried));
                    self.clock.sleep(pause).await;
                }
            }
        }
    }

    /// Doubles the wait each time, with up to half as much again of jitter: clients that were
    /// refused at the same time must not all come back at once.
    fn backoff(&self, tried: u32) -> Duration {
        let pause = self.settings.first_pause * 2_u32.saturating_pow(tried - 1);
        let chance = u32::from(self.random.bytes16()[0]);
        pause + pause * chance / 512
    }

    async fn ask_once(
        &self,
        model: &str,
        request: &ModelRequest,
        on_thought: OnThought<'_>,
    ) -> Result<ModelReply, Failed> {
        let base = self.settings.base_url.trim_end_matches('/');
        let form = self.settings.form;
        let response = self
            .http
            .post(format!("{base}/v1beta/{}", form.path(model)))
            .headers(form.headers())
            .header("x-goog-api-key", self.settings.key.expose_secret())
            .header(CONTENT_TYPE, "application/json")
            .body(form.body(request, model).to_string())
            .send()
            .await
            .map_err(|_| Failed::Passing(ModelError::Unavailable, None))?;
        let status = response.status();
        if status.is_success() {
            return read_stream(response, form, model, on_thought).await;
        }
        let header = retry_after(&response);
        let told = wire::retry_delay(&limited_body(response).await);
        let pause = told.or(header);
        Err(match status {
            StatusCode::TOO_MANY_REQUESTS => Failed::Passing(ModelError::Unavailable, pause),
            status if status.is_server_error() => Failed::Passing(ModelError::Unavailable, pause),
            StatusCode::NOT_FOUND => Failed::Lasting(ModelError::Unavailable),
            _ => {
                tracing::warn!(
                    model,
                    status = status.as_u16(),
                    "the model refused a request"
                );
                Failed::Lasting(ModelError::Refused)
            }
        })
    }
}

#[async_trait]
impl LanguageModel for Gemini {
    fn name(&self) -> &str {
        &self.name
    }

    async fn ask(
        &self,
        request: &ModelRequest,
        on_thought: OnThought<'_>,
    ) -> Result<ModelReply, ModelError> {
        let first = self
            .ask_model(&self.settings.model, request, &mut *on_thought)
            .await;
        match (&first, &self.settings.fallback) {
            (Err(ModelError::Unavailable), Some(fallback)) if *fallback != self.settings.model => {
                tracing::warn!(
                    model = self.settings.model,
                    fallback,
                    "asking the other model"
                );
                self.ask_model(fallback, request, on_thought).await
            }
            _ => first,
        }
    }
}

async fn read_stream(
    mut response: Response,
    form: WireForm,
    model: &str,
    on_thought: OnThought<'_>,
) -> Result<ModelReply, Failed> {
    let unreadable = || Failed::Lasting(ModelError::Unreadable);
    let mut reading = Reading::of(form);
    let mut bytes = 0;
    loop {
        let chunk = response
            .chunk()
            .await
            .map_err(|_| Failed::Passing(ModelError::Unavailable, None))?;
        let Some(chunk) = chunk else { break };
        bytes += chunk.len();
        if bytes > MOST_BYTES {
            return Err(unreadable());
        }
        for thought in reading.push(&chunk).map_err(|_| unreadable())? {
            on_thought(&thought);
        }
    }
    reading.finish(model).map_err(|_| unreadable())
}

/// Returns an error's body, as far as it is worth reading.
async fn limited_body(mut response: Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > 16 * 1024 {
            break;
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

fn retry_after(response: &Response) -> Option<Duration> {
    let text = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    Some(Duration::from_secs(text.trim().parse().ok()?))
}
