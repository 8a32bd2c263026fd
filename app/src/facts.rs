//! Facts about the server that a page needs.

use serde::{Deserialize, Serialize};

/// Facts about the server that the document needs. The server provides them as context.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ShellFacts {
    /// Set in a simulated run, which every page points out.
    pub simulated: Option<Simulated>,
    /// Public address of this server, like `https://necto.example`.
    pub origin: String,
}

/// Location of the simulated outside world.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Simulated {
    /// Origin of the sandbox, like `http://127.0.0.1:4010`: allowed in the content security policy.
    pub sandbox_origin: String,
    /// Address of the demo wallet's script; `{sandbox_origin}/wallet/demo.js`.
    pub wallet_script: String,
}
