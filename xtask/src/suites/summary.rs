//! How many tests ran, read from what the test runners print.

/// The result of one suite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
}

/// How to read the output of a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// The `test result:` lines of cargo.
    Cargo,
    /// The closing lines of `node --test`.
    Node,
    /// The closing lines of Python's unittest.
    Python,
    /// Only the exit code counts, as one test.
    Lint,
}

impl Counts {
    /// Counts the tests of a suite. A suite that ended badly, or ran nothing, failed at least once.
    pub(super) fn read(format: Format, output: &str, success: bool) -> Self {
        let mut counts = match format {
            Format::Cargo => cargo(output),
            Format::Node => node(output),
            Format::Python => python(output),
            Format::Lint => Self { passed: u64::from(success), failed: 0 },
        };
        let nothing = counts == Self::default();
        if counts.failed == 0 && (!success || nothing) {
            counts.failed = 1;
        }
        counts
    }

    /// A suite that could not be run.
    pub(super) fn not_run() -> Self {
        Self { passed: 0, failed: 1 }
    }

    pub(super) fn total(self) -> u64 {
        self.passed + self.failed
    }
}

fn cargo(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        // Such as `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out`.
        let Some((_, rest)) = line.split_once("test result: ") else { continue };
        let (_, numbers) = rest.split_once(". ").unwrap_or_default();
        for part in numbers.split("; ") {
            let (number, kind) = part.split_once(' ').unwrap_or_default();
            let number = number.parse().unwrap_or(0);
            match kind {
                "passed" => counts.passed += number,
                "failed" => counts.failed += number,
                _ => {}
            }
        }
    }
    counts
}

fn node(output: &str) -> Counts {
    let mut counts = Counts::default();
    for line in output.lines() {
        // `ℹ pass 12` from the reporter for people, `# pass 12` from the one for machines.
        let Some(rest) = line.strip_prefix("ℹ ").or_else(|| line.strip_prefix("# ")) else { continue };
        let Some((kind, number)) = rest.split_once(' ') else { continue };
        let Ok(number) = number.trim().parse::<u64>() else { continue };
        match kind {
            "pass" => counts.passed += number,
            // A test that ran out of time is cancelled rather than failed.
            "fail" | "cancelled" => counts.failed += number,
            _ => {}
        }
    }
    counts
}

fn python(output: &str) -> Counts {
    // Such as `Ran 29 tests in 14.5s`, then `OK (skipped=1)` or `FAILED (failures=1, errors=2)`.
    let after = |start| output.lines().rev().find_map(|line: &str| line.strip_prefix(start));
    let ran: u64 = after("Ran ").and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(0);
    let number = |part: &str| -> u64 {
        let digits: String = part.chars().filter(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(0)
    };
    let failed = after("FAILED ").map_or(0, |rest| rest.split(", ").map(number).sum());
    Counts { passed: ran.saturating_sub(failed), failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_and_errors_of_python_are_added_up() {
        let read = |output, success| Counts::read(Format::Python, output, success);
        let bad = "noise\nRan 20 tests in 8.900s\n\nFAILED (failures=1, errors=2)\n";
        assert_eq!(read(bad, false), Counts { passed: 17, failed: 3 });
        assert_eq!(read("Ran 1 test in 0.1s\n\nOK\n", true), Counts { passed: 1, failed: 0 });
        assert_eq!(read("Ran 0 tests in 0.0s\n\nOK\n", true).failed, 1);
    }

    #[test]
    fn all_result_lines_of_cargo_are_added_up() {
        let output = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                      noise\n\
                      test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Counts::read(Format::Cargo, output, false), Counts { passed: 15, failed: 2 });
    }

    #[test]
    fn both_reporters_of_node_are_understood() {
        let spec = "✔ works (1ms)\nℹ tests 3\nℹ pass 2\nℹ fail 1\nℹ cancelled 0\nℹ skipped 0\n";
        assert_eq!(Counts::read(Format::Node, spec, false), Counts { passed: 2, failed: 1 });
        let tap =
            "# Subtest: pass the parcel\n# tests 4\n# pass 3\n# fail 0\n# cancelled 1\n# duration_ms 5.5\n";
        assert_eq!(Counts::read(Format::Node, tap, false), Counts { passed: 3, failed: 1 });
    }

    #[test]
    fn a_suite_without_tests_failed() {
        assert_eq!(Counts::read(Format::Node, "ℹ tests 0\nℹ pass 0\nℹ fail 0\n", true).failed, 1);
        assert_eq!(Counts::read(Format::Cargo, "", true).failed, 1);
    }

    #[test]
    fn a_crash_after_passing_tests_is_a_failure() {
        let output = "test result: ok. 5 passed; 0 failed; 0 ignored\nerror: could not compile\n";
        assert_eq!(Counts::read(Format::Cargo, output, false), Counts { passed: 5, failed: 1 });
    }

    #[test]
    fn a_lint_is_one_test() {
        assert_eq!(Counts::read(Format::Lint, "", true), Counts { passed: 1, failed: 0 });
        assert_eq!(Counts::read(Format::Lint, "", false), Counts { passed: 0, failed: 1 });
    }
}
