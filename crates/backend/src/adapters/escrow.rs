//! [`EscrowChain`] over the chain client: domain terms on one side, the contracts' on the other.

mod blocks;
mod kept;
mod operator;
mod seen;

use async_trait::async_trait;
use chain_client::evm_types::alloy_primitives::{Address as EvmAddress, B256, U256};
use chain_client::evm_types::alloy_sol_types::SolCall;
use chain_client::evm_types::{self, AkashEscrow, Mode, TestnetUSDC};
use chain_client::{ChainClient, ChainError as ClientError, EscrowState, Outcome, Seen};
use domain::escrow::{ScaledRate, Terms, TopUp};
use domain::gas::Gwei;
use domain::ids::{Address, EscrowId, Hash32, TxHash};
use domain::journey::PreparedCall;
use domain::money::TokenAmount;
use domain::time::UnixSeconds;
use secrecy::SecretString;
use seen::{Found, KnownEvents, Memory};

use crate::ports::{
    Authorization, ChainBlock, ChainError, ChainIdentity, EscrowChain, EscrowOnChain, EscrowStatus,
    OperatorCall, TxOutcome,
};

/// The escrow's chain through an RPC node.
#[derive(Debug)]
pub struct RpcEscrowChain {
    client: ChainClient,
    confirmations: u64,
    seen: Memory,
}

/// Amount given to a fresh account on a simulated chain: one unit of the gas token.
const GAS_GIFT: Gwei = Gwei(1_000_000_000);

/// Depth of the known block below the newest one: enough that it is not reorganised away while a
/// buyer reads the page.
const KNOWN_BLOCK_DEPTH: u64 = 8;

/// The chain's address, and the key with which the operator signs.
#[derive(Debug, Clone)]
pub struct ChainSettings {
    /// The node's HTTP address.
    pub rpc_url: String,
    /// Id of the chain that the node must be on.
    pub chain_id: u64,
    /// Address of the escrow contract.
    pub escrow: Address,
    /// Address of the token contract, in which deposits are made.
    pub token: Address,
    /// The operator's private key.
    pub operator_key: SecretString,
    /// Confirmations after which an event counts, including the event's own block.
    pub confirmations: u64,
}

impl RpcEscrowChain {
    /// Connects, and checks that the node is on the right chain and that the contracts exist.
    ///
    /// # Errors
    /// One sentence for the operator.
    pub async fn connect(settings: ChainSettings) -> Result<Self, String> {
        let client = ChainClient::new(chain_client::Config {
            rpc_url: settings.rpc_url,
            chain_id: settings.chain_id,
            escrow: evm_address(settings.escrow),
            token: evm_address(settings.token),
            operator_key: settings.operator_key,
        })
        .map_err(|error| error.to_string())?;
        client.verify().await.map_err(|error| error.to_string())?;
        Ok(Self::new(client, settings.confirmations))
    }

    /// The account that signs on Necto's behalf.
    #[must_use]
    pub fn operator(&self) -> Address {
        address(self.client.operator())
    }

    /// Makes an adapter. `confirmations` is the number of blocks after which an event counts,
    /// including its own block; at least one.
    #[must_use]
    pub fn new(client: ChainClient, confirmations: u64) -> Self {
        Self {
            client,
            confirmations: confirmations.max(1),
            seen: Memory::default(),
        }
    }

    /// Reads the escrow, and its events beyond those already `known`.
    async fn read(
        &self,
        id: EscrowId,
        known: Option<&KnownEvents>,
    ) -> Result<Option<(EscrowState, Found)>, ChainError> {
        let since = known.map_or(0, |known| known.read_below);
        let state = self.client.escrow(evm_hash(id), since).await;
        Ok(state.map_err(chain_error)?.map(|state| {
            let found = Found::of(known, &state);
            (state, found)
        }))
    }

    fn counts(&self, head: u64, block: u64) -> bool {
        is_deep_enough(head, block, self.confirmations)
    }

