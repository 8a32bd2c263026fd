//! Which wallets there are and which one is connected, as signals.

use domain::ids::Address;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::{WalletError, discovery, provider};
use crate::browser;

/// Remembers the connected wallet's rdns; forgotten on an explicit disconnect.
const REMEMBERED: &str = "necto.wallet";

/// A wallet that announced itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WalletInfo {
    /// Names it on this page.
    pub(crate) uuid: String,
    /// Names it over pages.
    pub(crate) rdns: String,
    /// Its name for people. Text from outside.
    pub(crate) name: String,
    /// A data URI.
    pub(crate) icon: Option<String>,
    /// Found in `window.ethereum` rather than announced.
    pub(super) legacy: bool,
}

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connected {
    /// The wallet.
    pub(crate) uuid: String,
    /// Its name for people.
    pub(crate) name: String,
    /// The account.
    pub(crate) address: Address,
    /// The chain the wallet is on.
    pub(crate) chain_id: u64,
}

/// The page's wallets. Provided once, by the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wallet {
    found: RwSignal<Vec<WalletInfo>>,
    connected: RwSignal<Option<Connected>>,
}

impl Wallet {
    /// Without a wallet yet; finds them once the page runs in a browser.
    pub(crate) fn new() -> Self {
        let wallet = Self {
            found: RwSignal::new(Vec::new()),
            connected: RwSignal::new(None),
        };
        Effect::new(move |_| discovery::discover(move |info| wallet.add(info)));
        wallet
    }

    /// The wallets there are.
    pub(crate) fn found(self) -> Vec<WalletInfo> {
        self.found.get()
    }

    /// The connected account.
    pub(crate) fn connected(self) -> Option<Connected> {
        self.connected.get()
    }

    /// The same, outside of a reactive context.
    pub(crate) fn connected_now(self) -> Option<Connected> {
        self.connected.get_untracked()
    }

    /// Asks the wallet for its account; it opens its window.
    pub(crate) async fn connect(self, info: &WalletInfo) -> Result<(), WalletError> {
        let accounts = provider::request(&info.uuid, "eth_requestAccounts", json!([])).await?;
        self.take(info, &accounts).await?;
        browser::remember(REMEMBERED, &info.rdns);
        Ok(())
    }

    /// Forgets the account and does not reconnect by itself.
    pub(crate) fn disconnect(self) {
        browser::forget(REMEMBERED);
        if let Some(connected) = self.connected.get_untracked() {
            let permission = json!([{ "eth_accounts": {} }]);
            spawn_local(async move {
                // Many wallets do not know this request; forgetting on our side is what counts.
                let revoked =
                    provider::request(&connected.uuid, "wallet_revokePermissions", permission)
                        .await;
                drop(revoked);
            });
        }
        self.connected.set(None);
    }

    fn add(self, info: WalletInfo) {
        let known = self.found.with_untracked(|found| {
            found.iter().any(|known| known.uuid == info.uuid) || (info.legacy && !found.is_empty())
        });
        if known {
            return;
        }
        self.found.update(|found| found.push(info.clone()));
        self.follow(&info);
        if browser::recall(REMEMBERED).as_deref() == Some(info.rdns.as_str()) {
            spawn_local(async move {
                // Silent: asks only what the wallet grants already, and never opens its window.
                if let Ok(accounts) = provider::request(&info.uuid, "eth_accounts", json!([])).await
                {
                    let reconnected = self.take(&info, &accounts).await;
                    drop(reconnected);
                }
            });
        }
    }

    fn follow(self, info: &WalletInfo) {
        let of_this = {
            let uuid = info.uuid.clone();
            move |connected: &Connected| connected.uuid == uuid
        };
        let same = of_this.clone();
        provider::on(&info.uuid, "accountsChanged", move |accounts| {
            self.connected.update(|connected| {
                if connected.as_ref().is_some_and(&same) {
                    let address = first_account(&accounts);
                    *connected =
                        connected
                            .take()
                            .zip(address)
                            .map(|(connected, address)| Connected {
                                address,
                                ..connected
                            });
                }
            });
        });
        provider::on(&info.uuid, "chainChanged", move |chain| {
            self.connected.update(|connected| {
                if let (Some(connected), Some(chain_id)) = (
                    connected.as_mut().filter(|connected| of_this(connected)),
                    hex_number(&chain),
                ) {
                    connected.chain_id = chain_id;
                }
            });
        });
    }

    async fn take(self, info: &WalletInfo, accounts: &Value) -> Result<(), WalletError> {
        let address = first_account(accounts).ok_or(WalletError::Unauthorized)?;
        let chain = provider::request(&info.uuid, "eth_chainId", json!([])).await?;
        self.connected.set(Some(Connected {
            uuid: info.uuid.clone(),
            name: info.name.clone(),
            address,
            chain_id: hex_number(&chain).unwrap_or_default(),
        }));
        Ok(())
    }

    /// Reads the chain anew: adding or switching need not have an event.
    pub(super) async fn refresh_chain(self, uuid: &str) -> Result<u64, WalletError> {
        let chain = provider::request(uuid, "eth_chainId", json!([])).await?;
        let chain_id = hex_number(&chain).unwrap_or_default();
        self.connected.update(|connected| {
            if let Some(connected) = connected
                .as_mut()
                .filter(|connected| connected.uuid == uuid)
            {
                connected.chain_id = chain_id;
            }
        });
        Ok(chain_id)
    }
}

fn first_account(accounts: &Value) -> Option<Address> {
    accounts.get(0)?.as_str()?.parse().ok()
}

/// A number as JSON-RPC writes it, `0x1869f`.
pub(super) fn hex_number(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}
