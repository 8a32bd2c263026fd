//! What a buyer sees of an order: the same data on the server that makes it and in the browser
//! that shows it. Facts only; every sentence for people is made where the fact is known.

use serde::{Deserialize, Serialize};

use crate::auto_sign::{
    KeptBalance, Origin, Pace, PolicyLimits, PolicyStanding, SpendPolicy, Verdict,
};
use crate::deployment::{Acceptance, Opened, Readiness, State};
use crate::escrow::{ScaledRate, Terms, TopUp};
use crate::ids::{Address, EscrowId, Hash32, OrderId, TextHash, TxHash};
use crate::money::{TokenAmount, Usd};
use crate::pricing::GpuPrice;
use crate::quote::MarketView;
use crate::requirements::{Assumption, Requirements, Wish};
use crate::routing::RankedBid;
use crate::templates::TemplateRef;
use crate::time::{Seconds, UnixSeconds};

/// What kind of thought a step was.
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
    /// What kind.
    pub kind: ThinkingKind,
    /// One sentence.
    pub text: String,
    /// What it rests on: the buyer's own words, or the source of a figure.
    pub evidence: Option<String>,
    /// How long after the start it came, in milliseconds.
    pub after_ms: u64,
}

/// One line of the stream that answers a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestLine {
    /// The order this request became; always first, so that a reload finds it.
    Order {
        /// Its id.
        id: OrderId,
    },
    /// A step of thinking.
    Step(ThinkingStep),
    /// Everything is there: load the order.
    Done,
    /// Nothing could be done; the sentence says what to do.
    Refused {
        /// For the buyer.
        message: String,
    },
}

/// What the market knows that helps to write an SDL: prices, and values that an SDL can name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MarketWords {
    /// GPUs with what they cost.
    pub gpu_prices: Vec<GpuPrice>,
    /// Regions that providers declare.
    pub regions: Vec<String>,
    /// Storage classes that providers declare.
    pub storage_classes: Vec<String>,
}

/// A change that would let providers bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relaxation {
    /// On a button: "Any region".
    pub title: String,
    /// How many providers could host it then.
    pub providers: u32,
    /// The wish with this one change.
    pub wish: Wish,
}

/// Why there is no quote, and what would help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// One sentence.
    pub message: String,
    /// Changes that would help, best first.
    pub relaxations: Vec<Relaxation>,
}

/// What is unclear about a request, with a place for the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// One short question.
    pub text: String,
    /// The few answers there are; none where it is open.
    pub answers: Vec<Answer>,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// On a button: "Per hour".
    pub title: String,
    /// The wish with this answer.
    pub wish: Wish,
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

/// One entry of an order's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEntry {
    /// Position in the order's event log, from 1.
    pub seq: u64,
    /// When.
    pub at: UnixSeconds,
    /// The event's name ([`crate::deployment::Event::name`]).
    pub event: String,
    /// The state after it ([`State::name`]).
    pub state: String,
    /// One short sentence for people.
    pub title: String,
    /// More, where there is more to say.
    pub detail: Option<String>,
    /// The transaction that goes with it.
    pub tx: Option<TxHash>,
}

/// A service of a running deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// Its name in the SDL.
    pub name: String,
    /// Copies that run.
    pub available: u32,
    /// Copies asked for.
    pub total: u32,
    /// Addresses with scheme, ready to open. Text from outside.
    pub uris: Vec<String>,
    /// Forwarded ports, `host:port → internal port/proto`. Text from outside.
    pub ports: Vec<String>,
}

/// The escrow as the chain shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowMeter {
    /// Everything put in.
    pub deposited: TokenAmount,
    /// Charged per second while it runs; zero before.
    pub rate: ScaledRate,
    /// Charged up to `as_of`.
    pub accrued: TokenAmount,
    /// The moment `accrued` holds for.
    pub as_of: UnixSeconds,
    /// Since when it is charged; `None` before the escrow streams.
    pub charged_since: Option<UnixSeconds>,
    /// When what was paid for is used up; `None` before the escrow streams.
    pub paid_until: Option<UnixSeconds>,
}

/// Which chain and contracts the money is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainView {
    /// Its id (99999).
    pub chain_id: u64,
    /// Its name as a wallet shows it.
    pub name: String,
    /// Public RPC addresses a wallet may add.
    pub rpc_urls: Vec<String>,
    /// Block explorer, if it has one.
    pub explorer_url: Option<String>,
    /// Symbol of the gas token.
    pub gas_symbol: String,
    /// The escrow contract.
    pub escrow: Address,
    /// The token contract.
    pub token: Address,
    /// Keccak-256 of the escrow's code: compared through the wallet before every signature.
    pub escrow_code_hash: Hash32,
    /// A block both sides must agree on.
    pub known_block: u64,
    /// Its hash.
    pub known_block_hash: Hash32,
    /// Whether Necto gives gas for free here (a simulated chain).
    pub gas_drip: bool,
    /// Whether Necto pays the gas of deposits, as far as its budget goes.
    pub relays_deposits: bool,
    /// Where gas can be had otherwise.
    pub faucet_url: Option<String>,
}

