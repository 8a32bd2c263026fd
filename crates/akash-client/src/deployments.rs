//! Deployments: create, read, list, update, fund and close.

use domain::akash::Dseq;
use domain::money::Usd;
use reqwest::Method;
use serde::{Deserialize, Serialize};

use crate::Coin;
use crate::amount::in_dollars;
use crate::error::{Effect, Error};
use crate::leases::Lease;
use crate::tolerant::{null_as_default, open_enum};
use crate::transport::{Client, Data};

/// Contents of a new deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewDeployment {
    /// The SDL; the Console rewrites its prices to `uact` and adds its auditor.
    pub sdl: String,
    /// First deposit in USD, taken from the Console account. Newer services ignore it; older ones
    /// refuse a deployment without it.
    #[serde(serialize_with = "in_dollars")]
    pub deposit: Usd,
    /// A label of the caller's choice, which newer services store and can search for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Hours from the start of the lease after which newer services close the deployment
    /// (1 to 48 at creation).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime_limit_hours: Option<u32>,
}

/// A deployment as the call that created it returns it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreatedDeployment {
    /// Sequence number of the deployment.
    pub dseq: Dseq,
    /// The manifest to be sent with the lease, exactly as returned: it belongs to the rewritten
    /// SDL and cannot be fetched again.
    pub manifest: String,
    /// Transaction that created it; `None` if the service does not report it.
    #[serde(default)]
    pub sign_tx: Option<SignedTransaction>,
}

/// A transaction that the Console signed and broadcast.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedTransaction {
    /// Result code of the chain; 0 is success.
    #[serde(default)]
    pub code: i64,
    /// Hash of the transaction on the Akash chain.
    #[serde(default)]
    pub transaction_hash: String,
    /// Explanation in the chain's own words, mostly empty.
    #[serde(default)]
    pub raw_log: String,
}

open_enum! {
    /// State of a deployment on the chain.
    DeploymentState {
        /// The deployment is open for bids or running.
        Active = "active",
        /// The deployment is closed for good.
        Closed = "closed",
    }
}

open_enum! {
    /// State of an escrow account on Akash.
    EscrowState {
        /// The account holds funds.
        Open = "open",
        /// The account is closed and the rest returned.
        Closed = "closed",
        /// The account owed more than it held.
        Overdrawn = "overdrawn",
    }
}

/// A deployment with its leases and its escrow account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Deployment {
    /// Deployment as the chain records it.
    pub deployment: DeploymentRecord,
    /// Leases, closed ones included; empty before a bid is accepted.
    #[serde(default, deserialize_with = "null_as_default")]
    pub leases: Vec<Lease>,
    /// Money set aside for it on Akash.
    pub escrow_account: EscrowAccount,
    /// Settings that the Console stores besides the chain; `None` on older services.
    #[serde(default, rename = "consoleSettings")]
    pub console_settings: Option<ConsoleSettings>,
    /// Label given at creation; `None` if the service keeps none.
    #[serde(default)]
    pub name: Option<String>,
}

/// Owner and sequence number of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct DeploymentId {
    /// Address of the managed wallet that owns it.
    pub owner: String,
    /// Sequence number of the deployment.
    pub dseq: Dseq,
}

/// The chain's record of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeploymentRecord {
    /// Owner and sequence number.
    pub id: DeploymentId,
    /// State on the chain.
    pub state: DeploymentState,
    /// Base64 SHA-256 of the sorted manifest.
    #[serde(default)]
    pub hash: String,
    /// Height of the block that created it, as decimal text.
    #[serde(default)]
    pub created_at: String,
}

/// An escrow account on Akash.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EscrowAccount {
    /// Scope and external id.
    pub id: EscrowId,
    /// Money of the account, as of the last settlement instead of this moment.
    pub state: EscrowMoney,
}

/// Id of an escrow account.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EscrowId {
    /// Kind of account: `deployment` or `bid`.
    pub scope: String,
    /// Path of ids that name the deployment or bid, for example `akash1…/1795240512345`.
    pub xid: String,
}

