//! The lifecycle on a real database, with everything outside played.

mod batch;
mod exactly_once;
mod following;
mod journeys;
mod kills;
mod outbox;
mod own_connections;
mod running;
mod unwinding;
mod updating;
