//! The declarations of `bindings` compared with the ABI that the compiler wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use evm_types::alloy_primitives::{B256, hex, keccak256};
use evm_types::alloy_sol_types::{SolCall, SolEvent, SolStruct, SolType};
use evm_types::bindings::{AkashEscrow, ComputeRouter, Library, ProviderRegistry, TestnetUSDC};
use serde_json::Value;

fn artefact(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../contracts/abi")
        .join(format!("{name}.json"));
    let text =
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("the ABI has this")
}

/// A parameter's type as signatures spell it: tuples written out.
fn type_of(parameter: &Value) -> String {
    let kind = parameter["type"].as_str().expect("the ABI has this");
    match kind.strip_prefix("tuple") {
        Some(suffix) => format!("({}){suffix}", types_of(&parameter["components"], |_| true)),
        None => kind.to_owned(),
    }
}

/// A parameter's type by name: structs as the interface calls them.
fn named_type_of(parameter: &Value) -> String {
    let kind = parameter["type"].as_str().expect("the ABI has this");
    let internal = parameter["internalType"]
        .as_str()
        .expect("the ABI has this");
    if kind.starts_with("tuple") {
        internal
            .rsplit('.')
            .next()
            .expect("the ABI has this")
            .to_owned()
    } else {
        kind.to_owned()
    }
}

fn named_types_of(parameters: &Value, keep: impl Fn(&Value) -> bool) -> String {
    let types: Vec<String> = parameters
        .as_array()
        .expect("the ABI has this")
        .iter()
        .filter(|p| keep(p))
        .map(named_type_of)
        .collect();
    types.join(",")
}

fn types_of(parameters: &Value, keep: impl Fn(&Value) -> bool) -> String {
    let types: Vec<String> = parameters
        .as_array()
        .expect("the ABI has this")
        .iter()
        .filter(|p| keep(p))
        .map(type_of)
        .collect();
    types.join(",")
}

/// Every entry of one kind, by signature.
fn entries(artefact: &Value, kind: &str) -> BTreeMap<String, Value> {
    let all = artefact["abi"].as_array().expect("the ABI has this").iter();
    all.filter(|entry| entry["type"] == kind)
        .map(|entry| {
            let inputs = types_of(&entry["inputs"], |_| true);
            (
                format!(
                    "{}({inputs})",
                    entry["name"].as_str().expect("the ABI has this")
                ),
                entry.clone(),
            )
        })
        .collect()
}

fn selector(signature: &str) -> [u8; 4] {
    let hash = keccak256(signature);
    [hash[0], hash[1], hash[2], hash[3]]
}

/// Asserts that a list of selectors is a list of this contract's functions, and that every function whose name
/// begins with the given prefix is among them.
fn check_functions(contract: &str, declared: &[[u8; 4]], inherited: &[&str]) {
    let functions = entries(&artefact(contract), "function");
    let known: BTreeMap<[u8; 4], &String> = functions
        .keys()
        .map(|name| (selector(name), name))
        .collect();
    for one in declared {
        assert!(
            known.contains_key(one),
            "{contract} has no function 0x{}",
            hex::encode(one)
        );
    }
    let missing: Vec<&&String> = known
        .iter()
        .filter(|(one, name)| {
            !declared.contains(*one)
                && !inherited.contains(&name.split('(').next().expect("the ABI has this"))
        })
        .map(|(_, name)| name)
        .collect();
    assert!(
        missing.is_empty(),
        "{contract} has functions that are not declared: {missing:?}"
    );
}

const ACCESS_CONTROL: &[&str] = &[
    "DEFAULT_ADMIN_ROLE",
    "acceptDefaultAdminTransfer",
    "beginDefaultAdminTransfer",
    "cancelDefaultAdminTransfer",
    "changeDefaultAdminDelay",
    "defaultAdmin",
    "defaultAdminDelay",
    "defaultAdminDelayIncreaseWait",
    "eip712Domain",
    "getRoleAdmin",
    "grantRole",
    "hasRole",
    "owner",
    "pendingDefaultAdmin",
    "pendingDefaultAdminDelay",
    "renounceRole",
    "revokeRole",
    "rollbackDefaultAdminDelay",
    "supportsInterface",
];