/// The money of an escrow account, as of `settled_at`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EscrowMoney {
    /// Address on Akash of the account's owner.
    #[serde(default)]
    pub owner: String,
    /// Open, closed or overdrawn.
    pub state: EscrowState,
    /// Amounts paid out so far, by denomination.
    #[serde(default, deserialize_with = "null_as_default")]
    pub transferred: Vec<Coin>,
    /// Height of the last settlement, as decimal text; `0` before the first.
    #[serde(default)]
    pub settled_at: String,
    /// Amounts left at the last settlement, by denomination.
    #[serde(default, deserialize_with = "null_as_default")]
    pub funds: Vec<Coin>,
    /// Deposits that the money came from.
    #[serde(default, deserialize_with = "null_as_default")]
    pub deposits: Vec<EscrowDeposit>,
}

/// One source of an escrow account's money.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct EscrowDeposit {
    /// Address on Akash of the depositor.
    #[serde(default)]
    pub owner: String,
    /// Height of the deposit, as decimal text.
    #[serde(default)]
    pub height: String,
    /// Source of the deposit: `balance` or `grant`.
    #[serde(default)]
    pub source: String,
    /// Part of the deposit that is left.
    pub balance: Coin,
}

/// Data that the Console stores in addition to the chain's.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsoleSettings {
    /// SDL as the Console stored it; `None` if it stored none.
    #[serde(default)]
    pub sdl: Option<String>,
    /// Version of the manifest that the SDL belongs to; `None` if the Console names none.
    #[serde(default)]
    pub manifest_version: Option<String>,
}

/// One page of the deployment list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeploymentPage {
    /// Deployments; their leases carry no status.
    #[serde(default, deserialize_with = "null_as_default")]
    pub deployments: Vec<Deployment>,
}

#[derive(Serialize)]
struct SdlBody<'a> {
    sdl: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RuntimeLimitBody {
    runtime_limit_hours: u32,
}

#[derive(Serialize)]
struct DepositBody {
    dseq: Dseq,
    #[serde(serialize_with = "in_dollars")]
    deposit: Usd,
}

#[derive(Serialize)]
struct Envelope<T> {
    data: T,
}

#[derive(Deserialize)]
struct Closed {
    #[serde(default)]
    success: bool,
}

/// Largest page that is requested at once.
const PAGE: usize = 200;

impl Client {
    /// Creates a deployment and waits for its transaction.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] where the answer was lost: list the deployments and adopt the one it
    /// created before trying again. [`Error::OperatorFunds`], [`Error::Invalid`] for a bad SDL,
    /// [`Error::Conflict`] while the wallet is being set up, and the general ones.
    pub async fn create_deployment(
        &self,
        deployment: &NewDeployment,
    ) -> Result<CreatedDeployment, Error> {
        let body = Envelope { data: deployment };
        self.send_json::<Data<_>>(
            Method::POST,
            "/v1/deployments",
            &body,
            self.timeouts().transaction,
            Effect::Once,
        )
        .await
        .map(|answer| answer.data)
    }

    /// Reads one deployment, with the status of its leases as their providers report it.
    ///
    /// Slow (seconds): every lease's provider is asked in turn.
    ///
    /// # Errors
    /// [`Error::NotFound`] and the general ones.
    pub async fn get_deployment(&self, dseq: Dseq) -> Result<Deployment, Error> {
        self.get::<Data<_>>(
            &format!("/v1/deployments/{dseq}"),
            &[],
            self.timeouts().deployment,
        )
        .await
        .map(|answer| answer.data)
    }

    /// Reads one page of the active deployments, without lease status.
    ///
    /// The totals that the service sends are those of the page: a page shorter than `limit` is the
    /// last.
    ///
    /// # Errors
    /// The general ones.
    pub async fn list_deployments(
        &self,
        skip: usize,
        limit: usize,
    ) -> Result<DeploymentPage, Error> {
        self.get::<Data<_>>(
            "/v1/deployments",
            &[("skip", &skip.to_string()), ("limit", &limit.to_string())],
            self.timeouts().deployment,
        )
        .await
        .map(|answer| answer.data)
    }

    /// Reads all active deployments of the account, page by page.
    ///
    /// # Errors
    /// The general ones; if one page fails, the whole call fails.
    pub async fn list_all_deployments(&self) -> Result<Vec<Deployment>, Error> {
        let mut all: Vec<Deployment> = Vec::new();
        loop {
            let page = self.list_deployments(all.len(), PAGE).await?.deployments;
            let last = page.len() < PAGE;
            all.extend(page);
            if last {
                return Ok(all);
            }
        }
    }

