//! `npm start`: from a fresh checkout to a running system.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use anyhow::Result;

use crate::build;
use crate::files::BuildLock;
use crate::paths::Paths;
use crate::process;
use crate::progress::Progress;
use crate::serve::Service;
use crate::setup::Setup;
use crate::traffic;

/// Sets up, builds, serves, and waits.
pub(crate) fn run(paths: &Paths, progress: &Progress, with_traffic: bool) -> Result<()> {
    let lock = BuildLock::acquire(paths)?;
    let setup = Setup::prepare(paths, progress)?;
    build::all(&setup)?;
    drop(lock);

    let mut service = Service::start(paths, &setup.npm)?;
    println!("{}", service.summary());
    let stop = Arc::new(AtomicBool::new(false));
    let visitors = with_traffic.then(|| {
        let (target, stop) = (service.target(), Arc::clone(&stop));
        thread::spawn(move || {
            // The system is worth having without its made-up visitors.
            if let Err(error) = traffic::run(&target, &stop)
                && !process::interrupted()
            {
                eprintln!("traffic stopped: {error:#}");
            }
        })
    });
    let ended = service.watch();
    stop.store(true, Ordering::SeqCst);
    if let Some(visitors) = visitors {
        // A panic there was printed already.
        let _ = visitors.join();
    }
    ended
}
