//! A payment of the visitor's own wallet in numbered steps, each of which is sent once: whatever is
//! pressed again, in another tab, after a reload or after going back.
//!
//! From the moment the wallet is first asked, the payment stands in this browser's storage, which
//! all tabs share: each of them shows the same steps, and follows what one of them sent.

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

/// One step of a payment, as it was prepared.
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
    /// Transaction that the wallet sent for it; `None` before, and once its outcome is known.
    sent: Option<Sent>,
    /// Transaction that carried it out; `None` until the step is done.
    done: Option<TxHash>,
}

impl Step {
    /// A step that nobody has taken.
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

/// Where a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    /// Another step comes first.
    Ahead,
    /// It can be taken.
    Next,
    /// A wallet is being asked for it, by another tab or by this one before it was loaded anew.
    AskedElsewhere,
    /// The wallet is being asked for it, or it was sent and its end is not known.
    UnderWay,
    /// It is done, by this transaction.
    Done(TxHash),
}

/// What is paid, and how far it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Plan {
    /// Amount that is paid in all.
    pub(crate) amount: TokenAmount,
    /// Steps, in the order in which they are taken.
    pub(crate) steps: Vec<Step>,
    /// Name of the page that asks its wallet for the next step; `None` while no page does.
    asking: Option<String>,
}

impl Plan {
    /// What was prepared; no step is taken.
    pub(crate) const fn new(amount: TokenAmount, steps: Vec<Step>) -> Self {
        Self {
            amount,
            steps,
            asking: None,
        }
    }

    /// The step that comes next; `None` once all are done.
    fn next(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.done.is_none())
    }

    /// How many steps are done.
    pub(crate) fn steps_done(&self) -> usize {
        self.next().unwrap_or(self.steps.len())
    }

    /// Whether all of it is done.
    pub(crate) fn is_done(&self) -> bool {
        self.next().is_none()
    }

    /// Whether a wallet is being asked, or what it sent may still have its effect.
    pub(crate) fn is_under_way(&self) -> bool {
        self.asking.is_some() || self.sent().is_some()
    }

    /// What was sent and may still have its effect.
    fn sent(&self) -> Option<&Sent> {
        self.steps.get(self.next()?)?.sent.as_ref()
    }

    /// Notes what the wallet sent for the next step.
    fn note_sent(&mut self, sent: &Sent) {
        self.asking = None;
        if let Some(number) = self.next() {
            self.steps[number].sent = Some(sent.clone());
        }
    }

    /// Notes that what was sent as `tx` is over, and by which transaction it worked, if it did. Of
    /// several tabs that follow it only the first has anything to note.
    fn note_end(&mut self, tx: TxHash, by: Option<TxHash>) {
        let was_sent = |step: &&mut Step| step.sent.as_ref().is_some_and(|sent| sent.hash == tx);
        if let Some(step) = self.steps.iter_mut().find(was_sent) {
            step.sent = None;
            step.done = by;
        }
    }

    /// Where a step is for the page of this name.
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

/// A payment on a page: what is prepared or under way, if anything is.
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
    /// The payment for `subject`, which may be under way already. `on_end` is told when a step is
    /// over, and whether it worked.
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
            // A wallet that is disconnected takes this piece of the page away before this runs.
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

    /// What is prepared, under way or just done.
    pub(crate) fn plan(self) -> RwSignal<Option<Plan>> {
        self.plan
    }

    /// The step that is under way.
    pub(crate) const fn sending(self) -> Sending {
        self.sending
    }

    /// Where the step of this number is.
    pub(crate) fn progress(self, number: usize) -> Progress {
        let page = self.page.get_value();
        self.plan.with(|plan| {
            plan.as_ref()
                .map_or(Progress::Ahead, |plan| plan.progress(number, &page))
        })
    }

    /// Whether something is under way that nothing else may overtake.
    pub(crate) fn is_under_way(self) -> bool {
        self.plan
            .with(|plan| plan.as_ref().is_some_and(Plan::is_under_way))
    }

    /// Whether all of it is done.
    pub(crate) fn is_done(self) -> bool {
        self.plan
            .with(|plan| plan.as_ref().is_some_and(Plan::is_done))
    }

    /// Offers what was prepared, unless something is under way.
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

    /// Takes back what was prepared: it is for another amount than the one that is meant now. What
    /// is under way stays, and so does what is done.
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

    /// Says that no wallet is being asked any more, on the visitor's word.
    pub(crate) fn ask_again(self) {
        self.change(&self.key.get_value(), |plan| plan.asking = None);
    }

    /// Takes the next step: asks the wallet once, and follows what it sent.
    pub(crate) fn take(self, connected: Connected, chain: ChainView, order: Option<OrderId>) {
        let (key, page) = (self.key.get_value(), self.page.get_value());
        // Another tab may have been faster by a moment: what is stored counts.
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
                    // What comes after it was given up is followed like what another tab sent.
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

    /// Follows what another page, or this one before it was loaded anew, sent.
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

    /// Writes down how a transaction ended that was followed. A page that is gone saw no end: the
    /// next one to open follows it.
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
            // The next step begins without the news of this one.
            self.sending.forget();
        }
        if let Some(on_end) = self.on_end.try_get_value() {
            on_end.run(worked);
        }
    }

    /// Shows what is stored. What was only prepared here stays, unless another tab was faster.
    fn read(self) {
        let stored = stored(&self.key.get_value());
        let is_own_offer = self
            .plan
            .with_untracked(|plan| plan.as_ref().is_some_and(|plan| !plan.is_under_way()));
        if stored.is_some() || !is_own_offer {
            self.plan.set(stored);
        }
    }

    /// Changes what is stored, also for a page that is gone meanwhile.
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
            // Another page of this tab may show it by now.
            browser::tell_of_storage();
        }
    }
}

/// What became of the question to the wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// It is waited for.
    Awaited,
    /// It sent this.
    Sent(TxHash),
    /// Nobody waits any more.
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