/// One transaction the wallet is asked to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreparedCall {
    /// "Approve exactly 3.20 tUSDC".
    pub title: String,
    /// The contract.
    pub to: Address,
    /// Its calldata, `0x…`.
    pub data: String,
    /// The call decoded, name and value a line.
    pub decoded: Vec<(String, String)>,
}

/// Everything the deposit panel needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepositPlan {
    /// The text that is paid for; the order's hash in the terms is made of it.
    pub text: TextHash,
    /// The images that the text runs.
    pub images: Vec<String>,
    /// What will be signed for.
    pub terms: Terms,
    /// The escrow these terms make.
    pub escrow: EscrowId,
    /// Approve, then fund: for a wallet that pays its own gas.
    pub approve: PreparedCall,
    /// The deposit itself.
    pub fund: PreparedCall,
    /// One signature instead, where Necto pays the gas.
    pub relay: Relay,
    /// Where.
    pub chain: ChainView,
}

/// Everything that adding money to a running order needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopUpPlan {
    /// What is added.
    pub top_up: TopUp,
    /// Approve, then top up: for a wallet that pays its own gas.
    pub calls: Vec<PreparedCall>,
    /// What a signature for it is valid before.
    pub valid_before: UnixSeconds,
    /// One signature instead, where Necto pays the gas.
    pub relay: Relay,
}

/// Whether Necto pays the gas of a deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Relay {
    /// The wallet signs this, and nothing else is needed of it.
    Offered {
        /// JSON for `eth_signTypedData_v4`.
        typed_data: String,
        /// What it says, name and value a line.
        decoded: Vec<(String, String)>,
    },
    /// The wallet pays its gas itself.
    Declined {
        /// Why, in a sentence.
        why: String,
    },
}

/// Where a deposit is that Necto sends for the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RelayedDeposit {
    /// It will be sent, or was.
    OnItsWay,
    /// The contract did not take it, or it was not sent in time: nothing was taken.
    Failed {
        /// Why, as the end of a sentence.
        why: String,
    },
}

/// A buyer's kept balance and auto-sign, as the buyer sees them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoSignView {
    /// What the chain says.
    pub balance: KeptBalance,
    /// The policy that is switched on, if one is.
    pub policy: Option<ArmedPolicy>,
    /// The highest limits a policy may have here.
    pub ceiling: PolicyLimits,
    /// Orders that were paid this way in the chain's present UTC day, newest first.
    pub spends: Vec<KeptSpend>,
    /// Ends every policy signed so far, on chain.
    pub revoke: PreparedCall,
    /// Where.
    pub chain: ChainView,
}

/// That auto-sign is on, in the few words that every page says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoSignOn {
    /// The most that one order may cost.
    pub per_order: TokenAmount,
    /// What may still be spent today.
    pub left_today: TokenAmount,
    /// How soon it pays.
    pub pace: Pace,
}

/// A policy that is switched on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmedPolicy {
    /// What was signed.
    pub policy: SpendPolicy,
    /// Its EIP-712 digest.
    pub digest: Hash32,
    /// Where it stands by the chain's word.
    pub standing: PolicyStanding,
    /// What it leaves of today.
    pub left_today: TokenAmount,
    /// How soon it pays.
    pub pace: Pace,
}

/// An order that was paid from a kept balance, or is being paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSpend {
    /// The order.
    pub order: OrderId,
    /// Its short name.
    pub name: String,
    /// How much.
    pub amount: TokenAmount,
    /// When it was decided.
    pub at: UnixSeconds,
    /// Whether it is in escrow; until then it is on its way, or the contract did not take it.
    pub paid: bool,
}

/// A policy for the wallet to sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPlan {
    /// What will be signed.
    pub policy: SpendPolicy,
    /// JSON for `eth_signTypedData_v4`.
    pub typed_data: String,
    /// What it says, name and value a line.
    pub decoded: Vec<(String, String)>,
    /// Where.
    pub chain: ChainView,
}

/// A transaction of the buyer's that Necto was told of or saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionView {
    /// "approve", "fund", "top_up", "activate", "end".
    pub kind: String,
    /// Its hash.
    pub hash: TxHash,
    /// When Necto learned of it.
    pub at: UnixSeconds,
    /// What it added to the escrow, as the chain showed it; `None` where it added nothing, or is not
    /// seen on the chain yet.
    #[serde(default)]
    pub added: Option<TokenAmount>,
}

