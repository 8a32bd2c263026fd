//! Every answer of the sandbox compared with the Console's own specification.

use std::collections::BTreeSet;
use std::path::PathBuf;

use jsonschema::Validator;
use sandbox::{DEFAULT_API_KEY, Profile};
use serde_json::{Value, json};

use crate::stage::{PROFILES, Stage, WEB};

/// Where files shared between projects are, if they exist.
pub(crate) fn shared_folder() -> Option<PathBuf> {
    std::env::var_os("NECTO_SHARED").map(PathBuf::from)
}

fn specification() -> Option<Value> {
    let path = shared_folder()?.join("reference/console-openapi.json");
    let text = std::fs::read_to_string(path).ok()?;
    Some(serde_json::from_str(&text).expect("the specification is JSON"))
}

/// OpenAPI 3.0 says `nullable` where JSON Schema has a type `null`.
fn as_json_schema(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let mut out: serde_json::Map<String, Value> = map
                .iter()
                .filter(|(key, _)| *key != "nullable")
                .map(|(key, value)| (key.clone(), as_json_schema(value)))
                .collect();
            if map.get("nullable") == Some(&Value::Bool(true)) {
                return json!({ "anyOf": [{ "type": "null" }, Value::Object(std::mem::take(&mut out))] });
            }
            Value::Object(out)
        }
        Value::Array(list) => Value::Array(list.iter().map(as_json_schema).collect()),
        other => other.clone(),
    }
}

struct Contract {
    specification: Value,
    checked: BTreeSet<String>,
}

impl Contract {
    fn validator(&self, operation: &str, template: &str, status: u16) -> Validator {
        let schema = &self.specification["paths"][template][operation]["responses"]
            [status.to_string()]["content"]["application/json"]["schema"];
        assert!(
            schema.is_object(),
            "no schema for {operation} {template} {status}"
        );
        jsonschema::options()
            .should_validate_formats(true)
            .build(&as_json_schema(schema))
            .unwrap()
    }

    /// Calls an operation and checks status and body; returns the body.
    async fn call(
        &mut self,
        stage: &Stage,
        operation: &str,
        template: &str,
        path: &str,
        body: Option<Value>,
        status: u16,
    ) -> Value {
        let method = operation.to_uppercase().parse().unwrap();
        let mut request = stage
            .http
            .request(method, stage.url(path))
            .header("x-api-key", DEFAULT_API_KEY);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let got = response.status().as_u16();
        let text = response.text().await.unwrap();
        assert_eq!(got, status, "{operation} {path}: {text}");
        let answer: Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = self
            .validator(operation, template, status)
            .iter_errors(&answer)
            .map(|error| format!("{} at {}", error, error.instance_path))
            .collect();
        assert!(errors.is_empty(), "{operation} {path}: {errors:#?}");
        self.checked.insert(format!("{operation} {template}"));
        answer
    }

    async fn get(&mut self, stage: &Stage, template: &str, path: &str) -> Value {
        self.call(stage, "get", template, path, None, 200).await
    }

    async fn market(&mut self, stage: &Stage) {
        for path in [
            "/v1/providers",
            "/v1/gpu-prices",
            "/v1/gpu-models",
            "/v1/gpu",
            "/v1/network-capacity",
            "/v1/provider-regions",
            "/v1/auditors",
            "/v1/blockchain-status",
            "/v1/balances",
            "/v1/user/me",
            "/v1/weekly-cost",
        ] {
            self.get(stage, path, path).await;
        }
        self.get(stage, "/v1/market-data/{coin?}", "/v1/market-data/akt")
            .await;
        let height = "/v1/predicted-block-date/27002000";
        self.get(stage, "/v1/predicted-block-date/{height}", height)
            .await;
        let date = "/v1/predicted-date-height/1795240512";
        self.get(stage, "/v1/predicted-date-height/{timestamp}", date)
            .await;
        let me = self.get(stage, "/v1/user/me", "/v1/user/me").await;
        let wallets = format!("/v1/wallets?userId={}", me["data"]["id"].as_str().unwrap());
        self.get(stage, "/v1/wallets", &wallets).await;
        let providers = self.get(stage, "/v1/providers", "/v1/providers").await;
        for provider in providers.as_array().unwrap() {
            let path = format!("/v1/providers/{}", provider["owner"].as_str().unwrap());
            self.get(stage, "/v1/providers/{address}", &path).await;
        }
        let spec = json!({ "cpu": 1000, "memory": 1_073_741_824, "storage": 1_073_741_824 });
        for body in [spec.clone(), json!([spec.clone(), spec])] {
            self.call(stage, "post", "/v1/pricing", "/v1/pricing", Some(body), 200)
                .await;
        }
        let screening = json!({
            "requirements": { "signedBy": { "anyOf": [] }, "attributes": [] },
            "resources": [{ "count": 1, "price": { "denom": "uact", "amount": "10000" }, "resource": {
                "id": 1, "cpu": { "units": { "val": "100" } }, "memory": { "quantity": { "val": "134217728" } },
                "gpu": { "units": { "val": "0" } }, "storage": [{ "name": "default", "quantity": { "val": "134217728" } }],
            } }],
            "timezone": "Europe/Berlin",
        });
        let path = "/v1/bid-screening";
        let found = self
            .call(stage, "post", path, path, Some(screening), 200)
            .await;
        assert!(!found["providers"].as_array().unwrap().is_empty());
    }

