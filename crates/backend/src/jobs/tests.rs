//! The lifecycle on a real database, with everything outside played.

mod batch;
mod claims;
mod exactly_once;
mod following;
mod journeys;
mod kills;
mod logs;
mod many;
mod outbox;
mod running;
mod unwinding;
mod updating;
