//! A language model: text and tools in, text and calls of tools out. What it says is never trusted;
//! what becomes of it is decided in [`crate::agent`].

use std::fmt::Debug;

use async_trait::async_trait;
use serde_json::Value;
use thiserror::Error;

/// One question to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRequest {
    /// What the model is to do; Necto's own words only.
    pub instruction: String,
    /// The conversation so far, oldest first.
    pub turns: Vec<Turn>,
    /// What kind of answer is wanted.
    pub job: Job,
    /// Most tokens the answer may have.
    pub max_output_tokens: u32,
}

/// What kind of answer is wanted; one call does one job.
#[derive(Debug, Clone, PartialEq)]
pub enum Job {
    /// One JSON document of this JSON Schema.
    Extract(Value),
    /// Calls of these tools, or a closing text.
    UseTools(Vec<Tool>),
}

/// A function the model may call.
#[derive(Debug, Clone, PartialEq)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// What it does.
    pub description: &'static str,
    /// JSON Schema of its arguments.
    pub parameters: Value,
}

/// One turn of the conversation.
#[derive(Debug, Clone, PartialEq)]
pub enum Turn {
    /// Text for the model.
    Said(String),
    /// What the model answered, in the provider's own form: it must come back unchanged.
    Answered(Value),
    /// What the tools gave, one result a call.
    Results(Vec<ToolResult>),
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The provider's id of the call.
    pub id: Option<String>,
    /// The tool's name; from outside.
    pub name: String,
    /// Its arguments; from outside.
    pub arguments: Value,
}

/// What a tool gave.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// The provider's id of the call.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// The result.
    pub response: Value,
}

/// A model's whole answer.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelReply {
    /// Its text.
    pub text: String,
    /// The tools it wants called.
    pub calls: Vec<ToolCall>,
    /// The answer in the provider's own form, for [`Turn::Answered`].
    pub answered: Value,
    /// Tokens it took, question and thinking included.
    pub tokens: u64,
    /// Which model answered.
    pub model: String,
}

/// Why a model gave no usable answer. The text is for people and for the log.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ModelError {
    /// It cannot be reached, or is overloaded, after all retries.
    #[error("the model does not answer")]
    Unavailable,
    /// It took too long.
    #[error("the model took too long")]
    TimedOut,
    /// It refuses the key or the request.
    #[error("the model refused the request")]
    Refused,
    /// It answered in a form that cannot be read, or far too much.
    #[error("the model’s answer could not be read")]
    Unreadable,
}

/// Told of each remark a model makes while it thinks, as it comes.
pub type OnThought<'a> = &'a mut (dyn FnMut(&str) + Send);

/// A language model.
#[async_trait]
pub trait LanguageModel: Send + Sync + Debug {
    /// Its name, for people.
    fn name(&self) -> &str;

    /// Asks once; retries and fallbacks are the adapter's.
    async fn ask(
        &self,
        request: &ModelRequest,
        on_thought: OnThought<'_>,
    ) -> Result<ModelReply, ModelError>;
}