    /// Leaves out events with too few confirmations, which may still be undone.
    fn settled_view(
        &self,
        id: EscrowId,
        state: &EscrowState,
        found: Found,
    ) -> Option<EscrowOnChain> {
        let deep = |seen: Option<Seen>| seen.filter(|seen| self.counts(state.head, seen.block));
        let funded = deep(found.funded)?;
        let activated = deep(found.activated);
        let closed = found
            .closed
            .filter(|closed| self.counts(state.head, closed.seen.block));
        self.seen.keep(
            id,
            KnownEvents {
                funded,
                activated,
                closed: closed.clone(),
                read_below: (state.head + 1).saturating_sub(self.confirmations),
            },
        );
        let status = match (&closed, activated) {
            (Some(_), _) => EscrowStatus::Closed,
            (None, Some(_)) => EscrowStatus::Active,
            (None, None) => EscrowStatus::Funded,
        };
        let view = &state.view;
        let (rate, alive) = match activated {
            Some(_) => (view.rate, Some(UnixSeconds(view.lastSignOfLife))),
            None => (0, None),
        };
        Some(EscrowOnChain {
            status,
            deposited: TokenAmount::from_micros(view.deposited),
            rate: ScaledRate::from_scaled(rate),
            activated_at: activated.map(|_| UnixSeconds(view.activatedAt)),
            last_sign_of_life: alive,
            accrued: TokenAmount::from_micros(
                closed
                    .as_ref()
                    .map_or(state.accrued, |closed| closed.released),
            ),
            released: TokenAmount::from_micros(closed.as_ref().map_or(0, |closed| closed.released)),
            refunded: TokenAmount::from_micros(closed.as_ref().map_or(0, |closed| closed.refunded)),
            ended_at: closed.as_ref().map(|closed| UnixSeconds(closed.ended_at)),
            funded_tx: Some(hash(funded.tx)),
            funded_block: Some(funded.block),
            activated_tx: activated.map(|seen| hash(seen.tx)),
            closed_tx: closed.map(|closed| hash(closed.seen.tx)),
        })
    }

    fn on_escrow(&self, data: Vec<u8>) -> OperatorCall {
        OperatorCall {
            to: address(self.client.escrow_contract()),
            data,
            value: Gwei::ZERO,
        }
    }

    fn receive_authorization(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
    ) -> evm_types::ReceiveAuthorization {
        evm_types::ReceiveAuthorization {
            from: evm_address(terms.buyer),
            to: self.client.escrow_contract(),
            value: terms.deposit.micros(),
            valid_after: 0,
            valid_before: valid_before.0,
            nonce: evm_hash(self.escrow_id(terms)),
        }
    }

    /// Returns how wallets display a signed payment into the escrow, with an explanation of its
    /// nonce.
    fn receiving_in_words(
        &self,
        valid_before: UnixSeconds,
        nonce: String,
    ) -> [(String, String); 4] {
        [
            ("Wallet shows", "ReceiveWithAuthorization".to_owned()),
            ("To", format!("{} (AkashEscrow)", self.escrow_contract())),
            ("Valid before", instant(valid_before)),
            ("Nonce", nonce),
        ]
        .map(|(name, value)| (name.to_owned(), value))
    }

    fn top_up_message(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
    ) -> evm_types::ReceiveAuthorization {
        let (amount, deposited) = (top_up.amount.micros(), top_up.deposited.micros());
        let escrow = self.client.escrow_contract();
        let id = evm_hash(top_up.escrow);
        evm_types::ReceiveAuthorization {
            from: evm_address(top_up.buyer),
            to: escrow,
            value: amount,
            valid_after: 0,
            valid_before: valid_before.0,
            nonce: evm_types::top_up_nonce(self.chain_id(), escrow, id, amount, deposited),
        }
    }

    fn token_call(
        &self,
        title: String,
        data: Vec<u8>,
        decoded: Vec<(String, String)>,
    ) -> PreparedCall {
        PreparedCall {
            title,
            to: address(self.client.token_contract()),
            data: hex_data(&data),
            decoded,
        }
    }

    fn escrow_call(
        &self,
        title: String,
        data: Vec<u8>,
        decoded: Vec<(String, String)>,
    ) -> PreparedCall {
        PreparedCall {
            title,
            to: address(self.client.escrow_contract()),
            data: hex_data(&data),
            decoded,
        }
    }
}

/// Whether `block` has this many confirmations at `head`, counting itself.
const fn is_deep_enough(head: u64, block: u64, confirmations: u64) -> bool {
    head + 1 >= block + confirmations
}

#[async_trait]
impl EscrowChain for RpcEscrowChain {
    fn chain_id(&self) -> u64 {
        self.client.chain_id()
    }

    fn escrow_contract(&self) -> Address {
        address(self.client.escrow_contract())
    }

    fn token_contract(&self) -> Address {
        address(self.client.token_contract())
    }

