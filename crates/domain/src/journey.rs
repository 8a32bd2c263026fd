//! The buyer's view of an order: the same data on the server that builds it and in the browser that shows
//! it. Facts only; each sentence for people is written where the fact is known.

mod escrow_meter;

use serde::{Deserialize, Serialize};

pub use crate::record::{SdlSource, ServiceView, ThinkingKind, ThinkingStep};
pub use escrow_meter::EscrowMeter;

use crate::auto_sign::{
    KeptBalance, Origin, Pace, PolicyLimits, PolicyStanding, SpendPolicy, Verdict,
};
use crate::deployment::{Acceptance, Opened, Readiness, State};
use crate::escrow::{Terms, TopUp};
use crate::ids::{Address, EscrowId, Hash32, OrderId, TextHash, TxHash};
use crate::money::{TokenAmount, Usd};
use crate::pricing::GpuPrice;
use crate::quote::MarketView;
use crate::requirements::{Assumption, Requirements, Wish};
use crate::routing::RankedBid;
use crate::templates::TemplateRef;
use crate::time::{Seconds, UnixSeconds};

/// A line of the stream that answers a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestLine {
    /// The order created for this request; always first, so that a reload finds it.
    Order {
        /// Id of the order.
        id: OrderId,
    },
    /// A step of thinking.
    Step(ThinkingStep),
    /// Everything is complete: load the order.
    Done,
    /// The request failed; the sentence says what to do.
    Refused {
        /// Sentence for the buyer: the reason and what to do.
        message: String,
    },
}

/// Market data that helps to write an SDL: prices, and values that an SDL can name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MarketWords {
    /// GPU models with their prices on Akash.
    pub gpu_prices: Vec<GpuPrice>,
    /// Regions that providers declare.
    pub regions: Vec<String>,
    /// Storage classes that providers declare.
    pub storage_classes: Vec<String>,
}

/// A change that would let providers bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxation {
    /// Title for a button: "Any region".
    pub title: String,
    /// Number of providers that could host it with this change.
    pub providers: u32,
    /// Wish with this one change.
    pub wish: Wish,
}

/// Reason why there is no quote, with changes that would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Reason as one sentence for the buyer.
    pub message: String,
    /// Changes that would help, best first.
    pub relaxations: Vec<Relaxation>,
}

/// A question about an unclear request, with answers to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Question as one short sentence.
    pub text: String,
    /// Answers to choose from; empty if the question is open.
    pub answers: Vec<Answer>,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Title for a button: "Per hour".
    pub title: String,
    /// Wish with this answer.
    pub wish: Wish,
}

/// One entry of an order's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Position in the order's event log, from 1.
    pub seq: u64,
    /// Unix time at which the event was recorded, by Necto's clock.
    pub at: UnixSeconds,
    /// Name of the event ([`crate::deployment::Event::name`]).
    pub event: String,
    /// Name of the state after it ([`State::name`]).
    pub state: String,
    /// Event as one short sentence for people.
    pub title: String,
    /// Further explanation; `None` if the title says everything.
    pub detail: Option<String>,
    /// Hash of the transaction that goes with it; `None` for an event that is not on the escrow's chain.
    pub tx: Option<TxHash>,
}

/// Chain and contracts that hold the money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainView {
    /// Id of the chain, such as 99999.
    pub chain_id: u64,
    /// Name of the chain, as a wallet shows it.
    pub name: String,
    /// Public RPC addresses that a wallet may add.
    pub rpc_urls: Vec<String>,
    /// Address of the block explorer; `None` if the chain has none.
    pub explorer_url: Option<String>,
    /// Symbol of the gas token.
    pub gas_symbol: String,
    /// Address of the escrow contract.
    pub escrow: Address,
    /// Address of the token's contract (tUSDC).
    pub token: Address,
    /// Keccak-256 of the escrow's code: compared through the wallet before every signature.
    pub escrow_code_hash: Hash32,
    /// Number of a settled block that Necto and the wallet must agree on: it tells this chain from another of
    /// the same id.
    pub known_block: u64,
    /// Hash of that block.
    pub known_block_hash: Hash32,
    /// `true` if Necto gives gas away here, which it does on a simulated chain only.
    pub gas_drip: bool,
    /// `true` if Necto pays the gas of deposits, as far as its budget reaches.
    pub relays_deposits: bool,
    /// Address at which gas can be had otherwise; `None` if none is known.
    pub faucet_url: Option<String>,
}

