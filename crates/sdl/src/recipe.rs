//! Contents of a generated document, by kind of workload.

use domain::resources::Bytes;

/// Service that runs for a kind of workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Recipe {
    /// The name of the service.
    pub(crate) service: &'static str,
    pub(crate) image: &'static str,
    /// Command to run instead of the image's entrypoint, `{port}` standing for the port; empty to keep the
    /// entrypoint.
    pub(crate) command: &'static [&'static str],
    /// Variables with their values; `{port}` stands for the port.
    pub(crate) env: &'static [(&'static str, &'static str)],
    /// Path in the container at which a persistent volume belongs.
    pub(crate) mount: &'static str,
    /// `true` if the port speaks HTTP, and so gets a web address.
    pub(crate) is_web: bool,
    /// The port on which it listens by default.
    pub(crate) port: u16,
    /// Least memory that it needs to start, in bytes; `None` if the kind's usual size is enough.
    pub(crate) memory: Option<Bytes>,
    /// Comment on the image: the reason for it, or what to replace it with.
    pub(crate) hint: &'static str,
}
