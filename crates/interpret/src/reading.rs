//! A sentence being read: its tokens, those already understood, and the findings.

use domain::money::Usd;
use domain::requirements::{Priority, Region, Template, Wish};
use domain::resources::GpuModel;
use domain::time::Seconds;

use crate::amount::Amount;
use crate::span::Span;
use crate::token::{Kind, Token, tokenize};
use crate::understanding::Evidence;

/// The state that all recognisers share. A taken token is invisible to later recognisers.
#[derive(Debug)]
pub(crate) struct Reading<'t> {
    pub(crate) source: &'t str,
    tokens: Vec<Token>,
    taken: Vec<bool>,
    corrections: Vec<usize>,
    /// Numbers that replace an earlier one: the token of the earlier one, and the byte at which
    /// they end.
    replaced: Vec<(usize, usize)>,
    pub(crate) evidence: Vec<Evidence>,
    pub(crate) questions: Vec<Question>,
    /// The orders that were set aside; their tokens are taken.
    pub(crate) set_aside: Vec<Span>,
}

/// Subject of a question, from the least to the most important: only the most important question is
/// asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Matter {
    /// Amount that is paid ahead, the unused rest of which is returned anyway.
    PaidAhead,
    /// Preference among offers.
    Preference,
    /// Region of the workload, or kind of web service.
    Kind,
    /// Duration, if only a unit or an end was named.
    Period,
    /// Choice between two sizes, numbers or workloads.
    Amount,
    /// Scope of a limit.
    LimitScope,
    /// Something that cannot be used as it was said.
    Unusable,
    /// Choice between two cards, limits or images, which determines the price.
    Choice,
}

/// A question with its possible answers.
#[derive(Debug)]
pub(crate) struct Question {
    pub(crate) matter: Matter,
    pub(crate) text: String,
    pub(crate) answers: Vec<(String, Setting)>,
}

/// Value that an answer sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    PerGpuHour(Usd),
    PerHour(Usd),
    Budget(Usd),
    Model(GpuModel),
    Region(Region),
    Duration(Seconds),
    Template(Template),
    Image(String),
    Priority(Priority),
}

impl Setting {
    /// `wish` with this value.
    pub(crate) fn put_into(self, wish: &Wish) -> Wish {
        let mut wish = wish.clone();
        match self {
            Self::PerGpuHour(usd) => wish.max_per_gpu_hour = Some(usd),
            Self::PerHour(usd) => wish.max_per_hour = Some(usd),
            Self::Budget(usd) => wish.budget = Some(usd),
            Self::Model(model) => {
                if let Some(gpu) = &mut wish.gpu {
                    gpu.model = Some(model);
                }
            }
            Self::Region(region) => wish.region = Some(region),
            Self::Duration(duration) => wish.duration = Some(duration),
            Self::Template(template) => wish.template = Some(template),
            Self::Image(image) => wish.image = Some(image),
            Self::Priority(priority) => wish.priority = Some(priority),
        }
        wish
    }
}

/// A value and the tokens that express it.
#[derive(Debug, Clone)]
pub(crate) struct Mention<T> {
    pub(crate) value: T,
    pub(crate) from: usize,
    pub(crate) to: usize,
}

/// The result of several mentions of one field.
#[derive(Debug)]
pub(crate) struct Settled<T> {
    pub(crate) chosen: Mention<T>,
    /// Another value that was named as well, without one replacing the other.
    pub(crate) rival: Option<Mention<T>>,
}

#[rustfmt::skip]
const CORRECTIONS: &[&str] = &[
    "actually", "i mean", "sorry", "make that", "make it", "wait", "or rather", "scratch that",
    "correction", "on second thought", "doch lieber", "stattdessen", "quiero decir", "perdon",
    "mejor dicho", "instead", "besser gesagt", "entschuldigung",
];

impl<'t> Reading<'t> {
    /// The tokens as they were typed, including typos.
    pub(crate) fn raw(source: &'t str) -> Self {
        let tokens = tokenize(source);
        let taken = vec![false; tokens.len()];
        Self {
            source,
            tokens,
            taken,
            corrections: Vec::new(),
            replaced: Vec::new(),
            evidence: Vec::new(),
            questions: Vec::new(),
            set_aside: Vec::new(),
        }
    }

