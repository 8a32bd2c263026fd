//! Labels of sizes, and whole sizes in GiB.

use crate::reading::Reading;

#[rustfmt::skip]
pub(super) const MEMORY: &[&str] = &[
    "ram", "memory", "mem", "arbeitsspeicher", "hauptspeicher", "memoria", "memoria ram",
    "system memory", "system ram", "speicher", "dram", "rams",
];
#[rustfmt::skip]
pub(super) const STORAGE: &[&str] = &[
    "disk", "disks", "storage", "ssd", "ssds", "hdd", "nvme", "volume", "volumes", "drive",
    "drives", "space", "disk space", "festplatte", "platte", "speicherplatz",
    "festplattenspeicher", "almacenamiento", "disco", "disco duro", "scratch", "data", "daten",
    "datos", "dataset", "database", "db", "datenbank", "checkpoints", "files",
    "persistent volume", "pvc", "backup", "base de datos", "weights", "images", "documents",
];
#[rustfmt::skip]
pub(super) const VRAM: &[&str] = &[
    "vram", "gpu memory", "gpu ram", "video memory", "video ram", "graphics memory",
    "grafikspeicher", "graphics ram", "memoria de gpu", "memoria de video", "gpu mem", "gpu vram",
    "card memory", "memoria grafica",
];
#[rustfmt::skip]
pub(super) const OTHER: &[&str] = &[
    "bandwidth", "traffic", "s", "sec", "ps", "egress", "transfer", "network", "upload",
    "bandbreite", "ethernet", "connection", "link", "model", "parameters", "upstream",
    "downstream",
];

/// Whether the words at `at` label a size as something other than a card's memory.
pub(super) fn is_memory_label(reading: &Reading<'_>, at: usize) -> bool {
    let skip = if reading.is(
        at,
        &["of", "de", "system", "host", "main", "disk", "ddr5", "ddr4"],
    ) {
        at + 1
    } else {
        at
    };
    [MEMORY, STORAGE, OTHER].iter().any(|labels| {
        reading
            .any_phrase(at, labels)
            .or_else(|| reading.any_phrase(skip, labels))
            .is_some()
    })
}

/// Whole GiB of the size in GB at `at` (number and unit); `None` if there is none.
pub(super) fn gib_at(reading: &Reading<'_>, at: usize) -> Option<u32> {
    let count = reading.digits(at)?.as_whole()?;
    let is_gib = reading.is(
        at + 1,
        &[
            "gb",
            "gib",
            "gi",
            "gig",
            "gigs",
            "g",
            "gigabyte",
            "gigabytes",
        ],
    );
    let is_rate = reading.is_mark(at + 2, "/") && reading.is_glued(at + 2);
    u32::try_from(count).ok().filter(|_| is_gib && !is_rate)
}
