//! A payment from the visitor's own wallet in numbered steps. Each is sent only once, whatever is pressed
//! again, in another tab, after a reload or after going back.
//!
//! From the first wallet request on, the payment is kept in this browser's storage, which all tabs share:
//! each of them shows the same steps, and follows what any of them sent.

use std::cell::Cell;
use std::rc::Rc;

use domain::ids::{OrderId, TxHash};
use domain::journey::{ChainView, PreparedCall};
use domain::money::TokenAmount;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use crate::browser;
use crate::components::transaction::Sending;
use crate::wallet::{Connected, Sent, Wallet};

/// One step of a prepared payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Step {
    /// Label of its button.
    pub(crate) label: String,
    /// Kind of transaction, like `fund` or `approve`.
    kind: String,
    /// The button's name in tests.
    pub(crate) testid: String,
    /// Call that the wallet signs, as the server prepared it.
    pub(crate) call: PreparedCall,
    /// Transaction that the wallet sent for it; `None` before that, and once its outcome is known.
    sent: Option<Sent>,
    /// Transaction that carried it out; `None` until the step is done.
    done: Option<TxHash>,
}

impl Step {
    /// Creates a step that was not sent yet.
    pub(crate) fn new(label: String, kind: &str, testid: &str, call: PreparedCall) -> Self {
        Self {
            label,
            kind: kind.to_owned(),
            testid: testid.to_owned(),
            call,
            sent: None,
            done: None,
        }
    }
}

/// Progress of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Waits for an earlier step.
    Ahead,
    /// Can be sent now.
    Next,
    /// Another tab, or this one before a reload, has an open wallet request for it.
    AskedElsewhere,
    /// The wallet request is open, or the transaction was sent and its outcome is unknown.
    UnderWay,
    /// Completed by this transaction.
    Done(TxHash),
}

/// The amount, the steps and the progress of a payment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Total amount of the payment.
    pub(crate) amount: TokenAmount,
    /// Steps, in order.
    pub(crate) steps: Vec<Step>,
    /// Name of the page with the open wallet request; `None` if there is none.
    asking: Option<String>,
}

impl Plan {
    /// Creates a plan with no step sent.
    pub(crate) const fn new(amount: TokenAmount, steps: Vec<Step>) -> Self {
        Self {
            amount,
            steps,
            asking: None,
        }
    }

    /// Index of the next step; `None` once all are done.
    fn next(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.done.is_none())
    }

    /// Number of completed steps.
    pub(crate) fn steps_done(&self) -> usize {
        self.next().unwrap_or(self.steps.len())
    }

    /// Whether all steps are done.
    pub(crate) fn is_done(&self) -> bool {
        self.next().is_none()
    }

    /// Whether a wallet request is open, or a sent transaction may still take effect.
    pub(crate) fn is_under_way(&self) -> bool {
        self.asking.is_some() || self.sent().is_some()
    }

    /// Transaction that was sent and may still take effect.
    fn sent(&self) -> Option<&Sent> {
        self.steps.get(self.next()?)?.sent.as_ref()
    }

    /// Records the transaction that the wallet sent for the next step.
    fn note_sent(&mut self, sent: &Sent) {
        self.asking = None;
        if let Some(number) = self.next() {
            self.steps[number].sent = Some(sent.clone());
        }
    }

    /// Records the end of transaction `tx`, and the transaction that succeeded, if any. If several tabs
    /// follow it, only the first call has an effect.
    fn note_end(&mut self, tx: TxHash, by: Option<TxHash>) {
        let was_sent = |step: &&mut Step| step.sent.as_ref().is_some_and(|sent| sent.hash == tx);
        if let Some(step) = self.steps.iter_mut().find(was_sent) {
            step.sent = None;
            step.done = by;
        }
    }

    /// Progress of a step, as seen by the page of this name.
    fn progress(&self, number: usize, page: &str) -> Progress {
        let Some(step) = self.steps.get(number) else {
            return Progress::Ahead;
        };
        match (step.done, &step.sent, &self.asking) {
            (Some(by), ..) => Progress::Done(by),
            _ if self.next() != Some(number) => Progress::Ahead,
            (None, Some(_), _) => Progress::UnderWay,
            (None, None, Some(asking)) if asking == page => Progress::UnderWay,
            (None, None, Some(_)) => Progress::AskedElsewhere,
            (None, None, None) => Progress::Next,
        }
    }
}

/// The payment of a page, be it prepared or in progress.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Payment {
    key: StoredValue<String>,
    page: StoredValue<String>,
    plan: RwSignal<Option<Plan>>,
    following: StoredValue<Option<TxHash>>,
    sending: Sending,
    on_end: StoredValue<Callback<bool>>,
}