/// One transaction that the wallet is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedCall {
    /// Title for the wallet's step: "Approve exactly 3.20 tUSDC".
    pub title: String,
    /// Address of the contract that is called.
    pub to: Address,
    /// Calldata in hexadecimal digits: `0x…`.
    pub data: String,
    /// Decoded call, a name and a value for each line.
    pub decoded: Vec<(String, String)>,
}

/// Data for the deposit panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositPlan {
    /// Hash of the SDL that is paid for; the order's hash in the terms is derived from it.
    pub text: TextHash,
    /// Container images that this SDL runs.
    pub images: Vec<String>,
    /// Terms of the escrow that the buyer signs for.
    pub terms: Terms,
    /// Id of the escrow: the hash of the terms.
    pub escrow: EscrowId,
    /// Approval, to be signed before `fund`: for a wallet that pays its own gas.
    pub approve: PreparedCall,
    /// Deposit itself, to be signed after the approval.
    pub fund: PreparedCall,
    /// Offer of one signature instead, with which Necto pays the gas; or the reason why not.
    pub relay: Relay,
    /// Chain and contracts that the money goes to.
    pub chain: ChainView,
}

/// Data for adding money to a running order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpPlan {
    /// Escrow, amount and sum put in before, as they are signed for.
    pub top_up: TopUp,
    /// Approval and top-up, in this order: for a wallet that pays its own gas.
    pub calls: Vec<PreparedCall>,
    /// Unix time before which a signature for it is valid.
    pub valid_before: UnixSeconds,
    /// Offer of one signature instead, with which Necto pays the gas; or the reason why not.
    pub relay: Relay,
}

/// Offer to pay the gas of a deposit, or the reason why not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relay {
    /// The wallet signs only this message.
    Offered {
        /// EIP-712 message as JSON for `eth_signTypedData_v4`.
        typed_data: String,
        /// Decoded message, a name and a value for each line.
        decoded: Vec<(String, String)>,
    },
    /// The wallet pays its own gas.
    Declined {
        /// Reason in a sentence for the buyer.
        why: String,
    },
}

/// Progress of a deposit that Necto sends for the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelayedDeposit {
    /// The deposit was sent or will be.
    OnItsWay,
    /// The contract refused the deposit, or it was not sent in time: no money was taken.
    Failed {
        /// Reason, as the end of a sentence.
        why: String,
    },
}

/// A buyer's kept balance and auto-sign settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoSignView {
    /// Kept balance, as the chain shows it.
    pub balance: KeptBalance,
    /// Policy that is switched on; `None` if auto-sign is off.
    pub policy: Option<ArmedPolicy>,
    /// Highest limits that a policy may have here.
    pub ceiling: PolicyLimits,
    /// Orders that were paid this way in the chain's present UTC day, newest first.
    pub spends: Vec<KeptSpend>,
    /// Call that ends every policy signed so far, on chain.
    pub revoke: PreparedCall,
    /// Chain and contracts that the balance is on.
    pub chain: ChainView,
}

/// Summary of active auto-sign, as every page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoSignOn {
    /// The most that one order may cost, in micro-USDC.
    pub per_order: TokenAmount,
    /// Rest of today's limit (UTC) in micro-USDC, by what is on chain.
    pub left_today: TokenAmount,
    /// Pace at which it pays: after a countdown, or at once.
    pub pace: Pace,
}

/// A policy that is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmedPolicy {
    /// Policy as it was signed.
    pub policy: SpendPolicy,
    /// EIP-712 digest of the policy.
    pub digest: Hash32,
    /// Standing of the policy by the chain: live, expired or revoked.
    pub standing: PolicyStanding,
    /// Rest of today's limit (UTC) in micro-USDC, by what is on chain.
    pub left_today: TokenAmount,
    /// Pace at which it pays: after a countdown, or at once.
    pub pace: Pace,
}

