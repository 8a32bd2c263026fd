//! The format of lines in a row: first their times, services and lengths, then their texts, all in
//! one zstd frame with a checksum.

use domain::journey::LogLine;
use domain::time::UnixSeconds;
use thiserror::Error;

/// Version of the format; the first byte of packed data.
const FORMAT: u8 = 1;

/// Compression level of zstd. On logs, higher levels cost more time than they save space.
const LEVEL: i32 = 3;

/// Upper bound for the unpacked size of a chunk: its lines are cut to less than this.
const MOST_BYTES: u64 = 2 * 1024 * 1024;

/// Why lines cannot be unpacked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0}")]
pub(super) struct Torn(String);

/// Returns the unpacked size of a line, without the name of its service.
pub(super) fn bytes_of(line: &LogLine) -> usize {
    size_of::<u64>() + 2 * size_of::<u32>() + line.text.len()
}

/// Packs lines; returns them with their unpacked size in bytes.
pub(super) fn pack(lines: &[LogLine]) -> std::io::Result<(Vec<u8>, u64)> {
    let mut services: Vec<&str> = Vec::new();
    let mut numbers = Vec::with_capacity(lines.len());
    for line in lines {
        let known = services.iter().position(|name| *name == line.service);
        numbers.push(known.unwrap_or_else(|| {
            services.push(&line.service);
            services.len() - 1
        }));
    }
    let mut raw = vec![FORMAT];
    put_length(&mut raw, services.len());
    for service in services {
        put_length(&mut raw, service.len());
        raw.extend(service.as_bytes());
    }
    put_length(&mut raw, lines.len());
    for line in lines {
        raw.extend(line.at.0.to_le_bytes());
    }
    for number in numbers {
        put_length(&mut raw, number);
    }
    for line in lines {
        put_length(&mut raw, line.text.len());
    }
    for line in lines {
        raw.extend(line.text.as_bytes());
    }
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    compressor.include_checksum(true)?;
    Ok((compressor.compress(&raw)?, raw.len() as u64))
}

/// Unpacks the lines of a chunk whose first line has the number `first`. Never takes more memory
/// than the size that the row states.
pub(super) fn unpack(first: u64, packed: &[u8], raw_bytes: u64) -> Result<Vec<LogLine>, Torn> {
    let most = usize::try_from(raw_bytes.min(MOST_BYTES)).unwrap_or_default();
    let raw = zstd::bulk::decompress(packed, most).map_err(|error| Torn(error.to_string()))?;
    if raw.len() as u64 != raw_bytes {
        return Err(Torn("it has another length than its row says".to_owned()));
    }
    read(first, &raw).ok_or_else(|| Torn("it is cut off".to_owned()))
}

fn read(first: u64, raw: &[u8]) -> Option<Vec<LogLine>> {
    let mut rest = Rest(raw);
    if rest.take(1)? != [FORMAT] {
        return None;
    }
    let mut services = Vec::new();
    for _ in 0..rest.length()? {
        let length = rest.length()?;
        services.push(rest.text(length)?);
    }
    let count = rest.length()?;
    let times = rest.take(count.checked_mul(size_of::<u64>())?)?;
    let numbers = rest.lengths(count)?;
    let lengths = rest.lengths(count)?;
    let mut lines = Vec::with_capacity(count);
    for (((seq, at), number), length) in (first..)
        .zip(times.as_chunks::<8>().0)
        .zip(numbers)
        .zip(lengths)
    {
        lines.push(LogLine {
            seq,
            at: UnixSeconds(u64::from_le_bytes(*at)),
            service: (*services.get(number)?).to_owned(),
            text: rest.text(length)?.to_owned(),
        });
    }
    rest.0.is_empty().then_some(lines)
}

fn put_length(raw: &mut Vec<u8>, length: usize) {
    let length = u32::try_from(length).expect("a chunk is far shorter than 4 GiB");
    raw.extend(length.to_le_bytes());
}

/// The part of the data that is still unread.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn length(&mut self) -> Option<usize> {
        self.lengths(1)?.next()
    }

    fn lengths(&mut self, count: usize) -> Option<impl Iterator<Item = usize> + use<'a>> {
        let bytes = self.take(count.checked_mul(size_of::<u32>())?)?;
        let lengths = bytes.as_chunks::<4>().0.iter();
        Some(lengths.map(|length| usize::try_from(u32::from_le_bytes(*length)).unwrap_or_default()))
    }

    fn text(&mut self, bytes: usize) -> Option<&'a str> {
        std::str::from_utf8(self.take(bytes)?).ok()
    }
}

#[cfg(test)]
mod tests {
    use domain::journey::LogLine;
    use domain::time::UnixSeconds;
    use proptest::prelude::*;

    use super::{FORMAT, pack, unpack};

    fn line(seq: u64, at: u64, service: &str, text: &str) -> LogLine {
        LogLine {
            seq,
            at: UnixSeconds(at),
            service: service.to_owned(),
            text: text.to_owned(),
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_unpacks_to_the_same_lines(
            parts in proptest::collection::vec((any::<u64>(), "[a-c]{0,2}", ".{0,80}"), 0..60),
        ) {
            let lines: Vec<LogLine> = (7..)
                .zip(&parts)
                .map(|(seq, (at, service, text))| line(seq, *at, service, text))
                .collect();
            let (packed, raw_bytes) = pack(&lines).unwrap();
            prop_assert_eq!(unpack(7, &packed, raw_bytes).unwrap(), lines);
        }

        #[test]
        fn any_bytes_are_refused_or_read_and_nothing_breaks(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            raw_bytes in any::<u64>(),
        ) {
            let _ = unpack(1, &bytes, raw_bytes);
            let mut raw = vec![FORMAT];
            raw.extend(&bytes);
            let _ = super::read(1, &raw);
        }
    }

    #[test]
    fn a_torn_chunk_is_refused_wherever_it_is_torn() {
        let lines: Vec<LogLine> = (1..50)
            .map(|seq| line(seq, 1_800_000_000, "web", &format!("GET /{seq}")))
            .collect();
        let (packed, raw_bytes) = pack(&lines).unwrap();
        for end in 0..packed.len() {
            assert!(unpack(1, &packed[..end], raw_bytes).is_err(), "{end}");
        }
        for at in 0..packed.len() {
            let mut flipped = packed.clone();
            flipped[at] ^= 0x10;
            let read = unpack(1, &flipped, raw_bytes);
            assert!(read.is_err() || read == Ok(lines.clone()), "{at}");
        }
    }

    #[test]
    fn a_chunk_takes_no_more_memory_than_its_row_says() {
        let bomb = zstd::bulk::compress(&vec![0; 64 * 1024 * 1024], 3).unwrap();
        assert!(bomb.len() < 10_000);
        for said in [0, 10, 64 * 1024 * 1024, u64::MAX] {
            assert!(unpack(1, &bomb, said).is_err(), "{said}");
        }
        let (packed, raw_bytes) = pack(&[line(1, 1, "web", "a")]).unwrap();
        for said in [raw_bytes - 1, raw_bytes + 1] {
            assert!(unpack(1, &packed, said).is_err(), "{said}");
        }
    }
}
