//! Reads recorded answers of the chain, and refuses those that are refusals.

use akash_tx::answers::{
    Account, AnswerError, Balance, Balances, BidAnswer, BidPage, DeploymentAnswer, DeploymentPage,
    DeploymentParams, EscrowAccounts, ExchangeParams, ExchangeStatus, LatestBlock, LeasePage,
    LeaseState, Ledger, LedgerStatus, MintStatus, PaymentPage, ProviderAnswer, Simulation,
    TransactionAnswer, read,
};
use akash_tx::{Coin, Denom, EscrowId, Refusal};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::vectors::vectors;

/// The recorded answers; each is to be asked for once.
struct Recorded {
    answers: Vec<Value>,
}

impl Recorded {
    fn load() -> Option<Self> {
        let vectors = vectors()?;
        let answers = vectors["rest"]["answers"]
            .as_array()
            .expect("the vectors have this shape")
            .clone();
        Some(Self { answers })
    }

    /// The next answer whose path holds this text.
    fn take<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, AnswerError> {
        let at = self
            .answers
            .iter()
            .position(|answer| {
                answer["path"]
                    .as_str()
                    .expect("the vectors have this shape")
                    .contains(path)
            })
            .unwrap_or_else(|| panic!("no answer to {path}"));
        let answer = self.answers.remove(at);
        let status = answer["status"]
            .as_u64()
            .expect("the vectors have this shape");
        read(
            status.try_into().expect("the vectors have this shape"),
            &answer["body"].to_string(),
        )
    }

    fn outcome(&mut self, path: &str) -> Result<(), Refusal> {
        let answer: TransactionAnswer = self.take(path).expect("the vectors have this shape");
        answer.tx_response.outcome()
    }
}

#[test]
fn every_answer_that_is_read_has_its_facts() {
    let Some(mut recorded) = Recorded::load() else {
        return;
    };
    let total = recorded.answers.len();
    deployments(&mut recorded);
    market(&mut recorded);
    exchange(&mut recorded);
    accounts(&mut recorded);
    transactions(&mut recorded);
    let mut left: Vec<&str> = recorded
        .answers
        .iter()
        .map(|answer| answer["path"].as_str().unwrap().split('?').next().unwrap())
        .collect();
    left.sort_unstable();
    // Certificates are not used, and nobody else pays.
    let unread = [
        "/akash/cert/v1/certificates/list",
        "/akash/discovery/v1/info",
        "/akash/market/v1beta5/params",
        "/cosmos/authz/v1beta1/grants/grantee/",
        "/cosmos/feegrant/v1beta1/allowances/",
    ];
    assert_eq!(left.len(), unread.len(), "{left:?}");
    for (path, start) in left.iter().zip(unread) {
        assert!(path.starts_with(start), "{path}");
    }
    println!("{} of {total} answers are read", total - left.len());
}

fn deployments(recorded: &mut Recorded) {
    let page: DeploymentPage = recorded
        .take("deployments/list")
        .expect("the vectors have this shape");
    let one: DeploymentAnswer = recorded
        .take("deployments/info")
        .expect("the vectors have this shape");
    assert_eq!(page.deployments, std::slice::from_ref(&one));
    assert_eq!(one.escrow_account.state.funds[0].whole(), 5_000_000);
    assert_eq!(one.escrow_account.id.deployment(), Some(one.deployment.id));
    assert_eq!(
        recorded.take::<DeploymentAnswer>("deployments/info"),
        Err(AnswerError::NotFound)
    );
    let params: DeploymentParams = recorded
        .take("deployment/v1beta4/params")
        .expect("the vectors have this shape");
    assert_eq!(params.min_deposit_uact(), Some(500_000));
}

fn market(recorded: &mut Recorded) {
    let page: BidPage = recorded
        .take("bids/list")
        .expect("the vectors have this shape");
    assert_eq!(page.bids[0].bid.price.atto, 8_421_500_000_000_000_000_000);
    assert_eq!(page.bids[0].bid.price.denom, Denom::Uact);
    let none: BidPage = recorded
        .take("bids/list")
        .expect("the vectors have this shape");
    assert!(none.bids.is_empty());
    let one: BidAnswer = recorded
        .take("bids/info")
        .expect("the vectors have this shape");
    assert_eq!(one, page.bids[0]);
    let leases: LeasePage = recorded
        .take("leases/list")
        .expect("the vectors have this shape");
    assert_eq!(leases.leases[0].lease.id, one.bid.id);
    assert_eq!(leases.leases[0].lease.state, LeaseState::Active);
    let accounts: EscrowAccounts = recorded
        .take("types/accounts")
        .expect("the vectors have this shape");
    let mut id = accounts.accounts[0].id.clone();
    assert!(accounts.account(&id).is_some());
    // The filter is a prefix: a shorter name finds this account too.
    id.xid.pop();
    assert_eq!(accounts.account(&id), None);
    assert!(id.deployment().is_some());
    let other = EscrowId {
        xid: "1/2".to_owned(),
        ..id
    };
    assert_eq!(other.deployment(), None);
    let payments: PaymentPage = recorded
        .take("types/payments")
        .expect("the vectors have this shape");
    assert_eq!(payments.payments[0], leases.leases[0].escrow_payment);
    let provider: ProviderAnswer = recorded
        .take("v1beta4/providers/")
        .expect("the vectors have this shape");
    assert_eq!(
        provider.provider.host_uri,
        "https://provider.example.com:8443"
    );
}