/// An order that was paid from a kept balance, or is being paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSpend {
    /// Id of the order.
    pub order: OrderId,
    /// Short name of the order, for lists.
    pub name: String,
    /// Deposit of the order, in micro-USDC.
    pub amount: TokenAmount,
    /// Unix time at which the payment was decided.
    pub at: UnixSeconds,
    /// `true` once it is in escrow; until then it is on its way, or the contract did not take it.
    pub paid: bool,
}

/// A policy for the wallet to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPlan {
    /// Policy that is to be signed.
    pub policy: SpendPolicy,
    /// EIP-712 message as JSON for `eth_signTypedData_v4`.
    pub typed_data: String,
    /// Decoded message, a name and a value for each line.
    pub decoded: Vec<(String, String)>,
    /// Chain and contracts for which the policy is valid.
    pub chain: ChainView,
}

/// A transaction for the buyer's order that was reported to Necto or seen by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionView {
    /// Purpose: `approve`, `fund`, `top_up`, `cancel` or `close` as the wallet's side reported it, or that of
    /// a transaction of Necto's, such as `activate` or `end`.
    pub kind: String,
    /// Hash of the transaction.
    pub hash: TxHash,
    /// Unix time at which Necto learned of it.
    pub at: UnixSeconds,
    /// Amount it added to the escrow in micro-USDC, as the chain showed it; `None` if it added nothing, or
    /// is not seen on the chain yet.
    #[serde(default)]
    pub added: Option<TokenAmount>,
}

/// An order as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Id of the order.
    pub id: OrderId,
    /// A short name for lists.
    pub name: String,
    /// State of the order, without the manifest.
    pub state: State,
    /// Sentence in which the buyer asked; `None` for a form or an SDL.
    pub sentence: Option<String>,
    /// Origin of the request: Necto's page, a link or a plain form.
    #[serde(default)]
    pub origin: Origin,
    /// Wish: only what the buyer said.
    pub wish: Wish,
    /// Requirements that the wish was completed to; `None` for an imported SDL, before the wish is
    /// complete, and after erasure.
    pub requirements: Option<Requirements>,
    /// Fields that the buyer did not state, each with the assumed value and the reason.
    pub assumptions: Vec<Assumption>,
    /// Fields that the buyer did not state, each with the assumed value and the reason.
    pub steps: Vec<ThinkingStep>,
    /// The SDL that is priced and paid for.
    pub sdl: String,
    /// Text that the buyer has written but not had priced; it is never paid for. `None` if there is none.
    #[serde(default)]
    pub working_sdl: Option<String>,
    /// Origin of the SDL: written by Necto, changed by the buyer, or brought along.
    pub sdl_source: SdlSource,
    /// Choice of who picks the bid; `None` until the buyer has chosen.
    #[serde(default)]
    pub acceptance: Option<Acceptance>,
    /// Template that the order began with; `None` if it began without one.
    #[serde(default)]
    pub template: Option<TemplateRef>,
    /// Market as last queried; `None` before the first query.
    pub market: Option<MarketView>,
    /// Reason why there is no quote, and what would help; `None` if nothing is refused.
    pub refusal: Option<Refusal>,
    /// Question about what is unclear in the request; `None` if nothing is.
    #[serde(default)]
    pub question: Option<Question>,
    /// History of the order, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// Bids in order of rank: acceptable ones first, the best in front; each rejected one with its reason.
    pub bids: Vec<RankedBid>,
    /// Leased services, as their providers last reported them.
    pub services: Vec<ServiceView>,
    /// Readiness of those services; `None` unless they are leased.
    pub readiness: Option<Readiness>,
    /// Money in escrow; `None` before a deposit is confirmed.
    pub meter: Option<EscrowMeter>,
    /// Transactions of the buyer and of Necto, oldest first, without heartbeats.
    pub transactions: Vec<TransactionView>,
    /// Deposit or top-up that Necto sends for the buyer; `None` unless one is awaited.
    pub relayed: Option<RelayedDeposit>,
    /// Verdict of auto-sign on the price; `None` if the buyer has not switched it on.
    pub auto_sign: Option<Verdict>,
    /// Passing difficulty, for the buyer: "Akash does not answer; trying again". Unknown, not failed. `None`
    /// without one.
    pub notice: Option<String>,
    /// Number that grows with every change of the order: of two views, the one with the higher number is
    /// newer.
    #[serde(default)]
    pub version: u64,
    /// Unix time at which its SDL and logs were erased; `None` while they exist.
    pub erased_at: Option<UnixSeconds>,
    /// Unix time at which this was made, by the server's clock.
    pub now: UnixSeconds,
}

