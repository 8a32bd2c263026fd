//! The kept balance and the spend policy: the buyer views, signs and switches them here.

use domain::auto_sign::{
    LONGEST_POLICY, MOST_PER_DAY, MOST_PER_ORDER, Pace, PolicyLimits, PolicyStanding, SpendPolicy,
};
use domain::deployment::Event;
use domain::ids::Address;
use domain::journey::{ArmedPolicy, AutoSignOn, AutoSignView, KeptSpend, PolicyPlan, PreparedCall};
use domain::money::TokenAmount;
use domain::time::{Seconds, UnixSeconds};

use super::chain_view::chain_view;
use crate::Backend;
use crate::error::UsecaseError;
use crate::payment::auto_sign::order_terms;
use crate::storage::policies::{self, SignedPolicy};
use crate::storage::{StorageError, events, orders};
use crate::visitor::Visitor;

/// Returns the visitor's kept balance, policy and today's spending.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Unavailable`] if the chain does
/// not answer.
pub async fn show_auto_sign(
    backend: &Backend,
    visitor: &Visitor,
) -> Result<AutoSignView, UsecaseError> {
    let buyer = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let kept = &backend.ports().kept;
    let balance = kept.kept(buyer, backend.ports().clock.now()).await?;
    let armed = policies::armed(&mut backend.storage().read().await?, buyer).await?;
    Ok(AutoSignView {
        policy: armed.map(|armed| ArmedPolicy {
            standing: armed.policy.standing(&balance),
            left_today: armed.policy.left_today(&balance),
            digest: armed.digest,
            pace: armed.pace,
            policy: armed.policy,
        }),
        ceiling: PolicyLimits {
            per_order: MOST_PER_ORDER,
            per_day: MOST_PER_DAY,
            lasts: LONGEST_POLICY,
        },
        spends: spends(backend, buyer, midnight(balance.at)).await?,
        revoke: kept.revoke_policies_call(),
        chain: chain_view(backend).await?,
        balance,
    })
}

/// Returns whether auto-sign would pay this order of the visitor now, and within which limits.
///
/// # Errors
/// [`UsecaseError::Unavailable`] if the chain does not answer.
pub async fn auto_sign_on(
    backend: &Backend,
    visitor: &Visitor,
) -> Result<Option<AutoSignOn>, UsecaseError> {
    let Some(buyer) = visitor.address else {
        return Ok(None);
    };
    let armed = policies::armed(&mut backend.storage().read().await?, buyer).await?;
    let Some(armed) = armed else {
        return Ok(None);
    };
    let now = backend.ports().clock.now();
    let balance = backend.ports().kept.kept(buyer, now).await?;
    let is_live = armed.policy.standing(&balance) == PolicyStanding::Live;
    Ok(is_live.then(|| AutoSignOn {
        per_order: armed.policy.per_order(),
        left_today: armed.policy.left_today(&balance),
        pace: armed.pace,
    }))
}

/// Sets the pace of the visitor's policy. Payments already announced are unaffected.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet.
pub async fn set_pace(
    backend: &Backend,
    visitor: &Visitor,
    pace: Pace,
) -> Result<(), UsecaseError> {
    let buyer = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let mut transaction = backend.storage().begin_write().await?;
    policies::set_pace(&mut transaction, buyer, pace).await?;
    transaction.commit().await?;
    Ok(())
}

const fn midnight(at: UnixSeconds) -> UnixSeconds {
    UnixSeconds(at.0 - at.0 % Seconds::days(1).0)
}

async fn spends(
    backend: &Backend,
    buyer: Address,
    since: UnixSeconds,
) -> Result<Vec<KeptSpend>, StorageError> {
    let mut connection = backend.storage().read().await?;
    let mut spends = Vec::new();
    let events = events::named_of(&mut connection, "auto_signed", buyer, since).await?;
    for (id, at, event) in events {
        let Event::AutoSigned { terms, escrow, .. } = event else {
            continue;
        };
        if let Some(order) = orders::load(&mut connection, id).await? {
            spends.push(KeptSpend {
                order: id,
                paid: order.state.paid().is_some_and(|paid| paid.escrow == escrow),
                name: order.name,
                amount: terms.deposit,
                at,
            });
        }
    }
    Ok(spends)
}

