//! Self-description of a wallet.

/// A wallet that announced itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WalletInfo {
    /// Identifier of the wallet on this page.
    pub(crate) uuid: String,
    /// Reverse domain name of the wallet, the same on every page.
    pub(crate) rdns: String,
    /// Display name of the wallet. Text from outside.
    pub(crate) name: String,
    /// Icon as a data URI; `None` if the wallet announced none.
    pub(crate) icon: Option<String>,
    /// `true` if it was found in `window.ethereum` rather than announced.
    pub(super) legacy: bool,
}
