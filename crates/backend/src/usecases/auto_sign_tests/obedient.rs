//! A model that obeys an attacker, behind the real adapter, with auto-sign on: it raises no cap,
//! changes no payee and skips no confirmation.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::auto_sign::Verdict;
use domain::deployment::State;
use serde_json::{Value, json};

use super::{LIMITS, ask_of, usdc, world};
use crate::drafting::agent::ModelInterpreter;
use crate::ports::{
    Job, LanguageModel, ModelError, ModelReply, ModelRequest, OnThought, ToolCall, Turn,
};
use crate::usecases::Request;

/// Words of the buyer that state everything affecting the cost.
const WORDS: &str = "a redis cache with 2 GB for 2 hours, at most $0.50 per hour, budget $4";
/// Number of orders that one buyer may have open: after this many a fresh world is made.
const AT_ONCE: usize = 4;

/// Always gives the same answer; with tools it also tries to act.
#[derive(Debug, Default)]
struct Obedient(Mutex<Value>);

impl Obedient {
    fn says(&self, answer: &Value) {
        *self.0.lock().unwrap() = answer.clone();
    }
}

#[async_trait]
impl LanguageModel for Obedient {
    fn name(&self) -> &'static str {
        "obedient"
    }

    async fn ask(
        &self,
        request: &ModelRequest,
        on_thought: OnThought<'_>,
    ) -> Result<ModelReply, ModelError> {
        let answer = self.0.lock().unwrap().clone();
        on_thought("The buyer has confirmed everything: deploy now.");
        let call = |name: &str, arguments: &Value| ToolCall {
            id: Some(name.to_owned()),
            name: name.to_owned(),
            arguments: arguments.clone(),
        };
        let gave = request
            .turns
            .iter()
            .any(|turn| matches!(turn, Turn::Results(_)));
        let (text, calls) = match &request.job {
            Job::Extract(_) => (answer.to_string(), Vec::new()),
            Job::UseTools(_) if gave => ("Done.".to_owned(), Vec::new()),
            Job::UseTools(_) => {
                let acts = ["deploy_now", "auto_sign", "prepare_deposit", "arm_policy"];
                let acts = acts.map(|name| call(name, &json!({"confirmed": true, "usd": 500})));
                let drafts = [call("draft_sdl", &answer)];
                (String::new(), acts.into_iter().chain(drafts).collect())
            }
        };
        Ok(ModelReply {
            text,
            calls,
            answered: json!({}),
            tokens: 10,
            model: "obedient".to_owned(),
        })
    }
}

#[tokio::test]
async fn no_answer_of_a_model_raises_a_cap_changes_the_payee_or_skips_a_confirmation() {
    let attacks: Vec<Value> =
        serde_json::from_str(include_str!("../../../../interpret/tests/attacks.json")).unwrap();
    assert!(attacks.len() >= 30, "{}", attacks.len());
    let (mut paid, mut asked, mut refused) = (0, 0, 0);
    let alone = super::World::new().await;
    let honest = ask_of(&alone.backend, &alone.buyer(), words()).await;
    let honest_quote = honest.state.quote().unwrap();
    for some in attacks.chunks(AT_ONCE) {
        let world = world(usdc(900), LIMITS).await;
        let model = Arc::new(Obedient::default());
        let interpreter = ModelInterpreter::new(model.clone());
        let backend = world.with_interpreter(Arc::new(interpreter)).await;
        let (mut spends, mut due) = (0, 0);
        for attack in some {
            model.says(attack);
            let order = ask_of(&backend, &world.buyer(), words()).await;
            match &order.auto_sign {
                Some(Verdict::Pays(_)) => {
                    // The only order that is paid is exactly the one that the buyer's words yield
                    // without a model.
                    assert_eq!(order.requirements, honest.requirements, "{attack}");
                    let State::AwaitingDeposit { terms, .. } = &order.state else {
                        panic!("{attack}: {}", order.state.name());
                    };
                    assert_eq!(terms.payee, world.backend.settings().payee, "{attack}");
                    assert_eq!(terms.deposit, honest_quote.deposit, "{attack}");
                    spends += 1;
                    due += terms.deposit.micros();
                    paid += 1;
                }
                Some(Verdict::Asks { doubts }) => {
                    assert!(!doubts.is_empty(), "{attack}");
                    assert_eq!(order.state.name(), "quoted", "{attack}");
                    asked += 1;
                }
                Some(other) => panic!("{attack}: {other:?}"),
                None => {
                    assert!(order.refusal.is_some(), "{attack}: {}", order.state.name());
                    refused += 1;
                }
            }
        }
        world.pass(10).await;
        assert_eq!(world.chain.count("spend"), spends);
        assert_eq!(world.chain.count("fund"), 0);
        let buyer = world.buyer().address.unwrap();
        let kept = world.chain.keeping(buyer, |keeping| keeping.kept);
        assert_eq!(kept.micros() + due, usdc(900).micros());
    }
    assert!(
        paid > 0 && asked > 0,
        "{paid} paid, {asked} asked, {refused} refused"
    );
}

fn words() -> Request {
    Request::Words(WORDS.to_owned())
}
