//! The market on the page, kept current while it is open.

use std::time::Duration;

use domain::market::{MarketBoard, MarketQuery};
use domain::offers::counted;
use domain::route::Decision;
use domain::time::UnixSeconds;
use leptos::leptos_dom::helpers::{set_interval_with_handle, set_timeout};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser::{self, Events};

/// Venues answer in bursts: the market is read once for all that answer within this time. Rows are to
/// be on the page 300 ms after a venue answered, and reading and drawing take their part of that.
const TOGETHER: Duration = Duration::from_millis(120);

/// What is shown and what is asked of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct LiveMarket {
    /// Market as it was last read.
    pub(super) board: RwSignal<MarketBoard>,
    /// The filters and the order.
    pub(super) query: RwSignal<MarketQuery>,
    /// Every offer of the market, weighed and ranked by the query.
    pub(super) decision: Memo<Decision>,
    /// Places of the shown rows in the decision's entries.
    pub(super) rows: Memo<Vec<usize>>,
    /// The server's time, ticking.
    pub(super) now: RwSignal<UnixSeconds>,
    /// Sentence on the venue that was read last; empty until one was.
    pub(super) news: RwSignal<String>,
    /// `true` while the connection is lost or the market cannot be read.
    pub(super) lost: RwSignal<bool>,
    /// `true` from a venue's answer until the market is read for it.
    waiting: StoredValue<bool>,
    /// Number of readings begun, and the number of the newest one that is shown.
    readings: StoredValue<(u64, u64)>,
}

impl LiveMarket {
    /// Shows `board` and follows what happens at the venues.
    pub(super) fn follow(board: MarketBoard, query: &str) -> Self {
        let now = RwSignal::new(board.now);
        let board = RwSignal::new(board);
        let query = RwSignal::new(MarketQuery::read(query));
        let decision =
            Memo::new(move |_| query.with(|query| board.with(|board| query.decide(board))));
        let rows =
            Memo::new(move |_| query.with(|query| decision.with(|decision| query.rows(decision))));
        let live = Self {
            board,
            query,
            decision,
            rows,
            now,
            news: RwSignal::new(String::new()),
            lost: RwSignal::new(false),
            waiting: StoredValue::new(false),
            readings: StoredValue::new((0, 0)),
        };
        Effect::new(move |_| live.start());
        live
    }

    /// Changes the query, and the address with it.
    pub(super) fn ask(self, change: impl FnOnce(&mut MarketQuery)) {
        self.query.update(change);
        let query = self.query.with_untracked(MarketQuery::write);
        let mark = if query.is_empty() { "" } else { "?" };
        browser::show_url(&format!("/market{mark}{query}"));
    }

    /// The offer in row `number` of the table, counted from 0.
    pub(super) fn offer_at(self, number: usize) -> Option<String> {
        let at = self
            .rows
            .try_with_untracked(|rows| rows.get(number).copied())??;
        self.decision
            .try_with_untracked(|decision| Some(decision.entries.get(at)?.offer.id.clone()))?
    }

    /// The number of an offer's row in the table, counted from 0.
    pub(super) fn number_of(self, id: &str) -> Option<usize> {
        self.decision.try_with_untracked(|decision| {
            let is_it = |at: &usize| decision.entries.get(*at).is_some_and(|e| e.offer.id == id);
            self.rows
                .try_with_untracked(|rows| rows.iter().position(is_it))?
        })?
    }

    fn start(self) {
        self.read();
        let tick = move || {
            self.now.try_update(|now| *now = UnixSeconds(now.0 + 1));
        };
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(1)) {
            on_cleanup(move || handle.clear());
        }
        let connected = move |stands: bool| {
            self.lost.set(!stands);
            if stands {
                // What happened before it stood told nobody.
                self.read_soon();
            }
        };
        Events::at(|| "/api/market/events".to_owned(), connected)
            .on("answered", move |told| self.hear(&told))
            .on("failed", move |told| self.hear(&told))
            .follow();
    }

    fn hear(self, told: &str) {
        let told: serde_json::Value = serde_json::from_str(told).unwrap_or_default();
        let title = told["venue"]
            .as_str()
            .and_then(|venue| venue.parse::<domain::offers::Venue>().ok())
            .map_or("A venue", domain::offers::Venue::title);
        self.news
            .try_set(match (told["offers"].as_u64(), told["took_ms"].as_u64()) {
                (Some(offers), Some(took)) => {
                    format!(
                        "Scanned {title}: {} in {}.{} s",
                        counted(offers),
                        took / 1000,
                        took % 1000 / 100
                    )
                }
                _ => format!("Scanned {title}: no new offers"),
            });
        self.read_soon();
    }

    fn read_soon(self) {
        if self.waiting.try_get_value() == Some(false) {
            self.waiting.set_value(true);
            let read = move || {
                // Who answers from here on may not be in this reading, and asks for another.
                self.waiting.try_set_value(false);
                self.read();
            };
            set_timeout(read, TOGETHER);
        }
    }

    fn read(self) {
        let begun = self.readings.try_update_value(|(begun, _)| {
            *begun += 1;
            *begun
        });
        let Some(number) = begun else {
            return;
        };
        spawn_local(async move {
            let text = browser::fetch_text("/api/market").await;
            let board = text.and_then(|text| serde_json::from_str::<MarketBoard>(&text).ok());
            let read = board.is_some();
            let is_newest = self.readings.try_update_value(|(_, shown)| {
                let is_newest = number > *shown;
                if is_newest && read {
                    *shown = number;
                }
                is_newest
            });
            // A reading that was overtaken by a later one shows nothing, not even that it failed.
            if is_newest != Some(true) {
                return;
            }
            if let Some(board) = board {
                self.now.try_set(board.now);
                self.board.try_set(board);
            }
            self.lost.try_set(!read);
        });
    }
}
