//! Facts that are stored with an order and shown to its buyer as they are.

use serde::{Deserialize, Serialize};

/// Kind of a step of thinking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThinkingKind {
    /// The words are being read, and by whom.
    Reading,
    /// A model's remark, or what it looked up.
    Considered,
    /// Something the buyer said was understood.
    Understood,
    /// An order to the agent was set aside.
    SetAside,
    /// A field nobody named was assumed.
    Assumed,
    /// Something is unclear and asked back.
    Asked,
    /// The venues of the market were asked and compared.
    Scanned,
    /// Akash or another venue was chosen, or not.
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
    /// It stops here, for the reason given.
    Refused,
}

/// One visible step of thinking, stored with the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ThinkingStep {
    /// Kind of the step: something read, understood, assumed, priced and so on.
    pub kind: ThinkingKind,
    /// The thought as one sentence for the buyer.
    pub text: String,
    /// Evidence it rests on: the buyer's own words, or the source of a figure; `None` where it needs none.
    pub evidence: Option<String>,
    /// Time since its round of thinking began, in milliseconds.
    pub after_ms: u64,
}

/// Where the SDL of an order came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SdlSource {
    /// Written by Necto from the requirements.
    Generated,
    /// Written by Necto and changed by the buyer.
    Edited,
    /// Brought by the buyer.
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
