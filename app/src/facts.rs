//! What a page knows of the server it comes from.

use serde::{Deserialize, Serialize};

/// What the document must know of the server it comes from. The server provides it as context.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShellFacts {
    /// Set in a simulated run: every page says so.
    pub simulated: Option<Simulated>,
    /// Address at which people reach this server, like `https://necto.example`.
    pub origin: String,
}

/// Where the simulated outside world is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulated {
    /// Its origin, `http://127.0.0.1:4010`: allowed in the content security policy.
    pub sandbox_origin: String,
    /// Address of the demo wallet's script; `{sandbox_origin}/wallet/demo.js`.
    pub wallet_script: String,
}