impl Payment {
    /// Opens the payment for `subject`, which may already be in progress. `on_end` is called at the end of
    /// each step with whether it succeeded.
    pub(crate) fn of(subject: &str, on_end: Callback<bool>) -> Self {
        let payment = Self {
            key: StoredValue::new(format!("necto.payment.{subject}")),
            page: StoredValue::new(String::new()),
            plan: RwSignal::new(None),
            following: StoredValue::new(None),
            sending: Sending::new(),
            on_end: StoredValue::new(on_end),
        };
        let wallet = expect_context::<Wallet>();
        Effect::new(move |_| {
            payment.page.set_value(browser::page_name());
            payment.read();
            let listening = window_event_listener(ev::storage, move |event| {
                if event.key().is_none_or(|key| key == payment.key.get_value()) {
                    payment.read();
                }
            });
            on_cleanup(move || listening.remove());
        });
        Effect::new(move |_| {
            // Disconnecting the wallet can dispose of this part of the page before the effect runs.
            let sent = payment
                .plan
                .try_with(|plan| plan.as_ref().and_then(Plan::sent).cloned())
                .flatten();
            if let (Some(sent), Some(connected)) = (sent, wallet.connected()) {
                payment.follow(&connected, sent);
            }
        });
        payment
    }

    /// The plan that is prepared, in progress or just done.
    pub(crate) fn plan(self) -> RwSignal<Option<Plan>> {
        self.plan
    }

    /// The transaction of the current step.
    pub(crate) const fn sending(self) -> Sending {
        self.sending
    }

    /// Progress of the step with this number.
    pub(crate) fn progress(self, number: usize) -> Progress {
        let page = self.page.get_value();
        self.plan.with(|plan| {
            plan.as_ref()
                .map_or(Progress::Ahead, |plan| plan.progress(number, &page))
        })
    }

    /// Whether something is in progress that must not be overtaken.
    pub(crate) fn is_under_way(self) -> bool {
        self.plan
            .with(|plan| plan.as_ref().is_some_and(Plan::is_under_way))
    }

    /// Whether all steps are done.
    pub(crate) fn is_done(self) -> bool {
        self.plan
            .with(|plan| plan.as_ref().is_some_and(Plan::is_done))
    }

    /// Shows a prepared plan, unless something is in progress.
    pub(crate) fn offer(self, plan: Plan) {
        let Some(key) = self.key.try_get_value() else {
            return;
        };
        match stored(&key) {
            Some(stored) if stored.is_under_way() => self.plan.set(Some(stored)),
            _ => {
                self.sending.forget();
                browser::forget(&key);
                self.plan.set(Some(plan));
            }
        }
    }

    /// Withdraws a prepared plan, because it is for another amount than the one now chosen. A plan that is in
    /// progress or done stays.
    pub(crate) fn withdraw(self) {
        let stays = self.plan.with_untracked(|plan| {
            plan.as_ref()
                .is_none_or(|plan| plan.is_under_way() || plan.is_done())
        });
        if !stays {
            self.sending.forget();
            browser::forget(&self.key.get_value());
            self.plan.set(None);
        }
    }

    /// Declares that no wallet request is open any more, at the visitor's word.
    pub(crate) fn ask_again(self) {
        self.change(&self.key.get_value(), |plan| plan.asking = None);
    }

    /// Sends the next step: asks the wallet once, and follows the transaction.
    pub(crate) fn take(self, connected: Connected, chain: ChainView, order: Option<OrderId>) {
        let (key, page) = (self.key.get_value(), self.page.get_value());
        // Another tab may have been slightly faster: the stored plan wins.
        if let Some(stored) = stored(&key)
            && self
                .plan
                .with_untracked(|shown| shown.as_ref() != Some(&stored))
        {
            return self.plan.set(Some(stored));
        }
        let Some(step) = self.plan.with_untracked(|plan| {
            let plan = plan.as_ref()?;
            let number = plan.next()?;
            (plan.progress(number, &page) == Progress::Next).then(|| plan.steps[number].clone())
        }) else {
            return;
        };
        self.change(&key, |plan| plan.asking = Some(page));
        spawn_local(async move {
            let answered = Rc::new(Cell::new(Answer::Awaited));
            let on_sent = {
                let (key, answered) = (key.clone(), Rc::clone(&answered));
                move |sent: &Sent| {
                    // A transaction that arrives after cancellation is followed like one from another tab.
                    if Cell::get(&answered) == Answer::Awaited {
                        answered.set(Answer::Sent(sent.hash));
                        self.following.try_set_value(Some(sent.hash));
                    }
                    self.change(&key, |plan| plan.note_sent(sent));
                }
            };
            self.sending
                .run_telling(&connected, &chain, &step.kind, &step.call, order, on_sent)
                .await;
            match answered.replace(Answer::GivenUp) {
                Answer::Sent(tx) => self.conclude(&key, tx),
                Answer::Awaited | Answer::GivenUp => {
                    self.change(&key, |plan| plan.asking = None);
                }
            }
        });
    }

    /// Follows a transaction sent by another page, or by this one before a reload.
    fn follow(self, connected: &Connected, sent: Sent) {
        if self.following.get_value() == Some(sent.hash) {
            return;
        }
        self.following.set_value(Some(sent.hash));
        let (key, uuid) = (self.key.get_value(), connected.uuid.clone());
        spawn_local(async move {
            self.sending.resume(&uuid, &sent).await;
            self.conclude(&key, sent.hash);
        });
    }

