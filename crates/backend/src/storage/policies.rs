//! Spend policies that buyers signed; each buyer has at most one switched on.

use domain::auto_sign::{Pace, SpendPolicy};
use domain::ids::{Address, Hash32};
use domain::time::UnixSeconds;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::{Connection, StorageError, from_json, parsed, signed, to_json, unreadable};

/// A policy with the signature that puts it into effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SignedPolicy {
    /// Policy that the buyer signed.
    pub(crate) policy: SpendPolicy,
    /// The buyer's signature, in the form that the contract accepts.
    pub(crate) signature: Vec<u8>,
    /// EIP-712 digest of the policy.
    pub(crate) digest: Hash32,
    /// Pace at which it pays: after a countdown or at once.
    pub(crate) pace: Pace,
}

/// Switches a policy on, replacing an earlier one of its buyer.
pub(crate) async fn arm(
    connection: &mut Connection,
    armed: &SignedPolicy,
    now: UnixSeconds,
) -> Result<(), StorageError> {
    disarm(connection, armed.policy.buyer).await?;
    sqlx::query(
        "INSERT INTO spend_policies (digest, buyer, policy, signature, is_on, armed_at, pays_at_once) \
         VALUES ($1, $2, $3, $4, 1, $5, $6) \
         ON CONFLICT (digest) DO UPDATE SET is_on = 1, pays_at_once = excluded.pays_at_once",
    )
    .bind(armed.digest.to_string())
    .bind(armed.policy.buyer.to_string())
    .bind(to_json(&armed.policy))
    .bind(hex::encode(&armed.signature))
    .bind(signed(now.0))
    .bind(i64::from(armed.pace == Pace::AtOnce))
    .execute(connection)
    .await?;
    Ok(())
}

/// Sets the pace of the policy that a buyer has switched on.
pub(crate) async fn set_pace(
    connection: &mut Connection,
    buyer: Address,
    pace: Pace,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE spend_policies SET pays_at_once = $1 WHERE buyer = $2 AND is_on = 1")
        .bind(i64::from(pace == Pace::AtOnce))
        .bind(buyer.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Switches auto-sign off for a buyer. The signed policy is kept as a record of why payments were
/// made.
pub(crate) async fn disarm(
    connection: &mut Connection,
    buyer: Address,
) -> Result<(), StorageError> {
    sqlx::query("UPDATE spend_policies SET is_on = 0 WHERE buyer = $1")
        .bind(buyer.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// Columns for [`read`].
const COLUMNS: &str = "policy, signature, digest, pays_at_once";

/// Returns the policy that a buyer has switched on.
pub(crate) async fn armed(
    connection: &mut Connection,
    buyer: Address,
) -> Result<Option<SignedPolicy>, StorageError> {
    let query = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM spend_policies WHERE buyer = $1 AND is_on = 1"
    ));
    let row = sqlx::query(query)
        .bind(buyer.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

/// Returns the policy with this digest, whether it is switched on or not.
pub(crate) async fn by_digest(
    connection: &mut Connection,
    digest: Hash32,
) -> Result<Option<SignedPolicy>, StorageError> {
    let query = AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM spend_policies WHERE digest = $1"
    ));
    let row = sqlx::query(query)
        .bind(digest.to_string())
        .fetch_optional(connection)
        .await?;
    row.as_ref().map(read).transpose()
}

fn read(row: &AnyRow) -> Result<SignedPolicy, StorageError> {
    let signature: String = row.try_get("signature")?;
    Ok(SignedPolicy {
        policy: from_json("policy", &row.try_get::<String, _>("policy")?)?,
        signature: hex::decode(signature).map_err(|error| unreadable("signature", error))?,
        digest: parsed(row, "digest")?,
        pace: match row.try_get::<i64, _>("pays_at_once")? {
            0 => Pace::AfterCountdown,
            _ => Pace::AtOnce,
        },
    })
}