    /// Closes a deployment and its leases; it is no error if it is already closed.
    ///
    /// # Errors
    /// [`Error::NotFound`] and the general ones.
    pub async fn close_deployment(&self, dseq: Dseq) -> Result<(), Error> {
        let answer: Result<Data<Closed>, Error> = self
            .delete(
                &format!("/v1/deployments/{dseq}"),
                self.timeouts().transaction,
            )
            .await;
        match answer {
            Ok(answer) if answer.data.success => Ok(()),
            Ok(_) => Err(Error::Unexpected {
                status: 200,
                excerpt: "the close call did not report success".to_owned(),
            }),
            Err(error) if error.is_of_closed_deployment() => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Replaces image, environment, command or hosts of a running deployment. An SDL that is
    /// already declared is only delivered to the providers again.
    ///
    /// # Errors
    /// [`Error::Invalid`] if the SDL is invalid or would change resources, which an update cannot;
    /// [`Error::Ambiguous`] if the answer was lost, or the providers did not accept it.
    pub async fn update_deployment(&self, dseq: Dseq, sdl: &str) -> Result<Deployment, Error> {
        let body = Envelope {
            data: SdlBody { sdl },
        };
        self.send_json::<Data<_>>(
            Method::PUT,
            &format!("/v1/deployments/{dseq}"),
            &body,
            self.timeouts().lease,
            Effect::Once,
        )
        .await
        .map(|answer| answer.data)
    }

    /// Lets a deployment live for this many hours from its lease, at most 48 more than before.
    /// Services older than runtime limits ignore it.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a longer step, [`Error::NotFound`] for an unknown deployment.
    pub async fn limit_runtime(&self, dseq: Dseq, hours: u32) -> Result<(), Error> {
        let body = Envelope {
            data: RuntimeLimitBody {
                runtime_limit_hours: hours,
            },
        };
        self.send_json::<Data<serde::de::IgnoredAny>>(
            Method::PATCH,
            &format!("/v2/deployment-settings/{dseq}"),
            &body,
            self.timeouts().transaction,
            Effect::Repeatable,
        )
        .await
        .map(|_| ())
    }

    /// Adds USD of the Console account to a deployment's escrow on Akash.
    ///
    /// # Errors
    /// [`Error::Ambiguous`] where the answer was lost, [`Error::OperatorFunds`],
    /// [`Error::Invalid`] for a closed deployment.
    pub async fn deposit(&self, dseq: Dseq, deposit: Usd) -> Result<Deployment, Error> {
        let body = Envelope {
            data: DepositBody { dseq, deposit },
        };
        self.send_json::<Data<_>>(
            Method::POST,
            "/v1/deposit-deployment",
            &body,
            self.timeouts().transaction,
            Effect::Once,
        )
        .await
        .map(|answer| answer.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_with_nulls_and_unknown_fields_is_read() {
        let json = r#"{
            "deployment":{"id":{"owner":"akash1o","dseq":"1795240512345"},"state":"paused","hash":"h=","created_at":"27","x":1},
            "leases":[{"id":{"owner":"akash1o","dseq":1795240512345,"gseq":1,"oseq":1,"provider":"akash1provider"},
                "state":"reclaiming","price":{"denom":"uact","amount":"2.5"},"created_at":"1","closed_on":"0",
                "status":{"services":null,"forwarded_ports":null,"ips":null}}],
            "escrow_account":{"id":{"scope":"deployment","xid":"a/1"},"state":{"owner":"o","state":"open",
                "transferred":null,"settled_at":"27","funds":[{"denom":"uact","amount":"500000"}],"deposits":[]}},
            "consoleSettings":null,"novelty":{"deep":[1]}}"#;
        let deployment: Deployment = serde_json::from_str(json).unwrap();
        assert_eq!(deployment.deployment.id.dseq, Dseq::new(1_795_240_512_345));
        assert_eq!(
            deployment.deployment.state,
            DeploymentState::Other("paused".to_owned())
        );
        let status = deployment.leases[0].status.as_ref().unwrap();
        assert!(status.services.is_empty());
    }

    #[test]
    fn a_new_deployment_sends_its_deposit_as_a_number_and_leaves_out_what_is_not_set() {
        let body = NewDeployment {
            sdl: "x".to_owned(),
            deposit: Usd::from_micros(500_000),
            name: None,
            runtime_limit_hours: Some(24),
        };
        assert_eq!(
            serde_json::to_string(&body).unwrap(),
            r#"{"sdl":"x","deposit":0.5,"runtimeLimitHours":24}"#
        );
    }
}
