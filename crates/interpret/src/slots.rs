//! One recogniser per kind of field. Each reads what it knows, takes those tokens and records the
//! words; their order matters, because what is taken can no longer be misread.

pub(crate) mod akash;
pub(crate) mod cpu;
pub(crate) mod duration;
pub(crate) mod gpu;
pub(crate) mod memory;
pub(crate) mod money;
pub(crate) mod network;
pub(crate) mod persistence;
pub(crate) mod pricing;
pub(crate) mod priority;
pub(crate) mod region;
mod size;
pub(crate) mod workload;