    async fn head(&self) -> Result<ChainBlock, ChainError> {
        let block = self.client.head().await.map_err(chain_error)?;
        Ok(ChainBlock {
            number: block.number,
            hash: hash(block.hash),
            timestamp: UnixSeconds(block.timestamp),
        })
    }

    async fn identity(&self) -> Result<ChainIdentity, ChainError> {
        let code_hash = self
            .client
            .code_hash(self.client.escrow_contract())
            .await
            .map_err(chain_error)?;
        let head = self.client.head().await.map_err(chain_error)?;
        let number = head.number.saturating_sub(KNOWN_BLOCK_DEPTH);
        let known = self
            .client
            .block(number)
            .await
            .map_err(chain_error)?
            .unwrap_or(head);
        Ok(ChainIdentity {
            escrow_code_hash: hash(code_hash),
            known_block: known.number,
            known_block_hash: hash(known.hash),
        })
    }

    fn escrow_id(&self, terms: &Terms) -> EscrowId {
        let id = evm_types::escrow_id(
            self.chain_id(),
            self.client.escrow_contract(),
            &evm_terms(terms),
        );
        hash(id)
    }

    fn approve_call(&self, amount: TokenAmount) -> PreparedCall {
        let spender = self.client.escrow_contract();
        let data = TestnetUSDC::approveCall {
            spender,
            value: U256::from(amount.micros()),
        }
        .abi_encode();
        let decoded = vec![
            ("Function".to_owned(), "approve".to_owned()),
            (
                "Spender".to_owned(),
                format!("{} (AkashEscrow)", address(spender)),
            ),
            ("Amount".to_owned(), format!("{amount} tUSDC, exactly")),
        ];
        self.token_call(format!("Approve exactly {amount} tUSDC"), data, decoded)
    }

    fn fund_call(&self, terms: &Terms) -> PreparedCall {
        let data = AkashEscrow::fundCall {
            terms: evm_terms(terms),
        }
        .abi_encode();
        let decoded = vec![
            ("Function".to_owned(), "fund".to_owned()),
            ("Buyer".to_owned(), terms.buyer.to_string()),
            ("Payee".to_owned(), terms.payee.to_string()),
            ("Deposit".to_owned(), format!("{} tUSDC", terms.deposit)),
            (
                "Highest rate".to_owned(),
                format!("{} tUSDC an hour", terms.max_rate.usd_per_hour()),
            ),
            ("Starts by".to_owned(), instant(terms.activate_by)),
            (
                "Operator may be silent for".to_owned(),
                terms.heartbeat_window.in_words(),
            ),
            (
                "Fee".to_owned(),
                format!(
                    "{}.{:02} % of what is used",
                    terms.fee_bps / 100,
                    terms.fee_bps % 100
                ),
            ),
            ("Order".to_owned(), terms.order_hash.to_string()),
            ("Escrow".to_owned(), self.escrow_id(terms).to_string()),
        ];
        self.escrow_call(format!("Deposit {} tUSDC", terms.deposit), data, decoded)
    }

    fn top_up_call(&self, top_up: &TopUp) -> PreparedCall {
        let data = AkashEscrow::topUpCall {
            id: evm_hash(top_up.escrow),
            amount: top_up.amount.micros(),
            deposited: top_up.deposited.micros(),
        }
        .abi_encode();
        let mut decoded = vec![("Function".to_owned(), "topUp".to_owned())];
        decoded.extend(top_up_in_words(top_up));
        self.escrow_call(format!("Add {} tUSDC", top_up.amount), data, decoded)
    }

    fn faucet_call(&self, to: Address) -> PreparedCall {
        let data = TestnetUSDC::dripToCall {
            to: evm_address(to),
        }
        .abi_encode();
        let decoded = vec![
            ("Function".to_owned(), "dripTo".to_owned()),
            ("To".to_owned(), to.to_string()),
            (
                "Amount".to_owned(),
                "today's share, at most 1000 tUSDC".to_owned(),
            ),
        ];
        self.token_call("Get test USDC".to_owned(), data, decoded)
    }

    async fn escrow(&self, id: EscrowId) -> Result<Option<EscrowOnChain>, ChainError> {
        let known = self.seen.of(id);
        let Some((state, found)) = self.read(id, known.as_ref()).await? else {
            return Ok(None);
        };
        // Events that a node once omitted are found by reading again from the beginning.
        let again = match known {
            Some(_) if found.misses_something(state.view.status) => self.read(id, None).await?,
            _ => None,
        };
        let (state, found) = again.unwrap_or((state, found));
        Ok(self.settled_view(id, &state, found))
    }

