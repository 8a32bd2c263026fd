//! The buyer's own exit: the contract ends an escrow at the buyer's request, even if this server does not
//! answer.

use domain::deployment::State;
use domain::ids::{Address, EscrowId};
use domain::journey::PreparedCall;
use evm_types::AkashEscrow;
use evm_types::alloy_primitives::hex;
use evm_types::alloy_sol_types::SolCall;
use leptos::prelude::*;

use crate::components::busy_button::Weight;
use crate::components::chain::Chain;
use crate::components::wallet_call::WalletCall;
use crate::components::wallet_panel::{LockedWallet, WalletPicker};
use crate::live_order::LiveOrder;
use crate::wallet::Wallet;

/// What the buyer's wallet can do with the escrow now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// Cancel: nothing was activated, so the whole deposit is returned.
    Cancel,
    /// Close: the stream ends at once and the deposit is split.
    Close,
}

/// Texts for an exit.
struct Told {
    title: &'static str,
    /// Name of the contract's function, also used as the transaction's kind.
    function: &'static str,
    testid: &'static str,
    meaning: &'static str,
}

impl Exit {
    const fn told(self) -> Told {
        match self {
            Self::Cancel => Told {
                title: "Take the whole deposit back",
                function: "cancel",
                testid: "wallet-cancel",
                meaning: "Nothing has been charged yet. The contract gives all of it back to the wallet that paid, at that wallet's word alone.",
            },
            Self::Close => Told {
                title: "End the escrow now",
                function: "close",
                testid: "wallet-close",
                meaning: "The contract pays what has run and gives the rest back to the wallet that paid, at that wallet's word alone. It works while Necto does not answer.",
            },
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Held {
    escrow: EscrowId,
    buyer: Address,
    exit: Exit,
}

impl Held {
    fn of(state: &State) -> Option<Self> {
        if state.is_final() {
            return None;
        }
        let paid = state.paid()?;
        Some(Self {
            escrow: paid.escrow,
            buyer: paid.terms.buyer,
            exit: match state.running() {
                Some(_) => Exit::Close,
                None => Exit::Cancel,
            },
        })
    }

    /// Builds the call here, because a server that is down cannot.
    fn call(self, contract: Address) -> PreparedCall {
        let id = (*self.escrow.bytes()).into();
        let data = match self.exit {
            Exit::Cancel => AkashEscrow::cancelCall { id }.abi_encode(),
            Exit::Close => AkashEscrow::closeCall { id }.abi_encode(),
        };
        let Told {
            title, function, ..
        } = self.exit.told();
        PreparedCall {
            title: title.to_owned(),
            to: contract,
            data: hex::encode_prefixed(data),
            decoded: vec![
                ("Function".to_owned(), function.to_owned()),
                ("Escrow".to_owned(), self.escrow.to_string()),
            ],
        }
    }
}

/// Cancels or closes with only the buyer's wallet.
#[component]
pub(super) fn OwnExit() -> impl IntoView {
    let live = LiveOrder::here();
    let held = live.part(|order| Held::of(&order.state));
    let wallet = expect_context::<Wallet>();
    let chain = Chain::here();
    // A locked wallet keeps its account, so that anything in progress here stays.
    let account = Memo::new(move |_| Some(wallet.connected()?.address));
    let steps = move || {
        let held = held.get()?;
        let Some(account) = account.get() else {
            return Some(view! { <WalletPicker/> }.into_any());
        };
        if account != held.buyer {
            let buyer = held.buyer.to_string();
            return Some(
                view! { <p>"Only the wallet that paid can do this: choose the account "<span class="mono wrap">{buyer}</span>" in it."</p> }
                    .into_any(),
            );
        }
        let call = held.call(chain.view()?.escrow);
        let told = held.exit.told();
        Some(
            view! {
                <LockedWallet/>
                <WalletCall call kind=told.function testid=told.testid weight=Weight::Danger order=live.id()
                    on_end=move |_| live.refresh()/>
            }
            .into_any(),
        )
    };
    let meaning = move || Some(held.get()?.exit.told().meaning);
    view! {
        <Show when=move || held.get().is_some()>
            <details class="fold" data-testid="own-exit">
                <summary>"End it without Necto"</summary>
                <p class="dim">{meaning}</p>
                {steps}
            </details>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_call_names_the_escrow_and_nothing_else() {
        let escrow: EscrowId = format!("0x{}", "ab".repeat(32)).parse().unwrap();
        let contract: Address = format!("0x{}", "07".repeat(20)).parse().unwrap();
        let held = |exit| Held {
            escrow,
            buyer: contract,
            exit,
        };
        let cancel = held(Exit::Cancel).call(contract);
        let close = held(Exit::Close).call(contract);
        assert_eq!((cancel.to, close.to), (contract, contract));
        assert!(cancel.data.ends_with(&"ab".repeat(32)) && close.data.ends_with(&"ab".repeat(32)));
        assert_eq!(
            (cancel.data.len(), close.data.len()),
            (2 + 8 + 64, 2 + 8 + 64)
        );
        assert_ne!(cancel.data[..10], close.data[..10]);
    }
}
