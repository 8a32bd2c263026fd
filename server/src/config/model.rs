//! The optional language model that reads buyers' requests.

use backend::AgentLimits;
use backend::adapters::gemini::{self, GeminiSettings, WireForm};
use secrecy::SecretString;

use super::values::{filled, url};

/// The language model that reads what people write. Without a key the built-in rules do.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ModelOptions {
    /// Key of the Gemini API. Without one the built-in rules read what people write.
    #[arg(long, env = "NECTO_MODEL_KEY", hide_env_values = true)]
    model_key: Option<SecretString>,
    /// Base address of the Gemini API.
    #[arg(long, env = "NECTO_MODEL_URL", default_value = gemini::DEFAULT_BASE_URL)]
    model_url: String,
    /// Form of the API: generate-content or interactions.
    #[arg(long, env = "NECTO_MODEL_API", default_value_t = WireForm::default().id().to_owned())]
    model_api: String,
    /// The model that is asked.
    #[arg(long, env = "NECTO_MODEL", default_value = gemini::DEFAULT_MODEL)]
    model: String,
    /// The model that is asked where that one does not answer; empty for none.
    #[arg(long, env = "NECTO_MODEL_FALLBACK", default_value = gemini::DEFAULT_FALLBACK)]
    model_fallback: String,
    /// Tokens that one visitor may have spent on the model in a day.
    #[arg(long, env = "NECTO_MODEL_TOKENS_PER_VISITOR", default_value_t = AgentLimits::default().tokens_per_visitor)]
    model_tokens_per_visitor: u64,
    /// Tokens that may be spent on the model in a day.
    #[arg(long, env = "NECTO_MODEL_TOKENS_PER_DAY", default_value_t = AgentLimits::default().tokens_per_day)]
    model_tokens_per_day: u64,
}

impl ModelOptions {
    /// Returns the token limits.
    pub(crate) const fn limits(&self) -> AgentLimits {
        AgentLimits {
            tokens_per_visitor: self.model_tokens_per_visitor,
            tokens_per_day: self.model_tokens_per_day,
        }
    }

    /// Returns the model's settings, or `None` without a key. `simulated` is the sandbox that may stand in
    /// for the model.
    pub(crate) fn check(self, simulated: Option<&str>) -> Result<Option<GeminiSettings>, String> {
        let base_url = url("NECTO_MODEL_URL", &self.model_url)?;
        let form = self
            .model_api
            .parse()
            .map_err(|problem| format!("NECTO_MODEL_API is “{}”: {problem}.", self.model_api))?;
        let fallback = Some(self.model_fallback).filter(|id| !id.trim().is_empty());
        for id in std::iter::once(&self.model).chain(&fallback) {
            model_id(id)?;
        }
        let key = filled(self.model_key);
        let is_simulated = simulated.is_some_and(|sandbox| {
            base_url
                .strip_prefix(sandbox)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        Ok(key.map(|key| GeminiSettings {
            form,
            model: self.model,
            fallback,
            simulated: is_simulated,
            ..GeminiSettings::new(base_url, key)
        }))
    }
}

/// Validates a model id, which becomes part of a URL and must not change where it points.
fn model_id(id: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if !id.is_empty() && id.chars().all(fits) {
        return Ok(());
    }
    Err(format!(
        "NECTO_MODEL or NECTO_MODEL_FALLBACK is “{id}”: expected a model's id, like {}.",
        gemini::DEFAULT_MODEL
    ))
}

#[cfg(test)]
mod tests {
    use backend::adapters::gemini::WireForm;
    use clap::Parser;

    use super::ModelOptions;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        options: ModelOptions,
    }

    fn options(extra: &[&str]) -> ModelOptions {
        Line::try_parse_from([&["x"], extra].concat())
            .unwrap()
            .options
    }

    #[test]
    fn a_model_is_asked_only_with_a_key_and_in_the_form_that_is_named() {
        assert!(options(&[]).check(None).unwrap().is_none());
        assert!(options(&["--model-key= "]).check(None).unwrap().is_none());
        let usual = options(&["--model-key=k"]).check(None).unwrap().unwrap();
        assert_eq!(usual.form, WireForm::GenerateContent);
        let other = [
            "--model-key=k",
            "--model-api=interactions",
            "--model-fallback=",
        ];
        let other = options(&other).check(None).unwrap().unwrap();
        assert_eq!((other.form, other.fallback), (WireForm::Interactions, None));
    }

    #[test]
    fn what_leads_elsewhere_or_is_unknown_is_refused_without_the_key() {
        for (wrong, told) in [
            (
                "--model-api=grpc",
                "expected generate-content or interactions",
            ),
            ("--model=../../v1/files", "expected a model's id"),
            ("--model-fallback=a?b", "expected a model's id"),
            ("--model-url=nowhere", "expected an address"),
        ] {
            let problem = options(&["--model-key=hunter2", wrong])
                .check(None)
                .unwrap_err();
            assert!(problem.contains(told), "{problem}");
            assert!(!problem.contains("hunter2"), "{problem}");
        }
    }

    #[test]
    fn a_model_that_the_sandbox_plays_is_called_simulated() {
        let at = |url: &str| {
            let url = format!("--model-url={url}");
            let settings = options(&["--model-key=k", &url]).check(Some("http://127.0.0.1:4010"));
            settings.unwrap().unwrap().simulated
        };
        assert!(at("http://127.0.0.1:4010/gemini"));
        assert!(!at("http://127.0.0.1:40100/gemini"));
        assert!(!at("https://generativelanguage.googleapis.com"));
    }
}