    /// Finds the places where the writer corrects themselves.
    pub(crate) fn find_corrections(&mut self) {
        let corrections = (0..self.len()).filter(|&i| {
            let plain_no = matches!(self.word(i), "no" | "nein" | "nope" | "nah");
            (plain_no && [",", ":"].iter().any(|mark| self.is_mark(i + 1, mark)))
                || self.any_phrase(i, CORRECTIONS).is_some()
        });
        self.corrections = corrections.collect();
    }

    /// Replaces the word at `i`.
    pub(crate) fn respell(&mut self, i: usize, word: &str) {
        word.clone_into(&mut self.tokens[i].text);
    }

    /// Replaces the number at the tokens `old` by `amount`, as the tokens `new` state.
    pub(crate) fn replace_number(&mut self, old: (usize, usize), new: (usize, usize), amount: u64) {
        let (first, end) = old;
        self.tokens[first].kind = Kind::Number(Amount::whole(amount));
        self.tokens[first].text = amount.to_string();
        self.take(first + 1, end);
        self.take(new.0, new.1);
        self.replaced.push((first, self.tokens[new.1 - 1].to));
    }

    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The token at `i`, unless it is taken.
    fn free(&self, i: usize) -> Option<&Token> {
        match self.taken.get(i) {
            Some(false) => self.tokens.get(i),
            _ => None,
        }
    }

    /// The word at `i`; empty for a number, a mark, a taken token and past the end.
    pub(crate) fn word(&self, i: usize) -> &str {
        match self.free(i) {
            Some(token) if token.kind == Kind::Word => &token.text,
            _ => "",
        }
    }

    /// The word `back` places before `i`, empty if there is none.
    pub(crate) fn word_before(&self, i: usize, back: usize) -> &str {
        i.checked_sub(back).map_or("", |at| self.word(at))
    }

    /// The text of the token at `i`, whether it was taken or not.
    pub(crate) fn seen(&self, i: usize) -> &str {
        self.tokens.get(i).map_or("", |token| &token.text)
    }

    pub(crate) fn token(&self, i: usize) -> Option<&Token> {
        self.tokens.get(i)
    }