    async fn life(&mut self, stage: &Stage) {
        let body = json!({ "data": { "sdl": WEB, "deposit": 0.5 } });
        let path = "/v1/deployments";
        let created = self.call(stage, "post", path, path, Some(body), 201).await;
        let dseq = created["data"]["dseq"].as_str().unwrap().to_owned();
        let one = format!("/v1/deployments/{dseq}");
        self.look(stage, &dseq).await;
        stage.advance(60).await;
        let bids = self
            .get(stage, "/v1/bids", &format!("/v1/bids?dseq={dseq}"))
            .await;
        self.get(stage, "/v1/bids/{dseq}", &format!("/v1/bids/{dseq}"))
            .await;
        let provider = bids["data"][0]["bid"]["id"]["provider"].clone();
        let lease = json!({ "manifest": created["data"]["manifest"],
            "leases": [{ "dseq": dseq, "gseq": 1, "oseq": 1, "provider": provider }] });
        stage
            .sim("scenario", json!({ "name": "manifest_no_lease" }))
            .await;
        let struck = stage.http.post(stage.url("/v1/leases")).json(&lease);
        let struck = struck
            .header("x-api-key", DEFAULT_API_KEY)
            .send()
            .await
            .unwrap();
        assert_eq!(struck.status(), 404);
        stage.advance(2).await;
        let path = "/v1/leases";
        self.call(stage, "post", path, path, Some(lease), 200).await;
        for seconds in [0, 2, 30] {
            stage.advance(seconds).await;
            self.look(stage, &dseq).await;
        }
        let token = json!({ "data": { "ttl": 60, "leases": { "access": "full" } } });
        let path = "/v1/create-jwt-token";
        self.call(stage, "post", path, path, Some(token), 201).await;
        let deposit = json!({ "data": { "dseq": dseq, "deposit": 1.25 } });
        let path = "/v1/deposit-deployment";
        self.call(stage, "post", path, path, Some(deposit), 200)
            .await;
        let update = json!({ "data": { "sdl": WEB.replace("1.27.4", "1.28.0") } });
        let template = "/v1/deployments/{dseq}";
        self.call(stage, "put", template, &one, Some(update), 200)
            .await;
        let settings = format!("/v2/deployment-settings/{dseq}");
        let template = "/v2/deployment-settings/{dseq}";
        self.get(stage, template, &settings).await;
        let change = json!({ "data": { "autoTopUpEnabled": false } });
        self.call(stage, "patch", template, &settings, Some(change), 200)
            .await;
        let template = "/v1/deployments/{dseq}";
        self.call(stage, "delete", template, &one, None, 200).await;
        self.look(stage, &dseq).await;
    }

    /// Every view of a deployment.
    async fn look(&mut self, stage: &Stage, dseq: &str) {
        let detail = format!("/v1/deployments/{dseq}");
        let detail = self.get(stage, "/v1/deployments/{dseq}", &detail).await;
        self.get(stage, "/v1/deployments", "/v1/deployments?skip=0&limit=10")
            .await;
        let owner = detail["data"]["deployment"]["id"]["owner"]
            .as_str()
            .unwrap();
        let indexed = format!("/v1/deployment/{owner}/{dseq}");
        self.get(stage, "/v1/deployment/{owner}/{dseq}", &indexed)
            .await;
        let template = "/v1/addresses/{address}/deployments/{skip}/{limit}";
        self.get(
            stage,
            template,
            &format!("/v1/addresses/{owner}/deployments/0/10"),
        )
        .await;
    }
}

#[tokio::test]
async fn every_answer_is_one_the_specification_allows() {
    let Some(specification) = specification() else {
        println!("skipped: no spec");
        return;
    };
    let mut contract = Contract {
        specification,
        checked: BTreeSet::new(),
    };
    for profile in PROFILES {
        let stage = Stage::new(profile).await;
        contract.market(&stage).await;
        contract.life(&stage).await;
    }
    println!("{} operations checked", contract.checked.len());
    assert!(contract.checked.len() >= 30, "{:?}", contract.checked);
}

#[tokio::test]
async fn what_is_not_found_is_answered_as_the_real_service_does() {
    let stage = Stage::new(Profile::Latest).await;
    let provider = stage.http.get(stage.url("/v1/providers/akash1nobody"));
    let provider = provider.send().await.unwrap();
    assert_eq!(provider.status(), 404);
    assert_eq!(provider.text().await.unwrap(), "Provider not found.");
    let deployment = stage.http.get(stage.url("/v1/deployments/1"));
    let deployment = deployment
        .header("x-api-key", DEFAULT_API_KEY)
        .send()
        .await
        .unwrap();
    let body: Value = deployment.json().await.unwrap();
    assert_eq!(
        body,
        json!({ "error": "NotFoundError", "message": "Deployment not found",
            "code": "not_found", "type": "client_error" })
    );
}

#[tokio::test]
async fn two_kinds_of_credentials_at_once_are_refused() {
    let stage = Stage::new(Profile::Latest).await;
    let response = stage
        .http
        .get(stage.url("/v1/balances"))
        .header("x-api-key", DEFAULT_API_KEY)
        .header("authorization", "Bearer x")
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 400);
    let body: Value = response.json().await.unwrap();
    assert_eq!(
        body["message"],
        "Authorization and X-Api-Key headers are mutually exclusive"
    );
}
