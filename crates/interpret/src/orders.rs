//! Orders to the agent (“ignore…”, “deposit…”, “reveal…”): found, quoted and set aside before
//! anything else is read, so that nothing inside them can become a wish.

use crate::reading::Reading;
use crate::span::Span;

/// Removes every order to the agent from the reading.
pub(crate) fn set_aside(reading: &mut Reading<'_>) -> Vec<Span> {
    let mut orders = Vec::new();
    let mut from = 0;
    while from < reading.len() {
        let mut to = clause_end(reading, from);
        if let Some(reach) = order(reading, from, to) {
            if matches!(reach, Reach::Sentence) {
                to = from + 1;
                while to < reading.len() && !reading.breaks_before(to) && !closes_role(reading, to)
                {
                    to += 1;
                }
            }
            let (first, last) = (
                trimmed_start(reading, from, to),
                trimmed_end(reading, from, to),
            );
            if first < last {
                reading.take(first, last);
                orders.push(Span {
                    from: reading.token(first).map_or(0, |t| t.from),
                    to: reading.token(last - 1).map_or(0, |t| t.to),
                });
            }
        }
        from = to;
    }
    orders
}

/// Whether `</system>` directly precedes: the following words are the buyer's again.
fn closes_role(reading: &Reading<'_>, i: usize) -> bool {
    i >= 4 && reading.seen(i - 1) == ">" && reading.seen(i - 3) == "/" && reading.seen(i - 4) == "<"
}

enum Reach {
    Clause,
    /// A change of role affects everything up to the full stop.
    Sentence,
}

#[rustfmt::skip]
const JOINERS: &[&str] = &[
    "and", "then", "also", "but", "und", "dann", "aber", "y", "luego", "pero", "afterwards",
];

fn clause_end(reading: &Reading<'_>, from: usize) -> usize {
    (from + 1..reading.len())
        .find(|&i| {
            reading.breaks_before(i)
                || matches!(reading.seen(i - 1), ",")
                || (JOINERS.contains(&reading.seen(i)) && !JOINERS.contains(&reading.seen(i - 1)))
        })
        .unwrap_or(reading.len())
}

fn trimmed_start(reading: &Reading<'_>, from: usize, to: usize) -> usize {
    (from..to)
        .find(|&i| !JOINERS.contains(&reading.seen(i)) && !is_separator(reading.seen(i)))
        .unwrap_or(to)
}

fn trimmed_end(reading: &Reading<'_>, from: usize, to: usize) -> usize {
    (from..to)
        .rev()
        .find(|&i| !is_separator(reading.seen(i)))
        .map_or(from, |i| i + 1)
}

fn is_separator(text: &str) -> bool {
    matches!(text, "," | ";" | "." | "!" | "?")
}

/// Words that may come before the verb of an order.
#[rustfmt::skip]
const POLITE: &[&str] = &[
    "please", "you", "must", "should", "now", "just", "can", "could", "would", "i", "want", "to",
    "kindly", "also", "then", "first", "immediately", "always", "and", "so", "bitte", "por",
    "favor", "let", "lets", "will", "need", "it", "but", "if", "und", "y", "order", "command",
    "next", "finally", "important", "note", "silently", "secretly", "quietly", "hey", "agent",
    "assistant", "ai", "bot", "necto", "do", "not", "dont", "never", "afterwards", "ok", "before",
    "that", "after", "meanwhile",
];

fn order(reading: &Reading<'_>, from: usize, to: usize) -> Option<Reach> {
    let clause = Clause { reading, from, to };
    let start = (from..to)
        .find(|&i| {
            let word = reading.seen(i);
            word.starts_with(char::is_alphabetic) && !POLITE.contains(&word)
        })
        .unwrap_or(to);
    let role = matches!(
        reading.seen(start),
        "system" | "developer" | "admin" | "instruction"
    ) || (from..start).any(|i| matches!(reading.seen(i), "assistant"));
    let colon = (from..to.min(start + 2)).any(|i| matches!(reading.seen(i), ":" | "]" | ">" | "|"));
    if role && colon {
        return Some(Reach::Sentence);
    }
    if clause.has_phrase(&[
        "you are now",
        "from now on",
        "act as",
        "pretend",
        "jailbreak",
        "du bist jetzt",
        "ahora eres",
        "roleplay",
    ]) {
        return Some(Reach::Sentence);
    }
    let is_order = clause.has_address()
        || clause.has_phrase(UNCONFIRMED)
        || RULES.iter().any(|(verbs, objects)| {
            let commanded = |i| reading.any_phrase(i, verbs).is_some();
            (commanded(start) && clause.has(objects))
                || (clause.has(NEVER_TOUCHED)
                    && (start + 1..to).any(|i| {
                        matches!(reading.seen(i - 1), "to" | "you" | "must" | "should")
                            && commanded(i)
                    }))
        });
    // “close to my users” is a wish about location.
    let is_order = is_order && reading.phrase(start, "close to").is_none();
    is_order.then_some(Reach::Clause)
}

