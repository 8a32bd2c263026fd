//! Describes requests in words, for the confirm page.

use alloy::primitives::{Address, TxKind, U256};
use alloy::rpc::types::TransactionRequest;
use serde_json::{Value, json};

use super::call::Call;
use super::chain::Chain;
use super::error::WalletError;
use super::sign::{personal_message, transaction, typed_data};

/// Maximum number of facts; deeper or longer typed data is shown as it was sent.
const MAX_FACTS: usize = 40;

type Facts = Vec<(String, String)>;

/// Content of the confirm page.
struct View {
    title: String,
    intro: String,
    approve: &'static str,
    facts: Facts,
    warning: Option<String>,
    raw: Option<String>,
}

/// Describes a request; refuses one that the wallet would not carry out.
pub(super) async fn describe(
    chain: &Chain,
    call: &Call,
    origin: &str,
    account: Address,
) -> Result<Value, WalletError> {
    let mut view = match call.method.as_str() {
        "eth_requestAccounts" => connect(),
        "personal_sign" => message(&personal_message(call, account)?, origin),
        "eth_signTypedData_v4" => typed(call, account)?,
        "eth_sendTransaction" => sending(chain, &transaction(call, account)?).await,
        "wallet_watchAsset" => asset(&call.params),
        method => {
            let text = format!("The demo wallet does not support {method}.");
            return Err(WalletError::new(4200, text));
        }
    };
    let mut facts = vec![
        ("Asked by".to_owned(), origin.to_owned()),
        ("Your account".to_owned(), account.to_string()),
    ];
    facts.append(&mut view.facts);
    Ok(json!({
        "title": view.title, "intro": view.intro, "approve": view.approve,
        "facts": facts, "warning": view.warning, "raw": view.raw,
    }))
}

fn connect() -> View {
    View {
        title: "Connect the demo wallet?".to_owned(),
        intro: "The page will see the address of your account, and can ask for signatures."
            .to_owned(),
        approve: "Connect",
        facts: Vec::new(),
        warning: None,
        raw: None,
    }
}

fn message(bytes: &[u8], origin: &str) -> View {
    let text = String::from_utf8(bytes.to_vec()).ok();
    let shown = text
        .clone()
        .unwrap_or_else(|| format!("0x{}", hex::encode(bytes)));
    // Using a message signed here to sign in elsewhere is the oldest trick there is.
    let host = origin.split("://").nth(1).unwrap_or(origin);
    let claims = text.as_deref().and_then(|text| {
        text.lines()
            .next()?
            .strip_suffix(" wants you to sign in with your Ethereum account:")
    });
    let warning = claims
        .filter(|domain| *domain != host)
        .map(|domain| format!("The message signs you in to {domain}, but {host} asks for it."));
    View {
        title: if claims.is_some() {
            "Sign in?".to_owned()
        } else {
            "Sign this message?".to_owned()
        },
        intro: "A signature proves that the account is yours. It moves no money.".to_owned(),
        approve: "Sign",
        facts: vec![("Message".to_owned(), shown)],
        warning,
        raw: None,
    }
}

fn typed(call: &Call, account: Address) -> Result<View, WalletError> {
    let typed = typed_data(call, account)?;
    let mut facts: Facts = Vec::new();
    let mut put = |label: &str, value: Option<String>| {
        facts.extend(value.map(|value| (label.to_owned(), value)));
    };
    put("For", typed.domain.name.as_ref().map(ToString::to_string));
    let contract = typed.domain.verifying_contract;
    put("Contract", contract.map(|address| address.to_string()));
    put("Kind", Some(typed.primary_type.clone()));
    flatten("", &typed.message, &mut facts);
    facts.truncate(MAX_FACTS);
    let raw = serde_json::to_string_pretty(&typed.message).ok();
    Ok(View {
        title: format!("Sign this {}?", typed.primary_type),
        intro: "Whoever holds the signature can use it exactly as it says, and no other way."
            .to_owned(),
        approve: "Sign",
        facts,
        warning: None,
        raw,
    })
}

fn flatten(path: &str, value: &Value, facts: &mut Facts) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                flatten(&below(key), value, facts);
            }
        }
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                flatten(&below(&index.to_string()), value, facts);
            }
        }
        Value::String(text) => facts.push((path.to_owned(), text.clone())),
        other => facts.push((path.to_owned(), other.to_string())),
    }
}