#[test]
fn every_function_is_declared_as_it_is() {
    check_functions(
        "AkashEscrow",
        AkashEscrow::AkashEscrowCalls::SELECTORS,
        ACCESS_CONTROL,
    );
    check_functions(
        "ComputeRouter",
        ComputeRouter::ComputeRouterCalls::SELECTORS,
        ACCESS_CONTROL,
    );
    check_functions(
        "ProviderRegistry",
        ProviderRegistry::ProviderRegistryCalls::SELECTORS,
        ACCESS_CONTROL,
    );
    check_functions(
        "TestnetUSDC",
        TestnetUSDC::TestnetUSDCCalls::SELECTORS,
        &["transferWithAuthorization"],
    );
}

#[test]
fn every_error_can_be_read() {
    let mut declared: Vec<[u8; 4]> = Vec::new();
    declared.extend(AkashEscrow::AkashEscrowErrors::SELECTORS);
    declared.extend(TestnetUSDC::TestnetUSDCErrors::SELECTORS);
    declared.extend(ComputeRouter::ComputeRouterErrors::SELECTORS);
    declared.extend(ProviderRegistry::ProviderRegistryErrors::SELECTORS);
    declared.extend(Library::LibraryErrors::SELECTORS);
    let mut known = Vec::new();
    for contract in [
        "AkashEscrow",
        "TestnetUSDC",
        "ComputeRouter",
        "ProviderRegistry",
    ] {
        for (signature, _) in entries(&artefact(contract), "error") {
            assert!(
                declared.contains(&selector(&signature)),
                "{contract}: {signature} is not declared"
            );
            known.push(selector(&signature));
        }
    }
    for one in declared {
        // These come from library code that is inlined into the token, where the compiler does not list them.
        let unlisted = [
            "ECDSAInvalidSignature()",
            "ECDSAInvalidSignatureLength(uint256)",
            "ECDSAInvalidSignatureS(bytes32)",
        ];
        let listed =
            known.contains(&one) || unlisted.iter().any(|signature| selector(signature) == one);
        assert!(listed, "no contract has the error 0x{}", hex::encode(one));
    }
}

/// Compares one event with the ABI: its topic, and what is in its data and in its topics.
fn check_event<E: SolEvent>(contract: &str) {
    let events = entries(&artefact(contract), "event");
    let entry = events
        .get(E::SIGNATURE)
        .unwrap_or_else(|| panic!("{contract} has no event {}", E::SIGNATURE));
    assert_eq!(keccak256(E::SIGNATURE), E::SIGNATURE_HASH);
    let data = named_types_of(&entry["inputs"], |input| input["indexed"] == false);
    assert_eq!(
        tuple_of::<E::DataTuple<'_>>(),
        data,
        "the data of {contract}.{}",
        E::SIGNATURE
    );
}

/// A tuple's members without its parentheses (a tuple of one is written with a trailing comma).
fn tuple_of<T: SolType>() -> String {
    let name = T::SOL_NAME;
    // The library spells a tuple of one type as that type.
    let members = name
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap_or(name);
    members.trim_end_matches(',').to_owned()
}

macro_rules! check_events {
    ($contract:ident, $events:ident, $($event:ident),* $(,)?) => {
        let declared: Vec<[u8; 32]> = vec![$($contract::$event::SIGNATURE_HASH.0),*];
        for topic in $contract::$events::SELECTORS {
            assert!(declared.contains(topic), "an event of {} is not in this list: {}", stringify!($contract), B256::from(*topic));
        }
        $(check_event::<$contract::$event>(stringify!($contract));)*
    };
}

#[test]
fn every_event_is_declared_as_it_is() {
    check_events!(
        AkashEscrow,
        AkashEscrowEvents,
        Funded,
        Activated,
        Heartbeat,
        ToppedUp,
        Closed,
        Credited,
        Withdrawn,
        Kept,
        KeptSpent,
        KeptWithdrawn,
        PoliciesRevoked,
        Paused,
        Unpaused,
    );
    check_events!(
        TestnetUSDC,
        TestnetUSDCEvents,
        Transfer,
        Approval,
        AuthorizationUsed,
        AuthorizationCanceled,
        Dripped,
    );
    check_events!(
        ComputeRouter,
        ComputeRouterEvents,
        Routed,
        StatusChanged,
        EscrowLinked,
        Anchored
    );
    check_events!(
        ProviderRegistry,
        ProviderRegistryEvents,
        Registered,
        OfferChanged,
        RateChanged,
        CapacityChanged,
        Approved,
        ApprovalWithdrawn,
    );
}

