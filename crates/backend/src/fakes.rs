//! The outside world for tests: scripted, deterministic, and driven only by its own clock.

pub(crate) mod chain;
pub(crate) mod chain_call;
pub(crate) mod clock;
pub(crate) mod gate;
pub(crate) mod market;
pub(crate) mod reach;
pub(crate) mod world;

pub(crate) use chain::FakeChain;
pub(crate) use clock::{FakeClock, FakeRandom};
pub(crate) use market::FakeMarket;
pub(crate) use reach::FakeReach;
pub(crate) use world::World;
