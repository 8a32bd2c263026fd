//! One transaction from the decoded call to its end.

use domain::ids::{OrderId, TxHash};
use domain::journey::{ChainView, PreparedCall};
use leptos::prelude::*;

use super::figures::HashText;
use super::wallet_trouble::Trouble;
use crate::api;
use crate::wallet::{Connected, Sent, TxState, remember_sent, send, verify_chain, watch};

/// A transaction under way, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    state: RwSignal<Option<TxState>>,
    hash: RwSignal<Option<TxHash>>,
    trouble: RwSignal<Option<Trouble>>,
}

impl Sending {
    /// Nothing is under way.
    pub(crate) fn new() -> Self {
        Self {
            state: RwSignal::new(None),
            hash: RwSignal::new(None),
            trouble: RwSignal::new(None),
        }
    }

    /// What has become of it.
    pub(crate) fn state(self) -> Option<TxState> {
        self.state.get()
    }

    /// What went wrong before it was sent.
    pub(crate) fn trouble(self) -> RwSignal<Option<Trouble>> {
        self.trouble
    }

    /// Whether it is under way: asked for, or sent and not known to have ended.
    pub(crate) fn is_busy(self) -> bool {
        self.state.get().is_some_and(|state| !state.is_final())
    }

    /// What had become of it when it was last looked at, without following it; the outer `None`
    /// where the page that showed it is gone.
    pub(crate) fn last_state(self) -> Option<Option<TxState>> {
        self.state.try_get_untracked()
    }

    /// Its hash, likewise; another's where that one took its place.
    pub(crate) fn last_hash(self) -> Option<Option<TxHash>> {
        self.hash.try_get_untracked()
    }

    /// Forgets what was under way, and what went wrong with it.
    pub(crate) fn clear(self) {
        self.state.try_set(None);
        self.hash.try_set(None);
        self.trouble.try_set(None);
    }

    /// Checks the chain, asks the wallet and follows what was sent; whether it worked.
    pub(crate) async fn run(
        self,
        connected: &Connected,
        chain: &ChainView,
        kind: &str,
        call: &PreparedCall,
        order: Option<OrderId>,
    ) -> bool {
        self.run_telling(connected, chain, kind, call, order, |_| ())
            .await
            .unwrap_or(false)
    }

    /// The same; `on_sent` is told what the wallet sent, before anything else is done with it.
    /// `None` where it sent nothing.
    pub(crate) async fn run_telling(
        self,
        connected: &Connected,
        chain: &ChainView,
        kind: &str,
        call: &PreparedCall,
        order: Option<OrderId>,
        on_sent: impl FnOnce(&Sent),
    ) -> Option<bool> {
        self.trouble.set(None);
        self.hash.set(None);
        self.state.set(Some(TxState::InWallet));
        let sent = match verify_chain(connected, chain).await {
            Err(doubt) => Err(Trouble::Doubt(doubt)),
            Ok(()) => send(connected, kind, call).await.map_err(Trouble::Wallet),
        };
        match sent {
            Ok(sent) => {
                on_sent(&sent);
                if let Some(order) = order {
                    remember_sent(order, &sent);
                    tell_server(order, &sent).await;
                }
                Some(self.resume(&connected.uuid, &sent).await)
            }
            Err(trouble) => {
                // The page may be gone by then.
                self.state.try_set(None);
                self.trouble.try_set(Some(trouble));
                None
            }
        }
    }

    /// Follows what was sent before; whether it worked.
    pub(crate) async fn resume(self, uuid: &str, sent: &Sent) -> bool {
        self.hash.try_set(Some(sent.hash));
        let tell = |state: TxState| {
            if let TxState::Replaced { by } = state {
                self.hash.try_set(Some(by));
            }
            // The page that listened may be gone.
            self.state.try_set(Some(state)).is_none()
        };
        watch(uuid, sent, tell).await.worked()
    }
}

/// The server finds the deposit on chain by itself; being told only makes it show the hash sooner.
async fn tell_server(order: OrderId, sent: &Sent) {
    if let Err(error) = api::report_transaction(order, sent.kind.clone(), sent.hash).await {
        leptos::logging::warn!("reporting {}: {error}", sent.hash);
    }
}

/// The call decoded, before any wallet opens.
#[component]
pub(crate) fn DecodedCall(
    /// The call.
    call: PreparedCall,
) -> impl IntoView {
    let line = |(name, value): (String, String)| view! { <dt>{name}</dt><dd class="mono wrap">{value}</dd> };
    view! {
        <div class="decoded">
            <p class="decoded-title">{call.title}</p>
            <dl>
                {call.decoded.into_iter().map(line).collect_view()}
                <dt>"Contract"</dt>
                <dd class="mono wrap">{call.to.to_string()}</dd>
            </dl>
            <details class="raw">
                <summary>"Raw data"</summary>
                <code class="wrap">{call.data}</code>
            </details>
        </div>
    }
}

/// Where the transaction is.
#[component]
pub(crate) fn TransactionState(
    /// The transaction.
    sending: Sending,
    /// Address of the chain's explorer, if it has one.
    #[prop(into)]
    explorer: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        sending.state.get().map(|state| {
            let tone = match state {
                TxState::Confirmed | TxState::Replaced { .. } => "good",
                TxState::Reverted | TxState::Cancelled => "bad",
                TxState::Unknown => "warn",
                TxState::InWallet | TxState::Pending => "busy",
            };
            let hash = sending.hash.get();
            view! {
                <p class="tx-state" data-tone=tone role="status">
                    <span class="dot" data-tone=tone></span>
                    <strong>{state.label()}</strong>
                    {hash.map(|hash| view! { <HashText hash explorer=explorer.get()/> })}
                    <span class="dim">{state.meaning()}</span>
                </p>
            }
        })
    }
}