/// An order as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderView {
    /// Its id.
    pub id: OrderId,
    /// A short name for lists.
    pub name: String,
    /// Where it stands. The manifest is left out.
    pub state: State,
    /// The buyer's sentence, if there was one.
    pub sentence: Option<String>,
    /// Where the request came from.
    #[serde(default)]
    pub origin: Origin,
    /// What was said.
    pub wish: Wish,
    /// What was decided; `None` for an imported SDL.
    pub requirements: Option<Requirements>,
    /// What nobody said.
    pub assumptions: Vec<Assumption>,
    /// What was thought.
    pub steps: Vec<ThinkingStep>,
    /// The SDL: what the price is for, and what is paid for.
    pub sdl: String,
    /// What the buyer has written instead and has not had priced; it is never paid for.
    #[serde(default)]
    pub working_sdl: Option<String>,
    /// Where it came from.
    pub sdl_source: SdlSource,
    /// Who is to pick the bid, where the buyer has chosen.
    #[serde(default)]
    pub acceptance: Option<Acceptance>,
    /// The template it began with.
    #[serde(default)]
    pub template: Option<TemplateRef>,
    /// The market when it was last asked.
    pub market: Option<MarketView>,
    /// Why there is no quote.
    pub refusal: Option<Refusal>,
    /// What is unclear about the request.
    #[serde(default)]
    pub question: Option<Question>,
    /// What happened.
    pub timeline: Vec<TimelineEntry>,
    /// Bids in their order.
    pub bids: Vec<RankedBid>,
    /// What was leased, as its providers last reported it.
    pub services: Vec<ServiceView>,
    /// How ready that is; `None` unless it is leased.
    pub readiness: Option<Readiness>,
    /// The money.
    pub meter: Option<EscrowMeter>,
    /// The buyer's and Necto's transactions.
    pub transactions: Vec<TransactionView>,
    /// The deposit that Necto sends for the buyer, while it is awaited.
    pub relayed: Option<RelayedDeposit>,
    /// What auto-sign made of the price; `None` where the buyer has not switched it on.
    pub auto_sign: Option<Verdict>,
    /// A passing difficulty: "Akash does not answer; trying again". Unknown, not failed.
    pub notice: Option<String>,
    /// Grows with every change of the order: of two views the one with the higher is newer.
    #[serde(default)]
    pub version: u64,
    /// When its SDL and its logs were deleted; `None` while they are there.
    pub erased_at: Option<UnixSeconds>,
    /// The server's time when this was made.
    pub now: UnixSeconds,
}

impl OrderView {
    /// The text as the buyer left it: priced, or still being written.
    #[must_use]
    pub fn shown_sdl(&self) -> &str {
        self.working_sdl.as_deref().unwrap_or(&self.sdl)
    }
}

/// The sessions of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionList {
    /// The one that asks first, then the last seen first.
    pub sessions: Vec<SessionEntry>,
    /// For how long a session lasts at most.
    pub lasts: Seconds,
    /// After how long without being used it ends.
    pub idle: Seconds,
    /// The server's time when this was made.
    pub now: UnixSeconds,
}

/// A session in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEntry {
    /// What names it; worth nothing as a cookie.
    pub id: String,
    /// Since when.
    pub created_at: UnixSeconds,
    /// When it was last used, within a few minutes.
    pub seen_at: UnixSeconds,
    /// The kind of browser, as it said itself; `None` where it said nothing that is known.
    pub browser: Option<String>,
    /// Whether it is the one that asks.
    pub is_this: bool,
}

/// A visitor's orders.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderList {
    /// The account whose they are; `None` for those of a browser in which nobody is signed in.
    pub account: Option<Address>,
    /// Newest first.
    pub orders: Vec<OrderSummary>,
    /// The server's time when this was made: a browser's clock may be wrong.
    pub now: UnixSeconds,
}

/// An order in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    /// Its id.
    pub id: OrderId,
    /// A short name.
    pub name: String,
    /// [`State::name`].
    pub state: String,
    /// How ready what was leased is; `None` unless it is leased.
    pub readiness: Option<Readiness>,
    /// What it costs per hour: the rate once it is charged, the cap before, nothing once it is over.
    pub usd_per_hour: Option<Usd>,
    /// What was deposited.
    pub deposited: Option<TokenAmount>,
    /// When the paid time ends.
    pub paid_until: Option<UnixSeconds>,
    /// When it was made.
    pub created_at: UnixSeconds,
    /// When it last changed.
    pub changed_at: UnixSeconds,
    /// First address of the first service.
    pub uri: Option<String>,
}

/// One line of a service's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Position in the order's log, from 1.
    pub seq: u64,
    /// When Necto received it: providers send no time.
    pub at: UnixSeconds,
    /// The service it belongs to.
    pub service: String,
    /// The text. From outside: shown escaped.
    pub text: String,
}

impl State {
    /// The state without the manifest, which is large and of no use to people.
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
