//! A run from beginning to end.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::check::{self, Compared};
use crate::faults::Faults;
use crate::ledger::Ledger;
use crate::net::{Http, free_port, serve, until};
use crate::options::Options;
use crate::proxy::Proxy;
use crate::queues::Queues;
use crate::report::{Report, Sample};
use crate::stack::Stack;
use crate::stored;
use crate::visitor::{Crowd, browse};

/// How long everything may take to be delivered once all works again. A message of the queue waits for up to a quarter
/// of its age between two attempts.
const DRAIN_LIMIT: Duration = Duration::from_secs(15 * 60);

/// Runs, prints, and says whether all is as it should be.
pub(crate) fn run(options: Options) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let local = tokio::task::LocalSet::new();
    local.block_on(&runtime, all(options))
}

async fn all(options: Options) -> anyhow::Result<bool> {
    println!(
        "chaos: {} visitors for {:.1} minutes, seed {}{}",
        options.visitors,
        options.length.as_secs_f64() / 60.0,
        options.seed,
        if options.soak { ", no faults" } else { "" }
    );
    let http = Http::new();
    let store_port = free_port()?;
    let proxy = Proxy::new(&http, format!("http://127.0.0.1:{store_port}/"), options.seed);
    let queues = Queues::new();
    let proxy_port = serve({
        let proxy = Rc::clone(&proxy);
        move |request| Rc::clone(&proxy).handle(request)
    })
    .await?;
    let queues_port = serve({
        let queues = Rc::clone(&queues);
        move |request| Rc::clone(&queues).handle(request)
    })
    .await?;
    // Without faults nothing stands between the worker and its store.
    let endpoint = if options.soak { store_port } else { proxy_port };
    let stack = Stack::prepare(&http, store_port, endpoint, queues_port)?.start().await?;
    queues.consume(&stack);
    let outcome = proof(&options, &stack, &proxy, &queues).await;
    if outcome.is_err() {
        eprintln!("the last words of the worker:\n{}", stack.last_words());
    }
    outcome
}

async fn proof(
    options: &Options,
    stack: &Rc<Stack>,
    proxy: &Rc<Proxy>,
    queues: &Rc<Queues>,
) -> anyhow::Result<bool> {
    let ledger = Rc::new(RefCell::new(Ledger::default()));
    let started = Instant::now();
    let samples = Rc::new(RefCell::new(Vec::new()));
    let sampler = tokio::task::spawn_local(sample(Rc::clone(stack), started, Rc::clone(&samples)));
    let (over, is_over) = watch::channel(false);
    let crowd = Crowd {
        http: stack.http.clone(),
        url: stack.url(),
        ledger: Rc::clone(&ledger),
        started,
        over: is_over,
        troubles: !options.soak,
        cookieless: options.cookieless,
    };
    let mut seeds = fastrand::Rng::with_seed(options.seed);
    let visitors: Vec<_> = (0..options.visitors)
        .map(|_| tokio::task::spawn_local(browse(crowd.clone(), seeds.u64(..))))
        .collect();

    let faults = Faults {
        stack: Rc::clone(stack),
        proxy: Rc::clone(proxy),
        queues: Rc::clone(queues),
        injected: RefCell::default(),
    };
    match options.soak {
        true => sleep(options.length).await,
        false => faults.inject(options.seed, started + options.length).await?,
    }
    // The receivers end with the visitors.
    let _ = over.send(true);
    println!("chaos: everything works again; waiting until all is delivered");
    let drained = Instant::now();
    let all_gone = || async { visitors.iter().all(tokio::task::JoinHandle::is_finished) };
    until("all visitors are gone", DRAIN_LIMIT, all_gone).await?;
    for visitor in visitors {
        visitor.await.context("a visitor panicked")?;
    }
    let empty = until("the queues are empty", DRAIN_LIMIT, || async { queues.is_empty() }).await;
    empty.map_err(|error| error.context(queues.describe()))?;
    sampler.abort();
    let drained = drained.elapsed();

    let ledger = ledger.take();
    let found = stored::compare(&stack.http, &stack.store_url(), &ledger).await?;
    let mut compared = Compared::default();
    check::ask(stack, &found.rows, &mut compared).await?;
    stack.dispatch("/schedule", &json!({})).await?;
    until("all segments are built", DRAIN_LIMIT, || async { queues.is_empty() }).await?;
    check::ask(stack, &found.rows, &mut compared).await?;
    check::verify(stack, &found.rows, &mut compared).await?;
    let segments = check::segments(stack, &found.rows).await?;

    let report = Report {
        options,
        ledger: &ledger,
        found: &found,
        compared: &compared,
        injected: &faults.injected.borrow(),
        queues,
        proxy,
        samples: &samples.borrow(),
        drained,
        segments,
        starts: stack.starts.get(),
    };
    Ok(report.print())
}

/// Looks at the worker's process once a second.
async fn sample(stack: Rc<Stack>, started: Instant, samples: Rc<RefCell<Vec<Sample>>>) {
    loop {
        if let Some(usage) = stack.usage() {
            let sample = Sample { at: started.elapsed(), process: stack.starts.get(), usage };
            samples.borrow_mut().push(sample);
        }
        sleep(Duration::from_secs(1)).await;
    }
}
