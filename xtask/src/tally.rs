//! Totals of passed and failed checks.

use std::fmt;
use std::ops::AddAssign;
use std::process::ExitCode;

/// Numbers of passed and failed checks, with lines to repeat at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u32,
    pub(crate) failed: u32,
    remarks: Vec<String>,
}

impl Tally {
    /// Makes a tally with these numbers.
    pub(crate) const fn new(passed: u32, failed: u32) -> Self {
        Self {
            passed,
            failed,
            remarks: Vec::new(),
        }
    }

    /// Whether no check failed, even if none passed.
    pub(crate) const fn has_none_failed(&self) -> bool {
        self.failed == 0
    }

    /// Counts one more check; its name is printed at the end if it failed.
    pub(crate) fn count(&mut self, what: &str, passed: bool) {
        if passed {
            self.passed += 1;
        } else {
            self.failed += 1;
            self.remark(format!("FAILED  {what}"));
        }
    }

    /// Adds a line to repeat at the end, where it cannot be missed.
    pub(crate) fn remark(&mut self, line: String) {
        self.remarks.push(line);
    }

    /// Lines to repeat at the end.
    #[cfg(test)]
    pub(crate) fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// Ends a command: prints the lines to repeat, then the totals as the last line.
    pub(crate) fn conclude(&self) -> ExitCode {
        for remark in &self.remarks {
            println!("{remark}");
        }
        println!("{self}");
        if self.is_green() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }

    /// Whether something ran and nothing failed.
    pub(crate) const fn is_green(&self) -> bool {
        self.failed == 0 && self.passed > 0
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.remarks.extend(other.remarks);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_run_is_not_green() {
        assert!(!Tally::default().is_green());
        assert!(Tally::new(1, 0).is_green());
        assert!(!Tally::new(9, 1).is_green());
    }

    #[test]
    fn what_failed_is_remembered_by_its_name_and_what_passed_is_not() {
        let mut tally = Tally::default();
        tally.count("the first", true);
        let mut other = Tally::default();
        other.count("the second", false);
        tally += other;
        assert_eq!(tally.to_string(), "1 passed, 1 failed");
        assert_eq!(tally.remarks, ["FAILED  the second"]);
    }

    #[test]
    fn the_last_line_reads_as_promised() {
        assert_eq!(Tally::new(12, 0).to_string(), "12 passed, 0 failed");
    }
}
