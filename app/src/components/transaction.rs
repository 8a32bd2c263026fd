//! One transaction, from the decoded call to its outcome.

use domain::ids::{OrderId, TxHash};
use domain::journey::{ChainView, PreparedCall};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::account::HeaderBalance;
use super::figures::HashText;
use super::wallet_trouble::Trouble;
use crate::api;
use crate::wallet::{
    Asking, Connected, Sent, TxState, note_end, note_sent, remember_sent, send, verify_chain,
    watch, why_repeatable,
};

/// The state of a transaction, if one was started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sending {
    state: RwSignal<Option<TxState>>,
    hash: RwSignal<Option<TxHash>>,
    trouble: RwSignal<Option<Trouble>>,
    kind: RwSignal<String>,
    asking: Asking,
    balance: HeaderBalance,
    /// Counts the transactions started here, so that updates of earlier ones are ignored.
    round: StoredValue<u32>,
}

impl Sending {
    /// Creates the state without a transaction.
    pub(crate) fn new() -> Self {
        Self {
            state: RwSignal::new(None),
            hash: RwSignal::new(None),
            trouble: RwSignal::new(None),
            kind: RwSignal::new(String::new()),
            asking: Asking::new(),
            balance: expect_context(),
            round: StoredValue::new(0),
        }
    }

    /// State of the transaction; `None` if there is none.
    pub(crate) fn state(self) -> Option<TxState> {
        self.state.get()
    }

    /// Problem that occurred before it was sent.
    pub(crate) fn trouble(self) -> RwSignal<Option<Trouble>> {
        self.trouble
    }

    /// The wallet request.
    pub(crate) fn asking(self) -> Asking {
        self.asking
    }

    /// Whether it is in progress: requested, or sent with an unknown outcome. A transaction that no node has
    /// seen does not count if sending it again cannot take effect twice.
    pub(crate) fn is_busy(self) -> bool {
        match self.state.get() {
            Some(TxState::Unknown) => self.kind.with(|kind| why_repeatable(kind).is_none()),
            Some(state) => !state.is_final(),
            None => false,
        }
    }

    /// Resets the state, so that earlier transactions no longer show.
    pub(crate) fn forget(self) {
        self.asking.cancel();
        self.round.try_update_value(|round| *round += 1);
        self.trouble.try_set(None);
        self.hash.try_set(None);
        self.state.try_set(None);
    }

    /// Last known state, untracked; the outer `None` means that the page that showed it is gone.
    pub(crate) fn last_state(self) -> Option<Option<TxState>> {
        self.state.try_get_untracked()
    }

    /// Last known hash, likewise; that of the replacement if the transaction was replaced.
    pub(crate) fn last_hash(self) -> Option<Option<TxHash>> {
        self.hash.try_get_untracked()
    }

    /// Verifies the chain, sends the call through the wallet and follows the transaction. Returns whether it
    /// succeeded.
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

    /// Like [`Self::run`], and calls `on_sent` with the transaction before doing anything else with it, even
    /// if the wallet sends it after the request was given up. Returns `None` if nothing was sent while the
    /// request was open.
    pub(crate) async fn run_telling(
        self,
        connected: &Connected,
        chain: &ChainView,
        kind: &str,
        call: &PreparedCall,
        order: Option<OrderId>,
        on_sent: impl Fn(&Sent) + 'static,
    ) -> Option<bool> {
        self.forget();
        self.kind.set(kind.to_owned());
        self.state.set(Some(TxState::InWallet));
        let (uuid, round) = (connected.uuid.clone(), self.round.get_value());
        // From here on the transaction exists on chain, even if nobody waits for it any more.
        let kept = move |sent: &Sent| {
            on_sent(sent);
            note_sent(sent, order);
            if let Some(order) = order {
                remember_sent(order, sent);
                tell_server(order, sent.clone());
            }
        };
        let late = move |sent: Sent| {
            if self.round.try_get_value() == Some(round) {
                self.trouble.set(None);
                spawn_local(async move {
                    self.resume(&uuid, &sent).await;
                });
            }
        };
        let sent = match verify_chain(self.asking, connected, chain).await {
            Err(doubt) => Err(Trouble::Doubt(doubt)),
            Ok(()) => send(self.asking, connected, kind, call, kept, late)
                .await
                .map_err(Trouble::Wallet),
        };
        match sent {
            Ok(sent) => Some(self.resume(&connected.uuid, &sent).await),
            Err(trouble) => {
                // The page may be gone by now, or have started another transaction.
                if self.round.try_get_value() == Some(round) {
                    self.state.set(None);
                    self.trouble.set(Some(trouble));
                }
                None
            }
        }
    }

    /// Follows a transaction that was sent before. Returns whether it succeeded.
    pub(crate) async fn resume(self, uuid: &str, sent: &Sent) -> bool {
        let round = self.round.try_get_value();
        self.hash.try_set(Some(sent.hash));
        self.kind.try_set(sent.kind.clone());
        let tell = |state: TxState| {
            if self.round.try_get_value() != round {
                return false;
            }
            if let TxState::Replaced { by } = state {
                self.hash.try_set(Some(by));
            }
            // Stops if the page that was following is gone.
            self.state.try_set(Some(state)).is_none()
        };
        let end = watch(uuid, sent, tell).await;
        if end.is_final() {
            note_end(sent.hash, end.worked());
            self.balance.ask();
        }
        end.worked()
    }
}

/// Reports the transaction to the server, which also finds the deposit on chain by itself; the report only
/// makes the hash appear sooner.
fn tell_server(order: OrderId, sent: Sent) {
    spawn_local(async move {
        if let Err(error) = api::report_transaction(order, sent.kind, sent.hash).await {
            leptos::logging::warn!("reporting {}: {error}", sent.hash);
        }
    });
}

/// Shows the decoded call before any wallet opens.
#[component]
pub(crate) fn DecodedCall(
    /// Call to show, as the server prepared it.
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

/// Shows the progress of the transaction.
#[component]
pub(crate) fn TransactionState(
    /// Transaction whose state is shown.
    sending: Sending,
    /// Address of the chain's explorer; `None` if it has none.
    #[prop(into)]
    explorer: Signal<Option<String>>,
) -> impl IntoView {
    move || {
        // While the wallet request is open, `WalletTrouble` shows it instead.
        let state = sending
            .state
            .get()
            .filter(|state| *state != TxState::InWallet);
        state.map(|state| {
            let again = match &state {
                TxState::Unknown => Some(sending.kind.with(|kind| why_repeatable(kind)).unwrap_or(
                    "Do not send it again: both would count. Look into the wallet’s own list first.",
                )),
                _ => None,
            };
            let tone = match state {
                TxState::Confirmed | TxState::Replaced { .. } => "good",
                TxState::Reverted | TxState::Cancelled | TxState::NotOurs => "bad",
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
                    {again.map(|again| view! { <span class="dim">{again}</span> })}
                </p>
            }
        })
    }
}
