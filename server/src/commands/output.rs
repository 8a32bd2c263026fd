//! Prints results and remarks.

use std::fmt::Display;
use std::io::{self, Write as _};

/// Prints a line to standard output. A reader that closes the pipe early, like `head`, is not an error.
///
/// # Errors
/// When standard output cannot be written for any other reason.
pub(crate) fn line(text: impl Display) -> io::Result<()> {
    match writeln!(io::stdout().lock(), "{text}") {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Prints a remark to standard error. Failures are ignored, because only the result matters.
pub(crate) fn remark(text: impl Display) {
    writeln!(io::stderr().lock(), "{text}").unwrap_or_default();
}
