//! Facts that are stored with an order and shown to its buyer unchanged.

use serde::{Deserialize, Serialize};

/// Kind of a step of thinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingKind {
    /// The words are being read; the text says by which interpreter.
    Reading,
    /// A model's remark, or what it looked up.
    Considered,
    /// Something that the buyer said was understood.
    Understood,
    /// An instruction to the agent was set aside.
    SetAside,
    /// A field that was not stated was assumed.
    Assumed,
    /// Something was unclear and led to a question.
    Asked,
    /// The venues of the market were queried and compared.
    Scanned,
    /// Akash or another venue was chosen, or none was.
    Routed,
    /// Providers were screened.
    Screened,
    /// A price came from the market.
    Priced,
    /// An SDL was written.
    Drafted,
    /// The SDL was checked.
    Checked,
    /// A quote was made.
    Quoted,
    /// The process ends here, for the reason given.
    Refused,
}

/// One visible step of thinking, stored with the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThinkingStep {
    /// Kind of the step.
    pub kind: ThinkingKind,
    /// The thought as one sentence for the buyer.
    pub text: String,
    /// Evidence it rests on: the buyer's own words, or the source of a figure; `None` if it needs none.
    pub evidence: Option<String>,
    /// Time since its round of thinking began, in milliseconds.
    pub after_ms: u64,
}

/// Origin of an order's SDL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SdlSource {
    /// Written by Necto from the requirements.
    Generated,
    /// Written by Necto and changed by the buyer.
    Edited,
    /// Provided by the buyer.
    Imported,
}

/// A service of a running deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// Name of the service in the SDL.
    pub name: String,
    /// Number of copies that are ready, as the provider reports them.
    pub available: u32,
    /// Number of copies that were asked for.
    pub total: u32,
    /// Addresses with scheme, ready to open. Text from outside.
    pub uris: Vec<String>,
    /// Forwarded ports, `host:port → internal port/proto`. Text from outside.
    pub ports: Vec<String>,
}
