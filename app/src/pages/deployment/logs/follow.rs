//! The log lines received so far.

use domain::ids::OrderId;
use domain::journey::LogLine;
use domain::log_text::contains;
use leptos::prelude::*;

use crate::browser::Events;

/// Maximum number of lines on the page; the server and the download have all of them.
const KEPT: usize = 2_000;

/// The growing log.
#[derive(Debug, Clone, Copy)]
pub(super) struct Follow {
    lines: RwSignal<Vec<LogLine>>,
    /// Lines that arrived while the log was paused.
    waiting: StoredValue<Vec<LogLine>>,
    following: RwSignal<bool>,
    lost: RwSignal<bool>,
}

impl Follow {
    /// Opens the stream once the page runs in a browser. The server first sends the stored lines; after a
    /// lost connection, the request names the last line received.
    pub(super) fn start(order: OrderId) -> Self {
        let follow = Self {
            lines: RwSignal::new(Vec::new()),
            waiting: StoredValue::new(Vec::new()),
            following: RwSignal::new(true),
            lost: RwSignal::new(false),
        };
        Effect::new(move |_| {
            let path = move || format!("/api/orders/{order}/logs?after={}", follow.newest());
            Events::at(path, move |stands| follow.lost.set(!stands))
                .on("line", move |data| follow.take(&data))
                .follow();
        });
        follow
    }

    /// Whether new lines are shown as they arrive.
    pub(super) fn is_following(self) -> bool {
        self.following.get()
    }

    /// Whether the connection is lost.
    pub(super) fn is_lost(self) -> bool {
        self.lost.get()
    }

    /// Number of lines on the page.
    pub(super) fn count(self) -> usize {
        self.lines.with(Vec::len)
    }

    /// The services that have written lines.
    pub(super) fn services(self) -> Vec<String> {
        self.lines.with(|lines| {
            let mut names: Vec<String> = Vec::new();
            for line in lines {
                if !names.contains(&line.service) {
                    names.push(line.service.clone());
                }
            }
            names
        })
    }

    /// The lines whose visible text contains `needle`, of one service, or of all if `service` is empty.
    pub(super) fn shown(self, needle: &str, service: &str) -> Vec<LogLine> {
        self.lines.with(|lines| {
            let fits = |line: &&LogLine| {
                (service.is_empty() || line.service == service)
                    && (needle.is_empty() || contains(&line.text, needle))
            };
            lines.iter().filter(fits).cloned().collect()
        })
    }

    /// Pauses, or resumes and shows the lines that arrived meanwhile.
    pub(super) fn toggle(self) {
        self.following.update(|following| *following = !*following);
        if self.following.get_untracked() {
            let waiting = self
                .waiting
                .try_update_value(std::mem::take)
                .unwrap_or_default();
            self.show(waiting);
        }
    }

    /// Number of the newest line received, shown or waiting.
    fn newest(self) -> u64 {
        let last = |lines: &Vec<LogLine>| lines.last().map_or(0, |line| line.seq);
        let waiting = self.waiting.try_with_value(last).unwrap_or(0);
        let shown = self.lines.try_with_untracked(last).unwrap_or(0);
        waiting.max(shown)
    }

    fn take(self, data: &str) {
        let Ok(line) = serde_json::from_str::<LogLine>(data) else {
            leptos::logging::warn!("a log line could not be read");
            return;
        };
        // A reconnect may repeat lines.
        if line.seq <= self.newest() {
            return;
        }
        match self.following.try_get_untracked() {
            Some(true) => self.show(vec![line]),
            Some(false) => self.waiting.update_value(|waiting| waiting.push(line)),
            None => {}
        }
    }

    fn show(self, new: Vec<LogLine>) {
        self.lines.update(|lines| {
            lines.extend(new);
            let surplus = lines.len().saturating_sub(KEPT);
            lines.drain(..surplus);
        });
    }
}