fn exchange(recorded: &mut Recorded) {
    let params: ExchangeParams = recorded
        .take("bme/v1/params")
        .expect("the vectors have this shape");
    assert_eq!(params.min_mint_uact(), Some(10_000_000));
    assert_eq!(
        (params.mint_spread_bps(), params.min_epoch_blocks()),
        (25, 10)
    );
    let status: ExchangeStatus = recorded
        .take("bme/v1/status")
        .expect("the vectors have this shape");
    assert_eq!(status.status, MintStatus::Healthy);
    assert!(status.mints_allowed);
    let pending: Ledger = recorded
        .take("bme/v1/ledger")
        .expect("the vectors have this shape");
    let id = &pending.records[0].id;
    assert_eq!(pending.records[0].status, LedgerStatus::Pending);
    assert_eq!(pending.records[0].minted(), None);
    let later: Ledger = recorded
        .take("bme/v1/ledger")
        .expect("the vectors have this shape");
    let executed = later.record(id).expect("the vectors have this shape");
    assert_eq!(executed.minted(), Some(&Coin::uact(12_967_500)));
    let canceled = &later.records[1];
    assert_eq!(canceled.status, LedgerStatus::Canceled);
    assert_eq!(
        canceled.canceled(),
        Some(("minimum_mint", &Coin::uakt(1_000_000)))
    );
}

fn accounts(recorded: &mut Recorded) {
    let account: Account = recorded
        .take("account_info")
        .expect("the vectors have this shape");
    assert_eq!((account.number, account.sequence), (123_456, 7));
    assert!(account.has_public_key);
    let fresh: Account = recorded
        .take("auth/v1beta1/accounts")
        .expect("the vectors have this shape");
    assert!(!fresh.has_public_key);
    let vesting: Account = recorded
        .take("auth/v1beta1/accounts")
        .expect("the vectors have this shape");
    assert_eq!((vesting.number, vesting.sequence), (77, 3));
    assert_eq!(
        recorded.take::<Account>("auth/v1beta1/accounts"),
        Err(AnswerError::NotFound)
    );
    let balances: Balances = recorded
        .take("bank/v1beta1/balances")
        .expect("the vectors have this shape");
    assert_eq!(balances.of(&Denom::Uact), 12_967_500);
    assert_eq!(balances.of(&"nothing".into()), 0);
    let free: Balance = recorded
        .take("spendable_balances")
        .expect("the vectors have this shape");
    assert_eq!(free.balance, Coin::uakt(41_230_000));
    let block: LatestBlock = recorded
        .take("blocks/latest")
        .expect("the vectors have this shape");
    assert_eq!(
        (block.height(), block.chain_id()),
        (26_500_130, "akashnet-2")
    );
}

fn transactions(recorded: &mut Recorded) {
    let simulation: Simulation = recorded
        .take("simulate")
        .expect("the vectors have this shape");
    assert_eq!(simulation.gas_used(), 241_337);
    let mismatch = Refusal::SequenceMismatch { expected: Some(8) };
    assert_eq!(
        recorded.take::<Simulation>("simulate"),
        Err(AnswerError::Refused(mismatch.clone()))
    );
    assert_eq!(
        recorded.take::<Simulation>("simulate"),
        Err(AnswerError::Refused(Refusal::InsufficientDeposit))
    );
    assert_eq!(recorded.outcome("BROADCAST_MODE_SYNC"), Ok(()));
    assert_eq!(recorded.outcome("(wrong sequence)"), Err(mismatch));
    assert_eq!(
        recorded.outcome("(fee too small)"),
        Err(Refusal::InsufficientFee {
            required: Some(Coin::uakt(8_000))
        })
    );
    assert_eq!(
        recorded.outcome("(bad signature)"),
        Err(Refusal::Unauthorized)
    );
    assert_eq!(
        recorded.outcome("(already sent)"),
        Err(Refusal::AlreadySent)
    );
    let included: TransactionAnswer = recorded
        .take("/txs/EA8A")
        .expect("the vectors have this shape");
    assert_eq!(included.tx_response.outcome(), Ok(()));
    assert_eq!(included.tx_response.height, 26_500_124);
    assert_eq!(recorded.outcome("(ran out of gas"), Err(Refusal::OutOfGas));
    assert_eq!(
        recorded.take::<TransactionAnswer>("(not in a block yet"),
        Err(AnswerError::NotFound)
    );
}
