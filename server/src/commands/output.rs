//! Printing results.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints a line. A reader that has read enough, like `head`, is no error.
///
/// # Errors
/// When standard output cannot be written for another reason.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Says something beside the result, on standard error. Where nobody reads that, the result counts.
pub(crate) fn remark(text: impl Display) {
    writeln!(io::stderr().lock(), "{text}").unwrap_or_default();
}
