//! The model that the sandbox simulates.

/// Key that the sandbox's model accepts. It gives access to nothing else.
const KEY: &str = "sandbox-model-key";

/// Returns the settings for using the sandbox at `sandbox_url` instead of a real model.
pub(crate) fn settings(sandbox_url: &str) -> [(&'static str, String); 3] {
    [
        ("NECTO_MODEL_URL", format!("{sandbox_url}/gemini")),
        ("NECTO_MODEL_KEY", KEY.to_owned()),
        // Simulated tokens cost nothing.
        ("NECTO_MODEL_TOKENS_PER_DAY", "1000000000".to_owned()),
    ]
}