impl OrderView {
    /// The text as the buyer left it: the priced SDL, or the one still being written.
    #[must_use]
    pub fn shown_sdl(&self) -> &str {
        self.working_sdl.as_deref().unwrap_or(&self.sdl)
    }
}

/// The sessions of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    /// Sessions: the requesting one first, then those used most recently.
    pub sessions: Vec<SessionEntry>,
    /// Longest time that a session lasts, in seconds.
    pub lasts: Seconds,
    /// Time without use after which a session ends, in seconds.
    pub idle: Seconds,
    /// Unix time at which this was made, by the server's clock.
    pub now: UnixSeconds,
}

/// A session in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEntry {
    /// Id by which the session can be ended; useless as a cookie.
    pub id: String,
    /// Unix time at which the session began.
    pub created_at: UnixSeconds,
    /// Unix time at which it was last used, within a few minutes.
    pub seen_at: UnixSeconds,
    /// Kind of browser, as it identifies itself; `None` if it is not recognised.
    pub browser: Option<String>,
    /// `true` for the requesting session.
    pub is_this: bool,
}

/// A visitor's orders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderList {
    /// Account that the orders belong to; `None` for those of a browser in which no account is signed in.
    pub account: Option<Address>,
    /// Orders, newest first.
    pub orders: Vec<OrderSummary>,
    /// Unix time at which this was made, by the server's clock: the browser's may be wrong.
    pub now: UnixSeconds,
}

/// An order in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    /// Id of the order.
    pub id: OrderId,
    /// Short name of the order.
    pub name: String,
    /// Name of the state ([`State::name`]).
    pub state: String,
    /// Readiness of what was leased; `None` unless it is leased.
    pub readiness: Option<Readiness>,
    /// Cost per hour in micro-USD: the rate once it is charged, the cap before; `None` without a price and
    /// once the order is over.
    pub usd_per_hour: Option<Usd>,
    /// Sum of the deposit and all top-ups, in micro-USDC; `None` before a deposit is confirmed.
    pub deposited: Option<TokenAmount>,
    /// Unix time at which the paid time ends; `None` before the escrow streams.
    pub paid_until: Option<UnixSeconds>,
    /// Unix time at which the order was made.
    pub created_at: UnixSeconds,
    /// Unix time at which it last changed.
    pub changed_at: UnixSeconds,
    /// First address of a service, ready to open; `None` while no service has one.
    pub uri: Option<String>,
}

/// One line of a service's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Position in the order's log, from 1.
    pub seq: u64,
    /// Unix time at which Necto received it: providers send no time.
    pub at: UnixSeconds,
    /// Name of the service it belongs to.
    pub service: String,
    /// Text of the line. From outside: shown escaped.
    pub text: String,
}

impl State {
    /// The state without the manifest, which is large and not meant for people.
    #[must_use]
    pub fn without_manifest(mut self) -> Self {
        let opened: Option<&mut Opened> = match &mut self {
            Self::Bidding { opened, .. }
            | Self::Activating { opened, .. }
            | Self::Leasing { opened, .. }
            | Self::Active { opened, .. } => Some(opened),
            Self::Closing { opened, .. } | Self::Settling { opened, .. } => opened.as_mut(),
            Self::Settled { receipt } => receipt.opened.as_mut(),
            Self::NeedsHuman { before, .. } => {
                let stripped = before.as_ref().clone().without_manifest();
                **before = stripped;
                None
            }
            _ => None,
        };
        if let Some(opened) = opened {
            opened.manifest.clear();
        }
        self
    }
}
