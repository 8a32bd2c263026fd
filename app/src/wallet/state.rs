//! The available wallets and the connected one, as signals.

use domain::ids::Address;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::info::WalletInfo;
use super::{Asking, WalletError, discovery, provider};
use crate::browser;

/// Storage key for the connected wallet's rdns; removed on an explicit disconnect.
const REMEMBERED: &str = "necto.wallet";

/// Events by which a wallet may announce a change. Their data is not used but queried anew: wallets write
/// chain ids in many ways.
const EVENTS: [&str; 4] = ["accountsChanged", "chainChanged", "connect", "disconnect"];

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Connected {
    /// Identifier of the wallet on this page.
    pub(crate) uuid: String,
    /// Name of the wallet for people. Text from outside.
    pub(crate) name: String,
    /// Address of the account.
    pub(crate) address: Address,
    /// The account in the wallet's own spelling: some wallets know their accounts only by that.
    pub(crate) account: String,
    /// Id of the chain that the wallet is on.
    pub(crate) chain_id: u64,
    /// `true` while the wallet shows no account; everything prepared for this one stays.
    pub(crate) is_locked: bool,
}

/// The page's wallets. Provided once, by the root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wallet {
    found: RwSignal<Vec<WalletInfo>>,
    connected: RwSignal<Option<Connected>>,
    /// The wallet that was chosen, now or on an earlier page; events of others are ignored.
    chosen: RwSignal<Option<WalletInfo>>,
    /// `true` while the chosen wallet, which had an account for this site, shows none.
    is_silent: RwSignal<bool>,
    /// Wallets whose events are already subscribed to.
    heard: StoredValue<Vec<String>>,
}

impl Wallet {
    /// Creates an empty list; wallets are discovered once the page runs in a browser.
    pub(crate) fn new() -> Self {
        let wallet = Self {
            found: RwSignal::new(Vec::new()),
            connected: RwSignal::new(None),
            chosen: RwSignal::new(None),
            is_silent: RwSignal::new(false),
            heard: StoredValue::new(Vec::new()),
        };
        Effect::new(move |_| discovery::discover(move |info| wallet.add(info)));
        wallet
    }

    /// The available wallets.
    pub(crate) fn found(self) -> Vec<WalletInfo> {
        self.found.get()
    }

    /// Untracked variant of [`Self::found`].
    pub(crate) fn found_now(self) -> Vec<WalletInfo> {
        self.found.get_untracked()
    }

    /// The connected account.
    pub(crate) fn connected(self) -> Option<Connected> {
        self.connected.get()
    }

    /// Untracked variant of [`Self::connected`].
    pub(crate) fn connected_now(self) -> Option<Connected> {
        self.connected.get_untracked()
    }

    /// The chosen wallet if it was connected but shows no account now: it is locked, or the permission was
    /// revoked in it.
    pub(crate) fn locked(self) -> Option<WalletInfo> {
        self.chosen.get().filter(|_| self.is_silent.get())
    }

    /// Untracked variant of [`Self::locked`].
    pub(crate) fn locked_now(self) -> Option<WalletInfo> {
        self.chosen
            .get_untracked()
            .filter(|_| self.is_silent.get_untracked())
    }

    /// Asks the wallet for its account, which opens the wallet's window.
    pub(crate) async fn connect(
        self,
        asking: Asking,
        info: &WalletInfo,
    ) -> Result<(), WalletError> {
        self.choose(info);
        let uuid = info.uuid.clone();
        let question =
            async move { provider::request(&uuid, "eth_requestAccounts", json!([])).await };
        let accounts = asking.wait(&info.name, question).await?;
        self.take(info, &accounts).await
    }