/// Returns the policy with these limits, for the wallet to sign. This alone switches nothing on.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Invalid`] for limits above the
/// ceiling, [`UsecaseError::Unavailable`] if the chain does not answer.
pub async fn prepare_policy(
    backend: &Backend,
    visitor: &Visitor,
    limits: PolicyLimits,
) -> Result<PolicyPlan, UsecaseError> {
    let buyer = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let limits = limits.checked().map_err(UsecaseError::Invalid)?;
    let now = backend.ports().clock.now();
    let balance = backend.ports().kept.kept(buyer, now).await?;
    let expiry = balance.at.after(limits.lasts);
    let policy = limits.policy(order_terms(backend, buyer), balance.nonce, expiry);
    let message = backend.ports().kept.policy_message(&policy);
    Ok(PolicyPlan {
        policy,
        typed_data: message.typed_data,
        decoded: message.decoded,
        chain: chain_view(backend).await?,
    })
}

/// Switches auto-sign on under a policy that the visitor's wallet signed, replacing an earlier one.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet, [`UsecaseError::Forbidden`] for another wallet's
/// policy, [`UsecaseError::Invalid`] for a policy that was not prepared here, has expired, was
/// revoked, or is not signed by its buyer.
pub async fn arm_policy(
    backend: &Backend,
    visitor: &Visitor,
    policy: SpendPolicy,
    signature: &str,
    pace: Pace,
) -> Result<AutoSignView, UsecaseError> {
    let buyer = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    if policy.buyer != buyer {
        return Err(UsecaseError::Forbidden {
            reason: "This policy is another wallet’s. Prepare it again and sign it yourself."
                .to_owned(),
        });
    }
    let now = backend.ports().clock.now();
    let balance = backend.ports().kept.kept(buyer, now).await?;
    if policy.standing(&balance) != PolicyStanding::Live {
        return Err(UsecaseError::Invalid(
            "This policy does not count any more. Prepare it again and sign it.".to_owned(),
        ));
    }
    let limits = PolicyLimits {
        per_order: policy.max_per_order,
        per_day: policy.max_per_day,
        lasts: policy.expiry.since(balance.at).max(Seconds::hours(1)),
    };
    let limits = limits.checked().map_err(UsecaseError::Invalid)?;
    let expected = limits.policy(order_terms(backend, buyer), policy.nonce, policy.expiry);
    if policy != expected {
        return Err(UsecaseError::Invalid(
            "This is not the policy that was prepared. Prepare it again and sign it.".to_owned(),
        ));
    }
    let kept = &backend.ports().kept;
    let armed = SignedPolicy {
        signature: kept.policy_signature(&policy, signature)?,
        digest: kept.policy_digest(&policy),
        policy,
        pace,
    };
    let mut transaction = backend.storage().begin_write().await?;
    policies::arm(&mut transaction, &armed, now).await?;
    transaction.commit().await?;
    show_auto_sign(backend, visitor).await
}

/// Switches auto-sign off at once. The signed policy stays valid on chain until it is revoked there
/// or expires, but Necto no longer uses it.
///
/// # Errors
/// [`UsecaseError::NotSignedIn`] without a wallet.
pub async fn disarm_policy(backend: &Backend, visitor: &Visitor) -> Result<(), UsecaseError> {
    let buyer = visitor.address.ok_or(UsecaseError::NotSignedIn)?;
    let mut transaction = backend.storage().begin_write().await?;
    policies::disarm(&mut transaction, buyer).await?;
    transaction.commit().await?;
    Ok(())
}

/// Returns the approval and the deposit that add exactly `amount` to the kept balance.
///
/// # Errors
/// [`UsecaseError::Invalid`] for an amount of zero.
pub fn prepare_keep(
    backend: &Backend,
    amount: TokenAmount,
) -> Result<Vec<PreparedCall>, UsecaseError> {
    let amount = something(amount, "keep")?;
    let ports = backend.ports();
    Ok(vec![
        ports.chain.approve_call(amount),
        ports.kept.keep_call(amount),
    ])
}

/// Returns the call that withdraws exactly `amount`.
///
/// # Errors
/// [`UsecaseError::Invalid`] for an amount of zero.
pub fn prepare_withdrawal(
    backend: &Backend,
    amount: TokenAmount,
) -> Result<PreparedCall, UsecaseError> {
    let amount = something(amount, "take back")?;
    Ok(backend.ports().kept.withdraw_kept_call(amount))
}

fn something(amount: TokenAmount, to: &str) -> Result<TokenAmount, UsecaseError> {
    if amount == TokenAmount::ZERO {
        return Err(UsecaseError::Invalid(format!(
            "Say how much to {to}: more than nothing."
        )));
    }
    Ok(amount)
}