    /// The token at `i` as it was written.
    pub(crate) fn written(&self, i: usize) -> &'t str {
        let source = self.source;
        self.tokens.get(i).map_or("", |t| &source[t.from..t.to])
    }

    pub(crate) fn is(&self, i: usize, words: &[&str]) -> bool {
        let word = self.word(i);
        !word.is_empty() && words.contains(&word)
    }

    pub(crate) fn is_mark(&self, i: usize, mark: &str) -> bool {
        self.free(i)
            .is_some_and(|t| t.kind == Kind::Mark && t.text == mark)
    }

    pub(crate) fn is_glued(&self, i: usize) -> bool {
        self.tokens.get(i).is_some_and(|t| t.glued)
    }

    pub(crate) fn is_taken(&self, i: usize) -> bool {
        self.taken.get(i).copied().unwrap_or(true)
    }

    /// The digits at `i`, not a number word.
    pub(crate) fn digits(&self, i: usize) -> Option<Amount> {
        match self.free(i)?.kind {
            Kind::Number(amount) => Some(amount),
            _ => None,
        }
    }

    /// Whether a sentence or clause ends between `i` and its predecessor.
    pub(crate) fn breaks_before(&self, i: usize) -> bool {
        i == 0
            || i >= self.tokens.len()
            || match self.seen(i - 1) {
                ";" | "!" | "?" => true,
                "." => !self.is_glued(i),
                _ => {
                    let gap = &self.source[self.tokens[i - 1].to..self.tokens[i].from];
                    gap.contains('\n')
                }
            }
    }

    /// The end of `phrase` (words separated by one space) when it begins at `i`. A hyphen, a point
    /// or an underscore between its words does not matter: `node.js`, `fine-tune`.
    pub(crate) fn phrase(&self, i: usize, phrase: &str) -> Option<usize> {
        let mut at = i;
        for (index, word) in phrase.split(' ').enumerate() {
            let joined = index > 0
                && self.is_glued(at)
                && self.is_glued(at + 1)
                && ["-", ".", "_", "‑"]
                    .iter()
                    .any(|mark| self.is_mark(at, mark));
            if joined {
                at += 1;
            }
            let here = self.free(at)?;
            if here.kind == Kind::Mark || here.text != word {
                return None;
            }
            at += 1;
        }
        Some(at)
    }

    /// The longest of `phrases` at `i`: its index and its end.
    pub(crate) fn any_phrase(&self, i: usize, phrases: &[&str]) -> Option<usize> {
        let first = self.free(i)?;
        if first.kind == Kind::Mark {
            return None;
        }
        // Nearly every phrase fails on its first letters: this keeps long texts cheap.
        phrases
            .iter()
            .filter(|phrase| phrase.starts_with(&first.text))
            .filter_map(|phrase| self.phrase(i, phrase))
            .max()
    }

    pub(crate) fn take(&mut self, from: usize, to: usize) {
        let end = to.min(self.taken.len());
        if from < end {
            self.taken[from..end].fill(true);
        }
    }

    /// Notes that `field` was stated by the tokens `from..to`.
    pub(crate) fn note(&mut self, field: &str, from: usize, to: usize) {
        let to = to.min(self.tokens.len());
        if from >= to {
            return;
        }
        let replaced = self.replaced.iter();
        let said = replaced.filter(|(token, _)| (from..to).contains(token));
        let end = said.map(|(_, end)| *end).max().unwrap_or(0);
        let (from, to) = (self.tokens[from].from, self.tokens[to - 1].to.max(end));
        self.note_span(field, from, to);
    }

    /// Notes that `field` was stated by the bytes `from..to`.
    pub(crate) fn note_span(&mut self, field: &str, from: usize, to: usize) {
        self.evidence.push(Evidence {
            field: field.to_owned(),
            text: self.source[from..to].to_owned(),
            from,
            to,
        });
    }

    pub(crate) fn ask(&mut self, matter: Matter, text: impl Into<String>) {
        self.ask_between(matter, text, Vec::new());
    }

    /// Asks a question with a choice of `answers`.
    pub(crate) fn ask_between(
        &mut self,
        matter: Matter,
        text: impl Into<String>,
        answers: Vec<(String, Setting)>,
    ) {
        self.questions.push(Question {
            matter,
            text: text.into(),
            answers,
        });
    }

    /// Whether the byte `at` lies inside an order that was set aside.
    pub(crate) fn is_set_aside(&self, at: usize) -> bool {
        self.set_aside
            .iter()
            .any(|span| (span.from..span.to).contains(&at))
    }

    /// Takes the tokens that lie entirely inside the bytes `from..to`.
    pub(crate) fn take_span(&mut self, from: usize, to: usize) {
        let first = self.tokens.partition_point(|t| t.to <= from);
        let last = self.tokens.partition_point(|t| t.from < to);
        self.take(first, last);
    }

    /// The first token that starts at or after the byte `at`.
    pub(crate) fn token_at(&self, at: usize) -> usize {
        self.tokens.partition_point(|t| t.from < at)
    }

    /// Whether the writer corrects themselves between the tokens `from` and `to`.
    pub(crate) fn corrected_between(&self, from: usize, to: usize) -> bool {
        let first = self.corrections.partition_point(|&at| at < from);
        self.corrections.get(first).is_some_and(|&at| at <= to)
    }

    /// Whether the word after `i` retracts it (“3 days, no, 5 days”).
    pub(crate) fn is_plain_no(&self, i: usize) -> bool {
        self.corrections.binary_search(&i).is_ok()
    }

    /// One value out of all that were named: the last correction wins, otherwise the first.
    pub(crate) fn settle<T: PartialEq + Clone>(
        &self,
        mentions: &[Mention<T>],
    ) -> Option<Settled<T>> {
        let mut chosen = mentions.first()?;
        let mut rival = None;
        for mention in &mentions[1..] {
            if self.corrected_between(chosen.to, mention.to) {
                chosen = mention;
                rival = None;
            } else if mention.value != chosen.value && rival.is_none() {
                rival = Some(mention.clone());
            }
        }
        Some(Settled {
            chosen: chosen.clone(),
            rival,
        })
    }
}