async fn sending(chain: &Chain, transaction: &TransactionRequest) -> View {
    let data = transaction.input.input().cloned().unwrap_or_default();
    let target = match transaction.to {
        Some(TxKind::Call(address)) => Some(address),
        _ => None,
    };
    let value = transaction.value.unwrap_or_default();
    let (title, mut facts) = match (target, data.len()) {
        (None, _) => ("Create a contract?".to_owned(), Vec::new()),
        (Some(to), 0) => (
            "Send coins?".to_owned(),
            vec![("To".to_owned(), to.to_string())],
        ),
        (Some(to), _) => contract_call(chain, to, &data).await,
    };
    if value > U256::ZERO {
        let amount = format!("{} coins (no value)", units(value, 18));
        facts.push(("Sends".to_owned(), amount));
    }
    let warning = chain
        .objection(transaction)
        .await
        .map(|reason| format!("This transaction would fail: {reason}"));
    View {
        title,
        intro: "A transaction on the local chain. Gas costs nothing of value.".to_owned(),
        approve: "Confirm",
        facts,
        warning,
        raw: (!data.is_empty()).then(|| format!("0x{}", hex::encode(&data))),
    }
}

/// Describes a call: in words if every token has it, otherwise by its selector.
async fn contract_call(chain: &Chain, to: Address, data: &[u8]) -> (String, Facts) {
    let word = |index: usize| -> Option<U256> {
        let start = 4 + 32 * index;
        data.get(start..start + 32).map(U256::from_be_slice)
    };
    let address = |index: usize| -> Option<Address> {
        let start = 4 + 32 * index + 12;
        data.get(start..start + 20).map(Address::from_slice)
    };
    let selector = hex::encode(data.get(..4).unwrap_or(data));
    let named = match selector.as_str() {
        "095ea7b3" => Some(("Allow a contract to take tokens?", "Allowed to")),
        "a9059cbb" => Some(("Send tokens?", "To")),
        _ => None,
    };
    let arguments = named.zip(address(0).zip(word(1)));
    let Some(((title, label), (other, amount))) = arguments else {
        let facts = vec![
            ("Contract".to_owned(), to.to_string()),
            ("Function".to_owned(), format!("0x{selector}")),
        ];
        return ("Call a contract?".to_owned(), facts);
    };
    let amount = match chain.token(to).await {
        Some((symbol, decimals)) => format!("{} {symbol}", units(amount, decimals)),
        None => format!("{amount} (smallest units)"),
    };
    let facts = vec![
        ("Token".to_owned(), to.to_string()),
        (label.to_owned(), other.to_string()),
        ("Amount".to_owned(), amount),
    ];
    (title.to_owned(), facts)
}

/// Formats a whole number of smallest units with its decimal point.
fn units(amount: U256, decimals: u8) -> String {
    let digits = format!(
        "{:0>width$}",
        amount.to_string(),
        width = usize::from(decimals) + 1
    );
    let (whole, fraction) = digits.split_at(digits.len() - usize::from(decimals));
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    }
}

fn asset(params: &Value) -> View {
    let options = params
        .get("options")
        .or_else(|| params.get(0)?.get("options"))
        .unwrap_or(&Value::Null);
    let text = |key: &str| options.get(key).and_then(Value::as_str).map(str::to_owned);
    let facts = [("Token", text("address")), ("Symbol", text("symbol"))]
        .into_iter()
        .filter_map(|(label, value)| Some((label.to_owned(), value?)))
        .collect();
    View {
        title: "Show this token?".to_owned(),
        intro: "The demo wallet keeps no list; a real one would show the token from now on."
            .to_owned(),
        approve: "Show",
        facts,
        warning: None,
        raw: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_with_their_point_and_without_idle_zeros() {
        for (amount, decimals, expected) in [
            (2_500_000_u64, 6, "2.5"),
            (1, 6, "0.000001"),
            (7_000_000, 6, "7"),
            (5, 0, "5"),
        ] {
            assert_eq!(units(U256::from(amount), decimals), expected);
        }
    }

    #[test]
    fn a_message_for_another_site_is_warned_of() {
        let text = "evil.example wants you to sign in with your Ethereum account:\n0x…";
        let view = message(text.as_bytes(), "http://127.0.0.1:3000");
        assert_eq!(
            view.warning.as_deref(),
            Some("The message signs you in to evil.example, but 127.0.0.1:3000 asks for it.")
        );
        let honest = "127.0.0.1:3000 wants you to sign in with your Ethereum account:\n0x…";
        assert_eq!(
            message(honest.as_bytes(), "http://127.0.0.1:3000").warning,
            None
        );
    }
}
