//! Names of failing tests, from the output of their runners.

/// Parses `FAIL [ 0.1s] (2/3) backend jobs::tests::some_name`, `TIMEOUT …` and the like of nextest, and the list under
/// `failures:` with which cargo's own runner ends. Returns each name once, in order; nextest's names have the package
/// before the path.
pub(crate) fn names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut in_list = false;
    for line in text.lines() {
        let name = if in_list && line.starts_with("    ") {
            Some(line.trim())
        } else {
            in_list = line == "failures:";
            of_nextest(line.trim())
        };
        if let Some(name) = name {
            names.push(name.to_owned());
        }
    }
    names.sort();
    names.dedup();
    names
}

fn of_nextest(line: &str) -> Option<&str> {
    let (status, rest) = line.split_once(" [")?;
    let failed = ["FAIL", "TIMEOUT", "ABORT"].contains(&status) || status.starts_with("SIG");
    let (_, name) = rest.split_once("] ")?;
    let name = name.trim_start();
    // `(2/3) ` of a run with a counter.
    let name = match name.strip_prefix('(') {
        Some(counted) => counted.split_once(") ")?.1,
        None => name,
    };
    failed.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn cargo_lists_them_at_its_end_quiet_or_not() {
        let text = "test jobs::tests::one_dies ... FAILED\n\nfailures:\n\n---- jobs::tests::one_dies stdout ----\n\
                    \x20   left: 1\n\nfailures:\n    jobs::tests::one_dies\n    jobs::tests::two\n\n\
                    test result: FAILED. 1 passed; 2 failed\n";
        assert_eq!(names(text), ["jobs::tests::one_dies", "jobs::tests::two"]);
        assert!(names("running 1 test\n.\ntest result: ok. 1 passed; 0 failed\n").is_empty());
    }

    #[test]
    fn nextest_names_them_as_they_fail_and_once_more_at_its_end() {
        let text = "        PASS [   0.1s] (1/3) backend jobs::fine\n\
                    \x20       FAIL [   0.2s] (2/3) backend jobs::tests::kills::one_dies\n\
                    \x20    TIMEOUT [  60.0s] (3/3) backend jobs::tests::another_hangs\n\
                    \x20    SIGABRT [  60.0s] backend jobs::tests::a_third\n\
                    \x20       FAIL [   0.2s] (2/3) backend jobs::tests::kills::one_dies\n";
        assert_eq!(
            names(text),
            [
                "backend jobs::tests::a_third",
                "backend jobs::tests::another_hangs",
                "backend jobs::tests::kills::one_dies"
            ]
        );
    }
}
