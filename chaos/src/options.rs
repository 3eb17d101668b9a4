//! What the command line says.

use std::time::Duration;

use lexopt::prelude::{Long, Short, ValueExt};

pub(crate) const USAGE: &str = "\
npm run chaos [-- <options>]

  --minutes N     how long visitors come and faults are injected; 5 if not set
  --visitors N    visitors at a time; 300 if not set
  --cookieless N  per cent of the visitors whose browsers keep nothing; 10 if not set
  --seed N        seed of visitors and faults; one is drawn and printed if not set
  --soak          no faults and fewer visitors (60 if not set): memory, latency and open files over time
";

/// How a run is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Options {
    pub(crate) length: Duration,
    pub(crate) visitors: usize,
    pub(crate) seed: u64,
    /// Of a hundred visitors, how many have no kept id.
    pub(crate) cookieless: u32,
    /// Whether to leave out all faults.
    pub(crate) soak: bool,
}

impl Options {
    /// Reads the arguments; `None` when help is asked for.
    pub(crate) fn read(mut parser: lexopt::Parser) -> Result<Option<Self>, lexopt::Error> {
        let (mut minutes, mut visitors, mut seed, mut soak) = (5.0_f64, None, None, false);
        let mut cookieless = 10;
        while let Some(argument) = parser.next()? {
            match argument {
                Long("help") | Short('h') => return Ok(None),
                Long("minutes") => minutes = parser.value()?.parse()?,
                Long("visitors") => visitors = Some(parser.value()?.parse()?),
                Long("seed") => seed = Some(parser.value()?.parse()?),
                Long("cookieless") => cookieless = parser.value()?.parse()?,
                Long("soak") => soak = true,
                other => return Err(other.unexpected()),
            }
        }
        if !(minutes > 0.0 && minutes <= 24.0 * 60.0) {
            return Err("--minutes must be above 0 and at most 1440".into());
        }
        let visitors: usize = visitors.unwrap_or(if soak { 60 } else { 300 });
        if !(1..=5_000).contains(&visitors) {
            return Err("--visitors must be 1 to 5000".into());
        }
        Ok(Some(Self {
            length: Duration::from_secs_f64(minutes * 60.0),
            visitors,
            seed: seed.unwrap_or_else(|| fastrand::u64(..1_000_000)),
            cookieless,
            soak,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Option<Options>, String> {
        Options::read(lexopt::Parser::from_args(arguments)).map_err(|error| error.to_string())
    }

    #[test]
    fn defaults_are_those_of_the_help() {
        let options = read(&["--seed", "7"]).unwrap().unwrap();
        let length = Duration::from_secs(300);
        let expected = Options { length, visitors: 300, seed: 7, cookieless: 10, soak: false };
        assert_eq!(options, expected);
        assert_eq!(read(&["--soak"]).unwrap().unwrap().visitors, 60);
        assert_eq!(read(&["--help"]), Ok(None));
    }

    #[test]
    fn nonsense_is_refused() {
        for arguments in [&["--minutes", "0"][..], &["--visitors", "0"], &["--seed", "x"], &["now"]] {
            assert!(read(arguments).is_err(), "{arguments:?}");
        }
    }
}