    /// Records the outcome of a followed transaction. If this page is gone, there is no outcome yet, and the
    /// next page that opens follows the transaction.
    fn conclude(self, key: &str, tx: TxHash) {
        let (Some(Some(state)), Some(hash)) = (self.sending.last_state(), self.sending.last_hash())
        else {
            return;
        };
        if !state.is_final() {
            return;
        }
        let worked = state.worked();
        self.change(key, |plan| plan.note_end(tx, hash.filter(|_| worked)));
        self.following.try_set_value(None);
        if worked {
            // The next step starts without this one's status.
            self.sending.forget();
        }
        if let Some(on_end) = self.on_end.try_get_value() {
            on_end.run(worked);
        }
    }

    /// Shows the stored plan. A plan that was only prepared here stays, unless another tab was faster.
    fn read(self) {
        let stored = stored(&self.key.get_value());
        let is_own_offer = self
            .plan
            .with_untracked(|plan| plan.as_ref().is_some_and(|plan| !plan.is_under_way()));
        if stored.is_some() || !is_own_offer {
            self.plan.set(stored);
        }
    }

    /// Changes the stored plan, even if this page is gone.
    fn change(self, key: &str, change: impl FnOnce(&mut Plan)) {
        let shown = self.plan.try_get_untracked().flatten();
        let Some(mut plan) = stored(key).or(shown) else {
            return;
        };
        change(&mut plan);
        if let Ok(text) = serde_json::to_string(&plan) {
            browser::remember(key, &text);
        }
        if self.plan.try_set(Some(plan)).is_some() {
            // Another page in this tab may be showing the payment by now.
            browser::tell_of_storage();
        }
    }
}

/// State of the wallet request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// No answer yet.
    Awaited,
    /// The wallet sent this transaction.
    Sent(TxHash),
    /// The request was given up.
    GivenUp,
}

fn stored(key: &str) -> Option<Plan> {
    serde_json::from_str(&browser::recall(key)?).ok()
}

#[cfg(test)]
mod tests {
    use super::{Plan, Progress, Step};
    use crate::wallet::Sent;
    use domain::ids::{Address, TxHash};
    use domain::journey::PreparedCall;
    use domain::money::TokenAmount;

    fn step(kind: &str) -> Step {
        let call = PreparedCall {
            title: kind.to_owned(),
            to: Address::from_bytes([1; 20]),
            data: "0x".to_owned(),
            decoded: Vec::new(),
        };
        Step::new(kind.to_owned(), kind, kind, call)
    }

    fn plan() -> Plan {
        let steps = vec![step("approve"), step("top_up")];
        Plan::new(TokenAmount::from_micros(5_000_000), steps)
    }

    fn sent() -> Sent {
        Sent {
            kind: "approve".to_owned(),
            hash: TxHash::from_bytes([2; 32]),
            from: Address::from_bytes([3; 20]),
            nonce: 0,
            to: Address::from_bytes([1; 20]),
            data: "0x".to_owned(),
            at: domain::time::UnixSeconds(0),
        }
    }

    #[test]
    fn one_step_at_a_time_can_be_taken_and_none_twice() {
        let mut plan = plan();
        let at = |plan: &Plan| [plan.progress(0, "here"), plan.progress(1, "here")];
        assert_eq!(at(&plan), [Progress::Next, Progress::Ahead]);
        plan.asking = Some("here".to_owned());
        assert_eq!(at(&plan), [Progress::UnderWay, Progress::Ahead]);
        assert_eq!(plan.progress(0, "another tab"), Progress::AskedElsewhere);
        plan.asking = None;
        plan.steps[0].sent = Some(sent());
        assert_eq!(at(&plan), [Progress::UnderWay, Progress::Ahead]);
        assert_eq!(plan.progress(0, "another tab"), Progress::UnderWay);
        assert!(plan.is_under_way());
        plan.steps[0].sent = None;
        plan.steps[0].done = Some(sent().hash);
        assert_eq!(at(&plan), [Progress::Done(sent().hash), Progress::Next]);
        plan.steps[1].done = Some(sent().hash);
        assert_eq!(at(&plan), [Progress::Done(sent().hash); 2]);
        assert!(plan.is_done() && !plan.is_under_way());
    }

    #[test]
    fn two_tabs_that_follow_one_transaction_end_one_step() {
        let mut plan = plan();
        plan.note_sent(&sent());
        let tx = sent().hash;
        plan.note_end(tx, Some(tx));
        plan.note_end(tx, Some(tx));
        assert_eq!(plan.progress(0, "here"), Progress::Done(tx));
        assert_eq!(plan.progress(1, "here"), Progress::Next);
    }

    #[test]
    fn what_was_refused_can_be_taken_again() {
        let mut plan = plan();
        plan.note_sent(&sent());
        plan.note_end(sent().hash, None);
        assert_eq!(plan.progress(0, "here"), Progress::Next);
    }

    #[test]
    fn what_is_kept_for_other_tabs_is_all_of_it() {
        let mut plan = plan();
        plan.steps[0].sent = Some(sent());
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}
