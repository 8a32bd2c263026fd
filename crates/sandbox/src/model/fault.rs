//! The ways in which a model fails or misbehaves.

use serde::Deserialize;

/// Stage of the conversation that a request belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// One document is wanted.
    Document,
    /// Tools are offered, and none has been called yet.
    Tools,
    /// Tools are offered, and results of calls are given.
    ToolsGave,
}

/// A fault; it strikes a request of the stage that it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ModelFault {
    /// 429, with a short wait.
    RateLimited,
    /// 429, with a wait of 46 seconds.
    RateLimitedLong,
    /// 500 with the model service's own error body.
    ServerError,
    /// 503 with the model service's own error body.
    Overloaded,
    /// 404: the model was withdrawn.
    Gone,
    /// The model never answers.
    Hang,
    /// The model thinks aloud for ever.
    EndlessStream,
    /// The answer is megabytes of text.
    Flood,
    /// The stream ends in the middle of an answer.
    BrokenStream,
    /// The answer is cut off at the token limit.
    MaxTokens,
    /// The question is blocked.
    Blocked,
    /// The stream is in a foreign format.
    Garbage,
    /// The document is cut off in the middle.
    MalformedJson,
    /// The answer raises limits and names another image.
    OverCap,
    /// The answer names a payee.
    UnknownField,
    /// The thoughts tell the buyer where to send money.
    HostileThought,
    /// The draft asks for something that Akash does not have, until the model is told so.
    BrokenDraft,
    /// Like [`Self::BrokenDraft`], but the model does not listen. Also strikes the requests that
    /// follow.
    BrokenForever,
    /// The model calls tools endlessly.
    Runaway,
    /// The model obeys the instructions in a template's text.
    ObeysTemplate,
}

impl ModelFault {
    /// Whether it strikes a request of this stage.
    pub(crate) fn strikes(self, stage: Stage) -> bool {
        match self {
            Self::MalformedJson | Self::OverCap | Self::UnknownField | Self::HostileThought => {
                stage == Stage::Document
            }
            Self::BrokenDraft | Self::BrokenForever | Self::ObeysTemplate => {
                stage == Stage::ToolsGave
            }
            Self::Runaway => stage != Stage::Document,
            _ => true,
        }
    }
}