    /// Forgets the account and stops automatic reconnection.
    pub(crate) fn disconnect(self) {
        browser::forget(REMEMBERED);
        self.chosen.set(None);
        self.is_silent.set(false);
        if let Some(connected) = self.connected.get_untracked() {
            let permission = json!([{ "eth_accounts": {} }]);
            spawn_local(async move {
                // Many wallets do not support this request; forgetting on our side is what counts.
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
        if browser::recall(REMEMBERED).as_deref() == Some(info.rdns.as_str()) {
            self.choose(&info);
            spawn_local(self.look(info));
        }
    }

    /// Makes this wallet the chosen one: from now on only its events count.
    fn choose(self, info: &WalletInfo) {
        let is_other = self
            .connected
            .with_untracked(|connected| connected.as_ref().is_some_and(|c| c.uuid != info.uuid));
        if is_other {
            self.connected.set(None);
        }
        if !self.is_chosen(info) {
            self.is_silent.set(false);
        }
        self.chosen.set(Some(info.clone()));
        let is_heard = self.heard.with_value(|heard| heard.contains(&info.uuid));
        if is_heard {
            return;
        }
        self.heard
            .update_value(|heard| heard.push(info.uuid.clone()));
        for event in EVENTS {
            let info = info.clone();
            provider::on(&info.uuid.clone(), event, move || {
                spawn_local(self.look(info.clone()));
            });
        }
        let info = info.clone();
        browser::on_return(move || spawn_local(self.look(info.clone())));
    }

    /// Whether this is the chosen wallet.
    fn is_chosen(self, info: &WalletInfo) -> bool {
        self.chosen
            .with_untracked(|chosen| chosen.as_ref().is_some_and(|c| c.uuid == info.uuid))
    }

    /// Reads the wallet's account and chain. Silent: it only reads what the wallet already grants, and never
    /// opens its window.
    async fn look(self, info: WalletInfo) {
        if !self.is_chosen(&info) {
            return;
        }
        let Ok(accounts) = provider::request(&info.uuid, "eth_accounts", json!([])).await else {
            return;
        };
        if first_account(&accounts).is_some() {
            // If the chain cannot be read, the last known one stays.
            let looked = self.take(&info, &accounts).await;
            drop(looked);
        } else if self.is_chosen(&info)
            && browser::recall(REMEMBERED).as_deref() == Some(info.rdns.as_str())
        {
            self.fall_silent();
        }
    }

    /// Keeps the account, with everything prepared for it, until the wallet shows one again.
    fn fall_silent(self) {
        let is_open = self
            .connected
            .with_untracked(|connected| connected.as_ref().is_some_and(|known| !known.is_locked));
        if is_open {
            self.connected.update(|connected| {
                if let Some(known) = connected {
                    known.is_locked = true;
                }
            });
        }
        self.is_silent.set(true);
    }

    async fn take(self, info: &WalletInfo, accounts: &Value) -> Result<(), WalletError> {
        let (address, account) = first_account(accounts).ok_or(WalletError::Locked)?;
        let chain = provider::request(&info.uuid, "eth_chainId", json!([])).await?;
        // The choice may have changed while the wallet was answering.
        if !self.is_chosen(info) {
            return Ok(());
        }
        let seen = Connected {
            uuid: info.uuid.clone(),
            name: info.name.clone(),
            address,
            account,
            chain_id: chain_number(&chain).unwrap_or_default(),
            is_locked: false,
        };
        // Notifies only if something has changed.
        if self
            .connected
            .with_untracked(|known| known.as_ref() != Some(&seen))
        {
            self.connected.set(Some(seen));
        }
        if self.is_silent.get_untracked() {
            self.is_silent.set(false);
        }
        browser::remember(REMEMBERED, &info.rdns);
        Ok(())
    }

    /// Reads the chain again: adding or switching may emit no event.
    pub(crate) async fn refresh_chain(self, uuid: &str) -> Result<u64, WalletError> {
        let chain = provider::request(uuid, "eth_chainId", json!([])).await?;
        let chain_id = chain_number(&chain).unwrap_or_default();
        let is_news = self.connected.with_untracked(|connected| {
            connected
                .as_ref()
                .is_some_and(|known| known.uuid == uuid && known.chain_id != chain_id)
        });
        if is_news {
            self.connected.update(|connected| {
                if let Some(known) = connected {
                    known.chain_id = chain_id;
                }
            });
        }
        Ok(chain_id)
    }
}

/// The account in use, parsed and in the wallet's spelling.
fn first_account(accounts: &Value) -> Option<(Address, String)> {
    let written = accounts.get(0)?.as_str()?;
    Some((written.parse().ok()?, written.to_owned()))
}

/// Parses a number in JSON-RPC's notation, `0x1869f`.
pub(super) fn hex_number(value: &Value) -> Option<u64> {
    u64::from_str_radix(value.as_str()?.strip_prefix("0x")?, 16).ok()
}

/// Parses a chain id in any of the notations that wallets use.
pub(super) fn chain_number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) if text.starts_with("0x") => hex_number(value),
        Value::String(digits) => digits.trim().parse().ok(),
        Value::Object(fields) => chain_number(fields.get("chainId")?),
        other => other.as_u64(),
    }
}

#[cfg(test)]
mod tests {
    use super::{chain_number, first_account};
    use serde_json::json;

    #[test]
    fn a_chain_is_known_however_it_is_written() {
        for written in [
            json!("0x1869f"),
            json!("99999"),
            json!(99_999),
            json!({ "chainId": "0x1869f" }),
            json!({ "chainId": 99_999, "networkVersion": "99999" }),
        ] {
            assert_eq!(chain_number(&written), Some(99_999), "{written}");
        }
        for nothing in [json!(null), json!("loading"), json!({}), json!(-1)] {
            assert_eq!(chain_number(&nothing), None, "{nothing}");
        }
    }

    #[test]
    fn an_account_keeps_the_spelling_of_its_wallet() {
        let written = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";
        let (address, account) = first_account(&json!([written])).unwrap();
        assert_eq!(account, written);
        assert_eq!(address.to_string(), written.to_lowercase());
        assert_eq!(first_account(&json!([])), None);
    }
}
