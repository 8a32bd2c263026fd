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

/// Venues answer in bursts: the market is read once for all answers within this time. Rows should appear
/// within 300 ms of a venue's answer, which includes reading and rendering.
const TOGETHER: Duration = Duration::from_millis(120);

/// The market on the page, and its query.
#[derive(Debug, Clone, Copy)]
pub(super) struct LiveMarket {
    /// Market as it was last read.
    pub(super) board: RwSignal<MarketBoard>,
    /// Filters and sort order.
    pub(super) query: RwSignal<MarketQuery>,
    /// Every offer of the market, weighed and ranked for the query.
    pub(super) decision: Memo<Decision>,
    /// Indices of the shown rows in the decision's entries.
    pub(super) rows: Memo<Vec<usize>>,
    /// The server's time, ticking.
    pub(super) now: RwSignal<UnixSeconds>,
    /// Sentence about the venue that was read last; empty before the first.
    pub(super) news: RwSignal<String>,
    /// `true` while the connection is lost or the market cannot be read.
    pub(super) lost: RwSignal<bool>,
    /// `true` from a venue's answer until the market is read for it.
    waiting: StoredValue<bool>,
    /// Number of reads started, and the number of the newest one that is shown.
    readings: StoredValue<(u64, u64)>,
}

impl LiveMarket {
    /// Shows `board` and follows the venues' events.
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

    /// Changes the query and the page's address.
    pub(super) fn ask(self, change: impl FnOnce(&mut MarketQuery)) {
        self.query.update(change);
        let query = self.query.with_untracked(MarketQuery::write);
        let mark = if query.is_empty() { "" } else { "?" };
        browser::show_url(&format!("/market{mark}{query}"));
    }

    /// Id of the offer in a row of the table, counted from 0.
    pub(super) fn offer_at(self, number: usize) -> Option<String> {
        let at = self
            .rows
            .try_with_untracked(|rows| rows.get(number).copied())??;
        self.decision
            .try_with_untracked(|decision| Some(decision.entries.get(at)?.offer.id.clone()))?
    }

    /// Index of an offer's row in the table.
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
                // Events from before the connection opened were missed.
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
                // A venue that answers from here on may be missing from this read, so it triggers another.
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
            // A read that a later one has overtaken shows nothing, not even its error.
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
