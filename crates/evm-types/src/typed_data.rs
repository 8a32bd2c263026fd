//! Messages for a wallet to sign, in the form of `eth_signTypedData_v4`.

use alloy_sol_types::Eip712Domain;
use serde_json::{Map, Value, json};

/// The JSON text of a typed message. `fields` are the primary type's members in order, as (type, name).
pub(crate) fn to_json(
    domain: &Eip712Domain,
    primary_type: &str,
    fields: &[(&str, &str)],
    message: &Value,
) -> String {
    let mut domain_fields = Vec::new();
    let mut domain_values = Map::new();
    let mut set = |name: &str, kind: &str, value: Option<Value>| {
        if let Some(value) = value {
            domain_fields.push(json!({ "name": name, "type": kind }));
            domain_values.insert(name.to_owned(), value);
        }
    };
    set(
        "name",
        "string",
        domain.name.as_ref().map(|name| json!(name)),
    );
    set(
        "version",
        "string",
        domain.version.as_ref().map(|version| json!(version)),
    );
    // Some wallets accept only a number here, others accept either: a chain id always fits one.
    set(
        "chainId",
        "uint256",
        domain.chain_id.map(|id| {
            id.try_into()
                .map_or_else(|_| json!(id.to_string()), |id: u64| json!(id))
        }),
    );
    set(
        "verifyingContract",
        "address",
        domain
            .verifying_contract
            .map(|address| json!(address.to_checksum(None))),
    );
    set(
        "salt",
        "bytes32",
        domain.salt.map(|salt| json!(salt.to_string())),
    );

    let fields: Vec<Value> = fields
        .iter()
        .map(|(kind, name)| json!({ "name": name, "type": kind }))
        .collect();
    let mut types = Map::new();
    types.insert("EIP712Domain".to_owned(), Value::Array(domain_fields));
    types.insert(primary_type.to_owned(), Value::Array(fields));
    json!({
        "types": types,
        "primaryType": primary_type,
        "domain": domain_values,
        "message": message,
    })
    .to_string()
}
