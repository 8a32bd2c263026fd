//! Messages in plain words, from the bytes themselves: what a buyer reads before the wallet opens.

use crate::coin::{Coin, Denom};
use crate::messages::{Message, MsgCreateDeployment};

impl Message {
    /// One sentence about what the message does.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Self::MintAct(mint) => format!(
                "Burn {} to mint ACT for {}.",
                amount(&mint.coins_to_burn),
                mint.to
            ),
            Self::BurnAct(burn) => format!(
                "Burn {} to get AKT for {}.",
                amount(&burn.coins_to_burn),
                burn.to
            ),
            Self::CreateDeployment(create) => creation(create),
            Self::UpdateDeployment(update) => format!(
                "Change the manifest of deployment {} to the one with the hash {}.",
                update.id.dseq,
                hex::encode(update.hash)
            ),
            Self::CloseDeployment(close) => format!(
                "Close deployment {} and return its unused money to those who paid it.",
                close.id.dseq
            ),
            Self::CloseGroup(group) => format!(
                "Close group {} of deployment {}.",
                group.id.gseq, group.id.dseq
            ),
            Self::PauseGroup(group) => format!(
                "Pause group {} of deployment {}.",
                group.id.gseq, group.id.dseq
            ),
            Self::StartGroup(group) => format!(
                "Start group {} of deployment {}.",
                group.id.gseq, group.id.dseq
            ),
            Self::CreateLease(lease) => format!(
                "Accept the bid of {} for group {} of deployment {}.",
                lease.bid_id.provider, lease.bid_id.gseq, lease.bid_id.dseq
            ),
            Self::CloseLease(lease) => format!(
                "End the lease with {} for group {} of deployment {}.",
                lease.id.provider, lease.id.gseq, lease.id.dseq
            ),
            Self::AccountDeposit(deposit) => format!(
                "Add {} to the escrow account {}.",
                amount(&deposit.deposit.amount),
                deposit.id.xid
            ),
            Self::CreateCertificate(create) => {
                format!("Store a client certificate for {}.", create.owner)
            }
            Self::RevokeCertificate(revoke) => {
                format!("Revoke the client certificate {}.", revoke.id.serial)
            }
            Self::Send(send) => {
                format!("Send {} to {}.", amounts(&send.amount), send.to_address)
            }
            Self::Grant(grant) => format!(
                "Give {} the right {}.",
                grant.grantee, grant.grant.authorization.type_url
            ),
            Self::Revoke(revoke) => format!(
                "Take from {} the right to {}.",
                revoke.grantee, revoke.msg_type_url
            ),
            Self::GrantAllowance(grant) => {
                format!("Pay fees of {} from this account.", grant.grantee)
            }
        }
    }
}

fn creation(create: &MsgCreateDeployment) -> String {
    let groups = match create.groups.len() {
        1 => "one group".to_owned(),
        count => format!("{count} groups"),
    };
    format!(
        "Create deployment {} with {groups} and a deposit of {}.",
        create.id.dseq,
        amount(&create.deposit.amount)
    )
}

fn amounts(coins: &[Coin]) -> String {
    let all: Vec<String> = coins.iter().map(amount).collect();
    all.join(" and ")
}

/// The amount in whole coins, with as many digits as it has: “2.5 ACT”.
fn amount(coin: &Coin) -> String {
    const MILLION: u128 = 1_000_000;
    let name = match &coin.denom {
        Denom::Uakt => "AKT",
        Denom::Uact => "ACT",
        Denom::Other(name) => return format!("{} {name}", coin.amount),
    };
    let text = format!("{}.{:06}", coin.amount / MILLION, coin.amount % MILLION);
    let shown = text.trim_end_matches('0').trim_end_matches('.');
    format!("{shown} {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::DeploymentId;

    #[test]
    fn amounts_are_shown_in_whole_coins_without_rounding() {
        assert_eq!(amount(&Coin::uact(2_500_000)), "2.5 ACT");
        assert_eq!(amount(&Coin::uakt(10_000_000)), "10 AKT");
        assert_eq!(amount(&Coin::uakt(1)), "0.000001 AKT");
        let other = Coin {
            denom: "ibc/170C".into(),
            amount: 7,
        };
        assert_eq!(amount(&other), "7 ibc/170C");
    }

    #[test]
    fn a_deposit_is_described_by_its_amount_and_account() {
        let owner = "akash19rl4cm2hmr8afy4kldpxz3fka4jguq0a3mq6x0";
        let deployment = DeploymentId {
            owner: owner.parse().unwrap(),
            dseq: domain::akash::Dseq::new(26_500_123),
        };
        assert_eq!(
            Message::top_up(&deployment, 2_500_000).in_words(),
            format!("Add 2.5 ACT to the escrow account {owner}/26500123.")
        );
        let mint = Message::mint_act(deployment.owner, 25_000_000);
        assert_eq!(
            mint.in_words(),
            format!("Burn 25 AKT to mint ACT for {owner}.")
        );
    }
}
