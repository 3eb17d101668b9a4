//! `npm run chaos`: the reliability proof.
//!
//! Several hundred simulated visitors, with the tracker's own core compiled natively, send events to the built worker
//! in workerd, whose store and queues fail in every way we know while it is killed itself. Then everything works again,
//! what waits is delivered, and every event is looked for: each one that a tracker was told is accepted has to be
//! stored exactly once, and every question has to be answered as by brute force.
//!
//! `--help` lists the options; docs/reliability.md says what is simulated, and how.

mod brute;
mod check;
mod faults;
mod ledger;
mod net;
mod options;
mod page;
mod proxy;
mod queues;
mod report;
mod run;
mod stack;
mod stored;
mod visitor;
mod world;

use std::process::ExitCode;

use options::{Options, USAGE};

/// Exit code for a command line that makes no sense.
const WRONG_USAGE: u8 = 2;

/// The tracker's core stands in static memory in browsers, and is built on the stack here.
const STACK_BYTES: usize = 64 << 20;

fn main() -> ExitCode {
    let options = match Options::read(lexopt::Parser::from_env()) {
        Ok(Some(options)) => options,
        Ok(None) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("{error}\n\n{USAGE}");
            return ExitCode::from(WRONG_USAGE);
        }
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || run::run(options));
    let result = thread.map(std::thread::JoinHandle::join);
    match result {
        Ok(Ok(Ok(true))) => ExitCode::SUCCESS,
        Ok(Ok(Ok(false))) => ExitCode::FAILURE,
        Ok(Ok(Err(error))) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
        // A panic has said what it was about.
        Ok(Err(_)) | Err(_) => ExitCode::FAILURE,
    }
}