    async fn outcome(&self, tx: TxHash) -> Result<TxOutcome, ChainError> {
        let outcome = self
            .client
            .outcome(evm_hash(tx))
            .await
            .map_err(chain_error)?;
        let block = match outcome {
            Outcome::Pending => return Ok(TxOutcome::Pending),
            Outcome::Unknown => return Ok(TxOutcome::Unknown),
            Outcome::Reverted(_) => {
                return Ok(TxOutcome::Reverted {
                    reason: "the contract refused it".to_owned(),
                });
            }
            Outcome::Included(block) => block,
        };
        let head = self.client.head().await.map_err(chain_error)?;
        if self.counts(head.number, block.number) {
            Ok(TxOutcome::Confirmed {
                block: block.number,
                at: UnixSeconds(block.timestamp),
            })
        } else {
            Ok(TxOutcome::Pending)
        }
    }

    fn activate_call(&self, id: EscrowId, rate: ScaledRate) -> OperatorCall {
        let call = AkashEscrow::activateCall {
            id: evm_hash(id),
            rate: rate.scaled(),
        };
        self.on_escrow(call.abi_encode())
    }

    fn end_call(&self, id: EscrowId, ended_at: UnixSeconds) -> OperatorCall {
        let call = AkashEscrow::endCall {
            id: evm_hash(id),
            endedAt: ended_at.0,
        };
        self.on_escrow(call.abi_encode())
    }

    fn heartbeat_call(&self, id: EscrowId) -> OperatorCall {
        self.on_escrow(AkashEscrow::heartbeatCall { id: evm_hash(id) }.abi_encode())
    }

    fn gas_gift_call(&self, to: Address) -> OperatorCall {
        OperatorCall {
            to,
            data: Vec::new(),
            value: GAS_GIFT,
        }
    }

