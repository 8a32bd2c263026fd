//! The environment of a model outside a running Necto, as on the command line: the built-in
//! templates, no market, and a limit on spending.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::library::built_in_row;
use crate::ports::{Allowance, Library};

/// A library of the built-in templates, without a market.
#[derive(Debug, Clone, Copy, Default)]
pub struct BuiltInLibrary;

#[async_trait]
impl Library for BuiltInLibrary {
    async fn offers(&self, _model: Option<&str>) -> Value {
        json!({"error": "no market is asked here"})
    }

    async fn templates(&self, _words: &str) -> Value {
        let rows: Vec<Value> = sdl::templates::ALL.iter().map(built_in_row).collect();
        json!({ "templates": rows })
    }
}

/// An allowance of tokens, counted in this process alone.
#[derive(Debug)]
pub struct Purse(AtomicU64);

impl Purse {
    /// Makes an allowance of `tokens`.
    #[must_use]
    pub const fn with(tokens: u64) -> Self {
        Self(AtomicU64::new(tokens))
    }
}

#[async_trait]
impl Allowance for Purse {
    async fn take(&self, tokens: u64) -> bool {
        let less = |left: u64| left.checked_sub(tokens);
        self.0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, less)
            .is_ok()
    }

    async fn give_back(&self, tokens: u64) {
        self.0.fetch_add(tokens, Ordering::SeqCst);
    }
}
