//! Reads an account's state from the chain through the account's own wallet.

use domain::ids::Address;
use domain::journey::ChainView;
use domain::money::TokenAmount;
use evm_types::TestnetUSDC;
use evm_types::alloy_primitives::{Address as EvmAddress, U256, hex};
use evm_types::alloy_sol_types::SolCall;
use serde_json::{Value, json};

use super::{Connected, WalletError, provider};

/// Balances of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Balances {
    /// Test USDC, according to the token contract.
    pub(crate) token: TokenAmount,
    /// `true` if the account has any of the gas token at all.
    pub(crate) has_gas: bool,
    /// Balance of the gas token in wei, capped at the type's maximum.
    pub(crate) gas: u128,
}

/// Reads the account's balances.
pub(crate) async fn balances(
    connected: &Connected,
    chain: &ChainView,
) -> Result<Balances, WalletError> {
    let account = evm(connected.address);
    let token = call(
        connected,
        chain,
        TestnetUSDC::balanceOfCall { account }.abi_encode(),
    )
    .await?;
    let gas = provider::request(
        &connected.uuid,
        "eth_getBalance",
        json!([connected.account, "latest"]),
    )
    .await?;
    let digits = gas
        .as_str()
        .unwrap_or_default()
        .trim_start_matches("0x")
        .trim_start_matches('0');
    let most = if digits.is_empty() { 0 } else { u128::MAX };
    Ok(Balances {
        token,
        has_gas: !digits.is_empty(),
        gas: u128::from_str_radix(digits, 16).unwrap_or(most),
    })
}

/// Reads how much of the account's token the escrow may already take.
pub(crate) async fn allowance(
    connected: &Connected,
    chain: &ChainView,
) -> Result<TokenAmount, WalletError> {
    let asked = TestnetUSDC::allowanceCall {
        owner: evm(connected.address),
        spender: evm(chain.escrow),
    };
    call(connected, chain, asked.abi_encode()).await
}

async fn call(
    connected: &Connected,
    chain: &ChainView,
    data: Vec<u8>,
) -> Result<TokenAmount, WalletError> {
    let asked = json!([{ "to": chain.token, "data": hex::encode_prefixed(data) }, "latest"]);
    let answer = provider::request(&connected.uuid, "eth_call", asked).await?;
    amount(&answer).ok_or_else(|| WalletError::Other {
        code: 0,
        message: "the token contract does not answer".to_owned(),
    })
}

/// Parses a 32-byte word; larger values count as the maximum amount.
fn amount(answer: &Value) -> Option<TokenAmount> {
    let bytes = hex::decode(answer.as_str()?).ok()?;
    let word = U256::try_from_be_slice(bytes.get(..32)?)?;
    Some(TokenAmount::from_micros(
        u128::try_from(word).unwrap_or(u128::MAX),
    ))
}

fn evm(address: Address) -> EvmAddress {
    EvmAddress::from(*address.bytes())
}

#[cfg(test)]
mod tests {
    use super::amount;
    use domain::money::TokenAmount;
    use serde_json::json;

    #[test]
    fn a_word_is_an_amount_and_anything_else_is_not() {
        let word = format!("0x{:064x}", 1_500_000);
        assert_eq!(
            amount(&json!(word)),
            Some(TokenAmount::from_micros(1_500_000))
        );
        let most = format!("0x{}", "f".repeat(64));
        assert_eq!(
            amount(&json!(most)),
            Some(TokenAmount::from_micros(u128::MAX))
        );
        assert_eq!(amount(&json!("0x")), None);
    }
}