    async fn authorization(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError> {
        let domain = self.client.token_domain().await.map_err(chain_error)?;
        let signed = self.receive_authorization(terms, valid_before);
        // Wallets display the escrow's id as a bare nonce, so its meaning is explained here.
        let terms_in_words = self.fund_call(terms).decoded.into_iter();
        let mut decoded: Vec<_> = terms_in_words
            .filter(|(name, _)| name != "Function" && name != "Escrow")
            .collect();
        decoded.extend(self.receiving_in_words(
            valid_before,
            format!("{}, the hash of these terms", self.escrow_id(terms)),
        ));
        Ok(Authorization {
            typed_data: signed.typed_data(&domain),
            decoded,
        })
    }

    async fn relay_call(
        &self,
        terms: &Terms,
        valid_before: UnixSeconds,
        signature: &str,
    ) -> Result<OperatorCall, ChainError> {
        let domain = self.client.token_domain().await.map_err(chain_error)?;
        let digest = self
            .receive_authorization(terms, valid_before)
            .digest(&domain);
        let (signer, signature) =
            chain_client::recover_typed_data(digest, signature).map_err(chain_error)?;
        if address(signer) != terms.buyer {
            return Err(ChainError::Invalid(
                "The signature is not the buyer's over this deposit. Prepare the deposit again and \
                 sign with the account you signed in with."
                    .to_owned(),
            ));
        }
        let call = AkashEscrow::fundWithAuthorizationCall {
            terms: evm_terms(terms),
            validAfter: U256::ZERO,
            validBefore: U256::from(valid_before.0),
            signature: signature.into(),
        };
        Ok(self.on_escrow(call.abi_encode()))
    }

    async fn is_contract(&self, account: Address) -> Result<bool, ChainError> {
        let account = evm_address(account);
        self.client.is_contract(account).await.map_err(chain_error)
    }

    async fn signed_by_contract(
        &self,
        account: Address,
        message: &str,
        signature: &str,
    ) -> Result<bool, ChainError> {
        let signature = hex::decode(signature.strip_prefix("0x").unwrap_or(signature))
            .map_err(|_| ChainError::Invalid("This is not a signature.".to_owned()))?;
        let digest = chain_client::personal_sign_digest(message);
        self.client
            .signed_by_contract(evm_address(account), digest, &signature)
            .await
            .map_err(chain_error)
    }

    async fn top_up_authorization(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
    ) -> Result<Authorization, ChainError> {
        let domain = self.client.token_domain().await.map_err(chain_error)?;
        let signed = self.top_up_message(top_up, valid_before);
        let mut decoded = top_up_in_words(top_up).to_vec();
        decoded.extend(self.receiving_in_words(
            valid_before,
            format!("{}, the hash of this top-up", hash(signed.nonce)),
        ));
        Ok(Authorization {
            typed_data: signed.typed_data(&domain),
            decoded,
        })
    }

    async fn relay_top_up_call(
        &self,
        top_up: &TopUp,
        valid_before: UnixSeconds,
        signature: &str,
    ) -> Result<OperatorCall, ChainError> {
        let domain = self.client.token_domain().await.map_err(chain_error)?;
        let digest = self.top_up_message(top_up, valid_before).digest(&domain);
        let (signer, signature) =
            chain_client::recover_typed_data(digest, signature).map_err(chain_error)?;
        if address(signer) != top_up.buyer {
            return Err(ChainError::Invalid(
                "The signature is not the buyer's over this top-up. Review it again and sign with \
                 the account that made the deposit."
                    .to_owned(),
            ));
        }
        let call = AkashEscrow::topUpWithAuthorizationCall {
            id: evm_hash(top_up.escrow),
            amount: top_up.amount.micros(),
            deposited: top_up.deposited.micros(),
            validAfter: U256::ZERO,
            validBefore: U256::from(valid_before.0),
            signature: signature.into(),
        };
        Ok(self.on_escrow(call.abi_encode()))
    }

    fn recover_personal_sign(&self, message: &str, signature: &str) -> Result<Address, ChainError> {
        chain_client::recover_personal_sign(message, signature)
            .map(address)
            .map_err(chain_error)
    }
}

fn chain_error(error: ClientError) -> ChainError {
    match error {
        // For the operator to fix, and not a final answer of the contract: it stops once the
        // account is funded.
        ClientError::Refused {
            name: "InsufficientGasMoney",
            sentence,
        } => ChainError::Unavailable(sentence),
        ClientError::Refused { sentence, .. } => ChainError::Refused(sentence),
        ClientError::Config(sentence) => ChainError::Invalid(sentence),
        ClientError::Unreachable(_)
        | ClientError::Contradiction(_)
        | ClientError::WrongChain { .. }
        | ClientError::OtherChain { .. }
        | ClientError::WrongCode { .. } => ChainError::Unavailable(error.to_string()),
    }
}

fn top_up_in_words(top_up: &TopUp) -> [(String, String); 3] {
    [
        ("Escrow".to_owned(), top_up.escrow.to_string()),
        ("Amount".to_owned(), format!("{} tUSDC", top_up.amount)),
        (
            "Only while it holds".to_owned(),
            format!("{} tUSDC in all", top_up.deposited),
        ),
    ]
}

fn evm_terms(terms: &Terms) -> evm_types::Terms {
    evm_types::Terms {
        mode: Mode::Stream,
        buyer: evm_address(terms.buyer),
        payee: evm_address(terms.payee),
        deposit: terms.deposit.micros(),
        maxRate: terms.max_rate.scaled(),
        activateBy: terms.activate_by.0,
        heartbeatWindow: terms.heartbeat_window.0,
        feeBps: terms.fee_bps,
        orderHash: evm_hash(terms.order_hash),
        salt: evm_hash(terms.salt),
        arbiter: EvmAddress::ZERO,
        timeout: 0,
    }
}

fn instant(at: UnixSeconds) -> String {
    let seconds = i64::try_from(at.0).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| format!("second {}", at.0),
        |at| at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

fn hex_data(data: &[u8]) -> String {
    format!("0x{}", hex::encode(data))
}

const fn hash(hash: B256) -> Hash32 {
    Hash32::from_bytes(hash.0)
}

const fn evm_hash(hash: Hash32) -> B256 {
    B256::new(*hash.bytes())
}

fn address(address: EvmAddress) -> Address {
    Address::from_bytes(address.into_array())
}

fn evm_address(address: Address) -> EvmAddress {
    EvmAddress::from(*address.bytes())
}

#[cfg(test)]
mod tests {
    use super::is_deep_enough;

    #[test]
    fn an_event_counts_at_its_depth_and_not_a_block_earlier() {
        assert!(is_deep_enough(100, 100, 1));
        assert!(!is_deep_enough(110, 100, 12));
        assert!(is_deep_enough(111, 100, 12));
        // A node whose head has moved back behind the event does not know it yet.
        assert!(!is_deep_enough(98, 100, 1));
    }
}
