//! The lifecycle on a real database, with everything outside simulated.

mod announced;
mod batch;
mod claims;
mod exactly_once;
mod following;
mod journeys;
mod kills;
mod later_schema;
mod logs;
mod many;
mod outbox;
mod own_connections;
mod running;
mod topping_up;
mod undelivered;
mod unwinding;
mod updating;