#[test]
fn no_event_of_ours_is_missing() {
    let ours = |contract: &str, declared: &[[u8; 32]], inherited: &[&str]| {
        for (signature, _) in entries(&artefact(contract), "event") {
            let name = signature.split('(').next().expect("the ABI has this");
            let known = declared.contains(&keccak256(&signature).0) || inherited.contains(&name);
            assert!(known, "{contract}: the event {signature} is not declared");
        }
    };
    let inherited = [
        "DefaultAdminDelayChangeCanceled",
        "DefaultAdminDelayChangeScheduled",
        "DefaultAdminTransferCanceled",
        "DefaultAdminTransferScheduled",
        "EIP712DomainChanged",
        "RoleAdminChanged",
        "RoleGranted",
        "RoleRevoked",
    ];
    ours(
        "AkashEscrow",
        AkashEscrow::AkashEscrowEvents::SELECTORS,
        &inherited,
    );
    ours(
        "TestnetUSDC",
        TestnetUSDC::TestnetUSDCEvents::SELECTORS,
        &inherited,
    );
    ours(
        "ComputeRouter",
        ComputeRouter::ComputeRouterEvents::SELECTORS,
        &inherited,
    );
    ours(
        "ProviderRegistry",
        ProviderRegistry::ProviderRegistryEvents::SELECTORS,
        &inherited,
    );
}

fn check_return<C: SolCall>(contract: &str) {
    let functions = entries(&artefact(contract), "function");
    let entry = functions
        .get(C::SIGNATURE)
        .unwrap_or_else(|| panic!("{contract} has no function {}", C::SIGNATURE));
    let outputs = named_types_of(&entry["outputs"], |_| true);
    assert_eq!(
        tuple_of::<C::ReturnTuple<'_>>(),
        outputs,
        "what {contract}.{} returns",
        C::SIGNATURE
    );
}

macro_rules! check_returns {
    ($contract:ident, $($call:ident),* $(,)?) => {
        $(check_return::<$contract::$call>(stringify!($contract));)*
    };
}

#[test]
fn what_is_read_from_the_contracts_has_the_declared_type() {
    check_returns!(
        AkashEscrow,
        escrowIdCall,
        escrowCall,
        balanceOfCall,
        accruedCall,
        refundableCall,
        runsOutAtCall,
        creditCall,
        feeRecipientCall,
        tokenCall,
        keptOfCall,
        policyNonceCall,
        spentOnCall,
        openOfCall,
        policyOfCall,
        policyDigestCall,
        keepNonceCall,
        topUpNonceCall,
        pausedCall,
        hasRoleCall,
        MAX_FEE_BPSCall,
        MAX_PAYEESCall,
        SETTLER_ROLECall,
        PAUSER_ROLECall,
        fundCall,
        fundWithAuthorizationCall,
    );
    check_returns!(
        TestnetUSDC,
        nameCall,
        symbolCall,
        decimalsCall,
        totalSupplyCall,
        balanceOfCall,
        allowanceCall,
        approveCall,
        transferCall,
        noncesCall,
        DOMAIN_SEPARATORCall,
        eip712DomainCall,
        authorizationStateCall,
        DAILY_CAPCall,
        dripCall,
        drippableCall,
    );
    check_returns!(ComputeRouter, jobCall, RECORDER_ROLECall);
    check_returns!(
        ProviderRegistry,
        providerCall,
        providerIdCall,
        offerHashOfCall,
        CURATOR_ROLECall,
        registerCall
    );
}

/// Compares the members of a struct that a function returns, by type and name and in order.
fn check_struct<S: SolStruct>(contract: &str, function: &str) {
    let functions = entries(&artefact(contract), "function");
    let entry = functions
        .get(function)
        .unwrap_or_else(|| panic!("{contract} has no function {function}"));
    let members = entry["outputs"][0]["components"]
        .as_array()
        .expect("the ABI has this")
        .iter();
    let members: Vec<String> = members
        .map(|member| {
            format!(
                "{} {}",
                named_type_of(member),
                member["name"].as_str().expect("the ABI has this")
            )
        })
        .collect();
    assert_eq!(
        S::eip712_root_type(),
        format!("{}({})", S::NAME, members.join(","))
    );
}

#[test]
fn the_structs_that_are_returned_have_the_declared_members() {
    check_struct::<AkashEscrow::EscrowView>("AkashEscrow", "escrow(bytes32)");
    check_struct::<ComputeRouter::Job>("ComputeRouter", "job(bytes32)");
    check_struct::<ProviderRegistry::Provider>("ProviderRegistry", "provider(bytes32)");
}
