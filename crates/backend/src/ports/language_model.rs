//! A language model: text and tools in, text and tool calls out. Its answers are never trusted; how
//! they are used is decided in [`crate::drafting::agent`].

use std::fmt::Debug;

use async_trait::async_trait;
use serde_json::Value;
use thiserror::Error;

/// One request to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRequest {
    /// Instructions for the model, in Necto's own words only.
    pub instruction: String,
    /// The conversation so far, oldest first.
    pub turns: Vec<Turn>,
    /// Kind of answer wanted: one JSON document, or tool calls.
    pub job: Job,
    /// Maximum number of tokens in the answer.
    pub max_output_tokens: u32,
}

/// Kind of answer wanted; one call does one job.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// One JSON document that conforms to this JSON Schema.
    Extract(Value),
    /// Calls to these tools, or a closing text.
    UseTools(Vec<Tool>),
}

/// A function that the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Name by which the model calls the function.
    pub name: &'static str,
    /// Description of what the function does, for the model.
    pub description: &'static str,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// Text for the model.
    Said(String),
    /// The model's answer, in the provider's own form: it must be sent back unchanged.
    Answered(Value),
    /// The results of the tools, one per call.
    Results(Vec<ToolResult>),
}

/// A tool call.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// Id of the call in the provider's form; `None` if the provider gives none.
    pub id: Option<String>,
    /// Name of the tool; from outside.
    pub name: String,
    /// Arguments of the call; from outside.
    pub arguments: Value,
}

/// The result of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// Id of the call that this answers, in the provider's form; `None` if the provider gives none.
    pub id: Option<String>,
    /// Name of the tool that was called.
    pub name: String,
    /// Answer of the tool, as JSON for the model.
    pub response: Value,
}

/// A model's complete answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelReply {
    /// Text of the answer; empty if it only calls tools.
    pub text: String,
    /// Tool calls that the model wants.
    pub calls: Vec<ToolCall>,
    /// The answer in the provider's own form, for [`Turn::Answered`].
    pub answered: Value,
    /// Number of tokens used, including prompt and thinking.
    pub tokens: u64,
    /// Id of the model that answered, which may be the fallback.
    pub model: String,
}

/// Why a model gave no usable answer. The text is for people and for the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ModelError {
    /// It cannot be reached or is overloaded, even after all retries.
    #[error("the model does not answer")]
    Unavailable,
    /// It took too long.
    #[error("the model took too long")]
    TimedOut,
    /// It rejected the key or the request.
    #[error("the model refused the request")]
    Refused,
    /// Its answer cannot be parsed, or is far too long.
    #[error("the model’s answer could not be read")]
    Unreadable,
}

/// Callback that receives each remark of a model as it thinks.
pub type OnThought<'a> = &'a mut (dyn FnMut(&str) + Send);

/// A language model.
#[async_trait]
pub trait LanguageModel: Send + Sync + Debug {
    /// Name of the model, for people.
    fn name(&self) -> &str;

    /// Sends one request; the adapter takes care of retries and fallbacks.
    async fn ask(
        &self,
        request: &ModelRequest,
        on_thought: OnThought<'_>,
    ) -> Result<ModelReply, ModelError>;
}