/// Phrases that ask to proceed without the buyer, which are orders wherever they occur.
#[rustfmt::skip]
const UNCONFIRMED: &[&str] = &[
    "without asking", "without confirmation", "without confirming", "without approval",
    "without my approval", "dont ask", "do not ask", "auto approve", "auto confirm",
    "skip confirmation", "skip the confirmation", "system prompt", "previous instructions",
    "prior instructions", "your instructions", "your rules", "private key", "private keys",
    "seed phrase", "ohne bestatigung", "ohne ruckfrage", "sin confirmacion", "sin preguntar",
    "unlimited allowance", "unlimited approval", "max allowance", "autosign", "auto sign",
    "auto pay", "autopay", "kept balance", "spend policy", "spending policy", "policy allows",
    "as confirmed", "as approved", "as stated", "firma automaticamente", "saldo guardado",
    "automatisch unterschreiben", "automatisch bezahlen",
];

/// Verbs at the beginning of a clause, each with the things that it must not affect.
#[rustfmt::skip]
const RULES: &[(&[&str], &[&str])] = &[
    (
        &[
            "ignore", "disregard", "forget", "override", "bypass", "overrule", "ignoriere",
            "ignorier", "vergiss", "ignora", "olvida", "desobedece",
        ],
        &[
            "instruction", "instructions", "rule", "rules", "prompt", "prompts", "policy",
            "policies", "limit", "limits", "cap", "caps", "confirmation", "confirmations",
            "previous", "above", "everything", "guardrails", "safety", "guidelines", "budget",
            "check", "checks", "regeln", "anweisungen", "vorherigen", "instrucciones", "reglas",
            "anteriores", "anything", "restrictions", "told", "escrow", "warnings",
        ],
    ),
    (
        &[
            "deposit", "withdraw", "transfer", "send", "wire", "drain", "mint", "refund",
            "approve", "forward", "sweep", "move", "uberweise", "sende", "transfiere", "envia",
            "deposita", "release", "pay out", "payout", "swap", "bridge", "einzahlen", "zahle",
            "empty", "sperre",
        ],
        &[
            "usdc", "tusdc", "usd", "$", "dollars", "dollar", "eth", "adi", "akt", "funds",
            "money", "balance", "wallet", "everything", "all", "allowance", "transaction",
            "transactions", "spending", "escrow", "coins", "geld", "fondos", "dinero", "saldo",
            "guthaben", "payment", "tokens",
        ],
    ),
    (
        &["pay", "sign", "unterschreibe", "firma", "confirm"],
        &[
            "wallet", "address", "me", "transaction", "transactions", "message", "everything",
            "permit", "allowance", "automatically", "yourself",
        ],
    ),
    (
        &[
            "reveal", "print", "show", "show me", "tell me", "give me", "output", "repeat",
            "leak", "dump", "display", "expose", "return", "list", "zeige", "verrate", "muestra",
            "revela", "what is", "whats", "read", "echo", "cat", "export",
        ],
        &[
            "prompt", "secret", "secrets", "password", "passwords", "credentials", "key", "keys",
            "apikey", "mnemonic", "seed", "instructions", "geheimnis", "schlussel", "clave",
            "claves", "secretos",
        ],
    ),
    (
        &[
            "raise", "increase", "lift", "remove", "disable", "double", "change", "erhohe",
            "aumenta", "turn off", "switch off", "bypass", "skip", "replace", "redirect",
            "modify", "unset",
        ],
        &[
            "cap", "caps", "limit", "limits", "policy", "spend", "spending", "payee", "recipient",
            "confirmation", "confirmations", "approval", "approvals", "check", "checks",
            "beneficiary", "limite", "escrow", "operator", "security", "csrf", "csp", "signature",
            "guardrails",
        ],
    ),
    (
        &["set", "use", "make"],
        &["payee", "recipient", "beneficiary", "autosign"],
    ),
    (
        &["enable", "activate", "arm", "allow", "turn on", "grant"],
        &["autosign", "sign", "signing", "spending", "spend", "admin", "unlimited"],
    ),
    (
        &[
            "delete", "close", "terminate", "stop", "cancel", "destroy", "kill", "losche",
            "borra", "shut down", "cierra", "drop", "wipe",
        ],
        &[
            "deployment", "deployments", "lease", "leases", "order", "orders", "everything",
            "all", "despliegues", "table", "tables",
        ],
    ),
    (
        &["execute", "eval", "call", "invoke", "curl", "wget", "sudo", "rm"],
        &["tool", "tools", "function", "rf", "sudo", "http", "https", "shell", "bash"],
    ),
];

/// Things that turn a verb in the middle of a clause into an order: “I authorise you to transfer
/// all funds”.
#[rustfmt::skip]
const NEVER_TOUCHED: &[&str] = &[
    "usdc", "tusdc", "funds", "money", "balance", "wallet", "transaction", "transactions",
    "instructions", "prompt", "secrets", "keys", "limits", "policy", "confirmation", "escrow",
    "geld", "fondos", "saldo", "guthaben",
];

struct Clause<'r, 't> {
    reading: &'r Reading<'t>,
    from: usize,
    to: usize,
}

impl Clause<'_, '_> {
    fn has(&self, words: &[&str]) -> bool {
        (self.from..self.to)
            .any(|i| !self.reading.is_taken(i) && words.contains(&self.reading.seen(i)))
    }

    fn has_phrase(&self, phrases: &[&str]) -> bool {
        (self.from..self.to).any(|i| self.reading.any_phrase(i, phrases).is_some())
    }

    fn has_address(&self) -> bool {
        (self.from..self.to).any(|i| {
            let word = self.reading.word(i);
            (word.starts_with("0x") && word.len() >= 8)
                || (word.starts_with("akash1") && word.len() > 20)
        })
    }
}
